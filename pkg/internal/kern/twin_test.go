package kern

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
)

// A twin is some products in plain Go, which every other set is tested with, and the same
// by gonum; each returns the sum of an entry of every product.
type twin struct {
	name        string
	flops       float64
	ours, gonum func() float64
}

// twins are the products of an LSTM of 20 units on 500 rows, those of LISTA with a
// dictionary of 250×500 and 128 instances, and those with one.
func twins() []twin {
	const rows, hidden, gates, m, n, instances = 500, 20, 80, 250, 500, 128
	gemm32, gemm64, gemv64 := twin{name: "gemm32", flops: 3 * 2 * rows * hidden * gates}, twin{name: "gemm64", flops: 3 * 2 * m * n * instances}, twin{name: "gemv64", flops: 2 * 2 * m * n}
	p, q := plain.p32, plain.p64
	{
		x, w, z := random[float32](rows*hidden), random[float32](hidden*gates), random[float32](rows*gates)
		out, dw, dx := make([]float32, rows*gates), make([]float32, hidden*gates), make([]float32, rows*hidden)
		view := func(r, c int, d []float32) blas32.General {
			return blas32.General{Rows: r, Cols: c, Stride: c, Data: d}
		}
		X, W, Z := view(rows, hidden, x), view(hidden, gates, w), view(rows, gates, z)
		sum := func() float64 { return float64(out[7] + dw[7] + dx[7]) }
		gemm32.ours = func() float64 {
			clearAll(out, dw, dx)
			p.nn(rows, gates, hidden, x, w, out)
			p.tn(hidden, gates, rows, x, z, dw)
			p.nt(rows, hidden, gates, z, w, dx)
			return sum()
		}
		gemm32.gonum = func() float64 {
			clearAll(out, dw, dx)
			blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, X, W, 1, view(rows, gates, out))
			blas32.Gemm(blas.Trans, blas.NoTrans, 1, X, Z, 1, view(hidden, gates, dw))
			blas32.Gemm(blas.NoTrans, blas.Trans, 1, Z, W, 1, view(rows, hidden, dx))
			return sum()
		}
	}
	a := random[float64](m * n)
	view := func(r, c int, d []float64) blas64.General {
		return blas64.General{Rows: r, Cols: c, Stride: c, Data: d}
	}
	A := view(m, n, a)
	{
		x, y := random[float64](n*instances), random[float64](m*instances)
		ax, aty, yxt := make([]float64, m*instances), make([]float64, n*instances), make([]float64, m*n)
		X, Y := view(n, instances, x), view(m, instances, y)
		sum := func() float64 { return ax[7] + aty[7] + yxt[7] }
		gemm64.ours = func() float64 {
			clearAll(ax, aty, yxt)
			q.nn(m, instances, n, a, x, ax)
			q.tn(n, instances, m, a, y, aty)
			q.nt(m, n, instances, y, x, yxt)
			return sum()
		}
		gemm64.gonum = func() float64 {
			clearAll(ax, aty, yxt)
			blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, A, X, 1, view(m, instances, ax))
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, A, Y, 1, view(n, instances, aty))
			blas64.Gemm(blas.NoTrans, blas.Trans, 1, Y, X, 1, view(m, n, yxt))
			return sum()
		}
	}
	x, y, ax, aty := random[float64](n), random[float64](m), make([]float64, m), make([]float64, n)
	vector := func(d []float64) blas64.Vector { return blas64.Vector{N: len(d), Inc: 1, Data: d} }
	gemv64.ours = func() float64 {
		clearAll(ax, aty)
		q.gemvN(m, n, a, x, ax)
		q.gemvT(m, n, a, y, aty)
		return ax[7] + aty[7]
	}
	gemv64.gonum = func() float64 {
		clearAll(ax, aty)
		blas64.Gemv(blas.NoTrans, 1, A, vector(x), 1, vector(ax))
		blas64.Gemv(blas.Trans, 1, A, vector(y), 1, vector(aty))
		return ax[7] + aty[7]
	}
	return []twin{gemm32, gemm64, gemv64}
}

func clearAll[T number](all ...[]T) {
	for _, x := range all {
		clear(x)
	}
}

func TestTwins(t *testing.T) {
	for _, w := range twins() {
		if a, b := w.ours(), w.gonum(); !(math.Abs(a-b) <= 1e-4*math.Abs(b)) {
			t.Errorf("%s: %g, by gonum %g", w.name, a, b)
		}
	}
}

// BenchmarkTwins compares plain Go with gonum; with the tag noasm gonum is plain Go too:
//
//	GOMAXPROCS=1 go test -tags noasm -run - -bench Twins ./pkg/internal/kern
func BenchmarkTwins(b *testing.B) {
	for _, w := range twins() {
		for side, f := range map[string]func() float64{"go": w.ours, "gonum": w.gonum} {
			b.Run(w.name+"/"+side, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(w.flops*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GF/s")
			})
		}
	}
}
