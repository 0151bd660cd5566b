package learned

import (
	"errors"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Loss says what an optimizer is trained for: the mean over the steps of what Of
// makes of the points, or only what the last step reaches. The zero Loss is [Objective].
// One of your own is a name and a function; the name stands for the function in keys and
// checkpoints.
type Loss struct {
	Name    string
	Of      func(p *optimizee.Problem, x optimizee.Point) ad.Value    `json:"-"` // of one point, 1×1; nil for F
	Needs   func(p *optimizee.Problem) error                          `json:"-"` // why a problem has no such loss; nil where all have one
	Path    func(p *optimizee.Problem, xs []optimizee.Point) ad.Value `json:"-"` // of all points of a segment, the first of which it began at: added to the sum over its steps, 1×1; nil for nothing. Validations do not count it
	Last    bool                                                      // the last step before an update counts alone
	Weights []float64                                                 // ω_1, ω_2, … of the steps of a run, the last from there on; nil for 1
}

var (
	// Objective is F.
	Objective = Loss{Name: "objective"}

	// LogObjective is ln F. It weighs a halving of F the same wherever it happens; with F
	// itself the first steps, where F may be a thousand times larger, are nearly all that is
	// learned. It needs F > 0.
	LogObjective = Loss{
		Name: "logarithm of the objective",
		Of:   func(p *optimizee.Problem, x optimizee.Point) ad.Value { return p.Value(x).Log() },
		Needs: func(p *optimizee.Problem) error {
			if f := p.Value(p.Start).Item(); !(f > 0) {
				return fmt.Errorf("%s: F is %g, which has no logarithm: train for learned.Objective", p.Name, f)
			}
			return nil
		},
	}

	// PerInstance is F divided by the number of instances, which are the columns of x.
	PerInstance = Loss{
		Name:  "objective of an instance",
		Of:    func(p *optimizee.Problem, x optimizee.Point) ad.Value { return p.Value(x).Scale(1 / float64(x.X().C)) },
		Needs: func(p *optimizee.Problem) error { return p.NeedOne("the objective of an instance") },
	}

	// Distance is ½‖x − x*‖² to the Truth of the problem, in the mean over the instances,
	// which are the columns of x.
	Distance = Loss{
		Name: "squared distance to the truth",
		Of: func(p *optimizee.Problem, x optimizee.Point) ad.Value {
			return x.X().Sub(p.Truth.X()).SumSquares().Scale(0.5 / float64(x.X().C))
		},
		Needs: func(p *optimizee.Problem) error {
			if err := p.NeedOne("the distance to the truth"); err != nil {
				return err
			}
			if p.Truth.IsZero() {
				return fmt.Errorf("%s comes without the point to reach: set its Truth, or train for another loss", p.Name)
			}
			if x, y := p.Start.X(), p.Truth.X(); x.R != y.R || x.C != y.C {
				return fmt.Errorf("%s starts from %s, and its truth is %s: one column for each instance in both", p.Name, x.Shape(), y.Shape())
			}
			return nil
		},
	}
)

// AtEnd is the loss of the last step alone.
func (l Loss) AtEnd() Loss {
	l.Last = true
	return l
}

// Weighted is the loss with ω_1, ω_2, … before the steps of a run (MLAM eq. 10), the last
// of them from there on.
func (l Loss) Weighted(weights ...float64) Loss {
	l.Weights = weights
	return l
}

// IsZero reports whether nothing is said of the loss.
func (l Loss) IsZero() bool {
	return l.Name == "" && l.Of == nil && l.Path == nil && !l.Last && l.Weights == nil
}

// At is the term of step t, counted from 1, which led to x.
func (l Loss) At(t int, p *optimizee.Problem, x optimizee.Point) ad.Value {
	of := l.Of
	if of == nil {
		of = func(p *optimizee.Problem, x optimizee.Point) ad.Value { return p.Value(x) }
	}
	f := of(p, x)
	if n := len(l.Weights); n > 0 {
		if w := l.Weights[min(max(t, 1), n)-1]; w != 1 {
			return f.Scale(w)
		}
	}
	return f
}

// Check reports what is wrong with the loss itself.
func (l Loss) Check() error {
	var errs []error
	var sum float64
	for i, w := range l.Weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			errs = append(errs, fmt.Errorf("the weight ω of step %d is %g: it has to be at least 0 and finite", i+1, w))
		}
		sum += w
	}
	if len(errs) == 0 && len(l.Weights) > 0 && sum == 0 {
		errs = append(errs, errors.New("all weights ω are 0: nothing is left to learn from"))
	}
	if (l.Of != nil || l.Path != nil) && l.Name == "" {
		errs = append(errs, errors.New("the loss has no name, which tells trainings apart"))
	}
	return errors.Join(errs...)
}

// CheckOn reports why a problem has no such loss.
func (l Loss) CheckOn(p *optimizee.Problem) error {
	if l.Needs == nil {
		return nil
	}
	return l.Needs(p)
}
