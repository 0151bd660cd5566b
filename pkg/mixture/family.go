package mixture

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Family is the family of mixtures of round Gaussians: means uniform in
// [−Box, Box]^Dim, covariance σ²I given to the learner, equal weights, the component of
// each point drawn. pi starts at equal weights and mu like the true means, uniform in
// the box ("random initialization" in the papers), or at points.
type Family struct {
	Points, Dim, Components int
	Box, Sigma              float64
	AtPoints                bool // mu starts at different points drawn at random
	Softmax                 bool // see Config
}

// Paper is the 2-D setting of MLAM Fig. 6 (K = 4, G = 500). The papers leave out
// means and covariance; σ = 5 and a box of ±50 put the likelihood at the published
// level.
var Paper = Family{Points: 500, Dim: 2, Components: 4, Box: 50, Sigma: 5}

// HighDim is the setting of MLAM Table VI (K = 4, G = 500) in 4, 8, 16, 32 or 64
// dimensions. The published likelihoods lie between those of components that fall
// together and of separate ones with Σ = I; a box of ±2 is in between.
func HighDim(dim int) Family {
	return Family{Points: 500, Dim: dim, Components: 4, Box: 2, Sigma: 1}
}

// Draw draws a problem, whose Truth are the weights and means that the points come from.
func (s Family) Draw(rng *rand.Rand) *optimizee.Problem {
	if err := errors.Join(
		check.Source("a family", "problems", rng),
		check.That(s.Points > 0 && s.Dim > 0 && s.Components > 0, "%d points of %d components in %d dimensions: all have to be positive", s.Points, s.Components, s.Dim),
		check.That(s.Components <= s.Points, "%d components for %d points: there have to be at least as many points", s.Components, s.Points),
		check.That(s.Box >= 0 && !math.IsInf(s.Box, 1), "means in ±%g: the box has to be finite", s.Box),
		check.That(s.Sigma > 0 && !math.IsInf(s.Sigma, 1), "σ = %g: it has to be positive and finite", s.Sigma)); err != nil {
		return &optimizee.Problem{Name: "Gaussian mixture", Err: err}
	}
	means := func() ad.Value { return optimizee.Uniform(rng, s.Components, s.Dim).Shift(-0.5).Scale(2 * s.Box) }
	pi, mu := ad.Full(s.Components, 1, 1/float64(s.Components)), means()
	x, labels := sample(rng, s.Points, pi, mu, func(_ int, z []float64) {
		for d := range z {
			z[d] *= s.Sigma
		}
	})
	c := Config{K: s.Components, Cov: []ad.Value{ad.Scalar(s.Sigma * s.Sigma)}, Softmax: s.Softmax, Labels: labels}
	start := means()
	if s.AtPoints {
		start = pick(rng, x, s.Components)
	}
	m := Data{Config: c}
	c.Start = m.Point(pi, start)
	p := Problem(x, c)
	p.Truth = m.Point(pi, mu)
	return p
}

// String describes the family.
func (s Family) String() string {
	return fmt.Sprintf("mixture of %d Gaussians in %d dimensions, %d points, means in ±%g, σ = %g", s.Components, s.Dim, s.Points, s.Box, s.Sigma)
}

// sample draws n points of a mixture; stretch turns z ~ N(0, I) into the deviation from
// the mean of a component.
func sample(rng *rand.Rand, n int, pi, mu ad.Value, stretch func(k int, z []float64)) (x ad.Value, labels []int) {
	x, labels = ad.New(n, mu.C, nil), make([]int, n)
	for g := range n {
		k, u := 0, rng.Float64()
		for k < pi.R-1 && u >= pi.Data[k] {
			u -= pi.Data[k]
			k++
		}
		z := x.Data[g*mu.C:][:mu.C]
		for d := range z {
			z[d] = rng.NormFloat64()
		}
		stretch(k, z)
		kern.ShortAxpy(1, mu.Data[k*mu.C:][:mu.C], z)
		labels[g] = k
	}
	return x, labels
}

