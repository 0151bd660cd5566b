package optimizee

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// logit is F(x) = (1/m) Σ [ln(1 + eᶻ) − yz] + λ‖x‖₁ with z = Wx. F and ∇f come from
// the same e^−|z|, one exponential for each row.
type logit struct {
	w, y   ad.Value
	lambda float64
	rooms  sync.Pool // of what is not kept, *[]float64
	last   atomic.Pointer[asked]
}

// fused reports whether W and y are constants and the shapes fit; everything else
// takes the formulas, where wrong shapes panic.
func (l *logit) fused(x ad.Value) bool {
	return x.C == 1 && x.R == l.w.C && l.y.C == 1 && l.y.R == l.w.R && !l.w.Recorded() && !l.y.Recorded()
}

// valueGrad returns F and ∇f, or the one of them that is wanted.
func (l *logit) valueGrad(x ad.Value, value, gradient bool) (f, g ad.Value) {
	switch {
	case !l.fused(x):
		return l.composed(x)
	case x.Recorded():
		if last := l.last.Load(); last != nil && last.x.Is(x) {
			return last.f, last.g
		}
		f, g = l.record(x)
		l.last.Store(&asked{x, f, g})
		return f, g
	}
	room, _ := l.rooms.Get().(*[]float64)
	if room == nil {
		room = new([]float64)
		*room = make([]float64, 2*l.w.R)
	}
	defer l.rooms.Put(room)
	z, e := (*room)[:l.w.R], (*room)[l.w.R:]
	l.exponentials(x.Data, z, e)
	if value {
		f = ad.Scalar(l.objective(x.Data, z, e))
	}
	if gradient {
		g = ad.New(l.w.C, 1, nil)
		l.slope(z, e, g.Data)
	}
	return f, g
}

// composed is F and ∇f as their formulas have it.
func (l *logit) composed(x ad.Value) (f, g ad.Value) {
	m, z := float64(l.w.R), l.w.MatMul(x)
	return z.Softplus().Sum().Sub(z.Dot(l.y)).Scale(1 / m).Add(x.Norm1().Scale(l.lambda)),
		l.w.TMatMul(z.Sigmoid().Sub(l.y)).Scale(1 / m)
}

// record is F and ∇f as operations on x. With adjoints f̄ and ḡ they send it
//
//	f̄(∇f + λ sign x) + Wᵀ(σ(1−σ) ⊙ Wḡ)/m
func (l *logit) record(x ad.Value) (f, g ad.Value) {
	m, tape := l.w.R, ad.TapeOf(x)
	z, e := tape.Scratch(m), tape.Scratch(m)
	l.exponentials(x.Data, z, e)
	g = ad.New(l.w.C, 1, nil)
	f = ad.Scalar(l.objective(x.Data, z, e))
	l.slope(z, e, g.Data) // z becomes the residual σ − y
	slope := g.Data
	f = ad.Record(f, []ad.Value{x}, func(bar []float64, acc [][]float64) {
		addScaled(acc[0], bar[0], slope)
		for i, v := range x.Data {
			acc[0][i] += bar[0] * l.lambda * sign(v)
		}
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

// objective is F. Its logarithms, ln(1 + eᶻ) = max(z, 0) + ln(1 + e^−|z|), are taken of
// products, which stay below 2⁵¹².
func (l *logit) objective(x, z, e []float64) float64 {
	const group = 512
	var sum float64
	for i := 0; i < len(e); i += group {
		product := 1.0
		for _, v := range e[i:min(i+group, len(e))] {
			product *= 1 + v
		}
		sum += math.Log(product)
	}
	for i, v := range z {
		sum += max(v, 0) - l.y.Data[i]*v
	}
	f := sum / float64(len(z))
	if l.lambda != 0 {
		for _, v := range x {
			f += l.lambda * math.Abs(v)
		}
	}
	return f
}

// slope sets z to the residual σ(z) − y and g to ∇f = Wᵀ(σ − y)/m; g holds zeros.
func (l *logit) slope(z, e, g []float64) {
	m := float64(len(z))
	for i, v := range z {
		s := 1.0
		if v < 0 {
			s = e[i]
		}
		z[i] = (s/(1+e[i]) - l.y.Data[i]) / m
	}
	kern.GemvT64(l.w.R, l.w.C, l.w.Data, z, g)
}
