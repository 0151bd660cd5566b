package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// The ablation of the L2O-PA paper, notebook l2opa/03: seven rules that learn some of the
// terms of scheme (18), at the paper's size and trained small.

// Seven are the rules of Figure 1, from the fewest terms to the most.
var Seven = []string{"L2O-P", "L2O-A", "L2O-PA", "L2O-PBA", "L2O-PBA1", "L2O-PBA2", "L2O-PBA12"}

// Variants are the Seven with their weights for a family such as "lasso-250x500".
func Variants(on string) (entries []trace.Entry) {
	for _, name := range Seven {
		entries = append(entries, weights.Entry(name, strings.Replace("l2opa-"+strings.ToLower(name[len("L2O-"):])+"-"+on, "-pa-", "-", 1)))
	}
	return entries
}

// Repetitions are the trainings of weights with other seeds, named "L2O-PA, seed2" and so on.
func Repetitions(name string) (entries []trace.Entry) {
	for _, seed := range recipe.Seeds(name)[1:] {
		entries = append(entries, weights.Entry("L2O-PA, "+seed[len(name)+1:], seed))
	}
	return entries
}

// OneStep and OneMomentum search the constant for one term of the scheme on Lasso, while
// the other stays at the textbook's; SmallConstants both, on small problems.
var (
	OneStep = alone(160, func(at []float64) optim.Rule { return optim.ProxMomentum(at[0], 0) },
		trace.Values("p·L", 1.6, 1.7, 1.8, 1.9, 1.95))
	OneMomentum = alone(90, func(at []float64) optim.Rule { return optim.ProxMomentum(1, at[0]) },
		trace.Values("a", 0.65, 0.7, 0.75, 0.8, 0.85))
	SmallConstants = trace.Search{
		Family: optimizee.SmallLasso, Config: trace.Config{Problems: 128, Steps: 50, Seed: seed + 1}, By: trace.LowestAt(50),
		Rule: trace.TwoConstants, Over: []trace.Range{trace.Lin("p·L", 1, 1.6, 7), trace.Lin("a", 0.6, 0.9, 7)},
	}
)

func alone(steps int, rule func([]float64) optim.Rule, over trace.Range) trace.Search {
	c := trace.Config{Problems: 16, Steps: steps, Seed: seed + 1}
	return trace.Search{Family: optimizee.PaperLasso, Config: c, By: trace.StepsTo(1e-6), Rule: rule, Over: []trace.Range{over}}
}

// AblationRows are the rows of Figure 1: who gets to the precision of float32, and what
// biases cost.
func AblationRows(r *trace.Results) []cite.Row {
	var stall []string
	for _, name := range Seven {
		if r.First(name, 1e-7) < 0 {
			stall = append(stall, name[len("L2O-"):])
		}
	}
	text, verdict := fmt.Sprintf("%d of %d reach 1e-7 by %d", len(Seven)-len(stall), len(Seven), r.Steps), cite.Holds
	if len(stall) > 0 {
		text, verdict = text+"; not "+strings.Join(stall, ", "), cite.HoldsInPart
	}
	end := func(name string) float64 { return r.Mean("L2O-"+name, -1) }
	return []cite.Row{
		cite.NewRow("l2o-pa.f1.ablation", text, "two tuned constants: by "+trace.To(1e-7)[0].Of(r, "two tuned constants"), verdict),
		cite.NewRow("l2o-pa.f1.biases", fmt.Sprintf("250×500: gap %.0e; b₁ %.0e; b₂ %.0e; both %.0e",
			end("PBA"), end("PBA1"), end("PBA2"), end("PBA12")), nil, cite.Holds),
	}
}

// Always gives the same number at each step.
func Always(v float64) func(k int) float64 { return func(int) float64 { return v } }

// FISTAMomentum is that of FISTA at each step.
func FISTAMomentum(k int) float64 {
	return optim.FISTATerms(nil, k, ad.Value{}, ad.Value{}).A.Item()
}

