package optimizee

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
)

// checkStale finds oracles that are of another F, as where a problem was copied and its
// Value and Grad changed: ValueGrad differs from both, at Start or next to it, where a term
// that is 0 at Start shows, or Bound is above a value of F.
func (p *Problem) checkStale() error {
	least, bound := math.Inf(1), math.Inf(-1)
	for _, b := range p.Start.Blocks() {
		for _, x := range []Point{p.Start, p.beside(b)} {
			f := p.Value(x).Item()
			if least = min(least, f); p.Bound != nil {
				bound = max(bound, p.Bound(x))
			}
			if p.ValueGrad == nil || p.Grad == nil {
				continue
			}
			F, g := p.ValueGrad(b, x)
			if gap := math.Abs(F.Item() - f); gap > 1e-6*(math.Abs(f)+math.Abs(F.Item())) {
				return p.stale("ValueGrad", fmt.Sprintf("%g and %g", F.Item(), f))
			}
			h := p.Grad(b, x)
			if off := floats.Distance(g.Data, h.Data, 2); off > 1e-6*(floats.Norm(g.Data, 2)+floats.Norm(h.Data, 2)) {
				return p.stale("ValueGrad", fmt.Sprintf("gradients of block %q that are %g apart", b, off))
			}
		}
	}
	if bound-least > 1e-8*(math.Abs(least)+math.Abs(bound)) {
		return p.stale("Bound", fmt.Sprintf("a lower bound of %g and a value of %g", bound, least))
	}
	return nil
}

func (p *Problem) stale(oracle, shows string) error {
	return fmt.Errorf("%s: %s and Value and Grad are of different F: they give %s. Where Value and Grad were changed, set ValueGrad and Bound anew, or to nil", p.Name, oracle, shows)
}

// beside is a point next to Start: a hundredth of its length away, or of a step of 1/L.
func (p *Problem) beside(block string) Point {
	v := p.Start.At(block)
	size := floats.Norm(v.Data, 2)
	if size == 0 && p.Grad != nil && p.Lipschitz != nil {
		size = floats.Norm(p.Grad(block, p.Start).Data, 2) / p.Lipschitz(block, p.Start)
	}
	if !(size > 0) {
		size = 1
	}
	next := ad.New(v.R, v.C, nil)
	for j, x := range v.Data {
		next.Data[j] = x + size*float64(1+j%3)/(200*math.Sqrt(float64(v.Len())))
	}
	return p.Start.With(block, next)
}
