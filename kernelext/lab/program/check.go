package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/console"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// defaultDrift is how far numbers may move on another processor, relative to themselves or to their bound, where a notebook
// states no tolerance: trainings end elsewhere there. On one machine they do not move at all.
const defaultDrift = 0.1

// A checking is what runCheck was asked for.
type checking struct {
	timeout time.Duration
	drift   float64
	atOnce  int
	all     bool
}

// parseCheck reads the arguments of check.
func parseCheck(args []string) (c checking, files []string, err error) {
	fs := flags("check")
	fs.DurationVar(&c.timeout, "timeout", defaultTimeout, "time that one cell may take")
	fs.Float64Var(&c.drift, "drift", defaultDrift, "how far numbers in texts and those below a bound may move, relative")
	fs.IntVar(&c.atOnce, "at-once", 1+runtime.NumCPU()/8, "notebooks that run at the same time")
	fs.BoolVar(&c.all, "all", false, "check also those that are as they were when they were checked last")
	if files, err = parse(fs, args); err != nil {
		return c, nil, err
	}
	switch {
	case c.timeout <= 0:
		err = usageError{fmt.Sprintf("check: -timeout %v: give a positive duration such as 90s or 5m", c.timeout)}
	case !(c.drift >= 0 && c.drift < 1):
		err = usageError{fmt.Sprintf("check: -drift %v: give a number from 0 to below 1", c.drift)}
	case c.atOnce < 1:
		err = usageError{fmt.Sprintf("check: -at-once %d: at least one notebook has to run", c.atOnce)}
	}
	return c, files, err
}

// runCheck re-runs notebooks, changing none, and compares what they say.
func runCheck(ctx context.Context, args []string) error {
	c, names, err := parseCheck(args)
	if err != nil {
		return err
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	files, err := r.orAll(names)
	if err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	s := newStep("look at what has changed")
	prints, err := r.fingerprints(ctx, files)
	s.End(err)
	if err != nil {
		return err
	}
	if len(names) == 0 && !c.all {
		before, checked := len(files), r.readChecked()
		files = slices.DeleteFunc(files, func(f string) bool { return prints[f] != "" && checked[r.key(f)] == prints[f] })
		if n := before - len(files); n > 0 {
			fmt.Printf("%d of %d notebooks are as they were when they were last checked, and so is what they use of the library (-all checks them too)\n", n, before)
		}
	}
	return r.checkAll(ctx, files, c, func(f string) error {
		return r.writeChecked(r.key(f), prints[f])
	})
}

// checkAll checks files, some at once, and calls passed after each that is as committed.
func (r *repo) checkAll(ctx context.Context, files []string, c checking, passed func(file string) error) error {
	var left error
	failed := 0
	board := newBoard(len(files))
	next := make(chan string)
	var workers sync.WaitGroup
	for range c.atOnce {
		workers.Go(func() {
			for f := range next {
				start := time.Now()
				tell := board.begin(relative(f))
				v, err := r.checkOne(ctx, f, c, tell)
				board.end(relative(f), func() {
					switch {
					case ctx.Err() != nil:
					case err != nil:
						failed++
						fmt.Printf("✗ %s: %s\n", relative(f), console.Plain(withoutPath(err)))
					case v.tell(relative(f), time.Since(start)):
						left = errors.Join(left, passed(f))
					default:
						failed++
					}
				})
			}
		})
	}
	for _, f := range files {
		if ctx.Err() == nil {
			next <- f
		}
	}
	close(next)
	workers.Wait()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case failed > 0:
		fmt.Printf("%d of %d notebooks differ\n", failed, len(files))
		return errReported
	}
	return left
}

// A verdict is what a check of one notebook has found.
type verdict struct {
	records, texts int      // compared
	diffs          []string // what is different
	left           []string // what has nothing to be compared with, because its data were a stand-in
	notes          []string
}

// tell prints a verdict and reports whether all is as committed.
func (v verdict) tell(name string, took time.Duration) bool {
	for _, n := range v.notes {
		fmt.Printf("· %s: %s\n", name, console.Plain(n))
	}
	for _, l := range v.left {
		fmt.Printf("· %s: %s, because this run had a stand-in for data that are not here; L2O_DATA names a folder with data\n", name, console.Plain(l))
	}
	for _, d := range v.diffs {
		fmt.Printf("✗ %s: %s\n", name, console.Plain(d))
	}
	if len(v.diffs) > 0 {
		return false
	}
	fmt.Printf("✓ %s: %d checks and ledger rows, and %d texts, as committed (%.1f s)\n", name, v.records-len(v.left), v.texts, took.Seconds())
	return true
}

// checkOne runs a notebook again and compares.
func (r *repo) checkOne(ctx context.Context, file string, c checking, tell listener) (verdict, error) {
	nb, err := jupyter.ReadFile(file)
	if err != nil {
		return verdict{}, err
	}
	if !executed(nb) {
		return verdict{diffs: []string{"it was not executed: there is nothing to compare with; execute it and commit it"}}, nil
	}
	again, err := r.execute(ctx, file, c.timeout, tell)
	if err != nil || len(again.problems) > 0 {
		return verdict{diffs: again.problems, notes: again.notes}, err
	}
	v, err := compare(nb, again.nb, c.drift)
	v.notes = again.notes
	return v, err
}

// compare says where a fresh run of a notebook differs from the committed one.
func compare(committed, fresh *jupyter.Notebook, drift float64) (v verdict, err error) {
	old, errOld := entries(committed)
	now, errNow := entries(fresh)
	before, errBefore := standIns(committed)
	after, errAfter := standIns(fresh)
	if err := errors.Join(errOld, errNow, errBefore, errAfter); err != nil {
		return verdict{}, err
	}
	other := map[int]bool{} // cells whose data were real and are a stand-in now
	for cell, names := range after {
		for name := range names {
			other[cell] = other[cell] || !before[cell][name]
		}
	}
	v.records = len(old)
	v.diffs, v.left = judge(differences(old, now, drift), other)
	texts, diffs := textDifferences(committed, fresh, drift, other)
	v.texts, v.diffs = texts, append(v.diffs, diffs...)
	return v, nil
}

// judge splits differences into those that stand and those that have nothing to be compared with: where the cell that they
// come from has had to do with a stand-in, entries that are gone were left out, and those measured are about other data.
func judge(diffs []difference, other map[int]bool) (stand, left []string) {
	for _, d := range diffs {
		switch {
		case !other[d.cell]:
			stand = append(stand, d.text)
		case d.change == gone || d.change == onOther:
			left = append(left, d.text)
		case !d.standIn:
			stand = append(stand, d.text)
		}
	}
	return stand, left
}

// orAll returns the given notebooks as absolute paths, or all of the repository if none is given.
func (r *repo) orAll(files []string) ([]string, error) {
	if len(files) == 0 {
		all, err := r.notebooks()
		if err == nil && len(all) == 0 {
			err = fmt.Errorf("there are no notebooks in %s", filepath.Join(r.root, "notebooks"))
		}
		return all, err
	}
	abs := make([]string, len(files))
	for i, f := range files {
		if !strings.HasSuffix(f, ".ipynb") {
			return nil, usageError{fmt.Sprintf("%s is not a notebook (its name does not end in .ipynb)", f)}
		}
		if _, err := os.Stat(f); err != nil {
			return nil, err
		}
		var err error
		if abs[i], err = filepath.Abs(f); err != nil {
			return nil, err
		}
	}
	return abs, nil
}
