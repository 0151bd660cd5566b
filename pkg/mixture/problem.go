package mixture

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Covariance says where the covariances of a mixture come from.
type Covariance int

// The sources of covariances.
const (
	Given     Covariance = iota // from Config.Cov
	Full                        // estimated, one matrix for each component
	Tied                        // estimated, one matrix for all components
	Diagonal                    // estimated, variances for each component
	Spherical                   // estimated, one variance for each component
)

// String is the name.
func (c Covariance) String() string {
	if c < Given || c > Spherical {
		return fmt.Sprintf("Covariance(%d)", int(c))
	}
	return [...]string{"given", "full", "tied", "diagonal", "spherical"}[c]
}

// Config says what is known of a mixture of Gaussians before it is fitted.
type Config struct {
	K          int             // components
	Cov        []ad.Value      // Σ_k where it is given (MLAM, Section IV-B): one for each component or one for all; 1×1 a variance, 1×D variances, D×D in full
	Covariance Covariance      // whether it is given, or what is estimated
	Floor      float64         // is added to every estimated variance, in the squared unit of the points; default 1e-6 for variances around 1 (see Problem), optimizee.Nought for none
	Softmax    bool            // block "pi" holds logits, π their softmax; by default π is max(pi, 1e-10) over its sum
	FixMu      []int           // components whose means stay as in Start, whatever the block says
	FixPi      bool            // the same for the weights
	Start      optimizee.Point // blocks pi (K×1), mu (K×D) and, where it is estimated, cov; when zero, as Data.Point makes it of equal weights and K different points drawn from Seed
	Seed       uint64          // of the drawn Start
	Labels     []int           // the component that drew each point, where it is known
}

// Problem is the negative log-likelihood of points x (G×D) under a mixture of K
// Gaussians, in blocks "pi" (K×1, the weights) and "mu" (K×D, the means). It is taken per
// point, as the papers' tables have it: MLAM eq. 17 divided by G,
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
// rises, and Solve leaves a point where it is only where the gradient is 0. SolveAll
// takes all blocks from one pass over the points. So EM is mixture.EM, or optim.Exact on
// one block after the other. A component without points keeps its mean. There is no
// Lipschitz: F is not convex, and its curvature grows with the distance between points.
//
// Where Covariance says so the covariances are estimated too, in a third block "cov":
//
//	Full       Σ_k = Σ_g r_gk (x_g − µ_k)(x_g − µ_k)ᵀ / N_k + Floor·I   KD×D, one below the other
//	Tied       Σ = Σ_k N_k Σ_k / G                                      D×D
//	Diagonal   the diagonal of Σ_k                                      K×D
//	Spherical  the mean of that                                         K×1
//
// with N_k = Σ_g r_gk; these are the covariance types of scikit-learn's GaussianMixture.
// Without a floor the likelihood of estimated covariances has no upper bound: a component
// on a single point, or on points in a plane, may become as narrow as it likes. Floor is
// scikit-learn's reg_covar, a length squared. The default is 1e-6, as there, of the squared
// power of ten that is nearest to the standard deviation of the points, the root of the
// mean variance of their columns: 1e-6 itself for one around 1, and the same in any unit.
// For Diagonal and Full with columns in different units scale them in any case. Since the M-step adds Floor, it may let F rise by as much as Floor weighs.
//
// A problem with estimated covariances has no gradients, because a step along one
// leaves the positive definite matrices; F is +Inf there. It is not recorded on a tape.
//
// Data is a *[Data].
func Problem(x ad.Value, c Config) *optimizee.Problem {
	p := &optimizee.Problem{Name: "Gaussian mixture", Traits: map[string]float64{"points": float64(x.R), "dim": float64(x.C), "components": float64(c.K)}}
	p.Err = errors.Join(
		check.That(x.R > 0 && x.C > 0, "the points are %s: there has to be at least one, in at least one dimension", x.Shape()),
		check.That(c.K >= 1 && c.K <= x.R, "K = %d components for %d points: it has to be at least 1 and at most one for each point", c.K, x.R),
		check.That(c.Covariance >= Given && c.Covariance <= Spherical, "there is no covariance %d", int(c.Covariance)),
		check.That(c.Floor >= 0 && !math.IsInf(c.Floor, 1), "a floor of %g under variances: it has to be finite and at least 0", c.Floor),
		check.Values("the points", x))
	if p.Err != nil {
		return p
	}
	m, err := newData(x, c)
	if p.Err = err; err != nil {
		return p
	}
	p.Data, p.Start = m, m.Config.Start
	p.Solve = func(block string, at optimizee.Point) ad.Value { return m.at(at).step(block) }
	p.SolveAll = func(at optimizee.Point) optimizee.Point {
		if next, ok := m.fused(at); ok {
			return next
		}
		return m.at(at).stepAll()
	}
	if m.estimated() {
		p.Value = m.value
		return p
	}
	p.Value = func(at optimizee.Point) ad.Value { return m.at(at).nll() }
	p.Grad = func(block string, at optimizee.Point) ad.Value { return m.at(at).grad(block) }
	p.ValueGrad = func(block string, at optimizee.Point) (ad.Value, ad.Value) {
		s := m.at(at)
		return s.nll(), s.grad(block)
	}
	p.Subgrad = p.Grad
	return p
}

