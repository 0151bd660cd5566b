package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// Stuck is how far above the lowest F that is known a fit of a mixture counts as stuck, in
// nats for each point: in notebook mlam/05, and so in all that is here.
const Stuck = 0.02

// Mixtures is a race on mixtures by the distance in F from the lowest that is known, for
// which EM runs from the true means too, with five steps in each of the race.
func Mixtures(seed uint64, problems, steps int) trace.Config {
	truth := trace.Entry{Name: "EM from the true means", Rule: FromTruth(optim.Repeat(5, mixture.EM))}
	return trace.Config{Problems: problems, Steps: steps, Seed: seed, Measure: trace.Excess, Reference: truth}
}

// FromTruth lets a rule begin at the truth of a problem.
func FromTruth(r optim.Rule) optim.Rule {
	return optim.From(func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
		return func(optimizee.Point) optimizee.Point { return p.Truth }, nil
	}, r)
}

// MixtureRule is a trained rule for mixtures whose components have the standard deviation σ:
// displacements are seen in units of it.
// It panics where the weights are not of such a rule, as do the other functions here.
func MixtureRule(name string, sigma float64) optim.Rule {
	t := must(weights.Load(name))
	c := t.Optimizer.Config.(mlam.Config)
	c.InputScale = 0.5 / sigma
	return mlam.MLAM(c).Rule(t.Theta)
}

// MixtureConstants are what the networks of a trained rule end up giving for π and for µ:
// shares of EM's step, and momenta.
func MixtureConstants(name string) []mlam.Pace {
	t := must(weights.Load(name))
	return must(mlam.Distil(t.Optimizer, t.Theta))
}

// WithoutNetwork is a trained rule with [MixtureConstants] in the place of its networks.
func WithoutNetwork(name string) optim.Rule { return mlam.Steady(10, MixtureConstants(name)...) }