// Exchanged is trained L2O-PA, measured at x_k, in which functions of the step give p, in
// units of the base step, or a in the place of the network; nil leaves a term to it.
func Exchanged(name string, p, a func(k int) float64) optim.Rule {
	t, err := weights.Load(name)
	if err != nil {
		panic(err) // names are constants of a program, as in weights.Rule
	}
	c := t.Optimizer.Config.(learned.PAConfig)
	c.ReturnX = true
	return learned.Say(learned.PA(c), map[string]func(k int) float64{"p": p, "a": a}).Rule(t.Theta)
}

// An Exchange puts constants in the place of the parts of trained L2O-PA.
type Exchange struct {
	Weights  string
	Family   optimizee.Family
	Problems int
	P, A     float64
}

// Race lets each of three steps, for which Steps has names, run with four momenta: none,
// that of FISTA, the constant, and the network's.
func (e Exchange) Race(ctx context.Context) (races []*trace.Results, err error) {
	for _, p := range []func(int) float64{Always(1), Always(e.P), nil} {
		r, err := trace.RaceFamily(ctx, e.Family, trace.Config{Problems: e.Problems, Steps: 110, Seed: seed},
			trace.Entry{Name: "a = 0", Rule: Exchanged(e.Weights, p, Always(0))},
			trace.Entry{Name: "FISTA's a", Rule: Exchanged(e.Weights, p, FISTAMomentum)},
			trace.Entry{Name: fmt.Sprint("a = ", e.A), Rule: Exchanged(e.Weights, p, Always(e.A))},
			trace.Entry{Name: "the network's a", Rule: Exchanged(e.Weights, p, nil)})
		if err != nil {
			return nil, err
		}
		races = append(races, r)
	}
	return races, nil
}

// Steps are the names of the steps.
func (e Exchange) Steps() []string {
	return []string{"p = 1/L", fmt.Sprintf("p = %g/L", e.P), "the network's p"}
}

// A Student is a rule to train on small problems, with so many seeds.
type Student struct {
	Name string
	learned.Optimizer
	Seeds int
}

// Students are the Seven, and P with two momenta that nobody learns.
func Students() (all []Student) {
	for _, name := range Seven {
		all = append(all, Student{name, learned.PA(learned.PAConfig{Learn: name[len("L2O-"):]}), 2})
	}
	with := func(a func(int) float64) learned.Optimizer {
		return learned.Say(learned.PA(learned.PAConfig{Learn: "P"}), map[string]func(int) float64{"a": a})
	}
	return append(all, Student{"P with FISTA's a", with(FISTAMomentum), 1}, Student{"P with a = 0.7", with(Always(0.7)), 1})
}

// Jobs are the trainings of a student. Gradients are clipped to norm 5.
func (s Student) Jobs() (jobs []train.Job) {
	c := train.Paper
	c.Minibatches, c.Batch, c.Validation, c.Guard = 80, 8, train.Validation{Problems: 64, Every: 16}, train.Guard{Above: 5, To: 5}
	for _, c := range c.Seeds(s.Seeds) {
		jobs = append(jobs, train.Job{Optimizer: s.Optimizer, Family: optimizee.SmallLasso, Config: c})
	}
	return jobs
}

