package mixture_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

func TestGroups(t *testing.T) {
	p := mixture.Family{Points: 300, Dim: 2, Components: 3, Box: 50, Sigma: 1}.Draw(optimizee.Stream(3))
	m := p.Data.(*mixture.Data)
	groups, points := m.Groups(p.Truth), 0
	for k, g := range groups {
		points += g.Points.R
		if g.Mean[0] != p.Truth.At("mu").At(k, 0) || g.Cov.At(1, 1) != 1 || g.Cov.At(0, 1) != 0 || math.Abs(g.Weight-1.0/3) > 1e-9 {
			t.Errorf("group %d is %v", k, g)
		}
		for i := range g.Points.R {
			if math.Hypot(g.Points.At(i, 0)-g.Mean[0], g.Points.At(i, 1)-g.Mean[1]) > 6 {
				t.Errorf("group %d has a point far away", k)
			}
		}
	}
	if points != 300 {
		t.Errorf("%d points in groups", points)
	}
}

func TestByMean(t *testing.T) {
	p := mixture.Fig3(200).Draw(optimizee.Stream(5))
	q := mixture.ByMean(p)
	problemtest.Run(t, q, problemtest.NotConvex(), problemtest.Majorant())
	mu := p.Start.At("mu").Data
	if q.Value(q.Start).Item() != p.Value(p.Start).Item() || q.Start.At("mu1").Item() != mu[0] || q.Start.At("mu2").Item() != mu[1] || len(q.Start.Blocks()) != 2 {
		t.Errorf("starts at %v, F = %g", q.Start, q.Value(q.Start).Item())
	}
	if q.Truth.At("mu1").Item() != -3 || q.Truth.At("mu2").Item() != 3 {
		t.Errorf("the truth is %v", q.Truth)
	}
	plane := mixture.ByMean(mixtures())
	problemtest.Run(t, plane, problemtest.NotConvex(), problemtest.Majorant())
}

func TestMirror(t *testing.T) {
	p := mixture.Fig3(200).Draw(optimizee.Stream(5))
	q := mixture.Mirror(p)
	if a, b := p.Value(p.Truth).Item(), q.Value(q.Truth).Item(); math.Abs(a-b) > 1e-12 || q.Truth.At("mu").At(0, 0) != 3 {
		t.Errorf("F of the truth is %g, in the mirror %g at %v", a, b, q.Truth)
	}
	wide := mixture.WithSigma(p, 0, 4)
	if m := wide.Data.(*mixture.Data); m.Covariance(wide.Start, 0).Item() != 16 || m.Covariance(wide.Start, 1).Item() != 100 {
		t.Errorf("covariances %v", m.Config.Cov)
	}
	if apart := mixture.WithSigma(mixture.ByMean(p), 0, 4); apart.Check() != nil || !apart.Truth.IsZero() || mixture.ByMean(mixture.Mirror(mixture.ByMean(p))).Check() != nil {
		t.Errorf("by mean and then wide: %v, truth %v", apart.Check(), apart.Truth)
	}
	if other := optimizee.Quadratic(gauss(1, 4, 2), gauss(2, 4, 1)); mixture.Mirror(other).Check() == nil || mixture.ByMean(other).Check() == nil || mixture.WithSigma(other, 0, 1).Check() == nil {
		t.Error("a quadratic is shown as a mixture")
	}
}
