package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/pkg/cite"
)

// runCheck re-runs notebooks, changing none, and compares what they assert.
func runCheck(ctx context.Context, args []string) error {
	fs := flags("check")
	timeout := fs.Duration("timeout", defaultTimeout, "time that one cell may take")
	within := fs.Duration("within", 0, "begin no further notebook after this time; notebooks that the last commit changed come first, the others in an order that moves on by one every day (default: check all)")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *timeout <= 0 {
		return usageError{fmt.Sprintf("check: -timeout %v: give a positive duration such as 90s or 5m", *timeout)}
	}
	if *within < 0 {
		return usageError{fmt.Sprintf("check: -within %v: give a positive duration such as 10m", *within)}
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	if files, err = r.orAll(files); err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if *within > 0 {
		files = inTurn(files, r.justChanged(ctx), int(time.Now().Unix()/(24*60*60)))
	}
	failed, began := 0, time.Now()
	for i, f := range files {
		start := time.Now()
		if *within > 0 && i > 0 && start.Sub(began) > *within {
			for _, f := range files[i:] {
				fmt.Printf("NOT CHECKED for want of time: %s\n", relative(f))
			}
			files = files[:i]
			break
		}
		n, diffs, left, err := r.checkOne(ctx, f, *timeout)
		if err != nil {
			return fmt.Errorf("%s: %w", relative(f), err)
		}
		for _, l := range left {
			fmt.Printf("· %s: %s, because this run had a stand-in for data that are not here; L2O_DATA names a folder with data\n", relative(f), l)
		}
		for _, d := range diffs {
			fmt.Printf("✗ %s: %s\n", relative(f), d)
		}
		if len(diffs) > 0 {
			failed++
			continue
		}
		fmt.Printf("✓ %s: %d checks and ledger rows as committed (%.1f s)\n", relative(f), n-len(left), time.Since(start).Seconds())
	}
	if failed > 0 {
		fmt.Printf("%d of %d notebooks differ\n", failed, len(files))
		return errReported
	}
	return nil
}

// inTurn puts the files that changed first and the others behind them in their order, which begins at another one every
// day: so each is reached in the end.
func inTurn(files []string, changed map[string]bool, day int) []string {
	var first, rest []string
	for _, f := range files {
		if changed[f] {
			first = append(first, f)
		} else {
			rest = append(rest, f)
		}
	}
	if len(rest) > 0 {
		n := day % len(rest)
		first = append(append(first, rest[n:]...), rest[:n]...)
	}
	return first
}

// justChanged holds the files that the last commit changed, none where git cannot tell.
func (r *repo) justChanged(ctx context.Context) map[string]bool {
	changed := map[string]bool{}
	out, err := exec.CommandContext(ctx, "git", "-C", r.root, "diff", "--name-only", "HEAD~1", "HEAD").Output()
	if err != nil {
		return changed // no git, or a clone of one commit
	}
	for name := range strings.Lines(string(out)) {
		changed[filepath.Join(r.root, strings.TrimSpace(name))] = true
	}
	return changed
}

// checkOne returns the number of records that a notebook has as committed, what is different in a fresh run, and what
// that run left out because it had to do with a stand-in for real data.
func (r *repo) checkOne(ctx context.Context, file string, timeout time.Duration) (n int, diffs, left []string, err error) {
	nb, err := jupyter.ReadFile(file)
	if err != nil {
		return 0, nil, nil, err
	}
	committed, err := entries(nb)
	if err != nil {
		return 0, nil, nil, err
	}
	again, problems, err := r.execute(ctx, file, timeout)
	if err != nil || len(problems) > 0 {
		return 0, problems, nil, err
	}
	fresh, err := entries(again)
	if err != nil {
		return 0, nil, nil, err
	}
	before, err := standIns(nb)
	if err != nil {
		return 0, nil, nil, err
	}
	now, err := standIns(again)
	if err != nil {
		return 0, nil, nil, err
	}
	maps.DeleteFunc(now, func(name string, _ bool) bool { return before[name] })
	diffs, left = judge(differences(committed, fresh), len(now) > 0)
	return len(committed), diffs, left, nil
}

// judge splits differences into those that stand and those that have nothing to be compared with, where the fresh run had
// a stand-in that the committed one had not: entries that are gone were left out, and those measured on the stand-in are
// about other data.
func judge(diffs []difference, otherData bool) (stand, left []string) {
	for _, d := range diffs {
		switch {
		case otherData && (d.change == gone || d.change == onOther):
			left = append(left, d.text)
		case !otherData || !d.standIn:
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

// runLedger prints the ledger rows of executed notebooks.
func runLedger(ctx context.Context, args []string) error {
	fs := flags("ledger")
	asJSON := fs.Bool("json", false, "print JSON instead of a Markdown table")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	if files, err = r.orAll(files); err != nil {
		return err
	}
	rows := []map[string]any{}
	for _, f := range files {
		nb, err := jupyter.ReadFile(f)
		if err != nil {
			return err
		}
		list, err := entries(nb)
		if err != nil {
			return fmt.Errorf("%s: %w", relative(f), err)
		}
		if !executed(nb) {
			fmt.Fprintf(os.Stderr, "lab: %s was not executed: its rows are missing\n", relative(f))
		}
		for _, e := range list {
			if e.kind == ledgerKind {
				rel, err := filepath.Rel(r.root, f)
				if err != nil {
					return err
				}
				e.fields["notebook"] = filepath.ToSlash(rel)
				rows = append(rows, e.fields)
			}
		}
	}
	if *asJSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	fmt.Print(ledgerTable(rows), "\n", verdictTable(rows))
	return nil
}

// executed reports whether any code cell carries a number.
func executed(nb *jupyter.Notebook) bool {
	for _, c := range nb.Cells() {
		if c.Count() > 0 {
			return true
		}
	}
	return false
}

// ledgerTable formats rows as a Markdown table.
func ledgerTable(rows []map[string]any) string {
	columns := []struct{ title, field string }{
		{"paper", "paper"},
		{"where", "where"},
		{"what", "what"},
		{"published", "published"},
		{"ours, published settings", "ours_published"},
		{"ours, tuned baseline", "ours_tuned"},
		{"unit", "unit"},
		{"verdict", "verdict"},
		{"notebook", "notebook"},
	}
	var b strings.Builder
	for _, c := range columns {
		b.WriteString("| " + c.title + " ")
	}
	b.WriteString("|\n" + strings.Repeat("| --- ", len(columns)) + "|\n")
	for _, row := range rows {
		for _, c := range columns {
			b.WriteString("| " + cellText(row[c.field]) + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// verdictTable says what the verdicts mean, and how many rows have each.
func verdictTable(rows []map[string]any) string {
	count := map[string]int{}
	for _, row := range rows {
		count[cellText(row["verdict"])]++
	}
	var b strings.Builder
	b.WriteString("| verdict | rows | it means |\n| --- | --- | --- |\n")
	for _, v := range cite.Verdicts() {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", v, count[string(v)], v.Meaning())
	}
	return b.String()
}
