package study

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/trace"
)

// Waves is a rule with one learned number φ on a function of one number: gradient descent
// x⁺ = x − φf'(x) on f = x²/2 + 1 − cos 3x, from x₀ = 1, and L(φ) = f after so many steps.
// For a large φ it is chaos, and bounded as long as φ is in (0, 2).
type Waves struct{ Steps int }

// Loss is L(φ).
func (w Waves) Loss(phi float64) float64 {
	f, _ := w.run(phi)
	return f
}

// Slope is L'(φ), by going through all steps: dx⁺ = (1 − φf″(x))dx − f'(x).
func (w Waves) Slope(phi float64) float64 {
	_, d := w.run(phi)
	return d
}

func (w Waves) run(phi float64) (f, d float64) {
	x, dx := 1., 0.
	for range w.Steps {
		sin, cos := math.Sincos(3 * x)
		slope, bend := x+3*sin, 1+9*cos
		x, dx = x-phi*slope, (1-phi*bend)*dx-slope
	}
	return x*x/2 + 1 - math.Cos(3*x), (x + 3*math.Sin(3*x)) * dx
}

// Smoothed is the mean of L over N(φ, σ²), from so many draws.
func (w Waves) Smoothed(phi, sigma float64, draws int, rng *rand.Rand) (mean float64) {
	for range draws {
		mean += w.Loss(phi+sigma*rng.NormFloat64()) / float64(draws)
	}
	return mean
}

// Estimates draws that many single estimates of the slope of the smoothed L, each from a
// pair φ ± σn: by back-propagation, Primer (3), and by evolution strategies, (4).
func (w Waves) Estimates(phi, sigma float64, draws int, rng *rand.Rand) (rp, es []float64) {
	for range draws {
		n := rng.NormFloat64()
		up, down := phi+sigma*n, phi-sigma*n
		rp = append(rp, (w.Slope(up)+w.Slope(down))/2)
		es = append(es, (w.Loss(up)-w.Loss(down))/(2*sigma)*n)
	}
	return rp, es
}

// Deviation is the standard deviation of numbers.
func Deviation(v []float64) float64 {
	_, se := trace.MeanError(v)
	return se * math.Sqrt(float64(len(v)))
}
