package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// The three Gaussians on a line of MLAM's Figure 3, notebook mlam/01: who ends in the right
// valley of F, who leaves a wrong one, and for how many passes over the points.

// Passes are what each method may take in a run.
const Passes = 200

// within is the relative gap at which a run is right: other valleys are 11 to 20 % above.
const within = 0.03

// A Method is a rule, and how many passes over the points one of its steps takes.
type Method struct {
	Name   string
	Rule   optim.Rule
	Passes int
}

// Corrector corrects steps of EM, ten for µ₁ and ten for µ₂ in every outer step.
var Corrector = train.Job{
	Optimizer: mlam.MLAM(mlam.Config{Blocks: []string{"mu1", "mu2"}, Wiring: learned.Wiring{
		Input: learned.Displacement, InputScale: 0.3, Output: learned.Correction, OutputScale: 1, ZeroHead: true,
	}}),
	Family: optimizee.Changed(mixture.Fig3(500), "a block for each mean", mixture.ByMean),
	Config: train.Config{
		Minibatches: 40, Batch: 4, Iterations: 10, Segment: 10, LR: 5e-3, Seed: 1, Loss: learned.Objective,
		Validation: train.Validation{Problems: 16, Every: 10}, Guard: train.Guard{Above: 1, To: 1},
	},
}

// A Network is a trained Corrector, and on how many of 64 validation problems it is right.
type Network struct {
	Theta nn.Params
	Right int
}

// Method is the network under a name.
func (n Network) Method(name string) Method {
	return Method{name, Corrector.Optimizer.Rule(n.Theta), 20}
}

// Networks are three, trained alike but for the seed; the best one on validation comes first.
func Networks(ctx context.Context) ([]Network, error) {
	var all []Network
	for _, c := range Corrector.Config.Seeds(3) {
		done, err := train.Run(ctx, Corrector.Optimizer, Corrector.Family, c)
		if err != nil {
			return nil, err
		}
		n := Network{Theta: done.Theta}
		res, err := Escapes(ctx, Corrector.Family, 64, seed+1, n.Method("it"))
		if err != nil {
			return nil, err
		}
		n.Right = Right(res, "it")
		all = append(all, n)
	}
	slices.SortStableFunc(all, func(a, b Network) int { return cmp.Compare(b.Right, a.Right) })
	return all, nil
}

// Escapes races methods from as many random starts, one on each problem, for Passes. Gaps
// are to the lowest value of the race or of EM from the true means.
func Escapes(ctx context.Context, fam optimizee.Family, starts int, seed uint64, methods ...Method) (*trace.Results, error) {
	races := make([]*trace.Results, len(methods))
	for i, m := range methods {
		c := trace.Config{
			Problems: starts, Steps: Passes / m.Passes,
			Reference: trace.Entry{Name: "EM from the true means", Rule: FromTruth(optim.Repeat(m.Passes, mixture.EM))},
			Streams: func(i int) (problem, state *rand.Rand) {
				return optimizee.Stream(seed, 1, uint64(i)), optimizee.Stream(seed, 2, uint64(i))
			},
		}
		var err error
		if races[i], err = trace.RaceFamily(ctx, fam, c, trace.Entry{Name: m.Name, Rule: m.Rule}); err != nil {
			return nil, err
		}
	}
	return trace.Join(races[0], races[1:]...), nil
}

// Anywhere is a start that is drawn like those of Figure 3.
func Anywhere(_ *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	return func(x optimizee.Point) optimizee.Point {
		return x.Map(func(string, ad.Value) ad.Value { return ad.Scalar(30*rng.Float64() - 15) })
	}, nil
}

// Middle is a start with all means at the mean of the points.
func Middle(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
	m, err := optimizee.DataOf[mixture.Data](p, "the mean of the points")
	return func(x optimizee.Point) optimizee.Point {
		return x.Map(func(string, ad.Value) ad.Value { return m.X.Sum().Scale(1 / float64(m.X.Len())) })
	}, err
}

// Right counts the runs of a method that end at the global minimum.
func Right(r *trace.Results, name string) int { return len(r.Values(name)) - r.Above(name, within) }

// A Count holds the runs of a method against those of the first one in the race.
type Count struct {
	Right, Frees, Loses int // that end right, where the first one does not, and the other way round
	Rises               int // in which F rises in some step, by more than 0.1 %
}

// Against counts the runs of a method.
func Against(r *trace.Results, name string) (n Count) {
	was := r.At(r.Names[0], -1)
	for i, run := range r.Values(name) {
		is := run[len(run)-1] <= within
		switch {
		case is && was[i] > within:
			n.Frees++
		case !is && was[i] <= within:
			n.Loses++
		}
		if is {
			n.Right++
		}
		for k, v := range run[1:] {
			if v-run[k] > 1e-3 {
				n.Rises++
				break
			}
		}
	}
	return n
}

