package optimizee

import (
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/prox"
)

// Certificates of F(x) = f(Ax) + r(x). By Fenchel's inequality every s gives a lower bound
// on all values of F,
//
//	F ≥ −f*(s) − r*(−Aᵀs),
//
// and s = ∇f(Ax) at a minimiser gives min F (Rockafellar 1970, Theorem 31.1). At other x
// the slope is taken times the t next to 1 for which −tAᵀs is in the domain of r*, as
// Regulariser.Reach tells. With an intercept 1ᵀs has to be 0 in every column: s is balanced
// for it.

// bound is the Bound of q = f(Ax) + r.
func (m *model) bound(q *Problem, r prox.Regulariser) func(x Point) float64 {
	strong := strongBound(q, m.lipschitz, m.convexity)
	if m.loss.Conjugate == nil || r.Conjugate == nil || r.Reach == nil {
		return strong
	}
	inner := sync.OnceValue(func() *inner { return m.inner(r) })
	return func(x Point) float64 {
		d := m.dual(r, x)
		stuck := d.reach(inner)
		b := d.bound()
		if stuck && strong != nil {
			b = max(b, strong(x))
		}
		return b
	}
}

// A dual is a point s of the dual with u = −Aᵀs, and how far each column may be taken.
type dual struct {
	*model
	r    prox.Regulariser
	s, u ad.Value
	most []float64    // the largest t of each column
	best []float64    // the t that is best for −f*, of least squares
	pq   [][2]float64 // −f*(ts) = t·p − t²·q/2 in each column, of least squares
}

func (m *model) dual(r prox.Regulariser, x Point) *dual {
	s := m.weighted(m.loss.Slope(m.at.Apply(x.X().Detach())).Detach())
	if m.intercept {
		s = m.balanced(s)
	}
	d := &dual{model: m, r: r, s: s, u: m.a.Transpose(s).Detach().Neg()}
	d.most, d.best, d.pq = make([]float64, s.C), make([]float64, s.C), make([][2]float64, s.C)
	return d
}

// groups are the columns, from and to, that share a t: each has its own where f and r both
// are sums over columns.
func (d *dual) groups() (gs [][2]int) {
	if d.s.C == 1 || d.r.OneStep || d.loss.target.IsZero() {
		return [][2]int{{0, d.s.C}}
	}
	for j := range d.s.C {
		gs = append(gs, [2]int{j, j + 1})
	}
	return gs
}

// reach finds how far each group may go. One that may go nowhere gets a multiple of the
// inner point added; where there is none, the dual is stuck.
func (d *dual) reach(inner func() *inner) (stuck bool) {
	for _, g := range d.groups() {
		u := only(d.u, g)
		hi := d.r.Reach(u)
		if hi == 0 {
			if in := inner(); in != nil {
				e := in.least(d.r, u, g)
				d.s, d.u = d.s.Add(in.times(in.s, e, d.s.C, g)), d.u.Add(in.times(in.u, e, d.s.C, g))
				u = only(d.u, g)
				hi = d.r.Reach(u)
			}
			stuck = stuck || hi == 0
		}
		best := min(1, hi)
		if !d.loss.target.IsZero() {
			best = d.multiple(g, u, hi)
		}
		for j := g[0]; j < g[1]; j++ {
			d.most[j], d.best[j] = hi, best
		}
	}
	return stuck
}

// multiple is the t at which −f*(ts) is largest, or the one inside of the reach that is
// next to it.
func (d *dual) multiple(g [2]int, u ad.Value, hi float64) float64 {
	var p, q float64
	for j := g[0]; j < g[1]; j++ {
		d.pq[j] = d.parabola(j)
		p, q = p+d.pq[j][0], q+d.pq[j][1]
	}
	t := 1.
	if q > 0 {
		t = p / q
	}
	if t < 0 {
		t = max(t, -d.r.Reach(u.Neg()))
	}
	return min(t, hi)
}

// parabola is p = −⟨s, b⟩ and q = Σ s²/w of a column, of least squares.
func (d *dual) parabola(j int) [2]float64 {
	p, q := sumOf(d.s.R), sumOf(d.s.R)
	for i, w := range d.weight.Data {
		s := -d.s.Data[i*d.s.C+j]
		p.add(s * d.loss.target.Data[i*d.s.C+j])
		if w > 0 {
			q.add(s * s / w)
		}
	}
	return [2]float64{p.value(), q.value()}
}

// bound is that at the best multiple, or at t = 1 or next to it, where r* has a say in what
// is best, or that at t = 0, which is seldom worse than nothing.
func (d *dual) bound() float64 {
	b, conjugate := d.at(d.best)
	t := make([]float64, len(d.most))
	if conjugate != 0 && !d.loss.target.IsZero() {
		for j, hi := range d.most {
			t[j] = min(1, hi)
		}
		near, _ := d.at(t)
		b = max(b, near)
	}
	if b < 0 {
		clear(t)
		least, _ := d.at(t)
		b = max(b, least)
	}
	return b
}

// at is −f*(ts) − r*(tu), with a t for each column, and r*(tu).
func (d *dual) at(t []float64) (bound, conjugate float64) {
	if len(t) == 1 {
		conjugate = d.r.Conjugate(d.u.Scale(t[0]))
	} else {
		conjugate = d.r.Conjugate(d.u.Mul(ad.New(1, len(t), t)))
	}
	if d.loss.target.IsZero() {
		return -d.conjugate(d.s, t[0]) - conjugate, conjugate
	}
	for j, t := range t {
		bound += t*d.pq[j][0] - t*t*d.pq[j][1]/2
	}
	return bound - conjugate, conjugate
}

// conjugate is f*(ts) = Σ w·ℓ*(ts/w), for an s that is 0 where w is.
func (m *model) conjugate(s ad.Value, t float64) float64 {
	at, sum := make([]float64, s.C), sumOf(s.R)
	for i, w := range m.weight.Data {
		if w > 0 {
			for j, v := range s.Data[i*s.C : (i+1)*s.C] {
				at[j] = t * v / w
			}
			sum.add(w * m.loss.Conjugate(i, at))
		}
	}
	return sum.value()
}

// only is v with zeros outside of the columns of a group.
func only(v ad.Value, g [2]int) ad.Value {
	if g[1]-g[0] == v.C {
		return v
	}
	out := ad.New(v.R, v.C, nil)
	for i := range v.R {
		copy(out.Data[i*v.C+g[0]:i*v.C+g[1]], v.Data[i*v.C+g[0]:])
	}
	return out
}
