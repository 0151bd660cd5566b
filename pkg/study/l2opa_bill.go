package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// A Cost is what a method asks for: in a step, for a solution, or before its first use.
type Cost struct {
	Iterations, Gradients, Values float64
	Networks                      float64 // evaluations of a network for all coordinates
}

// Times is the cost of n times as much.
func (c Cost) Times(n float64) Cost {
	return Cost{c.Iterations * n, c.Gradients * n, c.Values * n, c.Networks * n}
}

// Calls are its oracle calls.
func (c Cost) Calls() float64 { return c.Gradients + c.Values }

// Work is what it comes to where a gradient costs so much and an evaluation of the network
// so much; a value of F costs half a gradient.
func (c Cost) Work(gradient, network float64) float64 {
	return (c.Gradients+c.Values/2)*gradient + c.Networks*network
}

// Multiplications counts those of a gradient, and of the network for all coordinates of a
// problem, at the size for which weights were trained.
func Multiplications(name string) (gradient, network float64, err error) {
	t, err := weights.Load(name)
	if err != nil {
		return 0, 0, err
	}
	rows, cols := t.Card.Traits["rows"], t.Card.Traits["cols"]
	for _, n := range t.Theta.Names() {
		if strings.Contains(n, "weight") { // a matrix; biases are only added
			network += cols * float64(t.Theta.At(n).Len())
		}
	}
	return 2 * rows * cols, network, nil
}

// Tuning is the cost of a search: a gradient and a value in each step of each trial.
func Tuning(s trace.Search) Cost {
	n := float64(s.Config.Problems * s.Config.Steps * max(1, s.Rounds))
	for _, r := range s.Over {
		n *= float64(len(r.Values))
	}
	return Cost{Iterations: n, Gradients: n, Values: n}
}

// Training is what the training behind shipped weights took, by its card and its recipe.
type Training struct {
	Minibatches, Validations int
	Exploded                 int     // validations in which some problem had
	Steps, Validated         float64 // steps of the rule on a problem: with a way back, and in validations
	Gradients, Values        float64 // in each of them
}

// Trained counts the training of shipped weights: the oracle calls of a step by training on
// one problem.
func Trained(ctx context.Context, name string) (t Training, err error) {
	w, err := weights.Load(name)
	if err != nil {
		return t, err
	}
	r, err := recipe.Get(name)
	if err != nil {
		return t, err
	}
	c, curve := r.Train, w.Card.Curve
	t.Validations, t.Minibatches = len(curve), curve[len(curve)-1].After
	for _, v := range curve {
		if !(v.Value < 1e6) { // NaN too
			t.Exploded++
		}
	}
	t.Steps = float64(t.Minibatches * c.Batch * c.Iterations)
	t.Validated = float64(t.Validations * c.Validation.Problems * c.Iterations)

	var lock sync.Mutex
	var last *optimizee.Calls // the first problem only shows that the family is sound
	counted := optimizee.FamilyFunc(r.Family.String(), func(rng *rand.Rand) *optimizee.Problem {
		lock.Lock()
		defer lock.Unlock()
		p, calls := optimizee.Count(r.Family.Draw(rng))
		last = calls
		return p
	})
	c.Minibatches, c.Batch, c.Validation = 1, 1, train.Validation{}
	_, err = train.Run(ctx, r.Optimizer, counted, c)
	t.Gradients, t.Values = float64(last.Grad)/float64(c.Iterations), float64(last.Value)/float64(c.Iterations)
	return t, err
}

// Cost counts a step of training twice, for the way back; the network three times, since
// its way back has two products for one.
func (t Training) Cost() Cost {
	n := 2*t.Steps + t.Validated
	return Cost{t.Steps + t.Validated, n * t.Gradients, n * t.Values, n + t.Steps}
}

func (t Training) String() string {
	return fmt.Sprintf("%d minibatches: %.3g million steps of training, and %.3g million of validation.\nA step asked for %.2f gradients and %.2f values; with ways back, %.3g million calls.\nIn %d of %d validations some problem had exploded.",
		t.Minibatches, t.Steps/1e6, t.Validated/1e6, t.Gradients, t.Values, t.Cost().Calls()/1e6, t.Exploded, t.Validations)
}

// A Bill is what solutions cost with each of some methods, on the same problems.
type Bill struct {
	Race              *trace.Results
	Step              map[string]Cost // what a step of a method asks for; by default one gradient
	Before            map[string]Cost // what it took before its first use, training or tuning; by default nothing
	Gradient, Network float64         // multiplications
	Training          Training
}

