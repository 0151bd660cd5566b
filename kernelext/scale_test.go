package kernelext

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/trace"
)

func TestNum(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", -3: "-3", 12345: "12345", 0.1234: "0.123", 0.1: "0.1", 1.8e-3: "0.0018", 9.99e-5: "9.99e-5", 1e-15: "1e-15",
		1234.5: "1230", 99.96: "100", 0.09996: "0.1", 1.5e6: "1.5e6", 1e300: "1e300", -2.5e-10: "-2.5e-10", math.Inf(1): "+Inf",
	} {
		if got := num(v); got != want {
			t.Errorf("num(%v) = %q, want %q", v, got, want)
		}
	}
	if got := num(math.Copysign(0, -1)); got != "0" {
		t.Errorf("minus zero is %q", got)
	}
}

// Both renderers rely on this: the ends of a linear axis are ticks, at most a
// step outside of the data.
func TestAxisFits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		scale := math.Pow(10, 20*rng.Float64()-10)
		lo := scale * rng.NormFloat64()
		hi := lo + scale*rng.Float64()
		a := axis{}
		a.fit(lo, hi)
		ts := a.ticks()
		if a.lo > lo+1e-8*a.step || a.hi < hi-1e-8*a.step || len(ts) < 3 || len(ts) > 12 {
			t.Fatalf("[%v, %v] became [%v, %v] with %d ticks", lo, hi, a.lo, a.hi, len(ts))
		}
		if math.Abs(ts[0]-a.lo) > 1e-6*a.step || math.Abs(ts[len(ts)-1]-a.hi) > 1e-6*a.step {
			t.Fatalf("[%v, %v]: ticks %v do not meet the ends [%v, %v]", lo, hi, ts, a.lo, a.hi)
		}
	}
	for _, c := range []struct{ lo, hi float64 }{{0, 0}, {5, 5}, {-1e-300, 1e-300}, {1e300, 1e300}} {
		a := axis{}
		if a.fit(c.lo, c.hi); !(a.lo < a.hi) || a.lo > c.lo+1e-9*a.step || a.hi < c.hi-1e-9*a.step || !finite(a.lo, a.hi) {
			t.Errorf("%v became [%v, %v]", c, a.lo, a.hi)
		}
	}
}

func TestLogAxis(t *testing.T) {
	a := axis{log: true}
	a.fit(-14.2, 3.1)
	var labels []string
	for _, v := range a.ticks() {
		labels = append(labels, a.label(v))
	}
	if got := strings.Join(labels, " "); got != "10⁻¹⁵ 10⁻¹² 10⁻⁹ 10⁻⁶ 10⁻³ 1 10³" {
		t.Errorf("ticks %s", got)
	}
	if v := a.at(0); v == v {
		t.Error("zero has a logarithm")
	}
}

func TestThin(t *testing.T) {
	for _, total := range []int{0, 1, 2, 249, 250, 251, 1000, 1_000_000} {
		keep := thin(total, 250)
		if len(keep) > 250 || total > 0 && (keep[0] != 0 || keep[len(keep)-1] != total-1) || !slices.IsSorted(keep) || total <= 250 && len(keep) != total {
			t.Errorf("%d: %d kept, %v…", total, len(keep), keep[:min(3, len(keep))])
		}
		if len(slices.Compact(slices.Clone(keep))) != len(keep) {
			t.Errorf("%d: an index twice", total)
		}
	}
}

func TestPointsJSON(t *testing.T) {
	b, err := json.Marshal(points{{1, 2.3456789}, {2, math.NaN()}, {math.Inf(1), 1e-20}})
	if err != nil || string(b) != "[[1,2.3457],[2,null],[null,1e-20]]" {
		t.Errorf("%s, %v", b, err)
	}
}

// line is the first line of a scene, as y coordinates.
func lineOf(t *testing.T, y []float64, a Axes) (ys []float64, s *scene) {
	t.Helper()
	c := trace.Curve{Name: "a", Y: y}
	for i := range y {
		c.X = append(c.X, float64(i))
	}
	s, err := convergence([]trace.Curve{c}, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.layers[0].pts {
		ys = append(ys, p[1])
	}
	return ys, s
}

func equal(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) < 1e-12 || x != x && y != y })
}

func TestFloorTopAndGaps(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		y, want []float64
		a       Axes
		axis    string
		legend  string
	}{
		"ends at the floor": {[]float64{1, .1, 1e-12, 0, -1e-3}, []float64{0, -1, -10, nan, nan}, Axes{Floor: 1e-10}, "relative gap, floor 1e-10", "a"},
		"returns from it":   {[]float64{1, 0, 0, .1, 0}, []float64{0, -10, nan, -1, -10}, Axes{Floor: 1e-10}, "relative gap, floor 1e-10", "a"},
		"default floor":     {[]float64{1, 1e-17}, []float64{0, -16}, Axes{}, "relative gap, floor 1e-16", "a"},
		"leaves on top":     {[]float64{1, 10, 1e5, 1e9}, []float64{0, 1, 3, nan}, Axes{}, "relative gap", "a"},
		"diverges":          {[]float64{1, 10, nan, inf}, []float64{0, 1, nan, nan}, Axes{}, "relative gap", "a (diverged at 2)"},
		"a gap":             {[]float64{1, nan, 100}, []float64{0, nan, 2}, Axes{}, "relative gap", "a"},
		"linear":            {[]float64{1, -5, inf}, []float64{1, -5, nan}, Axes{Linear: true, Y: "F"}, "F", "a (diverged at 2)"},
	} {
		got, s := lineOf(t, c.y, c.a)
		if !equal(got, c.want) || s.y.name != c.axis || s.layers[0].name != c.legend {
			t.Errorf("%s: got %v on %q as %q", name, got, s.y.name, s.layers[0].name)
		}
	}
}

func TestIsolinesOfACircle(t *testing.T) {
	s, err := contour(func(x, y float64) float64 { return x*x + y*y }, Region{-2, 2, -2, 2}, nil, Axes{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.layers[:6] { // the inner ones are whole circles
		r0 := math.Hypot(l.pts[0][0], l.pts[0][1])
		for _, p := range l.pts {
			if r := math.Hypot(p[0], p[1]); !(math.Abs(r-r0) < 2e-3) {
				t.Fatalf("radius %v on the circle of %v", r, r0)
			}
		}
		if first, last := l.pts[0], l.pts[len(l.pts)-1]; first != last {
			t.Errorf("the circle of radius %v is open: %v … %v", r0, first, last)
		}
	}
}

func TestEllipseHasTheMahalanobisRadius(t *testing.T) {
	cov := [][]float64{{2, .7}, {.7, 1}}
	det := cov[0][0]*cov[1][1] - cov[0][1]*cov[1][0]
	for _, p := range ellipse([]float64{3, -1}, cov, 2) {
		dx, dy := p[0]-3, p[1]+1
		if m := (cov[1][1]*dx*dx - 2*cov[0][1]*dx*dy + cov[0][0]*dy*dy) / det; math.Abs(m-4) > 1e-12 {
			t.Fatalf("squared distance %v, want 4", m)
		}
	}
}

func TestSummary(t *testing.T) {
	b := summary([]float64{5, 1, 2, 3, 4, 100})
	if b.five != [5]float64{1, 2.25, 3.5, 4.75, 5} || !slices.Equal(b.out, []float64{100}) {
		t.Errorf("%+v", b)
	}
}
