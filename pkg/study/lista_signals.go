package study

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
)

// Fresh is the seed of the signals on which unrolled networks are compared: no training saw
// them, and the kept curves of package recipe were measured on the same ones.
const Fresh uint64 = 1

// Signals races on 64 signals in each problem, by the ratio of sums. Seeds other than
// [Fresh] are for tuning.
func Signals(seed uint64, problems, steps int) trace.Config {
	const forTest = 1 << 32
	return trace.Config{Problems: problems, Steps: steps, Measure: trace.NMSE, Streams: func(i int) (problem, state *rand.Rand) {
		return optimizee.Stream(seed, forTest, uint64(i)), optimizee.Stream(seed, forTest, uint64(i), 2)
	}}
}

// Recovered is sparse recovery in the two units that are in use: the talk and the papers on
// LISTA-CPSS, ALISTA and HyperLISTA have the ratio of sums, the Primer the mean of dB.
type Recovered struct{ Ratio, Mean *trace.Results }

// Recover races in both units.
func Recover(ctx context.Context, fam optimizee.Family, c trace.Config, entries ...trace.Entry) (r Recovered, err error) {
	c.Measure = trace.NMSE
	if r.Ratio, err = trace.RaceFamily(ctx, fam, c, entries...); err != nil {
		return r, err
	}
	c.Measure = trace.MeanOfDB
	r.Mean, err = trace.RaceFamily(ctx, fam, c, entries...)
	return r, err
}

// Load returns what is kept of a network's training in a setting, such as "LISTA-CP" in
// "250x500"; ok says whether anything is.
func Load(network, setting string) (k recipe.Kept, ok bool) {
	k, err := recipe.Load(strings.ToLower(network) + "-recovery-" + setting)
	return k, err == nil && k.RatioOfSums != nil
}

// Kept are the curves that are kept of networks in a setting; those of which nothing is
// kept are left out. Each name ends in suffix, to tell settings apart.
func Kept(setting, suffix string, networks ...string) Recovered {
	var ratio, mean []trace.Curve
	for _, n := range networks {
		if k, ok := Load(n, setting); ok {
			ratio, mean = append(ratio, trace.Line(n+suffix, k.RatioOfSums)), append(mean, trace.Line(n+suffix, k.MeanOfDB))
		}
	}
	return Recovered{trace.Known(trace.NMSE, ratio...), trace.Known(trace.MeanOfDB, mean...)}
}

// And joins others.
func (r Recovered) And(others ...Recovered) Recovered {
	for _, o := range others {
		r.Ratio, r.Mean = trace.Join(r.Ratio, o.Ratio), trace.Join(r.Mean, o.Mean)
	}
	return r
}

// Only is a part of it.
func (r Recovered) Only(names ...string) Recovered {
	return Recovered{r.Ratio.Only(names...), r.Mean.Only(names...)}
}

// Table lists both units after some steps.
func (r Recovered) Table(steps ...int) trace.Table {
	t := trace.Table{Header: []string{"NMSE in dB: ratio of sums | mean of dB"}}
	for _, k := range steps {
		t.Header = append(t.Header, fmt.Sprint("after ", k))
	}
	for _, name := range r.Ratio.Names {
		row := []string{name}
		for _, k := range steps {
			row = append(row, fmt.Sprintf("%.1f | %.1f", r.Ratio.Mean(name, k), r.Mean.Mean(name, k)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Sets lists both units after k steps, and how far apart the sets of 64 signals are.
func (r Recovered) Sets(k int) trace.Table {
	t := trace.Table{Header: []string{"", "ratio of sums, dB", "sets of 64", "mean of dB", "sets of 64"}}
	for _, name := range r.Ratio.Names {
		row := []string{name}
		for _, unit := range []*trace.Results{r.Ratio, r.Mean} {
			row = append(row, fmt.Sprintf("%.1f", unit.Mean(name, k)), fmt.Sprintf("%.0f to %.0f", unit.Quantile(name, k, 0), unit.Quantile(name, k, 1)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Stopped says how long the training of a kept network took, and what it was stopped by.
func Stopped(network, setting string) string {
	k, ok := Load(network, setting)
	if !ok || len(k.Card.Curve) == 0 {
		return network + ": nothing is kept of its training"
	}
	last := k.Card.Curve[len(k.Card.Curve)-1]
	return fmt.Sprintf("%s: %d steps, %.1f dB on the signals that stopped its training", network, last.After, last.Value)
}
