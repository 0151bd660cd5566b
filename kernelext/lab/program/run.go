package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/console"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// defaultTimeout is how long one cell may run. A notebook of this project takes two minutes in all; four more leave room
// for a slow machine.
const defaultTimeout = 6 * time.Minute

// runRun executes notebooks.
func runRun(ctx context.Context, args []string) error {
	fs := flags("run")
	html := fs.Bool("html", false, "also write a self-contained HTML report of each")
	out := fs.String("o", "", "write to this file, or into this folder, instead of back to the notebook")
	timeout := fs.Duration("timeout", defaultTimeout, "time that one cell may take")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	jobs, err := planRun(files, *out)
	if err != nil {
		return err
	}
	if *timeout <= 0 {
		return usageError{fmt.Sprintf("run: -timeout %v: give a positive duration such as 90s or 5m", *timeout)}
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	return r.runAll(ctx, jobs, *timeout, *html)
}

// A job is one notebook to execute.
type job struct {
	in  string // the notebook
	out string // where the executed notebook goes; the same as in: only if no cell fails
}

// planRun checks the arguments of run and decides where each result goes.
func planRun(files []string, out string) ([]job, error) {
	if len(files) == 0 {
		return nil, usageError{"run: name at least one notebook, such as notebooks/00-start-here.ipynb"}
	}
	toFolder := isDir(out) || strings.HasSuffix(out, string(filepath.Separator))
	if out != "" && len(files) > 1 && !toFolder {
		return nil, usageError{fmt.Sprintf("run: -o %s is one file, but there are %d notebooks: name a folder (end it with a slash)", out, len(files))}
	}
	seen := map[string]string{}
	var jobs []job
	for _, f := range files {
		if !strings.HasSuffix(f, ".ipynb") {
			return nil, usageError{fmt.Sprintf("run: %s is not a notebook (its name does not end in .ipynb)", f)}
		}
		if _, err := os.Stat(f); err != nil {
			return nil, fmt.Errorf("run: %w", err)
		}
		abs, err := filepath.Abs(f)
		if err != nil {
			return nil, err
		}
		j := job{in: abs, out: abs}
		if toFolder {
			j.out = filepath.Join(out, filepath.Base(f))
		} else if out != "" {
			j.out = out
		}
		if other, ok := seen[j.out]; ok {
			return nil, usageError{fmt.Sprintf("run: %s and %s would both be written to %s", other, f, j.out)}
		}
		seen[j.out] = f
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// runAll executes the jobs one after the other, so that each has the machine for itself. A notebook that fails, or that
// cannot be read, does not keep the others from running.
func (r *repo) runAll(ctx context.Context, jobs []job, timeout time.Duration, html bool) error {
	var reports *reporter
	if html {
		reports = r.newReporter(jobs)
	}
	failed := 0
	for _, j := range jobs {
		err := r.runOne(ctx, j, timeout, reports)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			failed++
		}
		if err != nil && !errors.Is(err, errReported) {
			fmt.Printf("✗ %s: %s\n", relative(j.in), console.Plain(withoutPath(err)))
		}
	}
	if failed > 0 {
		if len(jobs) > 1 {
			fmt.Printf("%d of %d notebooks failed\n", failed, len(jobs))
		}
		return errReported
	}
	return nil
}

// runOne executes a job and writes what came of it. The error is errReported when it has told already what is wrong.
func (r *repo) runOne(ctx context.Context, j job, timeout time.Duration, reports *reporter) error {
	start := time.Now()
	s := newStep(relative(j.in))
	done, err := r.execute(ctx, j.in, timeout, func(cell, of int, reached func() string, words string) {
		s.SetFunc(0, 0, inCell(cell, of, reached, words))
	})
	s.Clear()
	if err != nil {
		return err
	}
	for _, n := range append(done.notes, figureWarnings(done.nb)...) {
		fmt.Printf("· %s: %s\n", relative(j.in), console.Plain(n))
	}
	for _, p := range done.problems {
		fmt.Printf("✗ %s: %s\n", relative(j.in), console.Plain(p))
	}
	ok := len(done.problems) == 0
	switch {
	case ok || j.out != j.in:
		if err := done.nb.WriteFile(j.out); err != nil {
			return err
		}
	default:
		fmt.Printf("  %s is as it was; -o FILE or -html show how far it came\n", relative(j.in))
	}
	if ok {
		fmt.Printf("✓ %s (%.1f s)\n", relative(j.in), time.Since(start).Seconds())
	}
	if reports != nil {
		file, err := reports.write(j, done.nb, done.problems)
		if err == nil && plays(done.nb) {
			err = r.playNow(ctx, filepath.Dir(file))
		}
		if err != nil {
			return err
		}
		fmt.Printf("  report: %s\n", relative(file))
	}
	if !ok {
		return errReported
	}
	return nil
}

// A listener hears which cell of how many begins, what tells how far its training is, and its first words.
type listener func(cell, of int, reached func() string, words string)

// inCell tells which cell runs, for how long, how far its training is, and with which words it begins.
func inCell(cell, of int, reached func() string, words string) func() string {
	start := time.Now()
	return func() string {
		parts := []string{fmt.Sprintf("cell %d of %d for %.0f s", cell, of, time.Since(start).Seconds())}
		for _, part := range []string{reached(), words} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, " · ")
	}
}

// withoutPath is what an error says beside the name of the file, which stands before it.
func withoutPath(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// Tags of cells, known from Jupyter's own tools.
const (
	mayFail = "raises-exception" // its failure is part of the lesson
	skipped = "skip-execution"   // it is left as it is
)

// An execution is a notebook with its new outputs.
type execution struct {
	nb       *jupyter.Notebook
	problems []string // one for each thing that went wrong
	notes    []string // what the reader should know
}

// execute runs the cells of a notebook in a fresh kernel up to the first one that fails. Cells behind the failing one lose
// their outputs: they would not belong to this run. tell hears which cell begins. err is for what is nobody's fault in a cell.
func (r *repo) execute(ctx context.Context, path string, timeout time.Duration, tell listener) (done execution, err error) {
	nb, err := jupyter.ReadFile(path)
	if err != nil {
		return execution{}, err
	}
	if language, kernel := nb.Language(); language != "" && !strings.EqualFold(language, "go") {
		return execution{}, fmt.Errorf("it is written for the kernel %q (%s), and this one runs Go", kernel, language)
	}
	session, err := r.startSession(ctx, path)
	if err != nil {
		return execution{}, err
	}
	defer func() { err = errors.Join(err, session.close()) }()

	done.nb = nb
	results := map[int]*jupyter.Result{}
	cells := nb.Cells()
	for i, cell := range cells {
		if cell.Kind() != "code" || strings.TrimSpace(cell.Source()) == "" {
			continue
		}
		if cell.Tagged(skipped) {
			done.notes = append(done.notes, fmt.Sprintf("cell %d was not executed (%s)", i+1, skipped))
			continue
		}
		tell(i+1, len(cells), session.reached, firstWords(cell.Source()))
		res, failure, note := session.run(ctx, cell, timeout)
		if ctx.Err() != nil {
			return execution{}, context.Cause(ctx)
		}
		results[i] = res
		if note != "" {
			done.notes = append(done.notes, fmt.Sprintf("cell %d: %s", i+1, note))
		}
		if failure != "" {
			done.problems = append(done.problems, fmt.Sprintf("cell %d: %s", i+1, failure))
			break
		}
	}
	n := 0
	for i, cell := range cells {
		if cell.Kind() != "code" || cell.Tagged(skipped) {
			continue
		}
		if res := results[i]; res != nil {
			n++
			cell.SetResult(n, scrub(jupyter.Settle(res.Outputs())))
		} else {
			cell.SetResult(0, nil)
		}
	}
	return done, nil
}

// firstWords tells a reader which cell it is: its first line of code or of comment.
func firstWords(source string) string {
	for line := range strings.Lines(source) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '%' && line[0] != '!' {
			return line
		}
	}
	return strings.TrimSpace(source)
}
