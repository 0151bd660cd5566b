package main

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The kernels in plain Go, which every other one is tested with, against gonum's, both
// on one core. A twin workload runs its shapes once for a unit of work.

// twin is a workload whose peer is gonum.
func twin(name, what string) workload {
	w := workload{name: "twin-" + name, what: what, twin: true, units: 10, tolerance: 1e-5, make: func() (*job, error) { return twinJob(name, false) }}
	w.flops = twinFlops[name]
	return w
}

// gonumTwins are the same on gonum's side; they run in the peer's process.
var gonumTwins = func() (all []workload) {
	for _, n := range []string{"gemm32", "gemm64", "gemv64"} {
		all = append(all, workload{name: "gonum-twin-" + n, peer: "gonum without assembly", units: 10, make: func() (*job, error) { return twinJob(n, true) }})
	}
	return all
}()

// Sizes: rows, inputs and gates of an LSTM; a dictionary and its instances.
const rows, hidden, gates, m, n, instances = 500, 20, 80, 250, 500, 128

var twinFlops = map[string]float64{
	"gemm32": 3 * 2 * rows * hidden * gates,
	"gemm64": 3 * 2 * m * n * instances,
	"gemv64": 2 * 2 * m * n,
}

func twinJob(name string, gonum bool) (*job, error) {
	draw := func(r, c int) ad.Value { return nn.Normal(optimizee.Stream(8, uint64(r*c)), r, c, 1) }
	var f func() (sum float64)
	switch name {
	case "gemm32":
		narrow := func(v ad.Value) []float32 {
			out := make([]float32, v.Len())
			kern.Narrow32(out, v.Data)
			return out
		}
		x, w, z := narrow(draw(rows, hidden)), narrow(draw(hidden, gates)), narrow(draw(rows, gates))
		out, dw, dx := make([]float32, rows*gates), make([]float32, hidden*gates), make([]float32, rows*hidden)
		mat := func(r, c int, d []float32) blas32.General {
			return blas32.General{Rows: r, Cols: c, Stride: c, Data: d}
		}
		X, W, Z := mat(rows, hidden, x), mat(hidden, gates, w), mat(rows, gates, z)
		f = func() float64 {
			clear(out)
			clear(dw)
			clear(dx)
			if gonum {
				blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, X, W, 1, mat(rows, gates, out))
				blas32.Gemm(blas.Trans, blas.NoTrans, 1, X, Z, 1, mat(hidden, gates, dw))
				blas32.Gemm(blas.NoTrans, blas.Trans, 1, Z, W, 1, mat(rows, hidden, dx))
			} else {
				kern.Gemm32(rows, gates, hidden, x, w, out)
				kern.GemmTN32(hidden, gates, rows, x, z, dw)
				kern.GemmNT32(rows, hidden, gates, z, w, dx)
			}
			return float64(out[7] + dw[7] + dx[7])
		}
	case "gemm64":
		a, x, y := draw(m, n).Data, draw(n, instances).Data, draw(m, instances).Data
		ax, aty, yxt := make([]float64, m*instances), make([]float64, n*instances), make([]float64, m*n)
		mat := func(r, c int, d []float64) blas64.General {
			return blas64.General{Rows: r, Cols: c, Stride: c, Data: d}
		}
		A, X, Y := mat(m, n, a), mat(n, instances, x), mat(m, instances, y)
		f = func() float64 {
			clear(ax)
			clear(aty)
			clear(yxt)
			if gonum {
				blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, A, X, 1, mat(m, instances, ax))
				blas64.Gemm(blas.Trans, blas.NoTrans, 1, A, Y, 1, mat(n, instances, aty))
				blas64.Gemm(blas.NoTrans, blas.Trans, 1, Y, X, 1, mat(m, n, yxt))
			} else {
				kern.GemmNN64(m, instances, n, a, x, ax)
				kern.GemmTN64(n, instances, m, a, y, aty)
				kern.GemmNT64(m, n, instances, y, x, yxt)
			}
			return ax[7] + aty[7] + yxt[7]
		}
	default:
		a, x, y := draw(m, n).Data, draw(n, 1).Data, draw(m, 1).Data
		ax, aty := make([]float64, m), make([]float64, n)
		A := blas64.General{Rows: m, Cols: n, Stride: n, Data: a}
		f = func() float64 {
			clear(ax)
			clear(aty)
			if gonum {
				blas64.Gemv(blas.NoTrans, 1, A, blas64.Vector{N: n, Inc: 1, Data: x}, 1, blas64.Vector{N: m, Inc: 1, Data: ax})
				blas64.Gemv(blas.Trans, 1, A, blas64.Vector{N: m, Inc: 1, Data: y}, 1, blas64.Vector{N: n, Inc: 1, Data: aty})
			} else {
				kern.GemvN64(m, n, a, x, ax)
				kern.GemvT64(m, n, a, y, aty)
			}
			return ax[7] + aty[7]
		}
	}
	check := func() ([]float64, error) { return []float64{f()}, nil }
	return &job{inputs: nn.NewParams(), meta: map[string]string{}, check: check, run: timed(func() error { f(); return nil }), stop: nothing}, nil
}
