package mixture

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// state is a mixture at a point: what all oracles share.
type state struct {
	m         *Data
	x         optimizee.Point
	of        densities
	logw, mu  ad.Value
	lse, resp ad.Value // ln p(x_g), G×1, and r, G×K
}

func (m *Data) at(x optimizee.Point) state {
	s := state{m: m, x: x, of: m.of, logw: m.logWeights(x), mu: m.means(x)}
	if m.estimated() {
		if !m.constants(x) {
			panic("mixture: there is no derivative of a mixture with estimated covariances: give Cov")
		}
		of, err := m.densities(x.At("cov"))
		if err != nil { // outside of the domain
			s.lse, s.resp = ad.Full(m.X.R, 1, math.Inf(-1)), ad.Full(m.X.R, m.Config.K, math.NaN())
			return s
		}
		s.of = of
	}
	s.lse, s.resp = posterior(s.of.joint(m.X.R, s.logw, s.mu))
	return s
}

func (s state) nll() ad.Value { return s.lse.Sum().Scale(-1 / float64(s.m.X.R)) }

// share is N_k/G, K×1.
func (s state) share() ad.Value { return s.resp.T().SumRows().Scale(1 / float64(s.m.X.R)) }

func (s state) grad(block string) ad.Value {
	c, pi := s.m.Config, s.x.At("pi")
	switch {
	case block == "mu": // −(1/G) Σ_k⁻¹ Σ_g r_gk (x_g − µ_k)
		return s.m.movable(s.of.pull(s.resp, s.mu).Scale(-1/float64(s.m.X.R)), false)
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

const none = 1e-200 // a component that has less than that of the points keeps its mean

// step is the M-step of a block.
func (s state) step(block string) ad.Value {
	switch {
	case block == "cov" && s.m.estimated():
		return s.spread(s.mu)
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

// stepAll is the M-step of all blocks together: covariances are those about the new means.
func (s state) stepAll() optimizee.Point {
	next := s.x.Map(func(block string, v ad.Value) ad.Value {
		if block == "cov" {
			return v
		}
		return s.step(block)
	})
	if s.m.estimated() {
		next = next.With("cov", s.spread(s.m.means(next)))
	}
	return next
}

// densities are those of the components.
type densities []*density

// joint is ln π_k N(x_g; µ_k, Σ_k), G×K, as one operation of ln π and µ.
func (of densities) joint(G int, logw, mu ad.Value) ad.Value {
	K, D := mu.R, mu.C
	out := ad.New(G, K, nil)
	centre := of.whiten(mu)
	for k, n := range of {
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
			of.gather(bar, centre, acc[1])
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
func (of densities) pull(r, mu ad.Value) ad.Value {
	G, K, D := r.R, mu.R, mu.C
	out, centre := ad.New(K, D, nil), of.whiten(mu)
	of.gather(r.Data, centre, out.Data)
	return ad.Record(out, []ad.Value{r, mu}, func(bar []float64, acc [][]float64) {
		h := of.whiten(ad.New(K, D, bar))
		for k, n := range of {
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
func (of densities) gather(r, centre, to []float64) {
	K := len(of)
	G, D := len(r)/K, len(to)/K
	for k, n := range of {
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
func (of densities) whiten(mu ad.Value) []float64 {
	out := make([]float64, mu.Len())
	for k, n := range of {
		n.whiten(mu.Data[k*mu.C:][:mu.C], out[k*mu.C:][:mu.C])
	}
	return out
}
