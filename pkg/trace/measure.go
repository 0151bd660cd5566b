package trace

import (
	"context"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Measure is what a race looks at, after every step of every run. Lower is better,
// except where its name says otherwise. Your own is a name and a function:
//
//	size := trace.Measure{Name: "‖x‖₁", Of: func(_ *optimizee.Problem, x optimizee.Point) float64 {
//		return x.X().Abs().Sum().Item()
//	}}
//
// Runs are summarised by the mean of their values. Where a problem holds many instances
// and the measure is a ratio of sums over them, Parts takes the place of Of: the value of
// a problem, of an instance and of the whole race is then Scale(Σ Num/Σ Den), and bands
// show instances instead of problems.
type Measure struct {
	Name, Unit string
	Linear     bool                                                  // not for a logarithmic axis, as dB
	Of         func(p *optimizee.Problem, x optimizee.Point) float64 `json:"-"`
	Parts      func(p *optimizee.Problem, x optimizee.Point) []Part  `json:"-"`
	Scale      func(ratio float64) float64                           `json:"-"` // nil for the ratio itself

	ofF   func(o Optimum, f float64) float64                                                       `json:"-"` // a measure made of F
	star  bool                                                                                     `json:"-"` // and of F*
	slack func(o Optimum) float64                                                                  `json:"-"` // how far a value may be off for want of F*, see atMost; NaN when nothing proves it
	once  func(ctx context.Context, p *optimizee.Problem) (func(x optimizee.Point) float64, error) `json:"-"` // what has something to prepare for a problem
}

// A Part is what one instance adds to a measure that is a ratio of sums.
type Part struct{ Num, Den float64 }

// Measures made of F. F* is certified where the problem has a Bound; else it is the
// lowest value seen in the race, and [Results.Note] says so.
var (
	// Gap is the relative gap (F − F*)/|F*|, or F − F* where F* cannot be told from zero,
	// which [Results.Source] says.
	Gap = Measure{Name: "relative gap", ofF: Optimum.Relative, star: true, slack: Optimum.slack}
	// Excess is F − F*, at least 0, in the unit of F.
	Excess = Measure{Name: "F − F*", ofF: Optimum.Excess, star: true, slack: func(o Optimum) float64 { return o.Certificate }}
	// Value is F itself. It looks for no F*.
	Value = Measure{Name: "F", ofF: func(_ Optimum, f float64) float64 { return f }}
)

// Solved is 1 after the steps at which the relative gap is proven to be at most within, and
// else 0, so that the mean is the share of solved problems: here higher is better.
func Solved(within float64) Measure {
	return Measure{
		Name: fmt.Sprintf("share of runs with a relative gap of at most %g", within), Linear: true, star: true,
		slack: func(o Optimum) float64 {
			if o.slack() < within {
				return 0
			}
			return math.NaN()
		},
		ofF: func(o Optimum, f float64) float64 {
			if atMost(o.Relative(f), o.slack()) <= within {
				return 1
			}
			return 0
		},
	}
}

// DistanceTo is ‖x − x*‖ to a point that is known for each problem, and looked up once.
func DistanceTo(star func(p *optimizee.Problem) (optimizee.Point, error)) Measure {
	if star == nil {
		panic("trace: DistanceTo: there is no function that knows the point")
	}
	return distanceTo(func(_ context.Context, p *optimizee.Problem) (optimizee.Point, error) { return star(p) })
}

func distanceTo(star func(ctx context.Context, p *optimizee.Problem) (optimizee.Point, error)) Measure {
	return Measure{Name: "‖x − x*‖", once: func(ctx context.Context, p *optimizee.Problem) (func(optimizee.Point) float64, error) {
		to, err := star(ctx, p)
		if err != nil {
			return nil, err
		}
		return func(x optimizee.Point) float64 { return x.Sub(to).Norm() }, nil
	}}
}

// ToMinimiser is the distance ‖x − x*‖ to the minimiser that [Minimiser] finds: what goes
// to zero is condition (GC) of the L2O-PA paper, x_k → x*.
var ToMinimiser = distanceTo(func(ctx context.Context, p *optimizee.Problem) (optimizee.Point, error) {
	star, _, err := minimiser(ctx, p)
	return star, err
})

// orGap returns the measure of a Config, whose zero value stands for [Gap].
func (m Measure) orGap() (Measure, error) {
	switch {
	case m.Of != nil || m.Parts != nil || m.ofF != nil || m.once != nil:
		return m, nil
	case m.Name != "":
		return m, fmt.Errorf("trace: the measure %q has no function: give it Of or Parts", m.Name)
	}
	return Gap, nil
}

// gauge is a measure on one problem.
type gauge struct {
	Measure
	p  *optimizee.Problem
	of func(x optimizee.Point) float64 // nil where parts or F count
}

// on prepares the measure for a problem, and refuses one on which it has no value.
func (m Measure) on(ctx context.Context, p *optimizee.Problem) (gauge, error) {
	g := gauge{Measure: m, p: p}
	var err error
	first := 0.0
	switch {
	case m.ofF != nil:
		return g, nil
	case m.Parts != nil:
		first = m.Ratio(Total(m.Parts(p, p.Start)))
	case m.once != nil:
		if g.of, err = m.once(ctx, p); err != nil {
			return g, fmt.Errorf("trace: %s: %w", m.Name, err)
		}
		first = g.of(p.Start)
	default:
		g.of = func(x optimizee.Point) float64 { return m.Of(p, x) }
		first = g.of(p.Start)
	}
	if math.IsNaN(first) {
		err = fmt.Errorf("trace: %s is NaN at Start of %s: does the problem know what it is measured against?", m.Name, p.Name)
	}
	return g, err
}

// Ratio is the value of a [Total], Scale(Σ Num/Σ Den).
func (m Measure) Ratio(s Part) float64 {
	if m.Scale == nil {
		return s.Num / s.Den
	}
	return m.Scale(s.Num / s.Den)
}

// Total adds parts in their order.
func Total(parts []Part) (s Part) {
	for _, p := range parts {
		s.Num, s.Den = s.Num+p.Num, s.Den+p.Den
	}
	return s
}

// pool adds what one run measured after each step; after its end there is NaN.
func pool(sums []Part, parts [][]Part, steps int) []Part {
	if sums == nil {
		sums = make([]Part, steps+1)
	}
	for k := range sums {
		s := Part{math.NaN(), math.NaN()}
		if k < len(parts) {
			s = Total(parts[k])
		}
		sums[k].Num, sums[k].Den = sums[k].Num+s.Num, sums[k].Den+s.Den
	}
	return sums
}

// each is the value of each instance after each step.
func (m Measure) each(parts [][]Part, steps int) [][]float64 {
	all := make([][]float64, steps+1)
	for k := range all {
		all[k] = make([]float64, len(parts[0]))
		for i := range all[k] {
			if all[k][i] = math.NaN(); k < len(parts) {
				all[k][i] = m.Ratio(parts[k][i])
			}
		}
	}
	return all
}
