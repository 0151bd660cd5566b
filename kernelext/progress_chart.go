package kernelext

import (
	"cmp"
	"errors"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// curves are what the chart shows.
func (p *progress) curves() []trace.Curve {
	p.loss.Name, p.val.Name = "loss", "validation"
	var all []trace.Curve
	for _, c := range []trace.Curve{p.loss, p.val} {
		if len(c.X) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// axis is the y axis of the curves. It holds their running medians, which follow the way of a
// training and no spike of it. It is logarithmic where all values are positive and these medians
// span more than a factor of three: on whole decades a smaller gain would be a flat line. cut
// reports that there are values outside.
func (p *progress) axis() (y draw.Axis, cut bool) {
	y.Log = true
	for _, c := range p.curves() {
		y.Log = y.Log && !slices.ContainsFunc(c.Y, func(v float64) bool { return v <= 0 })
	}
	way, all := p.spans(y)
	if y.Log && way.Hi-way.Lo < math.Log10(3) {
		y.Log = false
		way, all = p.spans(y)
	}
	pad := (way.Hi - way.Lo) / 20
	y.Fit(way.Lo-pad, way.Hi+pad)
	return y, all.Lo < y.Lo || all.Hi > y.Hi
}

// spans are what the running medians of the curves take up on an axis, and what all values do.
func (p *progress) spans(y draw.Axis) (way, all draw.Span) {
	for _, c := range p.curves() {
		var at []float64
		for _, v := range c.Y {
			if t := y.At(v); draw.Finite(t) {
				at = append(at, t)
			}
		}
		all.See(at...)
		way.See(medians(at)...)
	}
	return way, all
}

// medians are those of each value and its neighbours, a fiftieth of all to each side and two
// at least; of a few values they are the values.
func medians(v []float64) []float64 {
	if len(v) < 8 {
		return v
	}
	m, reach := make([]float64, len(v)), max(2, len(v)/50)
	for i := range v {
		m[i] = trace.Median(v[max(0, i-reach):min(len(v), i+reach+1)])
	}
	return m
}

// lostWords name the validations that are not finite, "" where all are.
func (p *progress) lostWords() string {
	switch len(p.lost) {
	case 0:
		return ""
	case 1:
		return "validation not finite"
	}
	return fmt.Sprintf("%d validations not finite, the first here", len(p.lost))
}

// finish puts the final figure where the chart was, once.
func (p *progress) finish() {
	if p.over || !p.begun {
		return
	}
	p.over = true
	e := p.last
	caption := fmt.Sprintf("Training %s: %d of %d %s", p.name, e.Done, e.Of, e.Unit)
	if !math.IsNaN(e.Best) {
		caption += ", best validation " + draw.Num(e.Best)
	}
	s, err := p.scene(e)
	if note := cmp.Or(e.Note, p.note); err != nil && note != "" {
		err = errors.New(note) // why there is nothing to draw
	}
	out := complaint(caption, err)
	if err == nil {
		out = figure(caption, nil, []frame{{scene: s}})
	}
	emitTo(p.id, out)
}

// scene is the final figure.
func (p *progress) scene(e train.Event) (*draw.Scene, error) {
	y, cut := p.axis()
	a := Axes{X: e.Unit, Y: "meta-loss", Note: cmp.Or(e.Note, p.note), Linear: !y.Log, Floor: math.SmallestNonzeroFloat64, Top: math.MaxFloat64}
	if what := p.lostWords(); what != "" {
		a.Marks = []Mark{AtX(what, p.lost[0])}
	}
	if cut {
		a.Note = joinNotes(a.Note, "The axis holds the running medians; single values leave the picture.")
	}
	s, err := convergence(p.curves(), a)
	if err != nil {
		return nil, err
	}
	y.Name = s.Y.Name
	s.Y = y
	return s, nil
}

// live is the chart of a training under way: a small SVG in the page's colours.
func (p *progress) live(e train.Event) string {
	const w, h = 640., 150.
	var b strings.Builder
	fmt.Fprintf(&b, `<div data-l2o-done="%d" data-l2o-of="%d" style="font:13px/1.5 system-ui,sans-serif;max-width:%vpx"><div><b>%s</b></div>`, e.Done, e.Of, w, html.EscapeString(p.line(e)))
	fmt.Fprintf(&b, `<svg viewBox="0 0 %v %v" width="100%%" role="img" aria-label="loss so far" style="display:block;overflow:hidden">`, w, h)
	fmt.Fprintf(&b, `<path d="M0 %v H%v" stroke="currentColor" stroke-opacity=".3"/>`, h-.5, w)
	y, cut := p.axis()
	place := func(x, t float64) (float64, float64) {
		return x / float64(max(e.Of, 1)) * w, min(max((h-8)*(y.Hi-t)/(y.Hi-y.Lo)+4, -h), 2*h)
	}
	for _, c := range p.curves() {
		hue, width := draw.Blue, 1.2
		if c.Name == "validation" {
			hue, width = draw.Vermilion, 2.2
		}
		fmt.Fprintf(&b, `<path fill="none" stroke="%s" stroke-width="%v" d="`, hue, width)
		move := "M"
		for _, k := range thinEvenly(len(c.X), maxPoints) {
			t := y.At(c.Y[k])
			if !draw.Finite(t) {
				move = "M"
				continue
			}
			px, py := place(c.X[k], t)
			fmt.Fprintf(&b, "%s%.1f %.1f", move, px, py)
			move = "L"
		}
		b.WriteString(`"/>`)
	}
	says := []string{"loss (blue), validation (orange)", "from " + y.End(y.Lo) + " to " + y.End(y.Hi)}
	if y.Log {
		says[1] += ", logarithmic"
	}
	if cut {
		says = append(says, "single values leave the picture")
	}
	if what := p.lostWords(); what != "" {
		px, _ := place(p.lost[0], y.Lo)
		fmt.Fprintf(&b, `<path d="M%.1f 0V%v" stroke="%s" stroke-dasharray="4 3"/>`, px, h, draw.Grey)
		says = append(says, fmt.Sprintf("dashed: %s (at %s)", what, draw.Num(p.lost[0])))
	}
	fmt.Fprintf(&b, `</svg><div style="opacity:.7">%s; Stop keeps what was reached</div></div>`, strings.Join(says, "; "))
	return b.String()
}

func thinEvenly(total, n int) []int {
	var keep []int
	for i := range min(total, n) {
		keep = append(keep, i*(total-1)/max(min(total, n)-1, 1))
	}
	return keep
}