// Fig3 is the family of MLAM Fig. 3: points on a line from three Gaussians with
// means −3, 3 and 0, standard deviations 1, 10 and 5 and equal weights. Only the first
// two means are free; the third and the weights are given. The papers do not say how
// many points; 500 is what they use elsewhere. The two means start uniform on
// [−15, 15].
func Fig3(points int) optimizee.Family {
	name := fmt.Sprintf("mixture of three Gaussians on a line, %d points, two means free", points)
	return optimizee.FamilyFunc(name, func(rng *rand.Rand) *optimizee.Problem {
		if err := errors.Join(
			check.Source("a family", "problems", rng),
			check.That(points >= 3, "%d points for 3 components: there have to be at least as many", points)); err != nil {
			return &optimizee.Problem{Name: "Gaussian mixture", Err: err}
		}
		sigma := []float64{1, 10, 5}
		pi, mu := ad.Full(3, 1, 1.0/3), ad.Col(-3, 3, 0)
		x, labels := sample(rng, points, pi, mu, func(k int, z []float64) { z[0] *= sigma[k] })
		c := Config{K: 3, FixMu: []int{2}, FixPi: true, Labels: labels}
		truth := optimizee.Point{}.Plus("pi", pi).Plus("mu", mu)
		for _, s := range sigma {
			c.Cov = append(c.Cov, ad.Scalar(s*s))
		}
		c.Start = truth.With("mu", ad.Col(30*rng.Float64()-15, 30*rng.Float64()-15, 0))
		p := Problem(x, c)
		p.Truth = truth
		return p
	})
}

// Flower is the family of the flower of MLAM Fig. 8: Petals Gaussians in the plane,
// their means at even angles on a circle, long away from its centre and narrow across.
// The papers hold the covariances fixed and do not say at what. Here the learner is given
// those of the petals, so that every component has to find its own petal, or with Round
// one covariance for all, round and of the same trace, so that any component may take any
// petal. mu starts at points drawn at random.
type Flower struct {
	Points, Petals        int
	Radius, Length, Width float64 // of the circle; standard deviations along a petal and across
	Round                 bool    // give one covariance (Length² + Width²)/2·I for all components
}

// PaperFlower has the 8 petals and 10,000 points of the papers; they leave out the
// shape, which is ours, and whose covariance is given: RoundFlower is the other reading.
var (
	PaperFlower = Flower{Points: 10000, Petals: 8, Radius: 4, Length: 1.2, Width: 0.35}
	RoundFlower = Flower{Points: 10000, Petals: 8, Radius: 4, Length: 1.2, Width: 0.35, Round: true}
)

// Draw draws a problem, with its Truth.
func (s Flower) Draw(rng *rand.Rand) *optimizee.Problem {
	if err := errors.Join(
		check.Source("a family", "problems", rng),
		check.That(s.Petals > 0 && s.Points >= s.Petals, "%d points in %d petals: there has to be a petal, and a point for each", s.Points, s.Petals),
		check.That(s.Length > 0 && s.Width > 0 && !math.IsInf(s.Length*s.Width, 1), "petals of %g by %g: both have to be positive and finite", s.Length, s.Width),
		check.That(check.IsFinite(s.Radius), "a circle of radius %g: it has to be finite", s.Radius)); err != nil {
		return &optimizee.Problem{Name: "Gaussian mixture", Err: err}
	}
	mu, cov := ad.New(s.Petals, 2, nil), make([]ad.Value, s.Petals)
	a, b := s.Length*s.Length, s.Width*s.Width
	for k := range s.Petals {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(s.Petals))
		mu.Data[2*k], mu.Data[2*k+1] = s.Radius*cos, s.Radius*sin
		off := (a - b) * sin * cos
		cov[k] = ad.New(2, 2, []float64{a*cos*cos + b*sin*sin, off, off, a*sin*sin + b*cos*cos})
	}
	pi := ad.Full(s.Petals, 1, 1/float64(s.Petals))
	x, labels := sample(rng, s.Points, pi, mu, func(k int, z []float64) {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(s.Petals))
		along, across := s.Length*z[0], s.Width*z[1]
		z[0], z[1] = along*cos-across*sin, along*sin+across*cos
	})
	truth := optimizee.Point{}.Plus("pi", pi).Plus("mu", mu)
	if s.Round {
		cov = []ad.Value{ad.Scalar((a + b) / 2)}
	}
	p := Problem(x, Config{K: s.Petals, Cov: cov, Labels: labels, Start: truth.With("mu", pick(rng, x, s.Petals))})
	p.Truth = truth
	return p
}

// String describes the family.
func (s Flower) String() string {
	given := "their own covariances"
	if s.Round {
		given = "one round covariance for all"
	}
	return fmt.Sprintf("flower of %d petals, %d points, radius %g, petals of %g by %g, given %s", s.Petals, s.Points, s.Radius, s.Length, s.Width, given)
}
