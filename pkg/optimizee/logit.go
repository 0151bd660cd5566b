package optimizee

import (
	"math"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/spare"
)

// logit is f(x) = (1/m) Σ [ln(1 + eᶻ) − yz] with z = Wx. f and ∇f come from the same
// e^−|z|, one exponential for each row.
type logit struct {
	w, y ad.Value
	last atomic.Pointer[asked]
}

// fused reports whether W and y are constants and the shapes fit; everything else
// takes the formulas, where wrong shapes panic.
func (l *logit) fused(x ad.Value) bool {
	return x.C == 1 && x.R == l.w.C && l.y.C == 1 && l.y.R == l.w.R && !l.w.Recorded() && !l.y.Recorded()
}

// valueGrad returns f and ∇f, or the one of them that is wanted.
func (l *logit) valueGrad(x ad.Value, value, gradient bool) (f, g ad.Value) {
	switch {
	case !l.fused(x):
		return l.composed(x)
	case x.Recorded():
		both := l.last.Load()
		if both == nil || !both.x.Is(x) {
			f, g := l.record(x)
			both = (&asked{x: x, f: f, g: g}).in(&l.last)
		}
		if gradient {
			g = both.gradient()
		}
		return both.f, g
	}
	room := spare.Take(2 * l.w.R)
	defer spare.Give(room)
	z, e := room[:l.w.R], room[l.w.R:]
	l.exponentials(x.Data, z, e)
	if value {
		f = ad.Scalar(l.objective(z, e))
	}
	if gradient {
		g = blank(l.w.C)
		l.slope(z, e, g.Data)
	}
	return f, g
}

// composed is f and ∇f as their formulas have it.
func (l *logit) composed(x ad.Value) (f, g ad.Value) {
	m, z := float64(l.w.R), l.w.MatMul(x)
	return z.Softplus().Sum().Sub(z.Dot(l.y)).Scale(1 / m),
		l.w.TMatMul(z.Sigmoid().Sub(l.y)).Scale(1 / m)
}

// record is f and ∇f as operations on x. With adjoints f̄ and ḡ they send it
//
//	f̄∇f + Wᵀ(σ(1−σ) ⊙ Wḡ)/m
func (l *logit) record(x ad.Value) (f, g ad.Value) {
	m, tape := l.w.R, ad.TapeOf(x)
	z, e := tape.Scratch(m), tape.Scratch(m)
	l.exponentials(x.Data, z, e)
	g = blank(l.w.C)
	f = ad.Scalar(l.objective(z, e))
	l.slope(z, e, g.Data) // z becomes the residual σ − y
	slope := g.Data
	f = ad.Record(f, []ad.Value{x}, func(bar []float64, acc [][]float64) {
		addScaled(acc[0], bar[0], slope)
	})
	g = ad.Record(g, []ad.Value{x}, func(bar []float64, acc [][]float64) {
		t := tape.Scratch(m)
		kern.GemvN64(m, l.w.C, l.w.Data, bar, t)
		for i, v := range e {
			d := 1 + v
			t[i] *= v / (d * d) / float64(m) // σ(1−σ), the same for z and −z
		}
		kern.GemvT64(m, l.w.C, l.w.Data, t, acc[0])
	})
	return f, g
}

// exponentials sets z = Wx and e = e^−|z|.
func (l *logit) exponentials(x, z, e []float64) {
	clear(z)
	kern.GemvN64(l.w.R, l.w.C, l.w.Data, x, z)
	for i, v := range z {
		e[i] = -math.Abs(v)
	}
	kern.Exp64(e, e)
}

// objective is f. Its logarithms, ln(1 + eᶻ) = max(z, 0) + ln(1 + e^−|z|), are taken of
// products, which stay below 2⁵¹².
func (l *logit) objective(z, e []float64) float64 {
	const group = 512
	sum := sumOf(len(e))
	for i := 0; i < len(e); i += group {
		product := 1.0
		for _, v := range e[i:min(i+group, len(e))] {
			product *= 1 + v
		}
		sum.add(math.Log(product))
	}
	for i, v := range z {
		sum.add(max(v, 0) - l.y.Data[i]*v)
	}
	if mean := sum.value() / float64(len(z)); !(mean < 1e-3) {
		return mean
	}
	sum = sumOf(len(e)) // nearly all is in the e, which products round away
	for i, v := range z {
		sum.add(max(v, 0) - l.y.Data[i]*v + math.Log1p(e[i]))
	}
	return sum.value() / float64(len(z))
}

// slope sets z to the residual σ(z) − y and g to ∇f = Wᵀ(σ − y)/m. It has no branches on the
// signs of z, which no processor predicts.
func (l *logit) slope(z, e, g []float64) {
	m, one := float64(len(z)), math.Float64bits(1)
	for i, v := range z {
		below := uint64(int64(math.Float64bits(v)) >> 63) // all ones where z < 0
		s := math.Float64frombits(one&^below | math.Float64bits(e[i])&below)
		z[i] = (s/(1+e[i]) - l.y.Data[i]) / m
	}
	clear(g)
	kern.GemvT64(l.w.R, l.w.C, l.w.Data, z, g)
}
