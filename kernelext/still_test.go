package kernelext

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/kernelext/internal/record"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/trace"
)

// The label of a loop stands to its right, where it crosses no line.
func TestDiagramLoopLabel(t *testing.T) {
	d, err := newDiagram([][]string{{"x", "{LSTM}"}}, []string{"x -> {LSTM}", "{LSTM} --> {LSTM} : memory"})
	if err != nil {
		t.Fatal(err)
	}
	right := 0.
	for _, p := range d.route(d.arrows[1]) {
		right = max(right, p[0])
	}
	for _, sh := range d.sketch().Shapes {
		if sh.Words == "memory" && sh.X-draw.WordsWidth("memory", 13)/2 <= right {
			t.Errorf("the label begins at %v, and the loop ends at %v", sh.X-draw.WordsWidth("memory", 13)/2, right)
		}
	}
}

func TestDiagramStaysInItsFrame(t *testing.T) {
	d, err := newDiagram(stepRows, stepArrows)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.order) != 10 || len(d.arrows) != 13 {
		t.Errorf("%d blocks and %d arrows", len(d.order), len(d.arrows))
	}
	inside := func(x, y float64) bool { return x >= 0 && x <= d.w && y >= 0 && y <= d.h }
	for _, b := range d.order {
		if !inside(b.x-b.w/2, b.y-b.half()) || !inside(b.x+b.w/2, b.y+b.half()) {
			t.Errorf("%q leaves the frame", b.text)
		}
		for _, c := range d.order {
			if b != c && math.Abs(b.x-c.x) < (b.w+c.w)/2 && math.Abs(b.y-c.y) < b.half()+c.half() {
				t.Errorf("%q and %q overlap", b.text, c.text)
			}
		}
	}
	for _, a := range d.arrows {
		for _, p := range d.route(a) {
			if !inside(p[0], p[1]) {
				t.Errorf("the arrow from %q to %q leaves the frame at %v", a.from.text, a.to.text, p)
			}
		}
	}
	if says, _ := d.words(); !strings.Contains(says, "LSTM → ⊙ (pₖ)") {
		t.Error(says)
	}
}

// The drawing is well-formed whatever its words are, and the picture beside it is one.
func TestStillsAreSafe(t *testing.T) {
	evil := `</script><img src=x onerror=alert(1)>&"'`
	out := capture(t)
	Diagram(evil, [][]string{{evil, "[" + evil + "]"}}, []string{evil + " -> [" + evil + "] : " + evil}, evil)
	Images(evil, []Panel{{evil, photo()}}, evil)
	if n := strings.Count(out.String(), "alert(1)"); n == 0 || strings.Contains(out.String(), "could not be drawn") {
		t.Fatalf("%s", out)
	}
	d, err := newDiagram([][]string{{evil, "[" + evil + "]"}}, []string{evil + " -> [" + evil + "] : " + evil})
	if err != nil {
		t.Fatal(err)
	}
	o := stillFigure(evil, nil, []frame{{still: &still{kind: "Diagram", sketch: d.sketch(), note: evil, words: d.words}}})
	if strings.Contains(o.html, "<img src=x") || strings.Count(o.html, "</script>") != 1 {
		t.Error("markup got through")
	}
	dec := xml.NewDecoder(strings.NewReader(d.sketch().SVG(evil)))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if img, err := png.Decode(bytes.NewReader(o.png)); err != nil || img.Bounds().Dx() != 900 {
		t.Errorf("%v: the picture is %v", err, img)
	}
}

