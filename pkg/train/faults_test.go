package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// kills is how many processes a test kills: 30 where all tests are required.
func kills() int {
	if os.Getenv("L2O_REQUIRE") == "1" {
		return 30
	}
	return 4
}

// resumable are trainings to kill.
func resumable(kind, file string) (train.Result, error) {
	c := tiny
	c.Minibatches, c.Validation.Every = 60, 3
	o, family := pa(), optimizee.Family(tinyLasso)
	if kind == "phases" {
		c, o, family = tinySuper, lista.CPSS(tinyNet), tinyRecovery
		c.Minibatches, c.Validation.Every = 10, 4
	}
	c.Checkpoint, c.CheckpointEvery = file, time.Nanosecond
	if os.Getenv("L2O_TRAIN_UNTIL_KILLED") != "" {
		c.Report = func(train.Event) { time.Sleep(3 * time.Millisecond) } // gives the killer time to hit
	}
	return train.Run(context.Background(), o, family, c)
}

// start runs a test of this binary that trains with a checkpoint.
func start(t *testing.T, test, kind, file, procs string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), "L2O_TRAIN_UNTIL_KILLED="+kind+":"+file, "GOMAXPROCS="+procs)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// child trains where this process is one that start began.
func child(t *testing.T) bool {
	t.Helper()
	kind, file, ok := strings.Cut(os.Getenv("L2O_TRAIN_UNTIL_KILLED"), ":")
	if ok {
		if _, err := resumable(kind, file); err != nil {
			t.Fatal(err)
		}
	}
	return ok
}

// TestKilledAndResumed kills a training process at random moments, for one core and for
// two, and resumes it each time: θ has to end in the same bits.
func TestKilledAndResumed(t *testing.T) {
	if child(t) {
		return
	}
	rng := rand.New(rand.NewPCG(5, 5))
	for _, kind := range []string{"plain", "phases"} {
		whole, err := resumable(kind, "")
		if err != nil {
			t.Fatal(err)
		}
		want := fingerprint(whole.Theta)
		for _, procs := range []string{"1", "2"} {
			file := filepath.Join(t.TempDir(), "checkpoint")
			hits, lost := 0, 0
			for hits+lost < kills() {
				cmd := start(t, "TestKilledAndResumed", kind, file, procs)
				time.Sleep(time.Duration(15+rng.IntN(60)) * time.Millisecond)
				_ = cmd.Process.Kill() // it may have ended by itself
				if cmd.Wait() != nil {
					hits++
				} else {
					lost++
					_ = os.Remove(file)
				}
			}
			r, err := resumable(kind, file)
			if got := fingerprint(r.Theta); err != nil || got != want || r.Best != whole.Best {
				t.Errorf("%s, GOMAXPROCS=%s: θ is %s after %d interruptions, %s without: %v", kind, procs, got, hits, want, err)
			}
			if hits == 0 {
				t.Error("no kill hit a running training")
			}
			if left, _ := os.ReadDir(filepath.Dir(file)); len(left) != 1 {
				t.Errorf("left beside the checkpoint: %v", left)
			}
			t.Logf("%s, GOMAXPROCS=%s: %d kills hit a running training", kind, procs, hits)
		}
	}
}

