package kernelext

import (
	"cmp"
	"errors"
	"fmt"
	"html"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// How often progress is shown: as often as an eye needs in a notebook, once a
// second on a terminal, seldom in a log.
const (
	liveEvery     = 300 * time.Millisecond
	terminalEvery = time.Second
	logEvery      = 10 * time.Second
)

// Progress returns a function that shows a training while it runs: a chart
// redrawn in place with the time left and the last note in a notebook, a line on
// standard error elsewhere. At the end of a training (an event that is Over, or Stop,
// which cancels Context) the chart becomes an ordinary figure without times, so that a saved notebook
// does not change from run to run.
//
//	cfg.Report = kernelext.Progress("L2O-PA on small Lasso problems")
func Progress(name string) func(train.Event) {
	p := &progress{name: name, id: "progress-" + gonbui.UniqueId(), now: time.Now}
	Context() // from now on Stop is ours
	state.Lock()
	defer state.Unlock()
	state.onStop = append(state.onStop, p.stop)
	return p.event
}

func (p *progress) stop() {
	p.Lock()
	defer p.Unlock()
	p.last.Note = "stopped"
	p.finish()
}

type progress struct {
	sync.Mutex
	name      string
	id        string
	now       func() time.Time
	loss, val trace.Curve
	first     train.Event
	last      train.Event
	shown     time.Time
	note      string
	over      bool
}

func (p *progress) event(e train.Event) {
	p.Lock()
	defer p.Unlock()
	if p.over {
		return
	}
	if p.last = e; len(p.loss.X) == 0 {
		p.first = e
	}
	if n := len(p.loss.X); n == 0 || float64(e.Done) > p.loss.X[n-1] {
		p.loss.X, p.loss.Y = append(p.loss.X, float64(e.Done)), append(p.loss.Y, e.Loss)
		if !math.IsNaN(e.Validation) {
			p.val.X, p.val.Y = append(p.val.X, float64(e.Done)), append(p.val.Y, e.Validation)
		}
	}
	if e.Note != "" {
		p.note = e.Note
	}
	switch {
	case e.Over:
		p.finish()
	case gonbui.IsNotebook:
		if p.due(liveEvery) {
			gonbui.UpdateHTML(p.id, p.live(e))
		}
	case p.due(every(os.Stderr)):
		fmt.Fprintln(os.Stderr, p.line(e))
	}
}

func every(f *os.File) time.Duration {
	if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return terminalEvery
	}
	return logEvery
}

// due reports whether it is time to show something, at most once in the interval.
func (p *progress) due(interval time.Duration) bool {
	now := p.now()
	if now.Sub(p.shown) < interval {
		return false
	}
	p.shown = now
	return true
}

// line says in words where the training stands and how long it will take.
func (p *progress) line(e train.Event) string {
	s := fmt.Sprintf("%s: %d of %d %s, loss %s", p.name, e.Done, e.Of, e.Unit, draw.Num(e.Loss))
	if !math.IsNaN(e.Best) {
		s += ", best validation " + draw.Num(e.Best)
	}
	done := e.Done - p.first.Done
	if spent := e.Elapsed - p.first.Elapsed; done > 0 && spent > 0 {
		left := time.Duration(float64(spent) / float64(done) * float64(e.Of-e.Done))
		s += ", " + left.Round(time.Second).String() + " left"
	}
	if p.note != "" {
		s += ", " + p.note
	}
	return s
}

// curves are what the chart shows: NaN has no place in a report of progress.
func (p *progress) curves() []trace.Curve {
	p.loss.Name, p.val.Name = "loss", "validation"
	if len(p.val.X) == 0 {
		return []trace.Curve{p.loss}
	}
	return []trace.Curve{p.loss, p.val}
}

// finish puts the final figure where the chart was, once.
func (p *progress) finish() {
	if p.over || len(p.loss.X) == 0 {
		return
	}
	p.over = true
	e := p.last
	caption := fmt.Sprintf("Training %s: %d of %d %s", p.name, e.Done, e.Of, e.Unit)
	if !math.IsNaN(e.Best) {
		caption += ", best validation " + draw.Num(e.Best)
	}
	a := Axes{X: e.Unit, Y: "meta-loss", Note: cmp.Or(e.Note, p.note)}
	for _, c := range p.curves() {
		for _, v := range c.Y {
			a.Linear = a.Linear || v <= 0
		}
	}
	s, err := convergence(p.curves(), a)
	if err != nil && a.Note != "" {
		err = errors.New(a.Note) // why there is nothing to draw
	}
	out := complaint(caption, err)
	if err == nil {
		out = figure(caption, "", []frame{{scene: s}}, 0)
	}
	emitTo(p.id, out)
}

// live is the chart of a training under way: a small SVG in the page's colours.
func (p *progress) live(e train.Event) string {
	const w, h = 640., 150.
	var b strings.Builder
	fmt.Fprintf(&b, `<div style="font:13px/1.5 system-ui,sans-serif;max-width:%vpx"><div><b>%s</b></div>`, w, html.EscapeString(p.line(e)))
	fmt.Fprintf(&b, `<svg viewBox="0 0 %v %v" width="100%%" role="img" aria-label="loss so far" style="display:block">`, w, h)
	fmt.Fprintf(&b, `<path d="M0 %v H%v" stroke="currentColor" stroke-opacity=".3"/>`, h-.5, w)
	var ys draw.Span
	for _, c := range p.curves() {
		for _, y := range c.Y {
			ys.See(logIfPositive(y))
		}
	}
	height := max(ys.Hi-ys.Lo, 1e-9)
	for i, c := range p.curves() {
		hue, width := draw.Blue, 1.2
		if i == 1 {
			hue, width = draw.Vermilion, 2.2
		}
		fmt.Fprintf(&b, `<path fill="none" stroke="%s" stroke-width="%v" d="`, hue, width)
		move := "M"
		for _, k := range thinEvenly(len(c.X), maxPoints) {
			y := logIfPositive(c.Y[k])
			if !draw.Finite(y) {
				move = "M"
				continue
			}
			fmt.Fprintf(&b, "%s%.1f %.1f", move, c.X[k]/float64(max(e.Of, 1))*w, (h-8)*(ys.Hi-y)/height+4)
			move = "L"
		}
		b.WriteString(`"/>`)
	}
	fmt.Fprintf(&b, `</svg><div style="opacity:.7">loss (blue), validation (orange), logarithmic; Stop keeps what was reached</div></div>`)
	return b.String()
}

func logIfPositive(v float64) float64 { return draw.Axis{Log: true}.At(v) }

func thinEvenly(total, n int) []int {
	var keep []int
	for i := range min(total, n) {
		keep = append(keep, i*(total-1)/max(min(total, n)-1, 1))
	}
	return keep
}
