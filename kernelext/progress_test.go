package kernelext

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/train"
)

// spiky is a training from 10 down to 0.5 with a spike of a thousand times that in one of forty
// minibatches, and two validations that are not finite.
func spiky(p *progress, from, to int) {
	for k := from; k <= to; k++ {
		e := event(k, 400, 0)
		e.Over, e.Validation = false, math.NaN()
		if e.Loss = .5 + 10*math.Exp(-float64(k)/60); k%40 == 7 {
			e.Loss *= 1e3
		}
		if k%10 == 0 {
			e.Validated, e.Validation = true, .45+10*math.Exp(-float64(k)/60)
			if k == 120 || k == 200 {
				e.Validation = math.NaN()
			}
		}
		p.event(e)
	}
}

func fresh() *progress {
	return &progress{name: "demo", now: time.Now, shown: time.Now().Add(time.Hour)}
}

func TestTrainingChartFollowsTheMedian(t *testing.T) {
	capture(t)
	p := fresh()
	spiky(p, 1, 400)
	s, err := p.scene(p.last)
	if err != nil {
		t.Fatal(err)
	}
	if lo, hi := s.Y.Value(s.Y.Lo), s.Y.Value(s.Y.Hi); !s.Y.Log || s.Y.Name != "meta-loss" || lo != .1 || hi > 100 {
		t.Errorf("the axis goes from %g to %g", lo, hi)
	}
	if !strings.Contains(s.Note, "single values leave the picture") {
		t.Errorf("note %q", s.Note)
	}
	if len(s.Marks) != 1 || s.Marks[0].Name != "2 validations not finite, the first here" || s.Marks[0].At != 120 || !s.Marks[0].Vertical {
		t.Errorf("marks %+v", s.Marks)
	}
	chart := p.live(p.last)
	for _, want := range []string{"from 0.1 to ", "single values leave", "dashed: 2 validations not finite, the first here (at 120)"} {
		if !strings.Contains(chart, want) {
			t.Errorf("no %q in %s", want, chart[len(chart)-300:])
		}
	}
	if file := os.Getenv("KERNELEXT_TRAINING"); file != "" { // for looking at it
		png, _ := draw.Picture("Training demo", s)
		if err := os.WriteFile(file, png, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file+".html", []byte(chart), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Losses may be negative, and then the axis is linear, and holds medians all the same.
func TestTrainingChartIsLinearBelowZero(t *testing.T) {
	capture(t)
	p := fresh()
	for k := 1; k <= 100; k++ {
		e := event(k, 200, 0)
		e.Loss = 5 - float64(k)/10
		if k == 50 {
			e.Loss = -1e6
		}
		p.event(e)
	}
	if y, cut := p.axis(); y.Log || !cut || y.Lo < -10 || y.Hi > 10 {
		t.Errorf("%+v, %v", y, cut)
	}
}

// A loss that falls by a tenth falls visibly, also where one value explodes.
func TestTrainingChartShowsSmallGains(t *testing.T) {
	capture(t)
	p := fresh()
	for k := 1; k <= 100; k++ {
		e := event(k, 200, 0)
		e.Validated, e.Validation = false, math.NaN()
		if e.Loss = .4 - .04*float64(k)/100; k == 50 {
			e.Loss = 10
		}
		p.event(e)
	}
	if y, cut := p.axis(); y.Log || !cut || y.Lo < .3 || y.Hi > .5 {
		t.Errorf("%+v, %v", y, cut)
	}
}

// What a resumed training tells of its past stands in its chart.
func TestResumedChartKeepsItsHistory(t *testing.T) {
	out := capture(t)
	whole, resumed := fresh(), fresh()
	spiky(whole, 1, 300)
	first := event(251, 400, 0)
	first.Loss, first.Note = whole.loss.Y[250], "resumed at minibatch 250"
	for i, x := range whole.loss.X[:250] {
		first.Past = append(first.Past, train.Event{Done: int(x), Loss: whole.loss.Y[i], Validation: math.NaN()})
	}
	for k := 10; k <= 250; k += 10 { // the losses of these came before
		v := math.NaN()
		for i, x := range whole.val.X {
			if x == float64(k) {
				v = whole.val.Y[i]
			}
		}
		first.Past = append(first.Past, train.Event{Done: k, Loss: math.NaN(), Validation: v, Validated: true})
	}
	resumed.event(first)
	spiky(resumed, 252, 300)
	resumed.note, whole.note = "", ""
	a, errA := whole.scene(whole.last)
	b, errB := resumed.scene(resumed.last)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if _, x := a.Words(); x != second(b.Words()) || len(b.Marks) != 1 {
		t.Errorf("uninterrupted:\n%s\nresumed:\n%s", x, second(b.Words()))
	}
	over := resumed.last
	over.Over = true
	if resumed.event(over); !strings.Contains(out.String(), "Training demo: 300 of 400") {
		t.Errorf("said %s", out)
	}
}

func second(_, s string) string { return s }