// TestTwoProcesses: two trainings on one checkpoint, one of which is killed, end in the same bits.
func TestTwoProcesses(t *testing.T) {
	if child(t) {
		return
	}
	whole, err := resumable("plain", "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "checkpoint")
	one, two := start(t, "TestTwoProcesses", "plain", file, "1"), start(t, "TestTwoProcesses", "plain", file, "2")
	time.Sleep(60 * time.Millisecond)
	third := start(t, "TestTwoProcesses", "plain", file, "2")
	time.Sleep(30 * time.Millisecond)
	_ = third.Process.Kill()
	_ = third.Wait()
	for _, cmd := range []*exec.Cmd{one, two} {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	r, err := resumable("plain", file)
	if err != nil || fingerprint(r.Theta) != fingerprint(whole.Theta) || !slices.Equal(r.Validation, whole.Validation) {
		t.Errorf("%d minibatches: %v", r.Minibatches, err)
	}
}

// TestCheckpointThatCannotBeWritten: it is a note while the training runs, an error beside
// the whole result at its end, and forgotten when there is room again.
func TestCheckpointThatCannotBeWritten(t *testing.T) {
	want := fingerprint(run(t, tiny).Theta)
	for _, back := range []bool{false, true} {
		folder := filepath.Join(t.TempDir(), "folder")
		c := tiny
		c.Checkpoint, c.CheckpointEvery = filepath.Join(folder, "c"), time.Nanosecond
		noted := 0
		c.Report = func(e train.Event) {
			if strings.Contains(e.Note, "goes on without a checkpoint") {
				noted++
			}
			switch {
			case e.Done == 1: // a file is where the folder was
				_ = os.RemoveAll(folder)
				if err := os.WriteFile(folder, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			case e.Done == 4 && back:
				_ = os.Remove(folder)
			}
		}
		r, err := train.Run(context.Background(), pa(), tinyLasso, c)
		var u *train.Unsaved
		if back != (err == nil) || !back && !errors.As(err, &u) || noted == 0 || fingerprint(r.Theta) != want {
			t.Errorf("room again: %v: %d notes, %d minibatches, %v", back, noted, r.Minibatches, err)
		}
	}
}

// faulty makes validations that are not finite now and then.
func faulty(values ...float64) trace.Measure {
	n := 0
	return trace.Measure{Name: "faulty", Of: func(*optimizee.Problem, optimizee.Point) float64 {
		n++
		return values[(n-1)%len(values)]
	}}
}

// TestValidationsThatAreNotFinite: they are named, choose no θ and end nothing; only where
// there is no other, the end says so.
func TestValidationsThatAreNotFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		values []float64
		best   float64
		named  int
		bad    bool
	}{
		{[]float64{nan, 5, inf, 3, nan, 4}, 3, 3, false},
		{[]float64{inf, 7}, 7, 3, false},
		{[]float64{nan}, nan, 6, true},
		{[]float64{inf}, nan, 6, true},
		{[]float64{2, math.Inf(-1)}, math.Inf(-1), 0, false},
	} {
		config := tiny
		config.Validation = train.Validation{Problems: 1, Every: 1, Measure: faulty(c.values...)}
		config.Checkpoint, config.CheckpointEvery = filepath.Join(t.TempDir(), "c"), time.Nanosecond
		named := 0
		config.Report = func(e train.Event) {
			if strings.Contains(e.Note, "so its θ is not taken") {
				named++
			}
		}
		r, err := train.Run(context.Background(), pa(), tinyLasso, config)
		if c.bad != (err != nil && strings.Contains(err.Error(), "no validation of the last phase was finite")) || !c.bad && err != nil {
			t.Errorf("%v: %v", c.values, err)
		}
		if r.Minibatches != 6 || len(r.Validation) != 6 || r.Best != c.best && !math.IsNaN(c.best) || math.IsNaN(c.best) != math.IsNaN(r.Best) || named != c.named {
			t.Errorf("%v: %d minibatches, validations %v, best %g, %d named", c.values, r.Minibatches, r.Validation, r.Best, named)
		}
		if err := r.Theta.Finite(); err != nil {
			t.Error(err)
		}
	}
}

// TestParametersThatAreNotFinite: no training ends with one and without an error.
func TestParametersThatAreNotFinite(t *testing.T) {
	for _, lr := range []float64{1e30, 1e200, 1e250} {
		for _, problems := range []int{0, 4} {
			c := tiny
			c.Minibatches, c.Segment, c.LR, c.Validation = 15, 10, lr, train.Validation{Problems: problems, Every: 5}
			r, err := train.Run(context.Background(), pa(), tinyLasso, c)
			if bad := r.Theta.Finite(); bad != nil {
				t.Errorf("LR %g: %v, %v", lr, err, bad)
			}
			if v := r.Validation; err == nil && len(v) > 0 && math.IsNaN(r.Best) {
				t.Errorf("LR %g: validations %v", lr, v)
			}
			t.Logf("LR %g, %d validation problems: %v", lr, problems, err)
		}
	}
}
