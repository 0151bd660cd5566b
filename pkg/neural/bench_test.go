package neural_test

import (
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// BenchmarkGradient is F and ∇f of the networks of the papers on 128 images.
func BenchmarkGradient(b *testing.B) {
	digits := datasets.MNISTStandIn(1)
	for _, n := range []neural.Network{neural.PaperMLP, neural.CodedConvNet, neural.PaperConvNet} {
		b.Run(n.String(), func(b *testing.B) {
			f := neural.Family{
				Network: n, Samples: ad.New(digits.Rows, digits.Cols, digits.X), Labels: ad.New(digits.Rows, 1, digits.Y),
				Batch: 128, Scale: 0.1,
			}
			p := f.Draw(optimizee.Stream(1))
			x := p.Start.X()
			b.ReportAllocs()
			for b.Loop() { // at another point each time, or it is remembered
				x = x.Shift(1e-9)
				p.ValueGrad("x", optimizee.X(x))
			}
		})
	}
}
