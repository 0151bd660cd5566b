package trace

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Certified finds the minimum of F with a proof of how exact it is: look at Certificate
// first, which bounds F − min F and is NaN where nothing proves it. It is
// [CertifiedContext] without an end.
func Certified(p *optimizee.Problem, tol float64) (Optimum, error) {
	return CertifiedContext(context.Background(), p, tol)
}

// CertifiedContext runs FISTA with adaptive restart until the duality gap F(x) − Bound(x)
// is at most tol·|F|, or tol²·|F(x⁰)| where the minimum is zero. It ends before where the
// gap no longer improves: where two steps do not move the point, where 200 steps bring
// less than one per cent of a gap that is down to 1e-10·|F|, next to rounding, or 2,000
// steps of a larger one; and after 20,000 steps in any case. In float64 a tol of 1e-14 can
// be reached on the problems here.
//
// Where it is not there after 2,000 steps and the curvatures of F along its unknowns
// differ, as where columns of the data have different units, it goes on in units in which
// they do not, if Prox takes a step for each entry. Where F rises above F(x⁰), L is too
// small: then it is doubled and the run begins again, at most 30 times; where F rises even
// so, Source asks whether the adjoint or the gradient is right.
//
// A Bound that lies above a value of F by more than rounding is none, which is an error.
// The problem has to have Grad, Prox, Lipschitz and Bound.
func CertifiedContext(ctx context.Context, p *optimizee.Problem, tol float64) (Optimum, error) {
	var o Optimum
	if err := par.Until(ctx, func() (err error) { o, err = certified(ctx, p, tol); return err }); err != nil {
		return Optimum{}, err
	}
	return o, nil
}

func certified(ctx context.Context, p *optimizee.Problem, tol float64) (Optimum, error) {
	if err := p.NeedOne("a certified optimum", "Bound", "Grad", "Prox", "Lipschitz"); err != nil {
		return Optimum{}, err
	}
	if !(tol >= 0) {
		return Optimum{}, fmt.Errorf("trace: a certificate to %g: the tolerance has to be at least 0", tol)
	}
	c := certifier{p: p, tol: tol, first: p.Value(p.Start).Item(), bound: math.Inf(-1), best: Optimum{F: math.Inf(1), Certificate: math.Inf(1)}, from: func(x optimizee.Point) optimizee.Point { return x }}
	for doubled := 0; ; {
		switch end, err := c.approach(ctx); {
		case err != nil:
			return Optimum{}, err
		case end == uneven:
			continue
		case end == there || doubled == 30:
			if doubled > 0 && end == there {
				c.best.Source += fmt.Sprintf(", L doubled %d times", doubled)
			}
			if !check.IsFinite(c.best.Certificate) {
				c.best.Certificate, c.best.Source = math.NaN(), "the lowest value of restarted FISTA, which is no proof"
			}
			if end == astray {
				c.best.Source += fmt.Sprintf("; F rises even with L doubled %d times: is the adjoint or the gradient right?", doubled)
			}
			return c.best, nil
		}
		doubled++
		c.p = optimizee.WithLipschitz(c.p, 2*c.p.Lipschitz("x", c.p.Start))
	}
}

// certifier is the search for a certificate.
type certifier struct {
	p          *optimizee.Problem
	tol, first float64 // first is F(x⁰)
	best       Optimum
	bound      float64
	steps      int                                     // that are over
	evened     bool                                    // whether units were evened out, or cannot be
	from       func(x optimizee.Point) optimizee.Point // the way back from the units of c.p
}

// How an approach ends.
type ending int

const (
	there  ending = iota // certified, or no better
	astray               // F rises: L is too small
	uneven               // in other units, which c.p now has, it goes on better
)

// slow is after how many steps the units of unknowns are looked at.
const slow = 2000

