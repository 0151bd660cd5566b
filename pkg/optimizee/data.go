package optimizee

import (
	"fmt"
	"reflect"

	"github.com/l2olab/l2o/pkg/ad"
)

// LassoData are the Data of a problem made by [Lasso].
type LassoData struct {
	A, B   ad.Value
	Lambda float64
}

// LogisticData are the Data of a problem made by [Logistic]: a sample in each row of W,
// and its label, 0 or 1, in Y.
type LogisticData struct {
	W, Y   ad.Value
	Lambda float64
}

// SoftmaxData are the Data of a problem made by [Softmax]; labels are 0 … Classes−1.
type SoftmaxData struct {
	W, Y    ad.Value
	Classes int
	Lambda  float64
}

// DataOf returns what p was made from, for rules and measures that know the kind of
// problem: DataOf[completion.Data](p, "my rule"). The error names the rule, the kind that
// it needs and p.
func DataOf[T any](p *Problem, rule string) (*T, error) {
	if p.Err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, p.Err)
	}
	if d, ok := p.Data.(*T); ok {
		return d, nil
	}
	return nil, fmt.Errorf("%s works on a problem whose Data is a %v, and that of %s is not; on views of one block it does not work either",
		rule, reflect.TypeFor[T](), p.Name)
}