// PaceCurves are what the networks give in their first twenty inner steps.
func PaceCurves(name string) (curves []trace.Curve) {
	t := must(weights.Load(name))
	for _, block := range [][2]string{{"mu", "µ"}, {"pi", "π"}} {
		share, momentum := trace.Curve{Name: "share, " + block[1]}, trace.Curve{Name: "momentum, " + block[1]}
		for k, p := range must(mlam.Paces(t.Optimizer, t.Theta, block[0], 20)) {
			share.X, share.Y = append(share.X, float64(k+1)), append(share.Y, p.Share)
			momentum.X, momentum.Y = append(momentum.X, float64(k+1)), append(momentum.Y, p.Momentum)
		}
		curves = append(curves, share, momentum)
	}
	return curves
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// JudgedBy returns r with its runs measured to the optima of another race on the same
// problems, which knows lower values. Both are races by [trace.Excess].
func JudgedBy(other, r *trace.Results) *trace.Results {
	judged := *r
	judged.Runs, judged.Optima = nil, other.Optima
	for _, runs := range r.Runs {
		runs = slices.Clone(runs)
		for i, run := range runs {
			runs[i].Values = make([]float64, len(run.F))
			for k, f := range run.F {
				runs[i].Values[k] = other.Optima[run.Problem].Excess(f)
			}
		}
		judged.Runs = append(judged.Runs, runs)
	}
	return &judged
}

// BestOf returns as methods of their own, for [trace.Join], what the first n starts of some
// names come to: for each problem the run that ends lowest.
func BestOf(r *trace.Results, n int, names ...string) *trace.Results {
	out := r.Only(names...)
	out.Names = slices.Clone(names)
	for i, runs := range out.Runs {
		best, seen := make([]trace.Run, r.Problems), make([]int, r.Problems)
		for _, run := range runs {
			k, end := run.Problem, len(run.Values)-1
			if seen[k]++; seen[k] == 1 || seen[k] <= n && run.Values[end] < best[k].Values[end] {
				best[k] = run
			}
		}
		if out.Runs[i] = best; n > 1 {
			out.Names[i] += fmt.Sprintf(", best of %d", n)
		}
	}
	return out
}

// LowestOf returns as a method of its own the lowest point on the way of the first name, its
// start left out.
func LowestOf(r *trace.Results, as string) *trace.Results {
	out := held(r.Only(r.Names[0]), func(v []float64, k int) bool { return k > 1 && v[k] > v[k-1] })
	out.Names = []string{as}
	return out
}

// StoppedAt returns as methods of their own the runs of r, each stopped by its first step that
// changes F by less than within.
func StoppedAt(r *trace.Results, within float64) *trace.Results {
	out := held(r, func(v []float64, k int) bool { return k > 1 && v[k-2]-v[k-1] < within })
	out.Names = slices.Clone(r.Names)
	for i := range out.Names {
		out.Names[i] += fmt.Sprintf(", stopped at %g", within)
	}
	return out
}

// held returns r with runs that stay where they were in all steps k that say so, in the
// light of the changed values before.
func held(r *trace.Results, stays func(v []float64, k int) bool) *trace.Results {
	out := *r
	out.Runs = nil
	for _, runs := range r.Runs {
		runs = slices.Clone(runs)
		for i, run := range runs {
			for _, v := range []*[]float64{&run.F, &run.Values} {
				*v = slices.Clone(*v)
				for k := range *v {
					if stays(*v, k) {
						(*v)[k] = (*v)[k-1]
					}
				}
			}
			runs[i] = run
		}
		out.Runs = append(out.Runs, runs)
	}
	return &out
}

// Ends are the F at the end of the runs of a name.
func Ends(r *trace.Results, name string) (f []float64) {
	for _, run := range r.Only(name).Runs[0] {
		f = append(f, run.F[len(run.F)-1])
	}
	return f
}

// FitTable lists how fits of the same mixtures end: the mean F, how far that lies above the
// lowest that is known, in the mean and in the median, and how many are stuck.
func FitTable(fits ...*trace.Results) trace.Table {
	column := func(head string, of func(r *trace.Results, name string) string) trace.Column {
		return trace.Column{Head: head, Of: of}
	}
	return table(trace.Join(fits[0], fits[1:]...),
		column("mean excess", func(r *trace.Results, name string) string { return fmt.Sprintf("%.3f", r.Mean(name, -1)) }),
		column("median excess", func(r *trace.Results, name string) string { return fmt.Sprintf("%.4f", r.Quantile(name, -1, 0.5)) }))
}

// table has columns between the mean F and how many are stuck.
func table(r *trace.Results, columns ...trace.Column) trace.Table {
	mean := trace.Column{Head: "mean F ± standard error", Of: func(r *trace.Results, name string) string {
		m, se := trace.MeanError(Ends(r, name))
		return fmt.Sprintf("%.3f ± %.3f", m, se)
	}}
	stuck := trace.Column{Head: "stuck", Of: func(r *trace.Results, name string) string {
		return fmt.Sprintf("%d of %d", r.Above(name, Stuck), r.Problems)
	}}
	t := r.Table(slices.Concat([]trace.Column{mean}, columns, []trace.Column{stuck}))
	t.Header[0], t.Notes = fmt.Sprintf("%d mixtures", r.Problems), nil
	return t
}

// Ordered are curves of F at the end over the problems, in the order of one of the names.
func Ordered(r *trace.Results, by string) (curves []trace.Curve) {
	last, order := Ends(r, by), make([]int, r.Problems)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(last[a], last[b]) })
	for _, name := range r.Names {
		f, c := Ends(r, name), trace.Curve{Name: name}
		for place, i := range order {
			c.X, c.Y = append(c.X, float64(place+1)), append(c.Y, f[i])
		}
		curves = append(curves, c)
	}
	return curves
}

// Restarts are curves of the mean excess of the best of 1, 2, … starts, with a standard
// error to both sides, for names that end in a suffix, which the curves leave out.
func Restarts(r *trace.Results, suffix string, names ...string) (curves []trace.Curve) {
	for _, name := range names {
		c := trace.Curve{Name: name}
		for n := 1; n <= len(r.At(name+suffix, -1))/r.Problems; n++ {
			m, se := trace.MeanError(r.Best(name+suffix, n))
			c.X, c.Y = append(c.X, float64(n)), append(c.Y, m)
			c.Lo, c.Hi = append(c.Lo, max(m-se, 1e-9)), append(c.Hi, m+se)
		}
		curves = append(curves, c)
	}
	return curves
}

