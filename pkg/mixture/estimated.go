package mixture

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// covShape is that of the block cov.
func (m *Data) covShape() (r, c int) {
	k, d := m.Config.K, m.X.C
	switch m.Config.Covariance {
	case Full:
		return k * d, d
	case Tied:
		return d, d
	case Diagonal:
		return k, d
	default: // Spherical
		return k, 1
	}
}

// Covariance returns Σ_k at x, D×D.
func (m *Data) Covariance(x optimizee.Point, k int) ad.Value {
	d := m.X.C
	var v ad.Value
	if m.estimated() {
		v = m.part(x.At("cov"), k)
	} else {
		v = m.Config.Cov[k%len(m.Config.Cov)]
	}
	if v.R == d && v.C == d {
		return v
	}
	out := ad.New(d, d, nil)
	for i := range d {
		out.Data[i*d+i] = v.Data[i%v.C]
	}
	return out
}

// part is what a block cov holds of component k: D×D, 1×D or 1×1.
func (m *Data) part(cov ad.Value, k int) ad.Value {
	d := m.X.C
	switch m.Config.Covariance {
	case Full:
		return ad.New(d, d, cov.Data[k*d*d:][:d*d])
	case Tied:
		return cov
	default:
		return ad.New(1, cov.C, cov.Data[k*cov.C:][:cov.C])
	}
}

// densities are those of a block cov.
func (m *Data) densities(cov ad.Value) (densities, error) {
	of := make(densities, m.Config.K)
	for k := range of {
		if k > 0 && m.Config.Covariance == Tied {
			of[k] = of[0]
			continue
		}
		var err error
		if of[k], err = newDensity(m.X, m.part(cov, k)); err != nil {
			return nil, fmt.Errorf("covariance of component %d: %w", k, err)
		}
	}
	return of, nil
}

// spread is the M-step of the covariances, about means mu. A component with less than
// 1e-10 of a point keeps its covariance.
func (s state) spread(mu ad.Value) ad.Value {
	m, old := s.m, s.x.At("cov")
	d := m.X.C
	cov := ad.New(old.R, old.C, nil)
	for k := range m.Config.K {
		sum, n := ad.New(d, d, nil), 0.0
		for g := range m.X.R {
			r := s.resp.At(g, k)
			n += r
			m.scatter(sum, g, mu.Data[k*d:][:d], r)
		}
		if n < 1e-10 {
			if m.Config.Covariance != Tied { // a tied one is no component's own
				to := m.part(cov, k)
				copy(to.Data, m.part(old, k).Data)
			}
			continue
		}
		if m.Config.Covariance == Tied {
			kern.ShortAxpy(1/float64(m.X.R), sum.Data, cov.Data)
			continue
		}
		m.keep(m.part(cov, k), sum.Scale(1/n))
	}
	if m.Config.Covariance == Tied {
		for i := range d {
			cov.Data[i*d+i] += m.Config.Floor
		}
	}
	return cov
}

// scatter adds r(x−µ)(x−µ)ᵀ of point g.
func (m *Data) scatter(sum ad.Value, g int, mu []float64, r float64) {
	d := m.X.C
	x := m.X.Data[g*d:][:d]
	for i := range d {
		for j := range d {
			sum.Data[i*d+j] += r * (x[i] - mu[i]) * (x[j] - mu[j])
		}
	}
}

// keep sets part to what it keeps of a covariance, and the floor.
func (m *Data) keep(part, cov ad.Value) {
	d := cov.R
	clear(part.Data)
	for i := range d {
		v := cov.Data[i*d+i]
		switch {
		case part.R == d && part.C == d && (d > 1 || m.Config.Covariance < Diagonal):
			copy(part.Data[i*d:][:d], cov.Data[i*d:][:d])
			part.Data[i*d+i] += m.Config.Floor
		case m.Config.Covariance == Diagonal:
			part.Data[i] = v + m.Config.Floor
		default:
			part.Data[0] += (v + m.Config.Floor) / float64(d)
		}
	}
}

// around is the covariance of the points about the nearest of means, for every component.
func (m *Data) around(mu ad.Value) ad.Value {
	d := m.X.C
	sum := ad.New(d, d, nil)
	for g := range m.X.R {
		near, best := 0, math.Inf(1)
		for k := range mu.R {
			if d2 := distance(m.X.Data[g*d:][:d], mu.Data[k*d:][:d]); d2 < best {
				near, best = k, d2
			}
		}
		m.scatter(sum, g, mu.Data[near*d:][:d], 1/float64(m.X.R))
	}
	r, c := m.covShape()
	cov := ad.New(r, c, nil)
	for k := range m.Config.K {
		m.keep(m.part(cov, k), sum)
	}
	return cov
}

// distance is squared.
func distance(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += (v - y[i]) * (v - y[i])
	}
	return sum
}
