package kernelext

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// misshapen is a rule that returns a point of another size.
func misshapen(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
	return func(x optimizee.Point) optimizee.Point { return x.With("x", ad.Col(1, 2, 3)) }, nil
}

// A reader's rule of a wrong shape is an error of the cell, or an exercise that is not
// solved; the process goes on.
func TestMisshapenRules(t *testing.T) {
	t.Setenv("L2O_KEEP", t.TempDir())
	out, n := capture(t), exits(t)
	says := stderr(t)
	entry := trace.Entry{Name: "mine", Rule: misshapen}
	c := trace.Config{Problems: 3, Steps: 3}
	Exercise("a rule", func(r optim.Rule) (bool, string) {
		res := Race(optimizee.SmallLasso, c, trace.Entry{Name: "mine", Rule: r})
		return res.Mean("mine", -1) < 1, ""
	}, optim.Rule(misshapen))
	if *n != 0 || !strings.Contains(out.String(), "☐ a rule: not solved yet: the race panics: ") || strings.Contains(out.String(), "goroutine") {
		t.Errorf("%d failures, said %s", *n, out)
	}
	Race(optimizee.SmallLasso, c, entry)
	KeptRace("kept", optimizee.SmallLasso, c, entry)
	Tuned("tuned", trace.Search{
		Family: optimizee.SmallLasso, Config: c, By: trace.LowestAt(3), Over: []trace.Range{trace.Lin("t", 0, 1, 2)},
		Rule: func([]float64) optim.Rule { return misshapen },
	})
	text := says()
	if *n != 5 || strings.Count(text, "the race panics") != 2 || !strings.Contains(text, "the search panics") || strings.Contains(text, "goroutine") { // kept ones fail twice where exit returns
		t.Errorf("%d failures, said %s", *n, text)
	}
}

// stderr collects what a cell fails with.
func stderr(t *testing.T) (said func() string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = w
	return func() string {
		os.Stderr = old
		_ = w.Close()
		b := make([]byte, 1<<16)
		n, _ := r.Read(b)
		return string(b[:n])
	}
}

func TestReadersFunctionIsNamed(t *testing.T) {
	stack := "goroutine 1 [running]:\nruntime/debug.Stack()\n\t/x.go:1\ngithub.com/l2olab/l2o/pkg/ad.Add(0x1)\n\t/y.go:2\nmain.myRule.func1.2({0x1})\n\t/main.go:3\nmain.main()\n\t/main.go:9\n"
	for s, want := range map[string]string{stack: ", in myRule", "main.(*net).Step(0x1)\n": ", in (*net).Step", "domain.f()": "", "": ""} {
		if got := inReaders(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

// What does not end with the context is left within a tenth of a second.
func TestUntil(t *testing.T) {
	best := time.Hour
	for range 5 { // other processes may hold us up
		ctx, cancel := context.WithCancel(t.Context())
		var began time.Time
		time.AfterFunc(10*time.Millisecond, func() { began = time.Now(); cancel() })
		forever := make(chan int)
		_, err := until(ctx, "the race", func() (int, error) { return <-forever, nil })
		best = min(best, time.Since(began))
		close(forever)
		if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "the race was stopped") {
			t.Fatal(err)
		}
	}
	if best > 100*time.Millisecond {
		t.Errorf("left after %v", best)
	}
	if v, err := until(t.Context(), "it", func() (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Error(v, err)
	}
}

// Stop ends an exercise and a race whose rules never return.
func TestStopEndsWhatNeverReturns(t *testing.T) {
	what := os.Getenv("KERNELEXT_FOREVER")
	endless := func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
		return func(optimizee.Point) optimizee.Point { select {} }, nil
	}
	if what != "" {
		Context()
		time.AfterFunc(100*time.Millisecond, func() {
			fmt.Println(time.Now().UnixNano())
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Signal(os.Interrupt)
		})
		switch what {
		case "exercise":
			Exercise("endless", func(func()) (bool, string) { select {} }, func() {})
		case "race":
			Race(optimizee.SmallLasso, trace.Config{Problems: 2, Steps: 2}, trace.Entry{Name: "endless", Rule: endless})
		case "contour":
			Contour("slow", func(x, _ float64) float64 { time.Sleep(10 * time.Millisecond); return x }, Region{0, 1, 0, 1}, nil, Axes{})
		}
		os.Exit(3)
	}
	for _, what := range []string{"exercise", "race", "contour"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestStopEndsWhatNeverReturns$")
		cmd.Env = append(os.Environ(), "KERNELEXT_FOREVER="+what)
		cmd.WaitDelay = time.Second
		kill := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		out, _ := cmd.CombinedOutput()
		end := time.Now()
		kill.Stop()
		var at int64
		_, err := fmt.Sscan(string(out), &at)
		late := end.Sub(time.Unix(0, at))
		if err != nil || late > 2*time.Second || !strings.Contains(string(out), "stopped") {
			t.Errorf("%s: %v after Stop, %v, said %s", what, late, err, out)
		}
		t.Logf("%s: %v", what, late)
	}
}

// Wrong use of the figures is named.
func TestNilIsNamed(t *testing.T) {
	none := (*trace.Results)(nil)
	for want, show := range map[string]func(){
		"there is nothing to draw":         func() { Convergence("c", none, Axes{}) },
		"there is nothing to draw: no":     func() { Box("c", none, Axes{}) },
		"needs a problem with a Value":     func() { Landscape("c", nil, Region{0, 1, 0, 1}, nil, Axes{}) },
		"clusters need a problem":          func() { Clusters("c", nil, optimizee.Point{}) },
		"the function that draws":          func() { Timeline[int]("c", "", []int{1}, 0, nil) },
		"needs a function and a region":    func() { Contour("c", nil, Region{0, 1, 0, 1}, nil, Axes{}) },
		"there is nothing that checks it":  func() { Exercise("c", nil, 7) },
		"needs a problem with a Value, no": func() { Landscape("c", &optimizee.Problem{}, Region{0, 1, 0, 1}, nil, Axes{}) },
	} {
		out := capture(t)
		want, _, _ = strings.Cut(want, ", no")
		if show(); !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want %q", out, want)
		}
	}
	n := exits(t)
	says := stderr(t)
	Race(nil, trace.Config{Problems: 1, Steps: 1}, trace.Entry{Name: "ISTA", Rule: optim.ISTA})
	KeptRace("nil", nil, trace.Config{})
	Tuned("nil", trace.Search{})
	Trained("nil", train.Job{})
	if text := says(); *n != 4 || strings.Contains(text, "nil pointer") {
		t.Errorf("%d failures, said %s", *n, text)
	}
	defer func() {
		if r := fmt.Sprint(recover()); r != `kernelext: PathOf: point 0 of "p" has 1 coordinates, and a path in the plane two` {
			t.Error(r)
		}
	}()
	PathOf("p", []optimizee.Point{optimizee.X(ad.Col(1))})
}
