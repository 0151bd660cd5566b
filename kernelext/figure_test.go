package kernelext

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/trace"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scenes is one small scene for each kind of figure.
func scenes(t *testing.T) map[string]*draw.Scene {
	t.Helper()
	out := map[string]*draw.Scene{}
	add := func(name string, s *draw.Scene, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = s
	}
	s, err := convergence(raceCurves(), Axes{Floor: 1e-15, Marks: []Mark{AtY("threshold", 1e-6), AtX("horizon", 40)}, Note: "a note"})
	add("convergence", s, err)
	s, err = convergence(tenCurves()[:2], Axes{Linear: true, LogX: true, X: "oracle calls", Y: "objective"})
	add("linear", s, err)
	s, err = scatter(clusters(), Axes{})
	add("scatter", s, err)
	s, err = contour(rosenbrock, Region{-1.6, 1.4, -.6, 1.8}, []Path{descent("GD", .001, 0, 40)}, Axes{})
	add("contour", s, err)
	s, err = heat([][]float64{{-1, 2}, {math.NaN(), 0}}, []string{"a", "b"}, nil, Axes{X: "column"})
	add("heat", s, err)
	s, err = heat([][]float64{{1e-9, 1}, {0, 10}}, nil, nil, Axes{LogColour: true})
	add("heat-log", s, err)
	s, err = stems(spikes(), Axes{Marks: []Mark{AtPoint("missed", 52, -1.1)}})
	add("stems", s, err)
	s, err = boxes(samples(), Axes{Marks: []Mark{AtY("target", 1e-4)}})
	add("box", s, err)
	return out
}

// shorten keeps the ends of long lists, so that a golden file can be read.
func shorten(v any) any {
	switch v := v.(type) {
	case []any:
		if len(v) > 12 {
			return []any{shorten(v[0]), shorten(v[1]), fmt.Sprintf("… %d in all …", len(v)), shorten(v[len(v)-1])}
		}
		for i := range v {
			v[i] = shorten(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = shorten(v[k])
		}
	}
	return v
}

func TestOptionsAreGolden(t *testing.T) {
	for name, s := range scenes(t) {
		raw, err := json.Marshal(draw.Option(s))
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(raw, &tree); err != nil {
			t.Fatal(err)
		}
		got, err := json.MarshalIndent(shorten(tree), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v; go test -update writes the golden files", err)
		}
		if !bytes.Equal(bytes.TrimSpace(want), got) {
			t.Errorf("%s: the option differs from %s; look at it, then go test -update\n%s", name, path, got)
		}
	}
}

func TestPicturesAreSmallAndNotBlank(t *testing.T) {
	all := scenes(t)
	all["ten curves"], _ = convergence(tenCurves(), Axes{LogX: true})
	for name, s := range all {
		data, err := draw.Picture("A caption that is a claim", s)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(data) > 40_000 {
			t.Errorf("%s: %d bytes", name, len(data))
		}
		colours := map[[3]uint32]int{}
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				r, g, b, a := img.At(x, y).RGBA()
				colours[[3]uint32{r, g, b}]++
				if a != 0xffff {
					t.Fatalf("%s is transparent at %d,%d: it would be unreadable on a dark page", name, x, y)
				}
			}
		}
		white, total := colours[[3]uint32{0xffff, 0xffff, 0xffff}], img.Bounds().Dx()*img.Bounds().Dy()
		if len(colours) < 6 || white == total || img.Bounds().Dx() != 900 {
			t.Errorf("%s: %d colours, %d of %d pixels white, %d wide", name, len(colours), white, total, img.Bounds().Dx())
		}
	}
}

