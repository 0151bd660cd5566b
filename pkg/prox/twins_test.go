package prox_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// A twin computes the map of t·r in another and slower way.
type twin func(v ad.Value, t float64) ad.Value

// TestTwins: every row of the table has a twin.
func TestTwins(t *testing.T) {
	for name, w := range table() {
		rng := rand.New(rand.NewPCG(5, 0))
		for _, size := range []float64{.3, 1, 3} {
			v, step := adtest.Random(rng, w.n, w.k).Scale(size), .2+rng.Float64()
			if w.twin == nil {
				t.Fatal(name, "has no twin")
			}
			fast, slow := w.r.Prox(v, ad.Scalar(step)), w.twin(v, step)
			if d := adtest.Distance(append(fast.Data, 1), append(slow.Data, 1)); !(d <= w.near) {
				t.Errorf("%s, step %g: %.6f, by its twin %.6f", name, step, fast.Data, slow.Data)
			}
		}
	}
}

// golden minimises a convex φ on [lo, hi] by golden-section search.
func golden(phi func(float64) float64, lo, hi float64) float64 {
	const r = 0.6180339887498949
	for range 70 {
		a, b := hi-r*(hi-lo), lo+r*(hi-lo)
		if phi(a) < phi(b) {
			hi = b
		} else {
			lo = a
		}
	}
	return (lo + hi) / 2
}

// each searches in every entry of row i on an interval of its own.
func each(phi func(i int, x float64) float64, lo, hi func(i int) float64) twin {
	return func(v ad.Value, t float64) ad.Value {
		out := ad.New(v.R, v.C, nil)
		for k, y := range v.Data {
			i := k / v.C
			out.Data[k] = golden(func(x float64) float64 { return phi(i, x) + (x-y)*(x-y)/(2*t) }, lo(i), hi(i))
		}
		return out
	}
}

func anywhere(phi func(i int, x float64) float64) twin {
	return each(phi, always(-50), always(50))
}

func always(x float64) func(int) float64 { return func(int) float64 { return x } }

func zero(int, float64) float64 { return 0 }

// byColumn works on each column as a list of numbers.
func byColumn(f func(v []float64, t float64) []float64) twin {
	return func(v ad.Value, t float64) ad.Value {
		out := v.Cols(0, 0)
		for j := range v.C {
			out = out.Beside(ad.Col(f(v.Cols(j, j+1).Data, t)...))
		}
		return out
	}
}

// shortened searches the factor of each group: the map of a radial r lies on the line from
// 0 to v.
func shortened(r func(length float64) float64, groups [][]int) twin {
	return byColumn(func(v []float64, t float64) []float64 {
		out := append([]float64(nil), v...)
		for _, g := range groups {
			var square float64
			for _, i := range g {
				square += v[i] * v[i]
			}
			c := golden(func(c float64) float64 { return r(c*math.Sqrt(square)) + (1-c)*(1-c)*square/(2*t) }, 0, 1)
			for _, i := range g {
				out[i] = c * v[i]
			}
		}
		return out
	})
}

// levelled searches for the level τ of a family of points, from 0 to 50.
func levelled(point func(y, tau float64) float64, r func(tau float64, x []float64) float64) twin {
	return byColumn(func(v []float64, t float64) []float64 {
		at := func(tau float64) []float64 {
			x := make([]float64, len(v))
			for i, y := range v {
				x[i] = point(y, tau)
			}
			return x
		}
		return at(golden(func(tau float64) float64 {
			x := at(tau)
			sum := r(tau, x)
			for i := range x {
				sum += (x[i] - v[i]) * (x[i] - v[i]) / (2 * t)
			}
			return sum
		}, 0, 50))
	})
}

// bisected lowers τ from high to where Σ size of the points is total.
func bisected(point func(y, tau float64) float64, total, low float64) twin {
	return byColumn(func(v []float64, _ float64) []float64 {
		lo, hi := low, 50.
		x := make([]float64, len(v))
		for range 100 {
			var sum float64
			mid := (lo + hi) / 2
			for i, y := range v {
				x[i] = point(y, mid)
				sum += math.Abs(x[i])
			}
			if sum > total {
				lo = mid
			} else {
				hi = mid
			}
		}
		return x
	})
}

func soft(y, tau float64) float64   { return math.Copysign(max(math.Abs(y)-tau, 0), y) }
func above(y, tau float64) float64  { return max(y-tau, 0) }
func capped(y, tau float64) float64 { return max(min(y, tau), -tau) }

// kaczmarz projects onto one equation after the other, or half space, until all hold.
func kaczmarz(c, d ad.Value, half bool) twin {
	return func(v ad.Value, _ float64) ad.Value {
		for range 3000 {
			for i := range c.R {
				a := c.T().Cols(i, i+1)
				rest := a.TMatMul(v).Sub(ad.New(1, d.C, d.Data[i*d.C:(i+1)*d.C]))
				if half {
					rest = rest.ReLU()
				}
				v = v.Sub(a.MatMul(rest).Scale(1 / a.SumSquares().Item()))
			}
		}
		return v
	}
}

// descended goes down ½‖x − v‖²/t + f by gradients of f, whose curvature is at most l.
func descended(grad func(x ad.Value) ad.Value, l float64) twin {
	return func(v ad.Value, t float64) ad.Value {
		x := v
		for range 3000 {
			x = x.AddScaled(-1/(l+1/t), grad(x).AddScaled(1/t, x.Sub(v)))
		}
		return x
	}
}

// shrunk shrinks singular values by way of the eigenvalues of MᵀM.
func shrunk(lambda float64, rows, cols int) twin {
	return byColumn(func(v []float64, t float64) []float64 {
		m := ad.New(rows, cols, append([]float64(nil), v...))
		var e mat.EigenSym
		var w mat.Dense
		e.Factorize(mat.NewSymDense(cols, m.TMatMul(m).Data), true)
		e.VectorsTo(&w)
		factor := ad.New(1, cols, nil)
		for i, s := range e.Values(nil) {
			if s = math.Sqrt(max(s, 0)); s > t*lambda {
				factor.Data[i] = (s - t*lambda) / s
			}
		}
		q := ad.New(cols, cols, w.RawMatrix().Data)
		return m.MatMul(q.Mul(factor)).MatMulT(q).Data
	})
}

// alternated is Dykstra's algorithm: the map of a sum by those of two terms (Bauschke and
// Combettes 2008).
func alternated(a, b prox.Regulariser) twin {
	return func(v ad.Value, t float64) ad.Value {
		x, p, q := v, v.Scale(0), v.Scale(0)
		for range 2000 {
			y := a.Prox(x.Add(p), ad.Scalar(t))
			p = x.Add(p).Sub(y)
			x = b.Prox(y.Add(q), ad.Scalar(t))
			q = y.Add(q).Sub(x)
		}
		return x
	}
}

// dual is a projected gradient method on the dual of a total variation.
func dual(lambda float64, h, w int) twin {
	grad, pairs := linear.Gradient(h, w), prox.Group(1, prox.Pairs(h*w))
	return func(v ad.Value, t float64) ad.Value {
		p := ad.New(2*v.R, v.C, nil)
		x := v
		for range 5000 {
			p = pairs.ProxConjugate(p.AddScaled(1/(8*t*lambda), grad.Apply(x)), ad.Scalar(1))
			x = v.AddScaled(-t*lambda, grad.Transpose(p))
		}
		return x
	}
}
