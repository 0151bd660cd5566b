package kernelext

import (
	"fmt"
	"math"
	"os"
	"slices"
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
// does not change from run to run. Its axis holds the running medians, and is logarithmic where they
// span more than a factor of three.
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
	p.last.Note, p.stopped = "stopped", true
	p.finish()
}

type progress struct {
	sync.Mutex
	name      string
	id        string
	now       func() time.Time
	loss, val trace.Curve
	lost      []float64 // where a validation was not finite
	begun     bool
	first     train.Event
	last      train.Event
	shown     time.Time
	note      string
	over      bool
	stopped   bool
}

func (p *progress) event(e train.Event) {
	p.Lock()
	defer p.Unlock()
	if p.over {
		if e.Over && p.stopped && gonbui.IsNotebook { // in place of the figure that Stop left: where it goes on
			p.last, p.over = e, false
			p.finish()
		}
		return
	}
	for _, was := range e.Past {
		p.add(was)
	}
	if p.last = e; !p.begun {
		p.first, p.begun = e, true
	}
	p.add(e)
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

// add takes up what an event measured; the same minibatch may come twice.
func (p *progress) add(e train.Event) {
	at := float64(e.Done)
	later := func(c trace.Curve) bool { return len(c.X) == 0 || at > c.X[len(c.X)-1] }
	if later(p.loss) && !(math.IsNaN(e.Loss) && e.Validated) {
		p.loss.X, p.loss.Y = append(p.loss.X, at), append(p.loss.Y, e.Loss)
	}
	switch v := e.Validation; {
	case draw.Finite(v) && later(p.val):
		p.val.X, p.val.Y = append(p.val.X, at), append(p.val.Y, v)
	case !draw.Finite(v) && (e.Validated || !math.IsNaN(v)) && !slices.Contains(p.lost, at):
		p.lost = append(p.lost, at)
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
