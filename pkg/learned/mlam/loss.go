package mlam

import (
	"errors"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// MetaLoss is what outer step t adds to the accumulated global loss (MLAM eq. 10):
// ω_t·F, or by default ω_t·ln F. The logarithm weighs a halving of F the same wherever
// it happens; with F itself the first steps, where F is a thousand times larger, would
// be all that is learned. It needs F > 0.
type MetaLoss struct {
	Sum     bool      // of F itself, as printed
	Weights []float64 // ω_1, ω_2, …, the last from there on; default 1, as in the papers
}

// At is the term of outer step t, counted from 1.
func (m MetaLoss) At(t int, f ad.Value) ad.Value {
	if !m.Sum {
		f = f.Log()
	}
	if w := m.weight(t); w != 1 {
		return f.Scale(w)
	}
	return f
}

func (m MetaLoss) weight(t int) float64 {
	if len(m.Weights) == 0 {
		return 1
	}
	return m.Weights[min(max(t, 1), len(m.Weights))-1]
}

// Check says what is wrong with the weights.
func (m MetaLoss) Check() error {
	var errs []error
	var sum float64
	for i, w := range m.Weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			errs = append(errs, fmt.Errorf("the weight ω of outer step %d is %g: it has to be at least 0 and finite", i+1, w))
		}
		sum += w
	}
	if len(errs) == 0 && len(m.Weights) > 0 && sum == 0 {
		errs = append(errs, errors.New("all weights ω are 0: nothing is left to learn from"))
	}
	return errors.Join(errs...)
}

// CheckAt reports an F without a logarithm.
func (m MetaLoss) CheckAt(p *optimizee.Problem, x optimizee.Point) error {
	if f := p.Value(x).Item(); !m.Sum && !(f > 0) {
		return fmt.Errorf("%s: F is %g, which has no logarithm: set MetaLoss.Sum", p.Name, f)
	}
	return nil
}
