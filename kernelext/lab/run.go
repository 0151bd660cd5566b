package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

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

// runAll executes the jobs one after the other, so that each has the machine for itself. A notebook that fails does not
// keep the others from running.
func (r *repo) runAll(ctx context.Context, jobs []job, timeout time.Duration, html bool) error {
	var reports *reporter
	if html {
		reports = r.newReporter(jobs)
	}
	failed := 0
	for _, j := range jobs {
		start := time.Now()
		nb, problems, err := r.execute(ctx, j.in, timeout)
		if err != nil {
			return fmt.Errorf("%s: %w", relative(j.in), err)
		}
		for _, p := range problems {
			fmt.Printf("✗ %s: %s\n", relative(j.in), p)
		}
		ok := len(problems) == 0
		if ok {
			fmt.Printf("✓ %s (%.1f s)\n", relative(j.in), time.Since(start).Seconds())
		} else {
			failed++
		}
		switch {
		case ok || j.out != j.in:
			if err := nb.WriteFile(j.out); err != nil {
				return err
			}
		default:
			fmt.Printf("  %s is as it was; -o FILE or -html show how far it came\n", relative(j.in))
		}
		if reports != nil {
			file, err := reports.write(j, nb, problems)
			if err != nil {
				return err
			}
			fmt.Printf("  report: %s\n", relative(file))
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

// mayFail is the tag, known from Jupyter's own tools, of a cell whose failure is part of the lesson.
const mayFail = "raises-exception"

// execute runs the cells of a notebook in a fresh kernel up to the first one that fails, and returns the notebook
// with its new outputs, together with one line for each thing that went wrong. Cells behind the failing one lose
// their outputs: they would not belong to this run. err is for what is nobody's fault in the notebook.
func (r *repo) execute(ctx context.Context, path string, timeout time.Duration) (nb *jupyter.Notebook, problems []string, err error) {
	nb, err = jupyter.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	// The kernel's temporary files lie in a folder of ours, so that nothing stays behind even if it is killed.
	tmp, err := os.MkdirTemp("", "l2o-run-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	env := r.kernelEnv(false)
	env["TMPDIR"] = tmp
	if os.Getenv("L2O_KEEP") == "" { // what the notebook keeps is computed anew: its outputs are this code's, not an older run's
		env["L2O_KEEP"] = filepath.Join(tmp, "keep")
	}
	client, err := jupyter.Start(ctx, jupyter.Spec{
		Argv: r.kernelArgv("-raw_error=true"), // compile errors as text, for the terminal
		Env:  environ(env), Dir: filepath.Dir(path),
	})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()

	results := map[int]*jupyter.Result{}
	cells := nb.Cells()
	for i, cell := range cells {
		if cell.Kind() != "code" || strings.TrimSpace(cell.Source()) == "" {
			continue
		}
		res, failure := runCell(ctx, client, cell, timeout)
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		results[i] = res
		if failure != "" {
			problems = append(problems, fmt.Sprintf("cell %d: %s", i+1, failure))
			break
		}
	}
	n := 0
	for i, cell := range cells {
		if cell.Kind() != "code" {
			continue
		}
		if res := results[i]; res != nil {
			n++
			cell.SetResult(n, scrub(jupyter.Settle(res.Outputs())))
		} else {
			cell.SetResult(0, nil)
		}
	}
	return nb, problems, nil
}

// kernelFolder matches what the name of the kernel's temporary folder leaves in messages: paths, and the headline of
// compile errors.
var kernelFolder = regexp.MustCompile(`(?m)^# gonb_[0-9a-f]+\n|\S*/gonb_[0-9a-f]{4,}/`)

// cellMark matches what GoNB puts into stack traces, but not always: only if a file name reaches it in one piece.
var cellMark = regexp.MustCompile(` \x1b\[7m\[\[ Cell [^\n]*? \]\]\x1b\[0m `)

// scrub removes both from what cells show, because they change from run to run: a stack trace then reads main.go:26.
func scrub(list []jupyter.Output) []jupyter.Output {
	clean := func(s string) string { return kernelFolder.ReplaceAllString(cellMark.ReplaceAllString(s, ""), "") }
	for i := range list {
		list[i].Text, list[i].EValue = clean(list[i].Text), clean(list[i].EValue)
		for j, line := range list[i].Traceback {
			list[i].Traceback[j] = clean(line)
		}
		for mime, v := range list[i].Data {
			if s, ok := v.(string); ok && strings.HasPrefix(mime, "text/") {
				list[i].Data[mime] = clean(s)
			}
		}
	}
	return list
}

// runCell executes one cell. failure says in words what went wrong, "" for nothing.
func runCell(ctx context.Context, client *jupyter.Client, cell jupyter.Cell, timeout time.Duration) (res *jupyter.Result, failure string) {
	limited, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("it took longer than %v (-timeout) and was interrupted", timeout))
	defer cancel()
	res, err := client.Execute(limited, forThisShell(cell.Source(), isFile(bash)))
	switch {
	case err != nil:
		return res, err.Error()
	case cell.Tagged(mayFail):
		return res, ""
	case !res.OK:
		return res, errorText(res)
	}
	if line := failedShellLine(res.Outputs()); line != "" {
		return res, "a shell line failed: " + line + lastWords(res)
	}
	return res, ""
}

// errorText is what a failing cell has to say: its error, or what it printed last when the error is just an
// exit status.
func errorText(res *jupyter.Result) string {
	return cmp.Or(strings.TrimSpace(kernelFolder.ReplaceAllString(res.EValue, "")), res.EName) + lastWords(res)
}

// lastWords is what a cell wrote to standard error, indented, shortened in the middle.
func lastWords(res *jupyter.Result) string {
	var stderr string
	for _, o := range res.Outputs() {
		if o.Type == "stream" && o.Name == "stderr" {
			stderr += o.Text
		}
	}
	stderr = strings.TrimSpace(kernelFolder.ReplaceAllString(plain(stderr), ""))
	if stderr == "" {
		return ""
	}
	lines := strings.Split(stderr, "\n")
	if n := len(lines); n > 12 {
		lines = slices.Concat(lines[:8], []string{"…"}, lines[n-3:])
	}
	return "\n    " + strings.Join(lines, "\n    ")
}

// failedShellLine finds the trace of a "!command" that failed: GoNB prints its exit status and goes on.
func failedShellLine(list []jupyter.Output) string {
	for _, o := range list {
		if o.Type != "stream" || o.Name != "stderr" {
			continue
		}
		for line := range strings.Lines(o.Text) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "exit status ") || strings.HasPrefix(line, "signal: ") {
				return line
			}
		}
	}
	return ""
}

// bash is the shell that GoNB runs "!command" lines with.
const bash = "/bin/bash"

// forThisShell leaves the line that makes a workspace out of a setup cell where there is no bash to run it: under this
// kernel the workspace exists already.
func forThisShell(source string, hasBash bool) string {
	if hasBash {
		return source
	}
	var kept []string
	for _, line := range strings.Split(source, "\n") {
		if !strings.HasPrefix(line, "!") || !strings.Contains(line, "go work init") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