// Data is what a [Problem] was made from.
type Data struct {
	X      ad.Value // the points, G×D
	Config Config

	of         []*density // of each component, where they are given
	free, held ad.Value   // K×1 of 1 where a mean moves, K×D of those that do not; zero when all move
	rooms      *sync.Pool // of *room
}

func (m *Data) estimated() bool { return m.Config.Covariance != Given }

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

func newData(x ad.Value, c Config) (*Data, error) {
	m := &Data{X: x, Config: c}
	if m.estimated() {
		m.Config.Floor = cmp.Or(c.Floor, 1e-6*unitOf(x))
		if len(c.Cov) > 0 {
			return nil, fmt.Errorf("covariances are given and to be estimated (%v): leave Cov out, or give those to begin with as the start's block cov", c.Covariance)
		}
	} else if err := m.given(); err != nil {
		return nil, err
	}
	m.rooms = &sync.Pool{New: func() any { return newRoom(m) }}
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

// unitOf is the square of the power of ten nearest to the root of the mean variance of the
// columns, 1 where all are constant.
func unitOf(x ad.Value) float64 {
	at := x.Scale(1 / float64(x.R)).T().SumRows().T() // the mean point
	size := floats.Norm(x.Sub(at).Data, 2) / math.Sqrt(float64(x.Len()))
	if !(size > 1e-14*floats.Norm(at.Data, math.Inf(1))) {
		return 1
	}
	return math.Pow(100, math.Round(math.Log10(size)))
}

// given makes the densities of given covariances.
func (m *Data) given() error {
	c := m.Config
	if len(c.Cov) != 1 && len(c.Cov) != c.K {
		return fmt.Errorf("%d covariances for %d components: give one for each, or one for all, or say in Covariance which to estimate", len(c.Cov), c.K)
	}
	for k, cov := range c.Cov {
		n, err := newDensity(m.X, cov)
		if err != nil {
			return fmt.Errorf("the covariance of component %d: %w", k, err)
		}
		m.of = append(m.of, n)
	}
	for len(m.of) < c.K {
		m.of = append(m.of, m.of[0])
	}
	return nil
}

// Point makes a point of weights π (K×1, all above 0) and means (K×D) in the terms of the
// blocks, logits where pi holds those. Estimated covariances begin all alike, at the
// covariance of the points around the nearest of the means.
func (m *Data) Point(pi, mu ad.Value) optimizee.Point {
	if m.Config.Softmax {
		pi = pi.Log()
	}
	x := optimizee.Point{}.Plus("pi", pi).Plus("mu", mu)
	if m.estimated() {
		return x.Plus("cov", m.around(mu))
	}
	return x
}

func (m *Data) checkPoint(what string, x optimizee.Point) error {
	want := []string{"pi", "mu", "cov"}
	if !m.estimated() {
		want = want[:2]
	}
	if b := x.Blocks(); !slices.Equal(b, want) {
		return fmt.Errorf("%s has blocks %q: they have to be %q", what, b, want)
	}
	pi, mu := x.At("pi"), x.At("mu")
	var sum float64
	for _, v := range pi.Data {
		sum += math.Max(v, 0)
	}
	err := errors.Join(
		check.That(pi.R == m.Config.K && pi.C == 1, "%s's pi is %s: it has to be %d×1", what, pi.Shape(), m.Config.K),
		check.That(mu.R == m.Config.K && mu.C == m.X.C, "%s's mu is %s: it has to be %d×%d", what, mu.Shape(), m.Config.K, m.X.C),
		check.That(m.Config.Softmax || sum > 0, "%s's pi has no entry above 0", what),
		check.Values(what+"'s pi", pi), check.Values(what+"'s mu", mu))
	if err != nil || !m.estimated() {
		return err
	}
	cov := x.At("cov")
	if r, c := m.covShape(); cov.R != r || cov.C != c {
		return fmt.Errorf("%s's cov is %s: with %v covariances it has to be %d×%d", what, cov.Shape(), m.Config.Covariance, r, c)
	}
	if _, err := m.densities(cov); err != nil {
		return fmt.Errorf("%s's %w; if columns are constant, copies of each other or far from 0, drop or centre them, or raise Floor", what, err)
	}
	return nil
}
