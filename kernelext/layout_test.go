package kernelext

import (
	"math"
	"slices"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/trace"
)

// line is the first line of a scene, as y coordinates.
func lineOf(t *testing.T, y []float64, a Axes) (ys []float64, s *draw.Scene) {
	t.Helper()
	c := trace.Curve{Name: "a", Y: y}
	for i := range y {
		c.X = append(c.X, float64(i))
	}
	s, err := convergence([]trace.Curve{c}, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Layers[0].Pts {
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
		if !equal(got, c.want) || s.Y.Name != c.axis || s.Layers[0].Name != c.legend {
			t.Errorf("%s: got %v on %q as %q", name, got, s.Y.Name, s.Layers[0].Name)
		}
	}
}

func TestIsolinesOfACircle(t *testing.T) {
	s, err := contour(func(x, y float64) float64 { return x*x + y*y }, Region{-2, 2, -2, 2}, nil, Axes{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Layers[:6] { // the inner ones are whole circles
		r0 := math.Hypot(l.Pts[0][0], l.Pts[0][1])
		for _, p := range l.Pts {
			if r := math.Hypot(p[0], p[1]); !(math.Abs(r-r0) < 2e-3) {
				t.Fatalf("radius %v on the circle of %v", r, r0)
			}
		}
		if first, last := l.Pts[0], l.Pts[len(l.Pts)-1]; first != last {
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
	if b.Five != [5]float64{1, 2.25, 3.5, 4.75, 5} || !slices.Equal(b.Out, []float64{100}) {
		t.Errorf("%+v", b)
	}
}
