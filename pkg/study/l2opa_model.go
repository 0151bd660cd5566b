package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// What the network of L2O-PA gives and what its gradients are, notebook l2opa/02.

// Parts are the two terms, on the coordinates that the solution uses and on the others.
var Parts = []string{"p·L where x* ≠ 0", "p·L where x* = 0", "a where x* ≠ 0", "a where x* = 0"}

// ByPart is what L2O-PA with these parameters gives on a problem, in so many steps: a mean
// over coordinates for each of Parts.
func ByPart(th nn.Params, p *optimizee.Problem, steps int) ([]trace.Curve, error) {
	heard, err := learned.Listen(learned.PA(learned.PAConfig{}), th, p, optimizee.Stream(seed), steps)
	if err != nil {
		return nil, err
	}
	star, _, err := trace.Minimiser(p)
	if err != nil {
		return nil, err
	}
	var zero []int
	for j, v := range star.X().Data {
		if v == 0 {
			zero = append(zero, j)
		}
	}
	var curves []trace.Curve
	for i, on := range [][]int{learned.Support(star), zero, learned.Support(star), zero} {
		c := trace.Curve{Name: Parts[i]}
		for k, v := range heard.On(on)[[]string{"p", "p", "a", "a"}[i]] {
			c.X, c.Y = append(c.X, float64(k)), append(c.Y, trace.Mean(v))
		}
		curves = append(curves, c)
	}
	return curves, nil
}

// PartsTable lists what was given in step k, a row for each name.
func PartsTable(k int, names []string, given ...[]trace.Curve) trace.Table {
	t := trace.Table{Header: append([]string{""}, Parts...)}
	for i, name := range names {
		row := []string{name}
		for _, c := range given[i] {
			row = append(row, fmt.Sprintf("%.2f", c.Y[k]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Permuted is how far the run of a rule on a Lasso with permuted columns ends from the
// permuted end of its run, after 60 steps.
func Permuted(r optim.Rule) (far float64, err error) {
	rng := optimizee.Stream(seed, 1)
	a, b, order := nn.Normal(rng, 20, 40, 0.2), nn.Normal(rng, 20, 1, 1), rng.Perm(40)
	shuffled := ad.New(a.R, a.C, nil)
	for i, j := range order {
		for k := range a.R {
			shuffled.Data[k*a.C+i] = a.At(k, j)
		}
	}
	_, x, err := optim.Minimize(optimizee.Lasso(a, b, 0.1), r, 60, optimizee.Stream(seed))
	if err != nil {
		return 0, err
	}
	_, y, err := optim.Minimize(optimizee.Lasso(shuffled, b, 0.1), r, 60, optimizee.Stream(seed))
	if err != nil {
		return 0, err
	}
	for i, j := range order {
		far = max(far, math.Abs(y.X().Data[i]-x.X().Data[j]))
	}
	return far, nil
}

// OverSegments is a number of gradients for segments of 1 to 100 steps: its median and its
// 10–90 % band over 30 problems, numbered i.
func OverSegments(name string, of func(i uint64, steps int) float64) trace.Curve {
	lengths := []float64{1, 2, 5, 10, 20, 50, 100}
	samples := make([][]float64, len(lengths))
	for j, n := range lengths {
		for i := range uint64(30) {
			samples[j] = append(samples[j], of(i, int(n)))
		}
	}
	return trace.MedianBand(name, lengths, samples)
}

// Norm is the length of a gradient.
func Norm(g []float64) float64 { return math.Sqrt(ad.Col(g...).SumSquares().Item()) }

// Cosine is that of the angle between two.
func Cosine(a, b []float64) float64 { return ad.Col(a...).Dot(ad.Col(b...)).Item() / Norm(a) / Norm(b) }

// Table1 measures what Table 1 of the L2O-PA paper ticks off: how far a step leads away from
// a solution, after 20 steps elsewhere; the gaps on 256 problems; and those on others for
// who does not refuse them. The race is that on fam.
func Table1(ctx context.Context, fam, others optimizee.Family, entries ...trace.Entry) (t trace.Table, race *trace.Results, err error) {
	walks, err := trace.FixedPoints(ctx, fam, trace.Config{Problems: 16, Seed: seed}, []int{20}, entries...)
	if err != nil {
		return t, nil, err
	}
	c := trace.Config{Problems: 256, Steps: 100, Seed: seed + 9}
	if race, err = trace.RaceFamily(ctx, fam, c, entries...); err != nil {
		return t, nil, err
	}
	elsewhere, err := trace.RaceFamily(ctx, others, c, entries...)
	if err != nil {
		return t, nil, err
	}
	t.Header = []string{"method", "walks from x* by", "gap, k = 20", "gap, k = 100", "gap elsewhere, k = 20"}
	for _, w := range walks {
		gap := "refuses"
		if slices.Contains(elsewhere.Names, w.Name) {
			gap = trace.Number(elsewhere.Mean(w.Name, 20))
		}
		t.Rows = append(t.Rows, []string{w.Name, fmt.Sprintf("%.0e", w.Y[0]), trace.Number(race.Mean(w.Name, 20)), trace.Number(race.Mean(w.Name, 100)), gap})
	}
	return t, race, nil
}
