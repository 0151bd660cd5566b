package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/realdata"
	"github.com/l2olab/l2o/pkg/trace"
)

// Table 2 and Figure 9 of the L2O-PA paper, notebook l2opa/06.

// Timed races by the clock where gradients take n times as long, as if a simulation gave
// them: Results.SecondsPerStep then is that of the best of three problems.
func Timed(ctx context.Context, fam optimizee.Family, n, steps int, entries ...trace.Entry) (*trace.Results, error) {
	slow := optimizee.Changed(fam, fmt.Sprintf("gradients %d times as long", n), func(p *optimizee.Problem) *optimizee.Problem {
		p.Lipschitz("x", p.Start) // not while the clock runs
		q := *p
		q.Grad = func(block string, x optimizee.Point) ad.Value {
			for range n - 1 {
				p.Grad(block, x)
			}
			return p.Grad(block, x)
		}
		return &q
	})
	c := trace.Config{Problems: 3, Steps: steps, Seed: seed, Timed: true, Measure: trace.Value}
	return trace.RaceFamily(ctx, slow, c, entries...)
}

// Table2AdamHD searches for the AdamHD with the lowest mean gap after 1,000 steps.
func Table2AdamHD(fam optimizee.Family, problems int, lowest float64) trace.Search {
	return trace.Search{
		Family: fam, Config: trace.Config{Problems: problems, Steps: 1000, Seed: seed + 1}, By: trace.LowestAt(1000), Rule: trace.TunedAdamHD,
		Over: []trace.Range{trace.Log("lr", lowest, 3e-2, 3), trace.Values("β₁", 0.9, 0.95, 0.99), trace.Log("h", 1e-5, 1e-3, 3)},
	}
}

// Took is how long a method takes until the mean is at most a level, +Inf where it never is.
func Took(r *trace.Results, name string, level float64) (seconds float64) {
	if k := r.First(name, level); k >= 0 {
		return float64(k) * r.SecondsPerStep(name)
	}
	return math.Inf(1)
}

// Clock lists the steps to some levels and, if it is on, the time of a step and to them.
func Clock(on bool, levels ...float64) []trace.Column {
	all := trace.To(levels...)
	if !on {
		return all
	}
	all = append(all, trace.Column{Head: "µs for a step", Of: func(r *trace.Results, name string) string {
		return fmt.Sprintf("%.0f", 1e6*r.SecondsPerStep(name))
	}})
	for _, l := range levels {
		all = append(all, trace.Column{Head: fmt.Sprintf("ms to %g", l), Of: func(r *trace.Results, name string) string {
			return fmt.Sprintf("%.2f", 1e3*Took(r, name, l))
		}})
	}
	return all
}

// Table2Rows are the rows of Table 2, without seconds, which differ from run to run.
func Table2Rows(lasso, spambase *trace.Results) []cite.Row {
	steps := func(r *trace.Results, name string, level float64) string {
		if k := r.First(name, level); k >= 0 {
			return fmt.Sprint(k)
		}
		return "N/A"
	}
	at := func(what, name string) string {
		return fmt.Sprintf("%s: Lasso %s, %s; Spambase %s, %s", what,
			steps(lasso, name, 1e-2), steps(lasso, name, 1e-6), steps(spambase, name, 1e-2), steps(spambase, name, 1e-6))
	}
	return []cite.Row{
		cite.NewRow("l2o-pa.t2.adamhd", at("to 1e-2, 1e-6", "AdamHD"), at("tuned", "AdamHD, tuned"), cite.Holds),
		cite.NewRow("l2o-pa.t2.time", at("to 1e-2, 1e-6", "L2O-PA"), at("two constants", "two tuned constants"), cite.Holds),
	}
}

// Images are the problems of Figure 9 with so many images of each class, drawn anew for
// each problem: CIFAR-10 where it is, else the test images of MNIST or their stand-in.
// Pixels are averaged in squares of 2×2, each image has length 1, and λ is ours.
func Images(ctx context.Context, perClass int) (optimizee.Family, datasets.Table, error) {
	const lambda = 1e-3
	t, err := datasets.CIFAR10(filepath.Join(os.Getenv("L2O_DATA"), "cifar-10-batches-bin"), 500, optimizee.Stream(seed, 5))
	if err != nil {
		t, _ = datasets.MNISTTestOrStandIn(ctx)
	}
	t, err = datasets.Shrink(t, 2)
	if err != nil {
		return nil, t, err
	}
	words := fmt.Sprintf("%d images of every class, %d features, λ = %g", perClass, t.Cols, lambda)
	return optimizee.FamilyFunc(words, func(rng *rand.Rand) *optimizee.Problem {
		some, err := datasets.PerClass(t, perClass, rng)
		if err != nil {
			return &optimizee.Problem{Name: "softmax", Err: err}
		}
		return realdata.Softmax(some, lambda)
	}), t, nil
}

// ImageRows are the rows of Figure 9 by races with the published unit, as the names there
// say, and the true one. λ and the iterations of the paper are lost, so ours stand by
// themselves.
func ImageRows(data string, published, is *trace.Results) []cite.Row {
	const unit = ", published unit"
	last := func(r *trace.Results, unit string) string {
		return fmt.Sprintf("gap at 1,000: %.1g; FISTA %.1g", r.Mean("L2O-PA"+unit, 1000), r.Mean("FISTA"+unit, 1000))
	}
	catches := func(r *trace.Results, unit string) string { // FISTA, where L2O-PA is after 25 steps
		return fmt.Sprintf("FISTA needs %d", r.First("FISTA"+unit, r.Mean("L2O-PA"+unit, 25)))
	}
	box := func(name string) string {
		return fmt.Sprintf("%s, gap at 100: %.1g, at 1,000: %.1g", data, published.Mean(name, 100), published.Mean(name, 1000))
	}
	row := func(id, ours string, tuned any) cite.Row { return cite.NewRow(id, ours, tuned, cite.NotRecoverable) }
	return []cite.Row{
		row("l2o-pa.f9.cifar10", data+", "+last(published, unit), "true L, "+last(is, "")),
		row("l2o-pa.f9.early", data+": "+catches(published, unit), "true L: "+catches(is, "")),
		row("l2o-pa.f9.dm", box("L2O-DM"), nil), row("l2o-pa.f9.rnnprop", box("RNNprop"), nil),
	}
}
