package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/l2olab/l2o/pkg/nn"
)

// result is what the rounds of a workload gave, in milliseconds per unit.
type result struct {
	peer             string
	ours, theirs     float64 // medians
	ratio, low, high float64
	alone            answer  // of a training with fresh problems and nothing else
	theirMB          float64 // peak memory, 0 for unknown
}

// more is the rest of the line: the memory of a training and its multiple of what
// the machine can do.
func (r result) more(w workload, peak float64) string {
	text := ""
	if w.name == "l2opa-train" {
		bound := trainBound(peak)
		text += fmt.Sprintf("; %.2f× the compute bound of %s; with fresh problems and their step sizes %s; peak memory %.0f MB", r.ours/bound, ms(bound), ms(r.alone.MS), r.alone.MB)
		if r.theirMB > 0 {
			text += fmt.Sprintf(", peer %.0f MB", r.theirMB)
		}
	} else if w.flops > 0 {
		text += fmt.Sprintf("; %.0f GF/s", w.flops/r.ours*1e-6)
	}
	return text
}

// race lets the two sides take turns.
func race(ctx context.Context, dir string, w workload, peer string, rounds int) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	ours, theirs, err := sides(ctx, dir, self, w, peer)
	if err != nil {
		return result{}, err
	}
	defer theirs.end() //nolint:errcheck // they have said all that was wanted
	defer ours.end()   //nolint:errcheck // as above
	if err := agree(ours.first.Check, theirs.first.Check, w.tolerance); err != nil {
		return result{}, err
	}
	r := result{peer: theirs.first.Peer}
	var a, b, ratios []float64
	for start := time.Now(); rounds > 0 && len(a) < rounds || rounds <= 0 && (len(a) < 3 || time.Since(start) < budget); {
		x, err := ours.round()
		pause()
		y, err2 := theirs.round()
		pause()
		if err := errors.Join(err, err2, ctx.Err()); err != nil {
			return r, err
		}
		a, b, ratios = append(a, x.MS), append(b, y.MS), append(ratios, y.MS/x.MS)
		r.theirMB = max(r.theirMB, y.MB)
	}
	r.ours, r.theirs = median(a), median(b)
	r.ratio, r.low, r.high = r.theirs/r.ours, slices.Min(ratios), slices.Max(ratios)
	if w.name == "l2opa-train" {
		if r.alone, err = training(ctx, self); err != nil {
			return r, err
		}
	}
	return r, nil
}

// sides starts both.
func sides(ctx context.Context, dir, self string, w workload, peer string) (ours, theirs *talk, err error) {
	if w.against != "" {
		theirs, err = itself(ctx, self, w.against)
	} else {
		theirs, err = withInputs(ctx, dir, w, peer)
	}
	if err != nil {
		return nil, nil, err
	}
	if ours, err = itself(ctx, self, w.name); err != nil {
		return nil, nil, errors.Join(err, theirs.end())
	}
	return ours, theirs, nil
}

// withInputs starts a script with the inputs of a workload in a file.
func withInputs(ctx context.Context, dir string, w workload, peer string) (*talk, error) {
	inputs := filepath.Join(dir, w.name+".safetensors")
	j, err := w.make()
	if err != nil {
		return nil, err
	}
	j.meta["units"] = strconv.Itoa(w.units)
	if err := nn.Save(inputs, j.inputs, j.meta); err != nil {
		return nil, err
	}
	j.stop()
	return python(ctx, dir, peer, w.name, inputs)
}

// pause lets the threads of one side go to sleep, which they do only after a while
// of waiting for more work, before the other side begins.
func pause() { time.Sleep(300 * time.Millisecond) }

// agree compares the results of both sides.
func agree(ours, theirs []float64, tolerance float64) error {
	if len(ours) != len(theirs) {
		return fmt.Errorf("%d results to compare with the peer's %d", len(ours), len(theirs))
	}
	for i, x := range ours {
		if y := theirs[i]; !(math.Abs(x-y) <= tolerance*math.Abs(y)) {
			return fmt.Errorf("result %d is %.9g and the peer's %.9g, which is more than %g apart: the two do not compute the same", i, x, y, tolerance)
		}
	}
	return nil
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}
