package lista

import (
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/nn"
)

// Geometric are parameters of ALISTA that two numbers fit: every step is alpha, and the
// thresholds fall from first by the factor q from layer to layer.
func Geometric(layers int, alpha, first, q float64) nn.Params {
	th := nn.NewParams()
	for k := range layers {
		own := th.Sub(layerName(k + 1))
		own.Set("alpha", ad.Scalar(alpha))
		own.Set("theta", ad.Scalar(first*math.Pow(q, float64(k))))
	}
	return th
}

// Each lists a number of every layer, such as its "alpha" or "theta".
func Each(th nn.Params, name string) (vs []float64) {
	for k := 1; th.Has(layerName(k) + "." + name); k++ {
		vs = append(vs, th.Sub(layerName(k)).At(name).Item())
	}
	return vs
}

// Gaps are ‖I − W₁A − W₂‖₂ of the layers 2, 3, … of a LISTA: how far each is from coupled
// weights, which a network that converges has in the end (Chen et al. 2018, Theorem 1).
// The first layer has no x that W₂ could be multiplied with.
func Gaps(th nn.Params, A ad.Value) (gaps []float64) {
	for k := 2; th.Has(layerName(k) + ".W2"); k++ {
		own, W1 := th.Sub(layerName(k)), "W1"
		from := th
		if own.Has(W1) {
			from = own
		}
		gaps = append(gaps, linear.SpectralNorm(ad.Eye(A.C).Sub(from.At(W1).MatMul(A)).Sub(own.At("W2"))))
	}
	return gaps
}
