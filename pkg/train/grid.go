package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// An Axis lays points for one parameter of 1×1, at equal ratios from From to To, both
// included.
type Axis struct {
	Param    string
	From, To float64 // positive
	Points   int
}

// at is point i.
func (a Axis) at(i int) float64 {
	if a.Points == 1 {
		return a.From
	}
	return a.From * math.Pow(a.To/a.From, float64(i)/float64(a.Points-1))
}

// around is the axis inside of the neighbours of x, at equal ratios with them; it may
// reach beyond a.
func (a Axis) around(x float64) Axis {
	if a.Points > 1 {
		ratio := math.Pow(a.To/a.From, 1/float64(a.Points+1))
		a.From, a.To = x/ratio, x*ratio
	}
	return a
}

// HyperAxes span the three numbers of HyperLISTA for dictionaries of n atoms, wider than
// the published grid: there c₁µ and c₂µ go from 1e-3 to 1e-2 and c₃/n from 0.1 to 1, and
// the best c₁ lies at the border.
func HyperAxes(n int) []Axis {
	return []Axis{{"c1", 0.005, 0.5, 9}, {"c2", 0.0025, 0.25, 9}, {"c3", 0.02 * float64(n), 2 * float64(n), 9}}
}

// Grid says how to search parameters on a grid.
type Grid struct {
	Axes     []Axis
	Rounds   int // grids; each after the first lies between the neighbours of the best point so far
	Layers   int // steps of the rule
	Problems int // on which the points are compared
	Seed     uint64

	Report func(Event) `json:"-"` // called after each point; nil for nobody
}

// Found is what a grid search found.
type Found struct {
	Theta  nn.Params // the best point
	Value  float64   // its NMSE in dB, as the ratio of sums
	Points []float64 // the values of all points of the last grid, the last axis running fastest
	Axes   []Axis    // of the last grid
	Border []string  // parameters whose best point lies at the end of its axis in the last grid
}

// Search compares the points of a grid on fixed problems with known solutions, for
// optimizers with few parameters such as HyperLISTA. Parameters without an axis stay as
// Init draws them. Points run in parallel; the first of equal ones wins, so the result
// does not depend on the number of cores.
func (g Grid) Search(ctx context.Context, o learned.Optimizer, fam optimizee.Family) (Found, error) {
	th := nn.NewParams()
	o.Init(th, optimizee.Stream(g.Seed, forTheta))
	if err := g.check(th); err != nil {
		return Found{}, err
	}
	problems := make([]*optimizee.Problem, g.Problems)
	for i := range problems {
		problems[i] = fam.Draw(optimizee.Stream(g.Seed, forValidation, uint64(i)))
	}
	if err := problems[0].Check(); err != nil {
		return Found{}, fmt.Errorf("train: the family's first problem: %w", err)
	}
	if _, err := o.Rule(th)(problems[0], optimizee.Stream(g.Seed, forState)); err != nil {
		return Found{}, err
	}
	found, began := Found{Theta: th, Value: math.Inf(1), Axes: g.Axes}, time.Now()
	for round := range g.Rounds {
		if round > 0 {
			axes := make([]Axis, len(g.Axes))
			for i, a := range found.Axes {
				axes[i] = a.around(found.Theta.At(a.Param).Item())
			}
			found.Axes = axes
		}
		if err := g.round(ctx, o, problems, &found, func(done int, value float64) {
			if g.Report != nil {
				n := points(g.Axes)
				g.Report(Event{
					Name: o.Name, Unit: "points", Done: round*n + done, Of: g.Rounds * n, Loss: value, Validation: value, Best: found.Value,
					Elapsed: time.Since(began),
				})
			}
		}); err != nil {
			return found, err
		}
	}
	if math.IsInf(found.Value, 1) {
		return found, fmt.Errorf("train: no point of the grid gives a finite value: choose other axes")
	}
	return found, nil
}

// round compares all points of found.Axes.
func (g Grid) round(ctx context.Context, o learned.Optimizer, problems []*optimizee.Problem, found *Found, report func(done int, value float64)) error {
	n, base := points(found.Axes), found.Theta
	found.Points, found.Border = make([]float64, n), nil
	block := 8 * runtime.GOMAXPROCS(0) // reports come from this goroutine, after each block
	for from := 0; from < n; from += block {
		to := min(from+block, n)
		if err := par.Each(ctx, 0, to-from, func(_, i int) (err error) {
			found.Points[from+i], err = g.value(o, place(base, found.Axes, from+i), problems)
			return err
		}); err != nil {
			return err
		}
		for i := from; i < to; i++ {
			if found.Points[i] < found.Value {
				found.Value, found.Theta = found.Points[i], place(base, found.Axes, i)
			}
			report(i+1, found.Points[i])
		}
	}
	for _, a := range found.Axes {
		if x := found.Theta.At(a.Param).Item(); a.Points > 1 && (x <= a.at(0) || x >= a.at(a.Points-1)) {
			found.Border = append(found.Border, a.Param)
		}
	}
	return nil
}

// value is the NMSE of θ.
func (g Grid) value(o learned.Optimizer, th nn.Params, problems []*optimizee.Problem) (float64, error) {
	var all sparse.Errors
	for i, p := range problems {
		_, x, err := optim.Minimize(p, o.Rule(th), g.Layers, optimizee.Stream(g.Seed, forValidationState, uint64(i)))
		if err != nil {
			return 0, err
		}
		all.Add(x.X(), p.Truth.X())
	}
	return all.RatioOfSums(), nil
}

// points is the number of points of a grid.
func points(axes []Axis) int {
	n := 1
	for _, a := range axes {
		n *= a.Points
	}
	return n
}

// place returns θ at point i, the last axis running fastest.
func place(th nn.Params, axes []Axis, i int) nn.Params {
	th = th.Clone()
	for j := len(axes) - 1; j >= 0; j-- {
		th.Set(axes[j].Param, ad.Scalar(axes[j].at(i%axes[j].Points)))
		i /= axes[j].Points
	}
	return th
}

func (g Grid) check(th nn.Params) error {
	var errs []error
	if len(g.Axes) == 0 || g.Rounds < 1 || g.Layers < 1 || g.Problems < 1 {
		errs = append(errs, fmt.Errorf("train: a grid of %d axes in %d rounds, on %d problems after %d layers: all have to be positive", len(g.Axes), g.Rounds, g.Problems, g.Layers))
	}
	for _, a := range g.Axes {
		if !(a.From > 0) || !(a.To >= a.From) || math.IsInf(a.To, 1) || a.Points < 1 {
			errs = append(errs, fmt.Errorf("train: axis %s has %d points from %g to %g: it has to rise from a positive number", a.Param, a.Points, a.From, a.To))
		}
		if !th.Has(a.Param) || th.At(a.Param).Len() != 1 {
			errs = append(errs, fmt.Errorf("train: axis %s: there is no parameter of 1×1 by that name among %q", a.Param, th.Names()))
		}
	}
	return errors.Join(errs...)
}
