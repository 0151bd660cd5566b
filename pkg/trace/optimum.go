package trace

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// An Optimum is the value that gaps are measured to.
type Optimum struct {
	F           float64 // the lowest value known
	Certificate float64 // F − min F is at most this; NaN when nothing proves it
	Source      string  // where F comes from, for captions
}

// Certified runs FISTA with adaptive restart until the duality gap F(x) − Bound(x)
// is at most tol·|F|, or for 20,000 steps; in float64 a tol of 1e-14 can be reached on
// the problems here. The problem has to have Grad, Prox, Lipschitz and Bound.
func Certified(p *optimizee.Problem, tol float64) (Optimum, error) {
	if err := p.Need("a certified optimum", "Bound"); err != nil {
		return Optimum{}, err
	}
	step, err := optim.FISTARestart(p, nil)
	if err != nil {
		return Optimum{}, err
	}
	best := Optimum{F: math.Inf(1), Certificate: math.Inf(1)}
	bound := math.Inf(-1)
	for k, x := range optim.Steps(step, p.Start) {
		best.F = min(best.F, p.Value(x).Item())
		if k%10 == 0 {
			bound = max(bound, p.Bound(x))
			best.Certificate = max(best.F-bound, 0)
			best.Source = fmt.Sprintf("duality gap after %d steps of restarted FISTA", k)
			if best.Certificate <= tol*math.Abs(best.F) || k >= 20000 || math.IsNaN(best.F) {
				break
			}
		}
	}
	return best, nil
}

// Relative returns (F − F*)/|F*|, or F − F* where F* is zero. Rounding may put F
// below F*; that counts as zero.
func (o Optimum) Relative(f float64) float64 {
	gap := f - o.F
	if gap < 0 {
		gap = 0
	}
	if o.F != 0 {
		gap /= math.Abs(o.F)
	}
	return gap
}
