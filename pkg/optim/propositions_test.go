package optim_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// worst runs a rule on many draws and returns the largest ‖x_k‖∞ of each step.
func worst(t *testing.T, n int, r optim.Rule, steps int) []float64 {
	t.Helper()
	top := make([]float64, steps+1)
	for i := range uint64(200) {
		p := optimizee.Norm1Spec{N: n}.Draw(optimizee.Stream(4, i))
		s, err := r(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, x := range optim.Steps(s, p.Start) {
			for _, v := range x.X().Data {
				top[k] = max(top[k], math.Abs(v))
			}
			if k == steps {
				break
			}
		}
	}
	return top
}

// Propositions 1 and 2: with a constant step the explicit rule stays p away, with steps
// that shrink in a geometric series it does not arrive, with 1/(k+1) it converges at
// that rate. The implicit rule with a constant step arrives.
func TestPropositions(t *testing.T) {
	const steps, p = 400, 0.1
	implicit := optim.Scheme18(func(*optimizee.Problem, int, ad.Value, ad.Value) optim.Terms {
		return optim.Terms{P: ad.Scalar(p)}
	})
	for _, n := range []int{1, 4} {
		constant := worst(t, n, optim.Explicit(func(int) float64 { return p }), steps)
		if far := max(constant[steps], constant[steps-1]); !(far >= p/2) {
			t.Errorf("n = %d: a constant step ends within %.3g, and p/2 is %g", n, far, p/2)
		}
		geometric := worst(t, n, optim.Explicit(func(k int) float64 { return p * math.Pow(0.8, float64(k)) }), steps)
		if !(geometric[steps] >= 0.3) { // Σ p_k = 0.5 is too short a way
			t.Errorf("n = %d: geometric steps end within %.3g", n, geometric[steps])
		}
		slow := worst(t, n, optim.Explicit(func(k int) float64 { return 1 / float64(k+1) }), steps)
		for k := 100; k <= steps; k += 50 {
			far := max(slow[k], slow[k-1])
			if !(far >= 0.2/float64(k)) || !(far <= 3*math.Sqrt(float64(n))/float64(k)) {
				t.Errorf("n = %d: steps 1/(k+1) are %.3g away after %d", n, far, k)
			}
		}
		fast := worst(t, n, implicit, steps)
		arrives := int(math.Ceil(math.Sqrt(float64(n)) / p)) // ‖Qx₀‖∞ ≤ √n
		if fast[arrives+1] != 0 {
			t.Errorf("n = %d: the implicit rule is %.3g away after %d steps", n, fast[arrives+1], arrives+1)
		}
	}
}