func TestFiguresAreDeterministic(t *testing.T) {
	run := func() string {
		path := filepath.Join(t.TempDir(), "g.html")
		capture(t)
		Report(path)
		gallery()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if first, second := run(), run(); first != second {
		t.Error("two runs give different bytes")
	}
}

func TestHostileInput(t *testing.T) {
	evil := `</script><img src=x onerror=alert(1)>` + "\u2028"
	long := strings.Repeat("very long name ", 40)
	nan, inf := math.NaN(), math.Inf(1)
	xs := []float64{0, 1, 2, 3}
	for name, curves := range map[string][]trace.Curve{
		"markup":    {{Name: evil, X: xs, Y: xs, Note: evil}},
		"long":      {{Name: long, X: xs, Y: xs}, {Name: long + "2", X: xs, Y: xs}},
		"holes":     {{Name: "a", X: xs, Y: []float64{nan, 1, inf, nan}}, {Name: "b", X: xs, Y: []float64{-inf, nan, nan, nan}}},
		"zeros":     {{Name: "a", X: xs, Y: []float64{0, 0, 0, 0}}},
		"negative":  {{Name: "a", X: xs, Y: []float64{-1, -2, 3, -4}, Lo: []float64{-2, -3, -1, -5}, Hi: []float64{0, 0, 4, 0}}},
		"one point": {{Name: "a", X: []float64{5}, Y: []float64{7}}},
		"huge":      {{Name: "a", X: xs, Y: []float64{1, 1e300, math.MaxFloat64, 1e-320}}},
		"no points": {{Name: "a", X: xs, Y: xs}, {Name: "empty"}},
		"no name":   {{X: xs, Y: xs}},
	} {
		for _, a := range []Axes{{}, {Linear: true}, {LogX: true}, {X: evil, Y: evil, Note: evil, Marks: []Mark{AtY(evil, 1), AtX("x", -1), AtY("nan", nan)}}} {
			s, err := convergence(curves, a)
			out := drawn(t, evil, s, err)
			if n := strings.Count(out.html, "</script>"); n != 1 {
				t.Errorf("%s: %d script ends", name, n)
			}
			if strings.Contains(out.html, "<img src=x") || strings.Contains(out.html, "\u2028") && strings.Contains(queued.FindString(out.html), "\u2028") {
				t.Errorf("%s: markup got through", name)
			}
			item := queuedItem(t, out.html)
			if strings.Contains(fmt.Sprint(item["frames"]), "NaN") {
				t.Errorf("%s: NaN in the option", name)
			}
			if len(out.html) > 250_000 || len(out.png) > 60_000 {
				t.Errorf("%s: %d bytes of HTML, %d of picture", name, len(out.html), len(out.png))
			}
		}
	}
}

// Names come from files: they steer no terminal, end no row of a table, and take no time.
func TestHostileNames(t *testing.T) {
	out := capture(t)
	evil := "\x1b[2J\x1b]0;owned\x07\u202e\nsecond\tcell\x00\xff" + strings.Repeat("W", 20_000)
	began := time.Now()
	xs := []float64{1, 2}
	Convergence(evil, []trace.Curve{{Name: evil, X: xs, Y: xs}, {Name: evil + "2", X: xs, Y: xs, Note: evil}}, Axes{X: evil, Y: evil, Note: evil, Marks: []Mark{AtY(evil, 1)}})
	Box(evil, []Sample{{Name: evil, Values: xs}}, Axes{})
	Heat(evil, [][]float64{xs}, []string{evil}, []string{evil, evil}, Axes{X: evil})
	Scatter(evil, []Group{{Name: evil, X: xs, Y: xs}}, Axes{})
	Table(evil, []string{"a\nb", evil}, [][]string{{evil, "x"}})
	Check(evil, 1, 1, 0)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, bad := range []string{"\x1b", "\x07", "\x00", "\u202e", "a\nb"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the text holds %q", bad)
		}
	}
}

