package mixture

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// EM takes all blocks to their minima for the same responsibilities, which is expectation
// maximisation on a Gaussian mixture (Dempster, Laird and Rubin 1977): one E-step at x,
// then π_k = N_k/G, µ_k = Σ_g r_gk x_g/N_k and, where they are estimated, the covariances
// about the new means (see [Problem]). F never rises there. It is the problem's SolveAll;
// on a problem without one every block is taken to its Solve at x, for the old value of
// the others, which may raise F: Alternate(On("U", Exact), On("V", Exact)) is the rule for
// those. It needs Solve.
func EM(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
	if p.SolveAll != nil {
		return p.SolveAll, p.Need("EM", "Solve")
	}
	return func(x optimizee.Point) optimizee.Point {
		return x.Map(func(block string, _ ad.Value) ad.Value { return p.Solve(block, x) })
	}, p.Need("EM", "Solve")
}

// room is the scratch of a pass over the points in the kernels. em is nil where these do
// not take the given covariances.
type room struct {
	em  *kern.EM
	mix kern.Mixture
}

func newRoom(m *Data) *room {
	k, d := m.Config.K, m.X.C
	r := &room{mix: kern.Mixture{K: k, D: d}}
	if len(m.Config.FixMu) > 0 {
		r.mix.Held = make([]bool, k)
		for _, c := range m.Config.FixMu {
			r.mix.Held[c] = true
		}
	}
	if m.estimated() {
		r.mix.Spread = map[Covariance]kern.Spread{Full: kern.Full, Tied: kern.Tied, Diagonal: kern.Diagonal, Spherical: kern.Spherical}[m.Config.Covariance]
		r.em = kern.NewEM(m.X.R, d, k, r.mix.Spread, m.X.Data)
		return r
	}
	r.mix.Spread, r.mix.Cov = m.widest()
	em := kern.NewEM(m.X.R, d, k, r.mix.Spread, m.X.Data)
	if em.Given(&r.mix) == nil {
		r.em = em
	}
	return r
}

// widest has all given covariances in the shortest form that holds each.
func (m *Data) widest() (spread kern.Spread, cov []float64) {
	d, spread := m.X.C, kern.Spherical
	for _, v := range m.Config.Cov {
		switch {
		case v.R > 1 && len(m.Config.Cov) == 1:
			spread = kern.Tied
		case v.R > 1:
			spread = kern.Full
		case v.C > 1 && spread == kern.Spherical:
			spread = kern.Diagonal
		}
	}
	for k := range m.Config.K {
		v := m.Config.Cov[k%len(m.Config.Cov)]
		switch spread {
		case kern.Spherical:
			cov = append(cov, v.Data[0])
		case kern.Diagonal:
			for i := range d {
				cov = append(cov, v.Data[i%v.C])
			}
		case kern.Full:
			cov = append(cov, m.Covariance(optimizee.Point{}, k).Data...)
		case kern.Tied:
			return spread, v.Data
		}
	}
	return spread, cov
}

// constants reports whether x is on no tape.
func (m *Data) constants(x optimizee.Point) bool {
	for _, b := range x.Blocks() {
		if x.At(b).Recorded() {
			return false
		}
	}
	return true
}

// fused is stepAll in the kernels, which sum in another order. It returns false where they
// cannot: on a tape, and where numbers are not finite, a covariance is not positive
// definite, or a mean moves so far that digits would be lost.
func (m *Data) fused(x optimizee.Point) (optimizee.Point, bool) {
	next, _, ok := m.pass(x, true)
	return next, ok
}

// value is F with estimated covariances.
func (m *Data) value(x optimizee.Point) ad.Value {
	if _, f, ok := m.pass(x, false); ok {
		return ad.Scalar(f)
	}
	return m.at(x).nll()
}

// pass gives F at x, and with step the next point of EM.
func (m *Data) pass(x optimizee.Point, step bool) (next optimizee.Point, f float64, ok bool) {
	if !m.constants(x) {
		return x, 0, false
	}
	r := m.rooms.Get().(*room)
	defer m.rooms.Put(r)
	if r.em == nil {
		return x, 0, false
	}
	mix := &r.mix
	mu := ad.New(mix.K, mix.D, nil)
	copy(mu.Data, m.means(x).Data)
	mix.Weight, mix.Mean = m.logWeights(x).Exp().Data, mu.Data
	var cov ad.Value
	if m.estimated() {
		old := x.At("cov")
		cov = ad.New(old.R, old.C, nil)
		copy(cov.Data, old.Data)
		mix.Cov = cov.Data
	}
	var loglik float64
	var err error
	switch {
	case !step:
		loglik, err = r.em.LogLik(mix)
	case m.estimated():
		loglik, err = r.em.Step(mix, m.Config.Floor)
	default:
		loglik, err = r.em.Move(mix)
	}
	if err != nil {
		return x, 0, false
	}
	f = -loglik / float64(m.X.R)
	if !step {
		return x, f, true
	}
	pi := ad.New(mix.K, 1, mix.Weight)
	switch {
	case m.Config.FixPi:
		pi = m.Config.Start.At("pi")
	case m.Config.Softmax:
		pi = pi.Shift(none).Log()
	}
	next = x.With("pi", pi).With("mu", mu)
	if m.estimated() {
		next = next.With("cov", cov)
	}
	return next, f, !math.IsNaN(f)
}
