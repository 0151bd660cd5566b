package kernelext

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/kernelext/internal/record"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

func TestChecksThatHold(t *testing.T) {
	out, n := capture(t), exits(t)
	Check("π", 3.14159, math.Pi, 1e-4)
	Check("both infinite", math.Inf(1), math.Inf(1), 0)
	AtMost("gap", 3e-3, 4e-3)
	AtLeast("cores", 2, 2)
	want := "✓ π: 3.14, expected 3.14 ± 1e-4\n✓ both infinite: +Inf, expected +Inf ± 0\n✓ gap: 0.003 ≤ 0.004\n✓ cores: 2 ≥ 2\n"
	if *n != 0 || out.String() != want {
		t.Errorf("%d failures, said\n%s", *n, out)
	}
}

func TestChecksThatFail(t *testing.T) {
	out, n := capture(t), exits(t)
	Check("far", 1, 2, .5)
	Check("looks equal", .33330, .33331, 1e-9)
	Check("not a number", math.NaN(), math.NaN(), math.Inf(1))
	AtMost("above", 2, 1)
	AtMost("not a number", math.NaN(), 1)
	AtLeast("not a number", math.NaN(), 1)
	AtMost("looks equal", 1234567, 1234566)
	AtLeast("looks equal", .33330, .33331)
	Agree("looks equal", 1.00004e-6, 0., 1.00003e-6)
	for _, want := range []string{"1234567 is not ≤ 1234566", "0.3333 is not ≥ 0.33331", "at most 1.00004e-6 apart, allowed are 1.00003e-6", "0.3333, expected 0.33331 ± 1e-9"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if *n != 9 || strings.Count(out.String(), "✗") != 9 || !strings.Contains(out.String(), "off by 1e-5") {
		t.Errorf("%d failures, said\n%s", *n, out)
	}
}

// The real thing: a failing check ends the process with 1 and a message.
func TestCheckEndsTheCell(t *testing.T) {
	if os.Getenv("KERNELEXT_FAIL") != "" {
		Check("a claim", 1, 2, .1)
		t.Fatal("the process went on")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestCheckEndsTheCell$")
	cmd.Env = append(os.Environ(), "KERNELEXT_FAIL=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("ended with %v", err)
	}
	if got := stderr.String(); !strings.Contains(got, "check failed: a claim: 1, expected 2 ± 0.1, off by 1") {
		t.Errorf("said %q", got)
	}
}

func TestLedger(t *testing.T) {
	out, n := capture(t), exits(t)
	row := cite.NewRow("mlam.f8", cite.Num(.0123456), cite.Cell{}, cite.HoldsInPart)
	Ledger(row)
	if *n != 0 || !strings.Contains(out.String(), "Ledger: MLAM, Figure 8") || !strings.Contains(out.String(), "0.0123") {
		t.Errorf("%d failures, said\n%s", *n, out)
	}
	data, err := record.Fields(row)
	if err != nil || data["ours_published"] != .0123456 || data["ours_tuned"] != nil || data["verdict"] != "holds in part" || len(data) != 9 {
		t.Errorf("%v, %v", data, err)
	}
	row.StandIn = true
	if Ledger(row); *n != 1 {
		t.Error("a row measured on a stand-in was shown")
	}
}

func TestExercises(t *testing.T) {
	out, n := capture(t), exits(t)
	isTwo := func(f func() float64) (bool, string) { return f() == 2, "you say " + draw.Num(f()) }
	Exercise("one", isTwo, func() float64 { panic("write me") })
	Exercise("two", isTwo, func() float64 { return 0 })
	Exercise("three", isTwo, func() float64 { return 2 })
	Exercise("four", isTwo, nil)
	Exercise("five", isTwo, func() float64 { var p *float64; return *p })
	Exercise("six", isTwo, func() float64 { return Must(0., errors.New("no oracle")) })
	Solution("three", isTwo, func() float64 { return 2 })
	if *n != 0 {
		t.Error("an open exercise failed the cell")
	}
	Solution("two", isTwo, func() float64 { return 0 })
	want := "☐ one: not solved yet: write me\n☐ two: not solved yet: you say 0\n☑ three: solved: you say 2\n☐ four: not solved yet\n" +
		"☐ five: not solved yet: it panics: runtime error: invalid memory address or nil pointer dereference\n☐ six: not solved yet: no oracle\n" +
		"☑ three: solved: you say 2\n☐ two: not solved yet: you say 0\n"
	if *n != 1 || out.String() != want {
		t.Errorf("%d failures, said\n%s", *n, out)
	}
}

func TestHoldsAndAgree(t *testing.T) {
	out, n := capture(t), exits(t)
	Holds("the first is first", true)
	a := [][]float64{{1, 2}, {3, 4}}
	Agree("rows and a matrix", a, ad.New(2, 2, []float64{1, 2, 3, 4.5}), 1)
	Agree("points", optimizee.X(ad.Col(1, math.Inf(1))), []float64{1, math.Inf(1)}, 0)
	want := "✓ the first is first: yes\n✓ rows and a matrix: at most 0.5 apart, allowed are 1\n✓ points: at most 0 apart, allowed are 0\n"
	if *n != 0 || out.String() != want {
		t.Errorf("%d failures, said\n%s", *n, out)
	}
	Holds("false", false)
	Agree("far", 1., 2., .5)
	Agree("not a number", []float64{math.NaN()}, []int{1}, 1)
	Agree("sizes", a, []float64{1}, 1)
	Agree("no numbers", "1", 1., 1)
	if *n != 5 {
		t.Errorf("%d of 5 failed", *n)
	}
}

// What follows a stand-in is marked, and the stand-in is announced once.
func TestData(t *testing.T) {
	out := capture(t)
	t.Cleanup(func() { state.standIns = nil })
	Data("real", false)
	if out.Len() > 0 || state.standIns != nil {
		t.Errorf("real data: %s", out)
	}
	Data("synthetic", true)
	Data("synthetic", true)
	if strings.Count(out.String(), "synthetic: a stand-in") != 1 || !state.standIns["synthetic"] {
		t.Errorf("said %s", out)
	}
}

func event(k, of int, elapsed time.Duration) train.Event {
	e := train.Event{Name: "demo", Unit: "minibatches", Done: k, Of: of, Over: k == of, Loss: 1 / float64(1+k), Validation: math.NaN(), Best: math.NaN(), Elapsed: elapsed}
	if k%5 == 0 {
		e.Validation = 2 / float64(1+k)
		e.Best = e.Validation
	}
	return e
}

func TestProgress(t *testing.T) {
	run := func(speed time.Duration) string {
		out := capture(t)
		clock := time.Unix(0, 0)
		p := &progress{name: "demo", now: func() time.Time { return clock }}
		for k := 1; k <= 20; k++ {
			clock = clock.Add(speed)
			p.event(event(k, 20, time.Duration(k)*speed))
		}
		p.event(event(20, 20, time.Hour)) // after the end: nothing more
		return out.String()
	}
	slow := run(time.Second)
	if slow != run(time.Millisecond) {
		t.Error("the final figure depends on the time")
	}
	if strings.Count(slow, "Training demo: 20 of 20 minibatches, best validation 0.0952") != 1 {
		t.Errorf("said %q", slow)
	}
}

func TestProgressLineAndChart(t *testing.T) {
	p := &progress{name: "<demo>", now: time.Now, shown: time.Now().Add(time.Hour)}
	const n = 20000
	var e train.Event
	for k := range n {
		e = event(k, 2*n, time.Duration(k)*time.Millisecond)
		if k == 7 {
			e.Loss, e.Note = math.NaN(), "clipped 3 of 5 segments"
		}
		p.event(e)
	}
	if got := p.line(e); !strings.Contains(got, "19999 of 40000 minibatches") || !strings.Contains(got, "20s left") || !strings.Contains(got, "clipped 3 of 5") {
		t.Errorf("line %q", got)
	}
	chart := p.live(e)
	if len(chart) > 100_000 || strings.Contains(chart, "NaN") || strings.Contains(chart, "<demo>") || strings.Count(chart, "<path") != 3 {
		t.Errorf("%d bytes: %.300s", len(chart), chart)
	}
}

func TestProgressEndsWhenStopped(t *testing.T) {
	for _, note := range []string{"stopped at 3", "diverged at minibatch 3"} {
		out := capture(t)
		report := Progress("demo")
		report(event(1, 20, 0))
		e := event(2, 20, 0)
		e.Note, e.Over = note, true
		if report(e); !strings.Contains(out.String(), "Training demo: 2 of 20 minibatches") || !strings.Contains(out.String(), note) {
			t.Errorf("said %q", out)
		}
	}
}

// Stop sends an interrupt; the cell then shows what it reached and ends by itself.
func TestStop(t *testing.T) {
	if os.Getenv("KERNELEXT_STOP") != "" {
		report := Progress("demo")
		report(event(1, 20, 0))
		report(event(2, 20, 0))
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if err := self.Signal(os.Interrupt); err != nil {
			t.Skipf("skipped: interrupts; this system cannot send them: %v", err)
		}
		select {
		case <-Context().Done():
		case <-time.After(5 * time.Second):
			t.Fatal("the context is still open")
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestStop$")
	cmd.Env = append(os.Environ(), "KERNELEXT_STOP=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Training demo: 2 of 20 minibatches") || !strings.Contains(string(out), "\nstopped\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestReportKeepsEverything(t *testing.T) {
	capture(t)
	exits(t)
	path := filepath.Join(t.TempDir(), "r.html")
	Report(path)
	Setup()
	Markdown("# Title with $x$")
	Check("claim", 1, 1, 0)
	Heat("a map", [][]float64{{1, 2}}, nil, nil, Axes{})
	Check("wrong", 1, 2, 0)
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<span class="math">x</span>`, "claim: 1, expected 1 ± 0", `class="l2o-fig"`, "wrong: 1, expected 2 ± 0, off by 1", "DecompressionStream"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if n := len(pictures(t, string(page))); n != 1 {
		t.Errorf("%d pictures", n)
	}
}
