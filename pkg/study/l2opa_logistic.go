package study

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// The logistic experiments of the L2O-PA paper, notebook l2opa/05: each figure as published,
// with a wrong constant for L, and with the true one.

// Said is what shipped weights give on so many problems of a family, all coordinates
// together for each step. They are told what change makes of a problem, unless it is nil;
// p is in units of the 1/L before that.
func Said(name string, fam optimizee.Family, change func(*optimizee.Problem) *optimizee.Problem, problems, steps int) (learned.Heard, error) {
	t, err := weights.Load(name)
	if err != nil {
		return nil, err
	}
	all := learned.Heard{}
	for i := range uint64(problems) {
		p, unit := fam.Draw(optimizee.Stream(seed, 3, i)), 1.0
		if change != nil {
			l := p.Lipschitz("x", p.Start)
			p = change(p)
			unit = l / p.Lipschitz("x", p.Start)
		}
		h, err := learned.Listen(t.Optimizer, t.Theta, p, optimizee.Stream(seed, 4, i), steps)
		if err != nil {
			return nil, err
		}
		for term, at := range h {
			if all[term] == nil {
				all[term] = make([][]float64, steps)
			}
			for k := range at {
				if term == "p" {
					for j := range at[k] {
						at[k][j] *= unit
					}
				}
				all[term][k] = append(all[term][k], at[k]...)
			}
		}
	}
	return all, nil
}

// Hindsight searches the two constants that are best on one problem itself: no method, but
// a measure of what constants could do.
func Hindsight(p *optimizee.Problem) trace.Search {
	return trace.Search{
		Family: optimizee.Only(p), Config: trace.Config{Problems: 1, Steps: 100, Seed: seed}, By: trace.StepsTo(1e-6),
		Rule: trace.TwoConstants, Over: []trace.Range{trace.Lin("p·L", 1, 13, 25), trace.Lin("a", 0, 0.9, 10)},
	}
}

// stepsTo is the first step to a mean of 1e-6, as text.
func stepsTo(r *trace.Results, name string) string { return trace.To(1e-6)[0].Of(r, name) }

// lead is how many times as many steps to 1e-6 one method needs as another.
func lead(r *trace.Results, a, b string) float64 { return r.Over(a, b, 1e-6) }

// SyntheticRows are the rows of Figure 5 by races with the published step and the true one.
func SyntheticRows(published, is *trace.Results) []cite.Row {
	left := fmt.Sprintf("FISTA %.1f, two tuned constants %.1f", lead(is, "FISTA", "L2O-PA"), lead(is, "two tuned constants", "L2O-PA"))
	return []cite.Row{
		cite.NewRow("l2o-pa.f5.speedup", math.Round(lead(published, "FISTA", "L2O-PA")), left, cite.BaselineArtefact),
		reached("l2o-pa.f5.iterations", published, is),
	}
}

// BlackBoxRows are its rows of the rules without structure.
func BlackBoxRows(published *trace.Results) []cite.Row {
	row := func(id, name string) cite.Row {
		low := fmt.Sprintf("lowest mean gap in 1,000 steps: %.1g", published.Lowest(name))
		return cite.NewRow(id, low, nil, cite.Holds)
	}
	return []cite.Row{row("l2o-pa.f5.dm", "L2O-DM"), row("l2o-pa.f5.rnnprop", "RNNprop")}
}

// IonosphereRows are the rows of Ionosphere.
func IonosphereRows(published, is *trace.Results) []cite.Row {
	return []cite.Row{speedup("l2o-pa.f6.speedup", published, is), reached("l2o-pa.f6.iterations", published, is)}
}

// SpambaseRows are the rows of Spambase, with the size of the data.
func SpambaseRows(published, is *trace.Results, samples int) []cite.Row {
	return []cite.Row{speedup("l2o-pa.f7.speedup", published, is), cite.NewRow("l2o-pa.e.samples", samples, nil, cite.Contradictory)}
}

func reached(id string, published, is *trace.Results) cite.Row {
	return cite.NewRow(id, "to 1e-6: "+stepsTo(published, "L2O-PA"), "to 1e-6: "+stepsTo(is, "L2O-PA"), cite.Holds)
}

func speedup(id string, published, is *trace.Results) cite.Row {
	left := fmt.Sprintf("%.1f, published unit %.1f", lead(is, "FISTA", "L2O-PA"), lead(is, "FISTA", "L2O-PA, published unit"))
	return cite.NewRow(id, lead(published, "FISTA", "L2O-PA"), left, cite.BaselineArtefact)
}

// LassoTrainedRows are the rows of Lasso-trained L2O-PA: its steps to 1e-6 against FISTA, and its
// last gap against the black boxes.
func LassoTrainedRows(published, is *trace.Results) []cite.Row {
	const mine = "Lasso-trained L2O-PA"
	against := func(r *trace.Results) string { return stepsTo(r, mine) + ", FISTA " + stepsTo(r, "FISTA") }
	last := func(r *trace.Results) string {
		return fmt.Sprintf("gap at %d: %.1g; DM %.1g, RNNprop %.1g", r.Steps, r.Mean(mine, -1), r.Mean("L2O-DM", -1), r.Mean("RNNprop", -1))
	}
	left := "true step: " + against(is) + "; guarded " + stepsTo(is, mine+", guarded")
	return []cite.Row{
		cite.NewRow("l2o-pa.f10.ood", "to 1e-6: "+against(published), left, cite.BaselineArtefact),
		cite.NewRow("l2o-pa.f10.others", last(published), last(is), cite.HoldsInPart),
	}
}
