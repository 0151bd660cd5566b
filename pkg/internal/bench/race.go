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
	"github.com/l2olab/l2o/pkg/trace"
)

// budget is how long each side of a workload is measured when the number of rounds is not given.
const budget = 10 * time.Second

// A bench measures workloads.
type bench struct {
	dir    string   // with the scripts and the inputs
	self   string   // this program
	peers  []string // asked for; those that a workload does not have are left out
	rounds int      // of each workload, 0 for as many as the budget has room for
	beside bool     // also beside a busy process
	nice   int      // of that process
	peak   float64  // GF/s
	say    func(format string, args ...any)
	heard  map[string]bool // what was said once and for all
}

// A side is one of those that take turns.
type side struct {
	name string
	talk *talk
	each []float64 // ms per unit of each round
	mb   float64   // peak memory
}

// measure lets the sides of a workload take turns and says a line for each.
func (b *bench) measure(ctx context.Context, w workload) error {
	sides, err := b.sides(ctx, w)
	defer func() {
		for _, s := range sides {
			_ = s.talk.end() // they have said all that was wanted
		}
	}()
	if err != nil {
		return err
	}
	if err := b.under(ctx, quiet, w, sides); err != nil || !b.beside {
		return err
	}
	n, err := beside(ctx, b.self, b.nice)
	if err != nil {
		return err
	}
	return errors.Join(b.under(ctx, busy, w, sides), n.end())
}

// sides starts ours and the peers that are there, and compares what they compute.
func (b *bench) sides(ctx context.Context, w workload) (sides []*side, err error) {
	start := func(name string, begin func() (*talk, error)) error {
		t, err := begin()
		var skip *skipped
		if errors.As(err, &skip) {
			b.once("%s skipped: %s", name, skip.why)
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		sides = append(sides, &side{name: name, talk: t})
		return nil
	}
	if err := start(ours, func() (*talk, error) { return itself(ctx, b.self, w.name) }); err != nil {
		return sides, err
	}
	if w.against != "" {
		err = start(w.against, func() (*talk, error) { return itself(ctx, b.self, w.against) })
	} else {
		err = b.startPeers(ctx, w, start)
	}
	for _, s := range sides[1:] {
		b.once("%s: %s", s.name, s.talk.first.Peer)
		if err := agree(sides[0].talk.first.Check, s.talk.first.Check, w.tolerance); err != nil {
			return sides, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return sides, err
}

// startPeers starts the scripts that have the workload, with its inputs in a file.
func (b *bench) startPeers(ctx context.Context, w workload, start func(string, func() (*talk, error)) error) error {
	inputs := filepath.Join(b.dir, w.name+".safetensors")
	j, err := w.make()
	if err != nil {
		return err
	}
	j.meta["units"] = strconv.Itoa(w.units)
	err = nn.Save(inputs, j.inputs, j.meta)
	j.stop()
	for _, p := range b.peers {
		if err != nil {
			break
		}
		if offers(p, w.name) {
			err = start(p, func() (*talk, error) { return python(ctx, b.dir, p, w.name, inputs) })
		}
	}
	return err
}

// once says what is said of all workloads.
func (b *bench) once(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !b.heard[text] {
		b.heard[text] = true
		b.say("# %s", text)
	}
}

// under runs the rounds under a condition and says their lines.
func (b *bench) under(ctx context.Context, condition string, w workload, sides []*side) error {
	for _, s := range sides {
		s.each = nil
	}
	room := time.Duration(len(sides)) * budget
	for start, n := time.Now(), 0; b.rounds > 0 && n < b.rounds || b.rounds <= 0 && (n < 3 || time.Since(start) < room); n++ {
		for _, s := range sides {
			a, err := s.talk.round()
			if err := errors.Join(err, ctx.Err()); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			s.each, s.mb = append(s.each, a.MS), max(s.mb, a.MB)
			pause()
		}
	}
	first := row{workload: w.name, condition: condition, side: ours, ms: trace.Median(sides[0].each), mb: sides[0].mb}
	if err := b.remark(ctx, w, &first); err != nil {
		return err
	}
	b.say("%v", first)
	for _, s := range sides[1:] {
		ratios := make([]float64, len(s.each))
		for i, x := range s.each {
			ratios[i] = x / sides[0].each[i]
		}
		r := row{workload: w.name, condition: condition, side: s.name, ms: trace.Median(s.each), mb: s.mb}
		r.ratio, r.low, r.high = r.ms/first.ms, slices.Min(ratios), slices.Max(ratios)
		b.say("%v", r)
	}
	return nil
}

// remark notes what a time comes to: a multiple of what the machine can do, or a rate. The
// memory of a training of L2O-PA is that of a process that does nothing else.
func (b *bench) remark(ctx context.Context, w workload, r *row) error {
	switch {
	case w.name == "l2opa-train":
		bound := trainBound(b.peak)
		r.note = fmt.Sprintf("%.2f× the compute bound of %s", r.ms/bound, ms(bound))
		alone, err := training(ctx, b.self)
		r.note += "; with fresh problems and their step sizes " + ms(alone.MS)
		r.mb = alone.MB
		return err
	case w.flops > 0:
		r.note = fmt.Sprintf("%.0f GF/s", w.flops/r.ms*1e-6)
	}
	return nil
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

// newBench prepares a folder with the scripts of the peers; end removes it.
func newBench(say func(format string, args ...any)) (b *bench, end func(), err error) {
	b = &bench{say: say, heard: map[string]bool{}}
	if b.self, err = os.Executable(); err != nil {
		return nil, nil, err
	}
	if b.dir, err = os.MkdirTemp("", "l2obench"); err != nil {
		return nil, nil, err
	}
	end = func() { _ = os.RemoveAll(b.dir) }
	if err := os.CopyFS(b.dir, scripts); err != nil {
		end()
		return nil, nil, err
	}
	return b, end, nil
}