// StudentTable lists what the terms of a rule cost and bring, by a race of 400 steps and the
// trainings of each name: gradients in a step, how many gradients had to be clipped in
// training, how far the rule leads away from a solution, and gaps.
func StudentTable(ctx context.Context, r *trace.Results, of map[string][]train.Result) (t trace.Table, err error) {
	column := func(head string, cell func(name string) string) trace.Column {
		return trace.Column{Head: head, Of: func(_ *trace.Results, name string) string {
			if of[name] == nil {
				return "–"
			}
			return cell(name)
		}}
	}
	t = r.Table([]trace.Column{
		{Head: "gradients a step", Of: func(r *trace.Results, name string) string {
			return fmt.Sprint(r.Runs[slices.Index(r.Names, name)][0].Calls[r.Steps] / r.Steps)
		}},
		column("gradients clipped", func(name string) string {
			clipped, segments := 0, 0
			for _, x := range of[name] {
				clipped, segments = clipped+x.Clipped, segments+5*x.Minibatches
			}
			return fmt.Sprintf("%.0f %%", 100*float64(clipped)/float64(segments))
		}),
		column("walks from x*", func(name string) string {
			entry := trace.Entry{Name: name, Rule: of[name][0].Rule()}
			away, failed := trace.FixedPoints(ctx, optimizee.SmallLasso, trace.Config{Problems: 16, Seed: seed}, []int{100}, entry)
			if failed != nil {
				err = failed
				return ""
			}
			return fmt.Sprintf("%.0e", away[0].Y[0])
		}),
	}, trace.After(10, 20, 100, 400))
	return t, err
}

// A Subject is a trained PBA12 that is listened to on so many problems.
type Subject struct {
	Name   string
	Family optimizee.Family
	learned.Optimizer
	Theta    nn.Params
	Problems int
}

// Biases are what a Subject gives at step 0, 1, …, as means over coordinates and problems,
// and the size ‖y_k − x*‖/√n of what is left in a coordinate.
type Biases struct{ B1, B2, Size1, Size2, Distance []float64 }

// Hear listens to the biases.
func (s Subject) Hear(ctx context.Context, steps int) (b Biases, err error) {
	c := trace.Config{Problems: s.Problems, Steps: steps, Measure: trace.ToMinimiser, Streams: func(i int) (problem, state *rand.Rand) {
		return optimizee.Stream(seed, 4, uint64(i)), optimizee.Stream(uint64(i), 101) // those of the row of Figure 2
	}}
	r, err := trace.RaceFamily(ctx, s.Family, c, trace.Entry{Name: s.Name, Rule: s.Rule(s.Theta)})
	if err != nil {
		return b, err
	}
	b = Biases{make([]float64, steps), make([]float64, steps), make([]float64, steps), make([]float64, steps), make([]float64, steps)}
	share := 1 / float64(s.Problems)
	for i := range s.Problems {
		_, state := c.Streams(i)
		p := c.Problem(s.Family, i)
		h, err := learned.Listen(s.Optimizer, s.Theta, p, state, steps)
		if err != nil {
			return b, err
		}
		for k := range steps {
			b.B1[k] += share * trace.Mean(h["b1"][k])
			b.B2[k] += share * trace.Mean(h["b2"][k])
			b.Size1[k] += share * trace.Mean(sizes(h["b1"][k]))
			b.Size2[k] += share * trace.Mean(sizes(h["b2"][k]))
			b.Distance[k] += share * r.Runs[0][i].Values[k] / math.Sqrt(float64(p.Start.X().Len()))
		}
	}
	return b, nil
}

func sizes(v []float64) []float64 {
	v = slices.Clone(v)
	for i := range v {
		v[i] = math.Abs(v[i])
	}
	return v
}

// Table is Figure 2 in numbers.
func (b Biases) Table() trace.Table {
	t := trace.Table{Header: []string{"k", "mean b₁", "mean b₂", "mean |b₁|", "mean |b₂|", "distance"}}
	for _, k := range []int{0, 1, 5, 10, 20, 50, 100, 199} {
		row := []string{fmt.Sprint(k)}
		for _, v := range [][]float64{b.B1, b.B2, b.Size1, b.Size2, b.Distance} {
			row = append(row, fmt.Sprintf("%.1e", v[k]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// BiasRow is the row of Figure 2.
func BiasRow(where string, b Biases) cite.Row {
	return cite.NewRow("l2o-pa.f2.biases", fmt.Sprintf("%s: |b₁| %.1e → %.1e, |b₂| %.1e → %.1e",
		where, b.Size1[0], b.Size1[100], b.Size2[0], b.Size2[100]), nil, cite.Holds)
}
