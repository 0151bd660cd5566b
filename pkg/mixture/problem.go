package mixture

import (
	"errors"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// MixtureConfig says what is known of a mixture of Gaussians before it is fitted.
type Config struct {
	K       int             // components
	Cov     []ad.Value      // Σ_k, given (MLAM, Section IV-B): one for each component or one for all; 1×1 a variance, 1×D variances, D×D in full
	Softmax bool            // block "pi" holds logits, π their softmax; by default π is max(pi, 1e-10) over its sum
	FixMu   []int           // components whose means stay as in Start, whatever the block says
	FixPi   bool            // the same for the weights
	Start   optimizee.Point // blocks pi (K×1) and mu (K×D); when zero, equal weights and K different points drawn from Seed
	Seed    uint64          // of the drawn Start
	Labels  []int           // the component that drew each point, where it is known
}

// GaussianMixture is the negative log-likelihood of points x (G×D) under a mixture of
// K Gaussians with given covariances, in blocks "pi" (K×1, the weights) and "mu" (K×D,
// the means). It is taken per point, as the papers' tables have it: MLAM eq. 17
// divided by G,
//
//	F(π, µ) = −(1/G) Σ_g ln Σ_k π_k N(x_g; µ_k, Σ_k).
//
// All of F is smooth. The papers do not say how π stays a distribution while
// something is added to it: here every pi stands for one, max(pi, 1e-10) over its sum
// or a softmax, so that any rule may move it.
//
// Solve is the M-step of expectation maximisation in its block: with responsibilities
// r at x, π_k = Σ_g r_gk/G and µ_k = Σ_g r_gk x_g/Σ_g r_gk. It minimises the upper
// bound of F that touches it at x, not F itself, which has no such formula: F never
// rises, and Solve leaves a point where it is only where the gradient is 0. So EM is
// mixture.EM, or optim.Exact on one block after the other. A component without points
// keeps its mean. There is no Lipschitz: F is not convex, and its curvature grows with
// the distance between points.
//
// Data is a *[Mixture].
func Problem(x ad.Value, c Config) *optimizee.Problem {
	p := &optimizee.Problem{Name: "Gaussian mixture", Traits: map[string]float64{"points": float64(x.R), "dim": float64(x.C), "components": float64(c.K)}}
	p.Err = errors.Join(
		check.That(x.R > 0 && x.C > 0, "the points are %s: there has to be at least one, in at least one dimension", x.Shape()),
		check.That(c.K >= 1 && c.K <= x.R, "K = %d components for %d points: it has to be at least 1 and at most one for each point", c.K, x.R),
		check.Values("the points", x))
	if p.Err != nil {
		return p
	}
	m, err := newMixture(x, c)
	if p.Err = err; err != nil {
		return p
	}
	p.Data, p.Start = m, m.Config.Start
	p.Value = func(at optimizee.Point) ad.Value { return m.at(at).nll() }
	p.Grad = func(block string, at optimizee.Point) ad.Value { return m.at(at).grad(block) }
	p.ValueGrad = func(block string, at optimizee.Point) (ad.Value, ad.Value) {
		s := m.at(at)
		return s.nll(), s.grad(block)
	}
	p.Subgrad = p.Grad
	p.Solve = func(block string, at optimizee.Point) ad.Value { return m.at(at).step(block) }
	return p
}

// A Mixture is what a [GaussianMixture] was made from.
type Data struct {
	X      ad.Value // the points, G×D
	Config Config

	of         []*density // of each component
	free, held ad.Value   // K×1 of 1 where a mean moves, K×D of those that do not; zero when all move
}

// Weights returns π, K×1 and a distribution whatever the block pi holds.
func (m *Data) Weights(x optimizee.Point) ad.Value { return m.logWeights(x).Exp() }

// Responsibilities returns the G×K probabilities that each point is of each component.
func (m *Data) Responsibilities(x optimizee.Point) ad.Value { return m.at(x).resp }

// Labels returns the most probable component of each point.
func (m *Data) Labels(x optimizee.Point) []int {
	r := m.Responsibilities(x)
	labels := make([]int, r.R)
	for g := range labels {
		for k := range r.C {
			if r.At(g, k) > r.At(g, labels[g]) {
				labels[g] = k
			}
		}
	}
	return labels
}

const smallest = 1e-10 // of a weight before it is divided by the sum

func (m *Data) logWeights(x optimizee.Point) ad.Value {
	pi := x.At("pi")
	if m.Config.FixPi {
		pi = m.Config.Start.At("pi")
	}
	if pi.R != m.Config.K || pi.C != 1 {
		panic(fmt.Sprintf("mixture: pi is %s for %d components", pi.Shape(), m.Config.K))
	}
	if m.Config.Softmax {
		return pi.Sub(pi.T().LogSumExp())
	}
	w := clipped(pi)
	return w.Log().Sub(w.Sum().Log())
}

func clipped(pi ad.Value) ad.Value { return pi.Shift(-smallest).ReLU().Shift(smallest) }

// means returns µ with those that are fixed in their place.
func (m *Data) means(x optimizee.Point) ad.Value {
	mu := x.At("mu")
	if mu.R != m.Config.K || mu.C != m.X.C {
		panic(fmt.Sprintf("mixture: mu is %s for %d components in %d dimensions", mu.Shape(), m.Config.K, m.X.C))
	}
	return m.movable(mu, true)
}

// movable puts the fixed rows of a K×D value back, or to 0.
func (m *Data) movable(v ad.Value, held bool) ad.Value {
	switch {
	case m.free.IsZero():
		return v
	case held:
		return v.Mul(m.free).Add(m.held)
	}
	return v.Mul(m.free)
}

// state is a mixture at a point: what all oracles share.
type state struct {
	m         *Data
	x         optimizee.Point
	logw, mu  ad.Value
	lse, resp ad.Value // ln p(x_g), G×1, and r, G×K
}

func (m *Data) at(x optimizee.Point) state {
	s := state{m: m, x: x, logw: m.logWeights(x), mu: m.means(x)}
	s.lse, s.resp = posterior(m.joint(s.logw, s.mu))
	return s
}

func (s state) nll() ad.Value { return s.lse.Sum().Scale(-1 / float64(s.m.X.R)) }

// share is N_k/G, K×1.
func (s state) share() ad.Value { return s.resp.T().SumRows().Scale(1 / float64(s.m.X.R)) }

func (s state) grad(block string) ad.Value {
	c, pi := s.m.Config, s.x.At("pi")
	switch {
	case block == "mu": // −(1/G) Σ_k⁻¹ Σ_g r_gk (x_g − µ_k)
		return s.m.movable(s.m.pull(s.resp, s.mu).Scale(-1/float64(s.m.X.R)), false)
	case block != "pi":
		panic(fmt.Sprintf("mixture: no block %q, there are pi and mu", block))
	case c.FixPi:
		return pi.Scale(0)
	case c.Softmax:
		return s.logw.Exp().Sub(s.share())
	}
	w, inside := clipped(pi), ad.New(pi.R, 1, nil)
	for k, v := range pi.Data {
		if v > smallest {
			inside.Data[k] = 1
		}
	}
	return ad.Scalar(1).Div(w.Sum()).Sub(s.share().Div(w)).Mul(inside)
}

// step is the M-step of a block.
func (s state) step(block string) ad.Value {
	const none = 1e-200 // a component that has less than that of the points keeps its mean
	switch {
	case block == "mu":
		n := s.resp.T().SumRows()
		mean := s.resp.TMatMul(s.m.X).Add(s.mu.Scale(none)).Div(n.Shift(none))
		return s.m.movable(mean, true)
	case block != "pi":
		panic(fmt.Sprintf("mixture: no block %q, there are pi and mu", block))
	case s.m.Config.FixPi:
		return s.m.Config.Start.At("pi")
	case s.m.Config.Softmax:
		return s.share().Shift(none).Log()
	}
	return s.share()
}

// joint is ln π_k N(x_g; µ_k, Σ_k), G×K, as one operation of ln π and µ.
func (m *Data) joint(logw, mu ad.Value) ad.Value {
	G, K, D := m.X.R, m.Config.K, m.X.C
	out := ad.New(G, K, nil)
	centre := m.whiten(mu)
	for k, n := range m.of {
		c, shift := centre[k*D:][:D], logw.Data[k]-n.logNorm
		for g := range G {
			var q float64
			for d, y := range n.points[g*D:][:D] {
				q += (y - c[d]) * (y - c[d])
			}
			out.Data[g*K+k] = shift - q/2
		}
	}
	return ad.Record(out, []ad.Value{logw, mu}, func(bar []float64, acc [][]float64) {
		if acc[0] != nil {
			for i, b := range bar {
				acc[0][i%K] += b
			}
		}
		if acc[1] != nil {
			m.gather(bar, centre, acc[1])
		}
	})
}

// posterior is ln Σ_k e^a, G×1, and the softmax r of every row of a G×K value, from one
// exponential for each entry. With adjoints f and h they send f·r + r(h − Σ r·h) to a.
func posterior(a ad.Value) (lse, r ad.Value) {
	G, K := a.R, a.C
	lse, r = ad.New(G, 1, nil), ad.New(G, K, nil)
	for g := range G {
		top := math.Inf(-1)
		for _, v := range a.Data[g*K:][:K] {
			top = max(top, v)
		}
		lse.Data[g] = top
		for k, v := range a.Data[g*K:][:K] {
			r.Data[g*K+k] = v - top
		}
	}
	kern.Exp64(r.Data, r.Data)
	for g := range G {
		var sum float64
		row := r.Data[g*K:][:K]
		for _, v := range row {
			sum += v
		}
		lse.Data[g] += math.Log(sum)
		for k := range row {
			row[k] /= sum
		}
	}
	p := r.Data
	lse = ad.Record(lse, []ad.Value{a}, func(f []float64, acc [][]float64) {
		for i, r := range p {
			acc[0][i] += f[i/K] * r
		}
	})
	r = ad.Record(r, []ad.Value{a}, func(h []float64, acc [][]float64) {
		for g := range G {
			row := p[g*K:][:K]
			mean := kern.ShortDot(row, h[g*K:][:K])
			for k, r := range row {
				acc[0][g*K+k] += r * (h[g*K+k] - mean)
			}
		}
	})
	return lse, r
}

// pull is Σ_k⁻¹ Σ_g r_gk (x_g − µ_k), K×D, as one operation of r and µ.
func (m *Data) pull(r, mu ad.Value) ad.Value {
	G, K, D := m.X.R, m.Config.K, m.X.C
	out, centre := ad.New(K, D, nil), m.whiten(mu)
	m.gather(r.Data, centre, out.Data)
	return ad.Record(out, []ad.Value{r, mu}, func(bar []float64, acc [][]float64) {
		h := m.whiten(ad.New(K, D, bar))
		for k, n := range m.of {
			c, hk := centre[k*D:][:D], h[k*D:][:D]
			var mass float64
			for g := range G {
				mass += r.Data[g*K+k]
				if acc[0] == nil {
					continue
				}
				for d, y := range n.points[g*D:][:D] {
					acc[0][g*K+k] += hk[d] * (y - c[d])
				}
			}
			if acc[1] != nil {
				kern.ShortAxpy(-mass, n.unwhiten(hk), acc[1][k*D:][:D])
			}
		}
	})
}

// gather adds Σ_k⁻¹ Σ_g r_gk (x_g − µ_k) to to; centre are the whitened means.
func (m *Data) gather(r, centre, to []float64) {
	G, K, D := m.X.R, m.Config.K, m.X.C
	for k, n := range m.of {
		c, sum := centre[k*D:][:D], make([]float64, D)
		for g := range G {
			w := r[g*K+k]
			for d, y := range n.points[g*D:][:D] {
				sum[d] += w * (y - c[d])
			}
		}
		kern.ShortAxpy(1, n.unwhiten(sum), to[k*D:][:D])
	}
}

// whiten takes every mean into the coordinates of its component.
func (m *Data) whiten(mu ad.Value) []float64 {
	out := make([]float64, mu.Len())
	for k, n := range m.of {
		n.whiten(mu.Data[k*mu.C:][:mu.C], out[k*mu.C:][:mu.C])
	}
	return out
}

func newMixture(x ad.Value, c Config) (*Data, error) {
	if len(c.Cov) != 1 && len(c.Cov) != c.K {
		return nil, fmt.Errorf("%d covariances for %d components: give one for each, or one for all", len(c.Cov), c.K)
	}
	m := &Data{X: x, Config: c}
	for k, cov := range c.Cov {
		n, err := newDensity(x, cov)
		if err != nil {
			return nil, fmt.Errorf("the covariance of component %d: %w", k, err)
		}
		m.of = append(m.of, n)
	}
	for len(m.of) < c.K {
		m.of = append(m.of, m.of[0])
	}
	if c.Start.IsZero() {
		rng := optimizee.Stream(c.Seed)
		m.Config.Start = m.Point(ad.Full(c.K, 1, 1/float64(c.K)), pick(rng, x, c.K))
	}
	if err := m.checkPoint("the start", m.Config.Start); err != nil {
		return nil, err
	}
	if len(c.FixMu) > 0 {
		m.free, m.held = ad.Full(c.K, 1, 1), ad.New(c.K, x.C, nil)
		for _, k := range c.FixMu {
			if k < 0 || k >= c.K {
				return nil, fmt.Errorf("the mean of component %d is fixed: components count from 0 to %d", k, c.K-1)
			}
			m.free.Data[k] = 0
			copy(m.held.Data[k*x.C:][:x.C], m.Config.Start.At("mu").Data[k*x.C:])
		}
	}
	return m, check.That(c.Labels == nil || len(c.Labels) == x.R, "%d labels for %d points", len(c.Labels), x.R)
}

// Point makes a point of weights π (K×1, all above 0) and means (K×D) in the terms of the
// blocks, logits where pi holds those.
func (m *Data) Point(pi, mu ad.Value) optimizee.Point {
	if m.Config.Softmax {
		pi = pi.Log()
	}
	return optimizee.Point{}.Plus("pi", pi).Plus("mu", mu)
}

func (m *Data) checkPoint(what string, x optimizee.Point) error {
	b := x.Blocks()
	if len(b) != 2 || b[0] != "pi" || b[1] != "mu" {
		return fmt.Errorf("%s has blocks %q: they have to be pi and mu", what, b)
	}
	pi, mu := x.At("pi"), x.At("mu")
	var sum float64
	for _, v := range pi.Data {
		sum += math.Max(v, 0)
	}
	return errors.Join(
		check.That(pi.R == m.Config.K && pi.C == 1, "%s's pi is %s: it has to be %d×1", what, pi.Shape(), m.Config.K),
		check.That(mu.R == m.Config.K && mu.C == m.X.C, "%s's mu is %s: it has to be %d×%d", what, mu.Shape(), m.Config.K, m.X.C),
		check.That(m.Config.Softmax || sum > 0, "%s's pi has no entry above 0", what),
		check.Values(what+"'s pi", pi), check.Values(what+"'s mu", mu))
}