// A matrix has the numbers of its rows and columns beside it, and an image has none.
func TestMatricesHaveTicks(t *testing.T) {
	for n, want := range map[int]string{1: "[]", 2: "[1 2]", 8: "[1 2 4 6 8]", 30: "[1 10 20 30]", 40: "[1 10 20 30 40]", 100: "[1 50 100]"} {
		if got := fmt.Sprint(draw.Ticks(n)); got != want {
			t.Errorf("of %d: %s, want %s", n, got, want)
		}
	}
	s, err := images("Matrices", []Panel{{"m", ad.New(40, 30, nil)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, ticks := range []bool{false, true} {
		s.panels[0].Ticks = ticks
		if n := strings.Count(panelsHTML(s.panels), `<span aria-hidden="true"`); n != map[bool]int{true: 9}[ticks] {
			t.Errorf("%d ticks", n)
		}
	}
}

func TestTiles(t *testing.T) {
	d := ad.New(6, 3, nil) // three patches of 2×3
	for k := range 3 {
		for i := range 6 {
			d.Data[i*3+k] = float64(i) * float64(k+1)
		}
	}
	got := Tiles(d, 2, 2)
	if got.R != 5 || got.C != 7 {
		t.Fatalf("%d×%d, want 5×7", got.R, got.C)
	}
	for _, c := range []struct {
		i, j int
		want float64
	}{{0, 0, 0}, {1, 2, 1}, {0, 4, 0}, {1, 6, 1}, {4, 2, 1}, {0, 2, .4}} {
		if v := got.At(c.i, c.j); math.Abs(v-c.want) > 1e-12 {
			t.Errorf("at %d, %d: %v, want %v", c.i, c.j, v, c.want)
		}
	}
	for _, gap := range [][2]int{{2, 0}, {0, 3}, {4, 6}} {
		if !math.IsInf(got.At(gap[0], gap[1]), 1) {
			t.Errorf("there is a number at %v", gap)
		}
	}
}

func TestBadStillsAreMessages(t *testing.T) {
	for want, show := range map[string]func(){
		"nothing to draw":          func() { Images("c", nil, "") },
		`panel "p" has 0×0 values`: func() { Matrix("c", []Panel{{Name: "p"}}, "") },
		`there are two blocks "a"`: func() { Diagram("c", [][]string{{"a", "a"}}, nil, "") },
		`a block "b" that is not`:  func() { Diagram("c", [][]string{{"a"}}, []string{"a -> b"}, "") },
		"leads nowhere":            func() { Diagram("c", [][]string{{"a"}}, []string{"a"}, "") },
		"4 signals hide":           func() { Stems("c", make([]Signal, 4), Axes{}) },
		`signal "b" has 1 entries, "a" has 2`: func() {
			Stems("c", []Signal{{"a", []float64{1, 2}}, {"b", []float64{1}}}, Axes{})
		},
		"needs a control":     func() { Explore("c", nil, func([]float64) {}) },
		"needs the function":  func() { Explore("c", make([]Control, 1), nil) },
		"needs two values or": func() { Explore("c", make([]Control, 1), func([]float64) {}) },
		"figures of one kind": func() {
			i := 0
			Timeline("c", "", []int{0, 1}, 0, func(int) {
				if i++; i == 1 {
					Images("", []Panel{{"p", photo()}}, "")
				} else {
					Stems("", spikes(), Axes{})
				}
			})
		},
	} {
		out := capture(t)
		if show(); !strings.Contains(out.String(), want) || !strings.HasPrefix(out.String(), "c\nThis figure could not be drawn") {
			t.Errorf("got %q, want a message with %q", out, want)
		}
	}
}

// A crowded figure says so to programs, and so does a line that leaves its band.
func TestCrowdedFiguresSaySo(t *testing.T) {
	s, err := convergence(tenCurves()[:6], Axes{})
	if o := drawn(t, "c", s, err); o.mime != record.FigureMIME || !strings.Contains(fmt.Sprint(o.data), "it has 6 curves") {
		t.Errorf("%s %v", o.mime, o.data)
	}
	outside := decay("ISTA", 20, 1, .1, .2)
	outside.Y[7] = 2 * outside.Hi[7]
	s, err = convergence([]trace.Curve{outside}, Axes{})
	if o := drawn(t, "c", s, err); !strings.Contains(fmt.Sprint(o.data), `the line of "ISTA" leaves its band`) {
		t.Errorf("%s %v", o.mime, o.data)
	}
	s, err = convergence(raceCurves()[:5], Axes{})
	if o := drawn(t, "c", s, err); o.mime != "" {
		t.Errorf("%s %v", o.mime, o.data)
	}
}
