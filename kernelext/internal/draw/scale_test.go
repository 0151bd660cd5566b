package draw

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Both renderers rely on this: the ends of a linear axis are ticks, at most a
// step outside of the data.
func TestAxisFits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		scale := math.Pow(10, 20*rng.Float64()-10)
		lo := scale * rng.NormFloat64()
		hi := lo + scale*rng.Float64()
		a := Axis{}
		a.Fit(lo, hi)
		ts := a.Ticks()
		if a.Lo > lo+1e-8*a.Step || a.Hi < hi-1e-8*a.Step || len(ts) < 3 || len(ts) > 12 {
			t.Fatalf("[%v, %v] became [%v, %v] with %d ticks", lo, hi, a.Lo, a.Hi, len(ts))
		}
		if math.Abs(ts[0]-a.Lo) > 1e-6*a.Step || math.Abs(ts[len(ts)-1]-a.Hi) > 1e-6*a.Step {
			t.Fatalf("[%v, %v]: ticks %v do not meet the ends [%v, %v]", lo, hi, ts, a.Lo, a.Hi)
		}
	}
	for _, c := range []struct{ lo, hi float64 }{{0, 0}, {5, 5}, {-1e-300, 1e-300}, {1e300, 1e300}} {
		a := Axis{}
		if a.Fit(c.lo, c.hi); !(a.Lo < a.Hi) || a.Lo > c.lo+1e-9*a.Step || a.Hi < c.hi-1e-9*a.Step || !Finite(a.Lo, a.Hi) {
			t.Errorf("%v became [%v, %v]", c, a.Lo, a.Hi)
		}
	}
}

func TestLogAxis(t *testing.T) {
	a := Axis{Log: true}
	a.Fit(-14.2, 3.1)
	var labels []string
	for _, v := range a.Ticks() {
		labels = append(labels, a.Label(v))
	}
	if got := strings.Join(labels, " "); got != "10⁻¹⁵ 10⁻¹² 10⁻⁹ 10⁻⁶ 10⁻³ 1 10³" {
		t.Errorf("ticks %s", got)
	}
	if v := a.At(0); v == v {
		t.Error("zero has a logarithm")
	}
}

func TestThin(t *testing.T) {
	for _, total := range []int{0, 1, 2, 249, 250, 251, 1000, 1_000_000} {
		keep := Thin(total, 250)
		if len(keep) > 250 || total > 0 && (keep[0] != 0 || keep[len(keep)-1] != total-1) || !slices.IsSorted(keep) || total <= 250 && len(keep) != total {
			t.Errorf("%d: %d kept, %v…", total, len(keep), keep[:min(3, len(keep))])
		}
		if len(slices.Compact(slices.Clone(keep))) != len(keep) {
			t.Errorf("%d: an index twice", total)
		}
	}
}
