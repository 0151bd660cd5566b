package linear_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/linear"
)

func BenchmarkBlur(b *testing.B) { both(b, linear.Blur(256, 256, linear.Gaussian(9, 4))) }

func BenchmarkWavelet(b *testing.B) { both(b, linear.Wavelet(256, 256, 4, linear.DB4)) }

func BenchmarkGradient(b *testing.B) { both(b, linear.Gradient(256, 256)) }

// 50,000 samples of 300 features, 4 % of them not 0.
func BenchmarkSparse(b *testing.B) { both(b, sparse(1, 50_000, 300, 600_000)) }

// both runs A and Aᵀ once an iteration.
func both(b *testing.B, a linear.Operator) {
	x, y := gauss(1, a.Cols, 1).Data, gauss(2, a.Rows, 1).Data
	b.ReportAllocs()
	for b.Loop() {
		a.Forward(y, x)
		a.Adjoint(x, y)
	}
}

func BenchmarkNorm(b *testing.B) {
	for name, build := range map[string]func() linear.Operator{
		"sparse": func() linear.Operator { return sparse(1, 50_000, 300, 600_000) },
		"blur, wavelet": func() linear.Operator {
			return linear.Compose(linear.Blur(256, 256, linear.Gaussian(9, 4)), linear.Wavelet(256, 256, 4, linear.DB4).T())
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.ReportMetric(build().Norm(), "norm")
			}
		})
	}
}