// Furthest is the problem that a solves and on which b ends furthest above it.
func Furthest(r *trace.Results, a, b string) (problem int, by float64) {
	mine, theirs := r.Best(a, 1), r.Best(b, 1)
	by = math.Inf(-1)
	for i, e := range mine {
		if e <= Stuck && theirs[i]-e > by {
			problem, by = i, theirs[i]-e
		}
	}
	return problem, by
}

// Garden holds fits of flowers, and how many petals each method has found at the end, in
// the mean.
type Garden struct {
	Fits   *trace.Results
	Petals map[string]float64
}

// Flowers races on ten flowers.
func Flowers(ctx context.Context, seed uint64, flower mixture.Flower, steps int, entries ...trace.Entry) (g Garden, err error) {
	c := Mixtures(seed, 10, steps)
	g = Garden{Petals: map[string]float64{}}
	if g.Fits, err = trace.RaceFamily(ctx, flower, c, entries...); err != nil {
		return g, err
	}
	for i, name := range g.Fits.Names {
		for _, run := range g.Fits.Runs[i] {
			p := c.Problem(flower, run.Problem)
			g.Petals[name] += mixture.MeansFound(0.5)(p, run.Last) / float64(c.Problems)
		}
	}
	return g, nil
}

// Table lists the methods.
func (g Garden) Table() trace.Table {
	return table(g.Fits, trace.Column{Head: "petals found", Of: func(_ *trace.Results, name string) string {
		return fmt.Sprintf("%.1f", g.Petals[name])
	}})
}

// MixtureRows are the rows of the ledger for Figures 6 to 8 and Table VI of MLAM, and for
// what GSO publishes of the same: of races with "EM", "MLAM", "four constants" and, in
// Figure 6, "EM, random points", by dimension "EM, best of five".
func MixtureRows(figure6, flowers *trace.Results, dims []int, table func(dim int) *trace.Results) (rows []cite.Row) {
	says := func(r *trace.Results, name string) string {
		return fmt.Sprintf("%s %.2f, stuck %d of %d", name, trace.Mean(Ends(r, name)), r.Above(name, Stuck), r.Problems)
	}
	em, learned, four := says(figure6, "EM"), says(figure6, "MLAM"), says(figure6, "four constants")
	best := BestOf(figure6, 10, "EM, random points")
	best.Names[0] = "EM, best of ten"
	ten := says(best, best.Names[0])
	lower, higher := figure6.Against("MLAM", "EM", 0.01)
	_, gain := Furthest(figure6, "MLAM", "EM")
	_, loss := Furthest(figure6, "EM", "MLAM")
	for _, of := range [][2]string{{"mlam", "t6"}, {"gso", "t5"}} {
		who := of[0]
		add := func(id string, ours, tuned any, v cite.Verdict) {
			rows = append(rows, cite.NewRow(who+"."+id, ours, tuned, v))
		}
		for _, place := range []string{"f6.caption.", "f6.text."} {
			add(place+"em", em, ten, cite.Contradictory)
			add(place+who, learned, four, cite.BaselineArtefact)
		}
		add("f6.most", fmt.Sprintf("below EM in %d, above in %d of %d", lower, higher, figure6.Problems), four, cite.HoldsInPart)
		add("f7", fmt.Sprintf("largest gain on EM %.2f, largest loss %.2f", gain, loss), nil, cite.HoldsInPart)
		add("f8", says(flowers, "MLAM"), says(flowers, "four constants"), cite.HoldsInPart)
		for _, d := range dims {
			r := table(d)
			five := says(r, "EM, best of five")
			add(fmt.Sprintf("%s.em.d%d", of[1], d), says(r, "EM"), five, cite.NotRecoverable)
			add(fmt.Sprintf("%s.%s.d%d", of[1], who, d), says(r, "MLAM"), five, cite.NotRecoverable)
		}
	}
	return rows
}