// AgainstTable lists the counts of all methods.
func AgainstTable(r *trace.Results) trace.Table {
	t := trace.Table{Header: []string{"", fmt.Sprintf("right, of %d", r.Problems), "frees", "loses", "runs in which F rises"}}
	for _, name := range r.Names {
		n := Against(r, name)
		t.Rows = append(t.Rows, []string{name, strconv.Itoa(n.Right), strconv.Itoa(n.Frees), strconv.Itoa(n.Loses), strconv.Itoa(n.Rises)})
	}
	return t
}

// RightOver draws how many runs are right after so many passes.
func RightOver(r *trace.Results) (curves []trace.Curve) {
	for _, name := range r.Names {
		runs, c := r.Values(name), trace.Curve{Name: name}
		for k := range runs[0] {
			c.X, c.Y = append(c.X, passes(k, runs[0])), append(c.Y, 0)
			for _, run := range runs {
				if run[k] <= within {
					c.Y[k]++
				}
			}
		}
		curves = append(curves, c)
	}
	return curves
}

// passes are those until step k of a run.
func passes(k int, run []float64) float64 { return float64(k * (Passes / (len(run) - 1))) }

// Basins is how far above the lowest end a rule ends from each start of a grid in the box of
// Figure 3, to three digits: rows are µ₂, from the top, and columns are µ₁.
func Basins(p *optimizee.Problem, r optim.Rule, steps int) (rise [][]float64, rows, cols []string, err error) {
	var ends []float64
	for mu2 := 15; mu2 >= -15; mu2 -= 2 {
		var row []float64
		for mu1 := -15; mu1 <= 15; mu1++ {
			q := *p
			q.Start = p.Start.With("mu1", ad.Scalar(float64(mu1))).With("mu2", ad.Scalar(float64(mu2)))
			values, _, err := optim.Minimize(&q, r, steps, nil)
			if err != nil {
				return nil, nil, nil, err
			}
			row = append(row, values[steps])
		}
		rise, rows, ends = append(rise, row), append(rows, strconv.Itoa(mu2)), append(ends, row...)
	}
	for mu1 := -15; mu1 <= 15; mu1++ {
		cols = append(cols, strconv.Itoa(mu1))
	}
	for _, row := range rise {
		for j := range row {
			row[j] = math.Round(1000*(row[j]-slices.Min(ends))) / 1000
		}
	}
	return rise, rows, cols, nil
}

// Price is the median of the passes until right of two methods, over the runs in which both
// end right; of an even number the upper one.
func Price(r *trace.Results, a, b string) (ofA, ofB float64) {
	var until [2][]float64
	theirs := r.Values(b)
	for i, mine := range r.Values(a) {
		both := [2][]float64{mine, theirs[i]}
		if max(mine[len(mine)-1], theirs[i][len(theirs[i])-1]) > within {
			continue
		}
		for j, run := range both {
			k := slices.IndexFunc(run, func(gap float64) bool { return gap <= within })
			until[j] = append(until[j], passes(k, run))
		}
	}
	slices.Sort(until[0])
	slices.Sort(until[1])
	return until[0][len(until[0])/2], until[1][len(until[1])/2]
}

// Figure3Rows answer the figure by a race of EM, momentum, restarts and the network.
func Figure3Rows(r *trace.Results, momentum, restarts, network string) []cite.Row {
	em, mine, roll, four := Right(r, r.Names[0]), Against(r, network), Against(r, momentum), Right(r, restarts)
	ofEM, ofNetwork := Price(r, r.Names[0], network)
	return []cite.Row{
		cite.NewRow("mlam.f3", fmt.Sprintf("frees %d of %d, loses %d of %d", mine.Frees, r.Problems-em, mine.Loses, em),
			fmt.Sprintf("right: MLAM %d, momentum %d, 4 starts %d of %d", mine.Right, roll.Right, four, r.Problems), cite.HoldsInPart),
		cite.NewRow("mlam.s3b.path", fmt.Sprintf("F rises in %d of %d; right %d, EM %d", mine.Rises, r.Problems, mine.Right, em),
			fmt.Sprintf("momentum: rises in %d, right %d", roll.Rises, roll.Right), cite.HoldsInPart),
		cite.NewRow("mlam.s4b.price", fmt.Sprintf("median passes until right: MLAM %g, EM %g", ofNetwork, ofEM), nil, cite.Holds),
	}
}