// Bill adds to a race at home what came before: the training of L2O-PA, and the search for
// two tuned constants. step is [Bill.Step].
func (h Home) Bill(ctx context.Context, race *trace.Results, step map[string]Cost) (b Bill, err error) {
	b = Bill{Race: race, Step: step}
	if b.Gradient, b.Network, err = Multiplications(h.Weights); err != nil {
		return b, err
	}
	b.Training, err = Trained(ctx, h.Weights)
	b.Before = map[string]Cost{"L2O-PA": b.Training.Cost(), "two tuned constants": Tuning(h.Constants)}
	return b, err
}

// Cost is the mean cost of a solution to a gap of at most level, infinite where not all
// problems get there.
func (b Bill) Cost(name string, level float64) Cost {
	steps, _ := b.Race.Reached(name, level)
	step, ok := b.Step[name]
	if !ok {
		step = Cost{Iterations: 1, Gradients: 1}
	}
	if n := trace.Mean(steps); !math.IsInf(n, 0) {
		return step.Times(n)
	}
	return Cost{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}
}

// Work are the multiplications of a cost.
func (b Bill) Work(c Cost) float64 { return c.Work(b.Gradient, b.Network) }

// Payback is after how many problems what a method took before its first use has paid for
// itself against a rival, counted in a unit such as Cost.Calls or Bill.Work: +Inf where it
// never does.
func (b Bill) Payback(name, rival string, level float64, unit func(Cost) float64) float64 {
	ours, theirs := unit(b.Cost(name, level)), unit(b.Cost(rival, level))
	if ours >= theirs {
		return math.Inf(1)
	}
	return (unit(b.Before[name]) - unit(b.Before[rival])) / (theirs - ours)
}

// Curves are what f makes of the costs of methods, before their first use and of a solution
// to a level, over x.
func (b Bill) Curves(level float64, xs []float64, f func(before, each Cost, x float64) float64, names ...string) (all []trace.Curve) {
	for _, name := range names {
		before, each := b.Before[name], b.Cost(name, level)
		all = append(all, trace.Function(name, xs, func(x float64) float64 { return f(before, each, x) }))
	}
	return all
}

// BreakEven is how many times as expensive a gradient has to be until a cost is less work
// than a rival's, which asks for more of them.
func (b Bill) BreakEven(c, rival Cost) float64 {
	return (c.Networks - rival.Networks) * b.Network / (b.Gradient * (rival.Work(1, 0) - c.Work(1, 0)))
}

// Table lists the methods with iterations, oracle calls and work to some levels, the work
// to the middle one alone.
func (b Bill) Table(levels ...float64) trace.Table {
	t := trace.Table{Header: []string{fmt.Sprintf("mean of %d problems", b.Race.Problems)}}
	column := func(head string, unit func(Cost) float64, levels ...float64) {
		for _, l := range levels {
			t.Header, head = append(t.Header, fmt.Sprintf("%sto %.0e", head, l)), ""
			for i, name := range b.Race.Names {
				cell := "–"
				if x := unit(b.Cost(name, l)); !math.IsInf(x, 0) {
					cell = fmt.Sprintf("%.1f", x)
				}
				t.Rows[i] = append(t.Rows[i], cell)
			}
		}
	}
	for _, name := range b.Race.Names {
		t.Rows = append(t.Rows, []string{name})
	}
	column("iterations ", func(c Cost) float64 { return c.Iterations }, levels...)
	column("oracle calls ", Cost.Calls, levels...)
	column("million multiplications ", func(c Cost) float64 { return b.Work(c) / 1e6 }, levels[len(levels)/2])
	return t
}

// Paybacks lists against each rival the oracle calls that a method saves on a problem, with
// their standard error, and its [Bill.Payback] in three units.
func (b Bill) Paybacks(name string, level float64, rivals ...string) trace.Table {
	t := trace.Table{Header: []string{
		fmt.Sprintf("to %g, against", level), "calls saved on a problem", "counting iterations", "oracle calls", "multiplications",
	}}
	_, ours := b.Race.Reached(name, level)
	for _, rival := range rivals {
		_, theirs := b.Race.Reached(rival, level)
		saved := make([]float64, len(ours))
		for i := range saved {
			saved[i] = theirs[i] - ours[i]
		}
		mean, se := trace.MeanError(saved)
		row := []string{rival, fmt.Sprintf("%.1f ± %.1f", mean, se)}
		for _, unit := range []func(Cost) float64{func(c Cost) float64 { return c.Iterations }, Cost.Calls, b.Work} {
			row = append(row, Rounded(b.Payback(name, rival, level, unit)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Rounded is a number of problems with two digits, such as "3.4 million"; "never" for +Inf.
func Rounded(n float64) string {
	if math.IsInf(n, 0) {
		return "never"
	}
	unit, name := 1e6, " million"
	if n < unit {
		unit, name = 1e3, " thousand"
	}
	digits := math.Pow(10, math.Floor(math.Log10(n/unit))-1)
	return fmt.Sprintf("%.4g%s", math.Round(n/unit/digits)*digits, name)
}