// approach follows restarted FISTA.
func (c *certifier) approach(ctx context.Context) (ending, error) {
	step, err := optim.FISTARestart(c.p, nil)
	if err != nil {
		return there, err
	}
	var last ad.Value
	still, progress := 0, progress{least: math.Inf(1)}
	for k, x := range optim.Steps(step, c.p.Start) {
		if err := ctx.Err(); err != nil {
			return there, err
		}
		f := c.p.Value(x).Item()
		if !(f <= c.first+1e-9*math.Abs(c.first)) { // NaN too
			return astray, nil
		}
		if f < c.best.F {
			c.best.F, c.best.X = f, c.from(x)
		}
		if still++; k == 0 || !slices.Equal(x.X().Data, last.Data) {
			still = 0
		}
		last = x.X()
		if k%10 != 0 && still < 2 {
			continue
		}
		if err := c.certify(x, c.steps+k); err != nil {
			return there, err
		}
		size := math.Abs(c.best.F)
		if c.best.Certificate <= max(c.tol*size, c.tol*c.tol*math.Abs(c.first)) || still >= 2 {
			return there, nil
		}
		if k == slow && !c.evened {
			c.evened = true
			if q, to, from := evened(c.p); q != nil {
				c.p, c.steps, c.from = q, k, from
				c.p.Start = to(x)
				return uneven, nil
			}
		}
		if k >= 20000 || progress.ended(k, c.best.Certificate, size) {
			return there, nil
		}
	}
	return there, nil
}

// certify takes in the bound at x.
func (c *certifier) certify(x optimizee.Point, k int) error {
	if b := c.p.Bound(x); b > c.bound { // false for NaN
		c.bound = b
	}
	if err := disproven(c.p, c.bound, c.best.F, c.first); err != nil {
		return err
	}
	c.best.Certificate = max(c.best.F-c.bound, 0)
	c.best.Source = fmt.Sprintf("duality gap after %d steps of restarted FISTA", k)
	return nil
}

// progress sees when a certificate no longer improves.
type progress struct {
	least float64 // after the last step that brought at least one per cent
	at    int     // that step
}

func (p *progress) ended(k int, certificate, size float64) bool {
	if certificate < 0.99*p.least {
		p.least, p.at = certificate, k
		return false
	}
	patience := 2000
	if certificate <= 1e-10*size {
		patience = 200
	}
	return k-p.at >= patience
}

// disproven is an error where a lower bound lies above a value f of F by more than
// rounding; first is F(x⁰), from which rounding has its size where F is small.
func disproven(p *optimizee.Problem, bound, f, first float64) error {
	if bound-f > 1e-10*math.Abs(f)+1e-12*math.Abs(first) {
		return fmt.Errorf("trace: the Bound of %s is %g, above the value %g of F: it is no lower bound", p.Name, bound, f)
	}
	return nil
}

// optimum is F* of a problem on which a race saw values down to lowest.
func (c Config) optimum(ctx context.Context, p *optimizee.Problem, lowest float64) (Optimum, error) {
	if p.NeedOne("", "Bound", "Grad", "Prox", "Lipschitz") != nil {
		if p.NeedOne("", "Bound", "Solve") == nil {
			return solved(p, lowest)
		}
		return Optimum{F: lowest, Certificate: math.NaN(), Source: "the lowest value seen in this race, which is no proof"}, nil
	}
	o, err := certified(ctx, p, c.Tol)
	o.X = optimizee.Point{}
	if err != nil || !(lowest < o.F) {
		return o, err
	}
	err = disproven(p, o.F-o.Certificate, lowest, p.Value(p.Start).Item())
	o.Certificate = max(lowest-(o.F-o.Certificate), 0)
	o.F = lowest
	return o, err
}

// solved is F* of a problem of one block that has an exact minimiser.
func solved(p *optimizee.Problem, lowest float64) (Optimum, error) {
	x := optimizee.X(p.Solve("x", p.Start))
	f, bound := p.Value(x).Item(), p.Bound(x)
	err := disproven(p, bound, min(f, lowest), p.Value(p.Start).Item())
	f = min(f, lowest)
	return Optimum{F: f, Certificate: max(f-bound, 0), Source: "the minimiser that the problem can solve for, and its bound"}, err
}
