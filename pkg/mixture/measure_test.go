package mixture_test

import (
	"math"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Six components on a line far apart: the error does not depend on how they are numbered,
// and counts points in the wrong one.
func TestClusteringError(t *testing.T) {
	const k = 6
	rng := optimizee.Stream(1)
	points, labels := ad.New(60, 1, nil), make([]int, 60)
	for g := range labels {
		labels[g] = g % k
		points.Data[g] = 10*float64(labels[g]) + 0.1*rng.NormFloat64()
	}
	c := mixture.Config{K: k, Cov: []ad.Value{ad.Scalar(1)}, Labels: labels}
	p := mixture.Problem(points, c)
	fit := func(means ...float64) optimizee.Point { return p.Start.With("mu", ad.Col(means...)) }
	for range 20 {
		means := []float64{0, 10, 20, 30, 40, 50}
		rng.Shuffle(k, func(i, j int) { means[i], means[j] = means[j], means[i] })
		if e := mixture.ClusteringError(p, fit(means...)); e != 0 {
			t.Errorf("means in the order %v: error %g", means, e)
		}
	}
	// two components share a class, one serves two: ten of sixty points go to the wrong one
	if e := mixture.ClusteringError(p, fit(0, 10, 20, 30, 45, 100)); math.Abs(e-1./6) > 1e-15 {
		t.Errorf("error %g with one component for two classes", e)
	}
	c.Labels = nil
	if e := mixture.ClusteringError(mixture.Problem(points, c), p.Start); !math.IsNaN(e) {
		t.Errorf("error %g where nobody knows", e)
	}
}

func TestMeansFound(t *testing.T) {
	p := mixture.Paper.Draw(optimizee.Stream(1))
	mu := p.Truth.At("mu")
	moved := ad.New(mu.R, mu.C, slices.Clone(mu.Data))
	moved.Data[0] += 0.3
	moved.Data[1] += 0.4
	x := p.Truth.With("mu", moved)
	found := func(within float64) float64 { return mixture.MeansFound(within)(p, x) }
	if found(0.51) != 4 || found(0.49) != 3 || !math.IsNaN(mixture.MeansFound(1)(optimizee.Quadratic(mu, mu), x)) {
		t.Errorf("found %g and %g", found(0.51), found(0.49))
	}
}
