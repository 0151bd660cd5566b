package mixture

import (
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Composed is the twin of SolveAll that is written in operations on values.
func (m *Data) Composed(x optimizee.Point) optimizee.Point { return m.at(x).stepAll() }

// ComposedValue is the twin of Value.
func (m *Data) ComposedValue(x optimizee.Point) ad.Value { return m.at(x).nll() }