func TestBadInputIsAMessage(t *testing.T) {
	xs := []float64{0, 1}
	for want, show := range map[string]func(){
		"nothing to draw": func() { Convergence("c", []trace.Curve(nil), Axes{}) },
		"no curve has a finite value": func() {
			Convergence("c", []trace.Curve{{Name: "a", X: xs, Y: []float64{math.NaN(), math.Inf(1)}}}, Axes{})
		},
		`curve "a" has 2 values of X and 1 of Y`: func() { Convergence("c", []trace.Curve{{Name: "a", X: xs, Y: []float64{1}}}, Axes{}) },
		"a band of 1 and 0":                      func() { Convergence("c", []trace.Curve{{Name: "a", X: xs, Y: xs, Lo: []float64{1}}}, Axes{}) },
		"X must ascend":                          func() { Convergence("c", []trace.Curve{{Name: "a", X: []float64{1, 1}, Y: xs}}, Axes{}) },
		"no data were given":                     func() { Scatter("c", nil, Axes{}) },
		`group "g" has 2 values of X and 0 of Y`: func() { Scatter("c", []Group{{Name: "g", X: xs}}, Axes{}) },
		"Centre [1] must be two":                 func() { Scatter("c", []Group{{Name: "g", X: xs, Y: xs, Centre: []float64{1}}}, Axes{}) },
		"not positive semi-definite": func() {
			Scatter("c", []Group{{Name: "g", X: xs, Y: xs, Centre: xs, Cov: [][]float64{{1, 2}, {2, 1}}}}, Axes{})
		},
		"region with X0 < X1":      func() { Contour("c", rosenbrock, Region{}, nil, Axes{}) },
		"constant over the region": func() { Contour("c", func(_, _ float64) float64 { return 1 }, Region{0, 1, 0, 1}, nil, Axes{}) },
		"no finite value in the region": func() {
			Contour("c", func(_, _ float64) float64 { return math.NaN() }, Region{0, 1, 0, 1}, nil, Axes{})
		},
		"row 1 has 1 values, row 0 has 2":            func() { Heat("c", [][]float64{{1, 2}, {3}}, nil, nil, Axes{}) },
		"1 row and 2 column labels":                  func() { Heat("c", [][]float64{{1, 2}, {3, 4}}, []string{"a"}, nil, Axes{}) },
		"no cell has a finite value":                 func() { Heat("c", [][]float64{{0, -1}}, nil, nil, Axes{LogColour: true}) },
		`sample "s" has no finite value`:             func() { Box("c", []Sample{{Name: "s", Values: []float64{math.NaN()}}}, Axes{}) },
		"row 0 has 1 cells, the header has 2":        func() { Table("c", []string{"a", "b"}, [][]any{{1}}) },
		"frame 3 of 1 does not exist":                func() { Timeline("c", "", []int{1}, 3, func(int) {}) },
		"the function must call one figure function": func() { Timeline("c", "", []int{1}, 0, func(int) {}) },
		"7: there is nothing to draw":                func() { Timeline("c", "", []int{7}, 0, func(int) { Convergence("", []trace.Curve(nil), Axes{}) }) },
		"a timeline cannot hold another timeline":    func() { Timeline("c", "", []int{1}, 0, func(int) { Timeline("", "", []int{1}, 0, func(int) {}) }) },
		"figures of one kind": func() {
			Timeline("c", "", []int{0, 1}, 0, func(i int) {
				Convergence("", []trace.Curve{{Name: "a", X: xs, Y: xs}}, Axes{Linear: i == 0})
			})
		},
	} {
		out := capture(t)
		if show(); !strings.Contains(out.String(), want) || !strings.HasPrefix(out.String(), "c\nThis figure could not be drawn") {
			t.Errorf("got %q, want a message with %q", out, want)
		}
		if recording() != nil {
			t.Fatalf("%s: the recorder is still there", want)
		}
	}
}

func TestTextFallback(t *testing.T) {
	out := capture(t)
	Convergence("FISTA is faster", []trace.Curve{decay("ISTA", 1000, 1, .01, 0), decay("FISTA", 10, 1, .1, 0)}, Axes{})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 15 || !strings.HasPrefix(lines[0], "Line chart: FISTA is faster. relative gap over iteration.") || !strings.HasPrefix(lines[2], "iteration") {
		t.Errorf("got %d lines:\n%s", len(lines), out)
	}
	for _, l := range lines[2:] {
		if len(l) > 40 {
			t.Errorf("a ragged row: %q", l)
		}
	}
}

func ExampleTable() {
	Table("Relative gap after k iterations", []string{"method", "k = 10", "k = 100"},
		[][]any{{"ISTA", .425, 1.8e-3}, {"FISTA", .228, 9.9e-7}})
	// Output:
	// Relative gap after k iterations
	//
	// method  k = 10  k = 100
	// ISTA     0.425   0.0018
	// FISTA    0.228   9.9e-7
}

func ExampleConvergence() {
	Convergence("The gap halves", []trace.Curve{{Name: "FISTA", X: []float64{0, 1, 2}, Y: []float64{1, .5, .25}}}, Axes{})
	// Output:
	// Line chart: The gap halves. relative gap over iteration. At the end: FISTA 0.25 at 2.
	//
	// iteration  FISTA
	// 0              1
	// 1            0.5
	// 2           0.25
}
