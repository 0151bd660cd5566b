package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
)

// A Rival is a method without training, and the search for its constants.
type Rival struct {
	Name string
	trace.Search
}

// Rivals are what an unrolled network is compared with, tuned for the error after so many
// steps on 64 signals of its own law that are not used again.
func Rivals(s sparse.Recovery, steps int) []Rival {
	search := func(rule func(at []float64) optim.Rule, over ...trace.Range) trace.Search {
		return trace.Search{Family: s, Config: Signals(118, 1, steps), By: trace.LowestAt(steps), Rule: rule, Over: over}
	}
	three := func(at []float64) optim.Rule { return sparse.WithLambda(at[0], optim.ProxMomentum(at[1], at[2])) }
	amp := func(at []float64) optim.Rule { return lista.AMP(s.Dictionary, at[0]) }
	return []Rival{
		{"FISTA, tuned λ", search(FISTAWith, trace.Log("λ", 0.02, 0.64, 11))},
		{"three tuned constants", search(three, trace.Log("λ", 0.02, 0.64, 6), trace.Values("step·L", 0.75, 1, 1.5, 2), trace.Values("momentum", 0, 0.4, 0.6, 0.8, 1, 1.2))},
		{"AMP", search(amp, trace.Lin("λ", 0.8, 1.5, 8))},
	}
}

// FISTAWith is FISTA for the λ at[0].
func FISTAWith(at []float64) optim.Rule { return sparse.WithLambda(at[0], optim.FISTA) }

// Goal is the NMSE in dB, as the ratio of sums, to which steps are counted.
const Goal = -30

// A Long run goes to the [Goal] on fresh signals of the talk, with the λ that is the first
// there on 512 others.
type Long struct {
	Name   string
	Lambda float64
	Steps  int
}

// LongRuns are those of FISTA and of AMP.
func LongRuns(ctx context.Context) ([]Long, error) {
	talk := sparse.TalkRecovery
	longs := []Long{{Name: "FISTA"}, {Name: "AMP"}}
	for i, s := range []trace.Search{
		{Config: Signals(118, 8, 90), Rule: FISTAWith, Over: []trace.Range{trace.Values("λ", 0.01, 0.0125, 0.015, 0.0175, 0.02)}},
		{
			Config: Signals(118, 8, 20), Over: []trace.Range{trace.Values("λ", 0.9, 1, 1.1, 1.2, 1.3, 1.4)},
			Rule: func(at []float64) optim.Rule { return lista.AMP(talk.Dictionary, at[0]) },
		},
	} {
		s.Family, s.By = talk, trace.StepsTo(Goal)
		t, err := s.Run(ctx)
		if err != nil {
			return nil, err
		}
		res, err := trace.RaceFamily(ctx, talk, Signals(Fresh, 16, s.Config.Steps+20), t.Entry(longs[i].Name))
		if err != nil {
			return nil, err
		}
		longs[i].Lambda, longs[i].Steps = t.Best.At[0], res.First(longs[i].Name, Goal)
	}
	return longs, nil
}

// Products are the multiplications of so many steps on one signal of the talk: A, and Aᵀ or
// W, once each, where the first step needs no product with A since x = 0.
func Products(steps int) float64 {
	d := sparse.TalkRecovery.Dictionary
	return float64((2*steps - 1) * d.Rows() * d.Cols())
}

// LayersTrained is what a layer-wise training at 250×500 went through, in layers for one signal:
// it runs through as many as the phase has, 128 signals in a step, and the way back has
// three products for two. It is 0 where nothing is kept of a training by gradients.
func LayersTrained(network string) (layers float64) {
	k, _ := Load(network, "250x500")
	at := 0
	for phase, v := range k.Card.Curve {
		layers += 2.5 * 128 * float64((v.After-at)*(phase/3+1))
		at = v.After
	}
	return layers
}

// Payback is after how many signals a network's training has paid for itself against a
// rival: +Inf for never, NaN where there was no training or the goal is not reached.
func Payback(network string, rival Long) float64 {
	training, steps := LayersTrained(network), toGoal(network)
	switch {
	case training == 0 || steps < 0:
		return math.NaN()
	case steps >= rival.Steps:
		return math.Inf(1)
	}
	return training / float64(rival.Steps-steps)
}

// toGoal is the first layer at the goal, −1 for none.
func toGoal(network string) int {
	k, _ := Load(network, "250x500")
	return slices.IndexFunc(k.RatioOfSums, func(db float64) bool { return db <= Goal })
}

// NetworkBill lists who reaches the goal after how many steps, and when a training has paid for
// itself against each rival. Steps of all methods cost the same there.
func NetworkBill(rivals []Long, networks ...string) trace.Table {
	t := trace.Table{Header: []string{"to −30 dB, 250×500", "steps", "million multiplications", "training, million steps"}}
	million := func(x float64) string {
		switch {
		case math.IsNaN(x) || x == 0:
			return "–"
		case math.IsInf(x, 1):
			return "never"
		case x >= 5e7:
			return fmt.Sprintf("%.0f", x/1e6)
		}
		return fmt.Sprintf("%.1f", x/1e6)
	}
	for _, r := range rivals {
		t.Header = append(t.Header, "pays against "+r.Name+" after million signals")
		t.Rows = append(t.Rows, []string{fmt.Sprintf("%s, λ = %g", r.Name, r.Lambda), fmt.Sprint(r.Steps), million(Products(r.Steps)), "–", "–", "–"})
	}
	for _, n := range networks {
		steps, work := "> 16", "–"
		if k := toGoal(n); k >= 0 {
			steps, work = fmt.Sprint(k), million(Products(k))
		}
		row := []string{n, steps, work, million(LayersTrained(n))}
		for _, r := range rivals {
			row = append(row, million(Payback(n, r)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Seconds is the time of so many steps on 64 signals, in the least disturbed of three runs.
func Seconds(ctx context.Context, s sparse.Recovery, r optim.Rule, steps int) (float64, error) {
	c := Signals(118, 3, steps)
	c.Timed = true
	res, err := trace.RaceFamily(ctx, s, c, trace.Entry{Name: "rule", Rule: r})
	if err != nil {
		return 0, err
	}
	return float64(steps) * res.SecondsPerStep("rule"), nil
}
