package nn_test

import (
	"context"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/nn"
)

// product is a parameter times I in float32.
func product(th nn.Params, name string) []float64 {
	return th.Single(name).MatMul(ad.Eye(th.At(name).C)).Data
}

func rounded(v ad.Value) (out []float64) {
	for _, x := range v.Data {
		out = append(out, float64(float32(x)))
	}
	return out
}

// TestSingle: products in float32 are those of what the parameter is now, whatever moved it.
func TestSingle(t *testing.T) {
	th := nn.NewParams()
	th.Sub("layer1").Set("W", ad.Row(1, 2))
	th.Sub("layer2").Set("W", ad.Row(3, 4))
	other := nn.NewParams() // a store of its own that holds the same value
	other.Set("mine", th.At("layer1.W"))
	check := func(when string) {
		t.Helper()
		for name, p := range map[string]nn.Params{"it": th, "a copy": th.Map(func(_ string, v ad.Value) ad.Value { return v }), "a clone": th.Clone()} {
			for _, l := range []string{"layer1", "layer2"} {
				if got, want := product(p.Sub(l), "W"), rounded(p.At(l+".W")); !slices.Equal(got, want) {
					t.Errorf("%s: %s multiplies with %v in %s, its numbers are %v", when, name, got, l, want)
				}
			}
		}
		if got, want := product(other, "mine"), rounded(other.At("mine")); !slices.Equal(got, want) {
			t.Errorf("%s: another store multiplies with %v, its numbers are %v", when, got, want)
		}
	}
	check("at first")
	one := nn.NewAdam(th, []string{"layer1.W"})
	one.Step(th, []float64{1, 1}, 0.5)
	check("after a step of Adam")
	one.Step(th, []float64{1, -1}, 0.25)
	check("after two")
	stranger := nn.NewParams()
	stranger.Set("W", ad.Scalar(1))
	nn.NewAdam(stranger, stranger.Names()).Step(stranger, []float64{1}, 0.5)
	check("after a step of a stranger")
	mine := nn.NewAdam(other, other.Names())
	mine.Step(other, []float64{1, 1}, 0.5)
	check("after a step by way of another store")
	th.Set("layer2.W", ad.Row(8, 9))
	check("after Set")
}

// TestSingleIsShared: copies round once, and each gets its own gradient.
func TestSingleIsShared(t *testing.T) {
	th := nn.NewParams()
	th.Set("W", ad.Row(1, 2))
	grads := make([][]float64, 4)
	_ = par.Each(context.Background(), 2, len(grads), func(_, i int) error {
		var tape ad.Tape
		live := th.Watch(&tape)
		live.Single("W").MatMul(ad.Col(float64(i), 1)).Backward()
		grads[i] = slices.Clone(live.At("W").Grad())
		return nil
	}) // fails with none
	for i, g := range grads {
		if !slices.Equal(g, []float64{float64(i), 1}) {
			t.Errorf("gradient %d is %v", i, g)
		}
	}
	if n := testing.AllocsPerRun(10, func() { th.Single("W") }); n > 0 {
		t.Errorf("a parameter that is rounded already costs %g allocations", n)
	}
}
