package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/kernelext/internal/record"
)

// notebook makes one with a code cell that shows data under the given MIME types.
func notebook(t *testing.T, outputs ...map[string]any) *jupyter.Notebook {
	t.Helper()
	nb, err := jupyter.Parse([]byte(`{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
		{"cell_type": "code", "id": "a", "metadata": {}, "source": "", "execution_count": null, "outputs": []}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var list []jupyter.Output
	for _, data := range outputs {
		list = append(list, jupyter.Output{Type: "display_data", Data: data})
	}
	nb.Cells()[0].SetResult(1, list)
	return nb
}

func checkOf(text string) map[string]any {
	return map[string]any{record.CheckMIME: text, "text/plain": "✓"}
}

func mustEntries(t *testing.T, nb *jupyter.Notebook) []entry {
	t.Helper()
	list, err := entries(nb)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestDifferences(t *testing.T) {
	const base = `{"name":"gap","got":1.0,"want":1.0,"tolerance":0.1,"ok":true}`
	old := mustEntries(t, notebook(t, checkOf(base), map[string]any{record.LedgerMIME: map[string]any{
		"id": "t1", "published": json.Number("10"), "ours_tuned": nil, "verdict": "holds",
	}}))
	row := func(published, verdict string) map[string]any {
		return map[string]any{record.LedgerMIME: `{"id":"t1","published":` + published + `,"ours_tuned":null,"verdict":"` + verdict + `"}`}
	}
	for _, c := range []struct {
		name  string
		check string
		row   map[string]any
		want  string // substring of the one difference; "" for none
	}{
		{"equal", base, row("10", "holds"), ""},
		{"within the tolerance of the check", strings.Replace(base, `"got":1.0`, `"got":1.09`, 1), row("10", "holds"), ""},
		{"beyond it", strings.Replace(base, `"got":1.0`, `"got":1.2`, 1), row("10", "holds"), "check gap: got was 1.0, is 1.2"},
		{"another tolerance", strings.Replace(base, "0.1", "0.2", 1), row("10", "holds"), "tolerance was 0.1, is 0.2"},
		{"not ok", strings.Replace(base, "true", "false", 1), row("10", "holds"), "ok was true, is false"},
		{"rounding", base, row("10.000001", "holds"), ""},
		{"more than rounding", base, row("10.1", "holds"), "ledger row t1: published was 10, is 10.1"},
		{"number to text", base, row(`"10"`, "holds"), `published was 10, is "10"`},
		{"verdict", base, row("10", "not reached"), `verdict was "holds", is "not reached"`},
		{"gone", base, nil, "ledger row t1 is gone"},
		{"another name", strings.Replace(base, "gap", "loss", 1), row("10", "holds"), "check gap is gone"},
		{"new", base, map[string]any{record.LedgerMIME: `{"id":"t1","published":10,"verdict":"holds"}`, record.CheckMIME: `{"name":"more"}`}, "check more is new"},
	} {
		fresh := mustEntries(t, notebook(t, checkOf(c.check), c.row))
		diffs := differences(old, fresh, defaultDrift)
		if c.want == "" && len(diffs) > 0 || c.want != "" && (len(diffs) == 0 || !strings.Contains(diffs[0].text, c.want)) {
			t.Errorf("%s: %v, want %q", c.name, diffs, c.want)
		}
	}
}

// A bound may be met by other digits.
func TestBoundsCompareTheirVerdict(t *testing.T) {
	const base = `{"name":"gap","relation":"at most","got":1.0,"want":2.0,"tolerance":0,"ok":true}`
	old := mustEntries(t, notebook(t, checkOf(base)))
	for fresh, want := range map[string]int{
		strings.Replace(base, "1.0", "1.15", 1):   0,
		strings.Replace(base, "true", "false", 1): 1,
		strings.Replace(base, "2.0", "3.0", 1):    1,
	} {
		if diffs := differences(old, mustEntries(t, notebook(t, checkOf(fresh))), defaultDrift); len(diffs) != want {
			t.Errorf("%s: %v", fresh, diffs)
		}
	}
}

func TestRepeatedNames(t *testing.T) {
	a := mustEntries(t, notebook(t, checkOf(`{"name":"x","got":1}`), checkOf(`{"name":"x","got":2}`)))
	b := mustEntries(t, notebook(t, checkOf(`{"name":"x","got":1}`), checkOf(`{"name":"x","got":3}`)))
	if a[1].name != "x #2" {
		t.Errorf("the second record is called %q", a[1].name)
	}
	if d := differences(a, b, defaultDrift); len(d) != 1 || !strings.Contains(d[0].text, "check x #2: got was 2, is 3") {
		t.Errorf("differences %v", d)
	}
}

func TestUnreadableRecords(t *testing.T) {
	for text, want := range map[string]string{
		`{"name":`:  "cannot be read",
		`{"got":1}`: `has no "name"`,
	} {
		if _, err := entries(notebook(t, checkOf(text))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestLedgerTable(t *testing.T) {
	rows := []map[string]any{{
		"paper": "P", "what": "a | b", "published": json.Number("0.0123456"), "ours_published": json.Number("10"),
		"ours_tuned": nil, "unit": "", "verdict": "holds", "notebook": "n.ipynb",
	}}
	got := ledgerTable(rows)
	want := `| P | – | a \| b | 0.01235 | 10 | – | – | holds | n.ipynb |`
	if lines := strings.Split(got, "\n"); len(lines) != 4 || lines[2] != want {
		t.Errorf("table\n%s\nwant the row\n%s", got, want)
	}
	if got := verdictTable(rows); !strings.Contains(got, "| holds | 1 | ") || !strings.Contains(got, "| impossible | 0 | ") {
		t.Errorf("verdicts\n%s", got)
	}
}

func TestReport(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("dot.png", "PNG")
	write("README.md", "")
	nb, err := jupyter.Parse([]byte(`{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
		{"cell_type": "markdown", "id": "m", "metadata": {}, "attachments": {"p.png": {"image/png": "UEFTVEVE"}},
		 "source": ["# The title\n", "[other](b.ipynb#part) [readme](README.md) [web](https://go.dev) [lost](lost.md)\n",
		  "![dot](dot.png) ![pasted](attachment:p.png) <a href=\"b.ipynb\">b</a> <img src=\"dot.png\">\n",
		  "\n", "<details><summary>Folded</summary>\n", "\n", "*inside*\n", "\n", "</details>\n"]},
		{"cell_type": "code", "id": "c", "metadata": {}, "source": "func f() {} // a comment", "execution_count": 1, "outputs": [
		 {"output_type": "stream", "name": "stdout", "text": ["10 %\r20 %\r\n", "1 < 2\n"]},
		 {"output_type": "display_data", "metadata": {}, "data": {"text/html": ["<b>rich</b>"], "image/png": "x", "text/plain": ["plain one"]}},
		 {"output_type": "display_data", "metadata": {}, "data": {"image/png": "UE5H\n", "text/plain": ["a \"dot\""]}},
		 {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["only text"]}},
		 {"output_type": "error", "ename": "E", "evalue": "V", "traceback": []}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r := &repo{root: dir, state: filepath.Join(dir, ".l2o")}
	a, b := filepath.Join(dir, "a.ipynb"), filepath.Join(dir, "b.ipynb")
	rep := r.newReporter([]job{{a, a}, {b, b}})
	file, err := rep.write(job{a, a}, nb, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := r.path("report", "a.html"); file != want {
		t.Errorf("page %s, want %s", file, want)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<title>The title</title>", `href="b.html#part"`, `<a href="b.html">`, `href="../../README.md"`, `href="https://go.dev"`, `href="lost.md"`,
		`src="data:image/png;base64,UE5H"`, `src="data:image/png;base64,UEFTVEVE"`, "<summary>Folded</summary>", "<em>inside</em>",
		">20 %\n1 &lt; 2<", "<b>rich</b>", `alt="a &#34;dot&#34;"`, "only text", "E: V",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, not := range []string{"plain one", "10 %", "ipynb\""} {
		if strings.Contains(string(text), not) {
			t.Errorf("the page has %q", not)
		}
	}
}

func TestStandIns(t *testing.T) {
	names, err := standIns(notebook(t,
		map[string]any{record.DataMIME: `{"name":"Spambase stand-in","stand_in":true}`},
		map[string]any{record.DataMIME: map[string]any{"name": "Ionosphere", "stand_in": false}},
		map[string]any{"text/plain": "no stand-in at all"}))
	if err != nil || len(names) != 1 || len(names[0]) != 1 || !names[0]["Spambase stand-in"] {
		t.Errorf("%v, %v", names, err)
	}
	if _, err := standIns(notebook(t, map[string]any{record.DataMIME: `{"name":`})); err == nil {
		t.Error("half a record was read")
	}
}

func TestJudge(t *testing.T) {
	old := mustEntries(t, notebook(t, map[string]any{record.LedgerMIME: `{"id":"f7"}`},
		checkOf(`{"name":"apart","got":1}`), checkOf(`{"name":"gap","got":1}`), checkOf(`{"name":"stays","got":1}`)))
	fresh := mustEntries(t, notebook(t, checkOf(`{"name":"apart","got":3,"stand_in":true}`), checkOf(`{"name":"gap","got":2}`),
		checkOf(`{"name":"stays","got":1}`), checkOf(`{"name":"other","got":1}`), checkOf(`{"name":"synthetic","got":1,"stand_in":true}`)))
	diffs := differences(old, fresh, defaultDrift)
	stand, left := judge(diffs, map[int]bool{0: true})
	if want := []string{"check gap: got was 1, is 2", "check other is new: execute the notebook and commit it"}; !slices.Equal(stand, want) {
		t.Errorf("differences that stand: %q, want %q", stand, want)
	}
	if want := []string{"ledger row f7 is gone", "check apart was measured on other data"}; !slices.Equal(left, want) {
		t.Errorf("left out: %q, want %q", left, want)
	}
	for _, other := range []map[int]bool{nil, {1: true}} { // no stand-in, or one that another cell has to do with
		if stand, left := judge(diffs, other); len(stand) != len(diffs) || left != nil {
			t.Errorf("with the same data all stand: %q, %q", stand, left)
		}
	}
}

// A bound that is still met, but by a number of another size, is a change.
func TestBoundsDrift(t *testing.T) {
	base := `{"name":"apart","relation":"at most","got":%s,"want":%s,"tolerance":0,"ok":true}`
	for _, c := range []struct {
		got, now, want string
		same           bool
	}{
		{"1e-9", "0.99", "1", false},
		{"1e-16", "7e-16", "1e-12", true}, // rounding errors
		{"80", "76", "5", true},
		{"80", "40", "5", false},
		{"0", "0", "0", true},
		{"-1", "-3", "0", false},
	} {
		old := mustEntries(t, notebook(t, checkOf(fmt.Sprintf(base, c.got, c.want))))
		diffs := differences(old, mustEntries(t, notebook(t, checkOf(fmt.Sprintf(base, c.now, c.want)))), defaultDrift)
		if same := len(diffs) == 0; same != c.same {
			t.Errorf("%s became %s below %s: %v", c.got, c.now, c.want, diffs)
		}
	}
}

func TestApart(t *testing.T) {
	for _, c := range []struct {
		was, is string
		differ  bool
	}{
		{"gap  0.0362 at 50", "gap 0.0363 at 50", false},
		{"gap 0.0362 at 50", "gap 0.0462 at 50", true},
		{"gap 2.27e-16", "gap 0", false},
		{"gap -1", "gap 1", true},
		{"ISTA 1", "FISTA 1", true},
		{"a\nb", "a", true},
		{"panic at /home/a/x.go:12 +0x65 goroutine 7", "panic at /tmp/x.go:12 +0x66 goroutine 8", false},
		{"378 steps", "379 steps", false},
		{"1 of 60", "2 of 60", true},
	} {
		if where, differ := apart(c.was, c.is, defaultDrift); differ != c.differ {
			t.Errorf("%q and %q: %v %s", c.was, c.is, differ, where)
		}
	}
}

func TestTextDifferences(t *testing.T) {
	words := func(s string) map[string]any { return map[string]any{"text/plain": s, "image/png": s} }
	old := notebook(t, words("FISTA leads"), checkOf(`{"name":"x","got":1}`))
	if n, diffs := textDifferences(old, notebook(t, words("FISTA leads"), checkOf(`{"name":"y"}`)), defaultDrift, nil); n != 1 || len(diffs) > 0 {
		t.Errorf("the same text, and records: %d, %q", n, diffs)
	}
	fresh := notebook(t, words("ISTA leads"))
	if _, diffs := textDifferences(old, fresh, defaultDrift, nil); len(diffs) != 1 || !strings.Contains(diffs[0], `cell 1: its text was "FISTA leads", is "ISTA leads"`) {
		t.Errorf("another text: %q", diffs)
	}
	if _, diffs := textDifferences(old, notebook(t), defaultDrift, nil); len(diffs) != 1 {
		t.Errorf("no text: %q", diffs)
	}
	if _, diffs := textDifferences(old, fresh, defaultDrift, map[int]bool{0: true}); len(diffs) > 0 {
		t.Errorf("a text about other data: %q", diffs)
	}
}

// What a notebook depends on is looked at by content.
func TestFingerprints(t *testing.T) {
	r, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.ipynb")
	write := func(code string) string {
		text := `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "source": ` + strconv.Quote(code) + `}]}`
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		prints, err := r.fingerprints(t.Context(), []string{file})
		if err != nil {
			t.Fatal(err)
		}
		return prints[file]
	}
	one := write(`import "github.com/l2olab/l2o/pkg/cite"`)
	if one == "" || one != write(`import "github.com/l2olab/l2o/pkg/cite"`) {
		t.Error("the same notebook is another one")
	}
	if one == write(`import "github.com/l2olab/l2o/pkg/cite" `) {
		t.Error("another notebook is the same")
	}
	list, err := r.packages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := list["github.com/l2olab/l2o/pkg/cite"]
	p.Dir = t.TempDir()
	for _, name := range slices.Concat(p.GoFiles, p.SFiles, p.EmbedFiles) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(p.Dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(p.Dir, name), []byte("package cite\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before, errBefore := p.hash()
	err = os.WriteFile(filepath.Join(p.Dir, p.GoFiles[0]), []byte("package cite // more\n"), 0o600)
	after, errAfter := p.hash()
	if errors.Join(err, errBefore, errAfter) != nil || before == after {
		t.Errorf("another file, and the same hash (%v, %v, %v)", err, errBefore, errAfter)
	}
	if len(p.EmbedFiles) == 0 {
		t.Error("the papers that are embedded do not count")
	}
}

func TestFittedLedger(t *testing.T) {
	rows := []map[string]any{
		{"paper": "P", "where": "Table 1", "what": strings.Repeat("many words ", 30) + "\x1b]0;title\x07\x1b[31mred", "published": json.Number("0.01"), "unit": "dB", "verdict": "holds"},
		{"paper": "Q", "where": "Figure 2", "what": strings.Repeat("x", 200), "verdict": "impossible"},
	}
	for _, width := range []int{60, 80, 200} {
		text := fittedLedger(rows, width)
		for line := range strings.Lines(text) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
				t.Errorf("%d columns in a terminal of %d: %s", n, width, line)
			}
		}
		if strings.Count(text, "x") < 200 || strings.Count(text, "many") != 30 || !strings.Contains(text, "0.01 dB") || strings.ContainsAny(text, "\x1b\x07") || !strings.Contains(text, "P: 1 rows") {
			t.Errorf("at %d columns:\n%s", width, text)
		}
	}
	if got, err := ofPaper(rows, "q"); err != nil || len(got) != 1 {
		t.Errorf("paper q: %v, %v", got, err)
	}
	if _, err := ofPaper(rows, "nobody"); err == nil || !strings.Contains(err.Error(), "P, Q") {
		t.Errorf("an unknown paper: %v", err)
	}
}
