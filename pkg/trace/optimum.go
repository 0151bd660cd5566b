package trace

import (
	"context"
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
// is at most tol·|F|, or tol²·|F(x⁰)| where the minimum is zero, or for 20,000 steps; in
// float64 a tol of 1e-14 can be reached on the problems here. Where F rises above
// F(x⁰), L is too small: then it is doubled and the run begins again, at most 30 times.
// The problem has to have Grad, Prox, Lipschitz and Bound.
func Certified(p *optimizee.Problem, tol float64) (Optimum, error) {
	return certified(context.Background(), p, tol)
}

func certified(ctx context.Context, p *optimizee.Problem, tol float64) (Optimum, error) {
	if err := p.Need("a certified optimum", "Bound"); err != nil {
		return Optimum{}, err
	}
	best, bound := Optimum{F: math.Inf(1), Certificate: math.Inf(1)}, math.Inf(-1)
	for doubled := 0; ; doubled++ {
		step, err := optim.FISTARestart(p, nil)
		if err != nil {
			return Optimum{}, err
		}
		there := best.approach(ctx, p, step, &bound, tol)
		if err := ctx.Err(); err != nil {
			return Optimum{}, err
		}
		if there || doubled == 30 {
			if doubled > 0 {
				best.Source += fmt.Sprintf(", L doubled %d times", doubled)
			}
			return best, nil
		}
		p = optimizee.WithLipschitz(p, 2*p.Lipschitz("x", p.Start))
	}
}

// approach follows a rule until F is certified, and reports false where it diverges.
func (o *Optimum) approach(ctx context.Context, p *optimizee.Problem, step optim.Step, bound *float64, tol float64) bool {
	first := p.Value(p.Start).Item()
	for k, x := range optim.Steps(step, p.Start) {
		f := p.Value(x).Item()
		if ctx.Err() != nil || !(f <= first+1e-9*math.Abs(first)) { // NaN too
			return false
		}
		o.F = min(o.F, f)
		if k%10 == 0 {
			if b := p.Bound(x); b > *bound { // false for NaN
				*bound = b
			}
			o.Certificate = max(o.F-*bound, 0)
			o.Source = fmt.Sprintf("duality gap after %d steps of restarted FISTA", k)
			if o.Certificate <= max(tol*math.Abs(o.F), tol*tol*math.Abs(first)) || k >= 20000 {
				return true
			}
		}
	}
	return true
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Relative returns (F − F*)/|F*|, or F − F* where F* cannot be told from zero. Rounding
// may put F below F*; that counts as zero.
func (o Optimum) Relative(f float64) float64 {
	gap := f - o.F
	if gap < 0 {
		gap = 0
	}
	if size := math.Abs(o.F); size > 0 && !(o.Certificate >= size) {
		gap /= size
	}
	return gap
}

// Excess returns F − F*, and 0 where rounding puts F below F*.
func (o Optimum) Excess(f float64) float64 {
	if f < o.F {
		return 0
	}
	return f - o.F
}

// slack is the certificate in the unit of Relative.
func (o Optimum) slack() float64 {
	if size := math.Abs(o.F); o.Certificate < size {
		return o.Certificate / size
	}
	return o.Certificate
}
