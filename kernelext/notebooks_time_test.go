package kernelext

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// A clock is what code is called by that measures time; a check is what asserts. A name stands
// for what it was made of.
var (
	clocks   = regexp.MustCompile(`\b(SecondsPerStep|study\.Seconds|study\.Took|time\.(Now|Since|Until)|\.Elapsed|\.Seconds\b)`)
	asserts  = regexp.MustCompile(`\bkernelext\.(Check|AtMost|AtLeast|Holds|Agree)\(`)
	function = regexp.MustCompile(`(?m)^func (?:\([^)]*\) )?(\w+)\(.*\{`)
	made     = regexp.MustCompile(`(?m)^\s*([\w, ]+?)\s*:?=\s*(.*)$`)
)

// timed lists the checks of a notebook that assert a time that was measured. Another machine,
// or this one when it is busy, would fail them.
func timed(cells []string) (checks []string) {
	var names []string // of functions that measure time
	measures := func(code string, own []string) bool {
		return clocks.MatchString(code) || slices.ContainsFunc(slices.Concat(names, own), func(name string) bool {
			return regexp.MustCompile(`\b` + name + `\b`).MatchString(code)
		})
	}
	for before := -1; before < len(names); {
		before = len(names)
		for _, cell := range cells {
			for _, at := range function.FindAllStringSubmatchIndex(cell, -1) {
				name := cell[at[2]:at[3]]
				_, body, _ := strings.Cut(balanced(cell[at[0]:], '{', '}'), "{")
				if name != "main" && !slices.Contains(names, name) && measures(body, nil) {
					names = append(names, name)
				}
			}
		}
	}
	for _, cell := range cells {
		var own []string
		for _, at := range made.FindAllStringSubmatchIndex(cell, -1) {
			value := cell[at[4]:at[5]]
			if strings.HasSuffix(value, "{") {
				value = balanced(cell[at[4]:], '{', '}')
			}
			if measures(value, own) && !asserts.MatchString(value) {
				for name := range strings.SplitSeq(cell[at[2]:at[3]], ",") {
					own = append(own, strings.TrimSpace(name))
				}
			}
		}
		for _, at := range asserts.FindAllStringIndex(cell, -1) {
			if call := balanced(cell[at[0]:], '(', ')'); measures(texts.ReplaceAllString(call, ""), own) {
				checks = append(checks, call)
			}
		}
	}
	return checks
}

// texts are quoted: what they say is no code.
var texts = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// balanced is code up to the end of what its first bracket opens.
func balanced(code string, opens, ends rune) string {
	depth := 0
	for i, c := range code {
		switch c {
		case opens:
			depth++
		case ends:
			if depth--; depth == 0 {
				return code[:i+1]
			}
		}
	}
	return code
}

// TestNotebooksAssertNoTime: a notebook may show seconds, and no check rests on them.
func TestNotebooksAssertNoTime(t *testing.T) {
	var files []string
	err := filepath.WalkDir("../notebooks", func(path string, e os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".ipynb") && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		nb, err := jupyter.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, c := range nb.Cells() {
			if c.Kind() == "code" {
				cells = append(cells, c.Source())
			}
		}
		for _, check := range timed(cells) {
			t.Errorf("%s asserts a measured time: %s; print it, in a cell with the tag varies", f, check)
		}
	}
	for want, cells := range map[int][]string{
		0: {"%%\nfmt.Println(res.SecondsPerStep(\"a\"))\nkernelext.Holds(\"takes seconds\", n > 2)"},
		1: {"%%\nslow := 2 * res.SecondsPerStep(\"a\")\nx := slow > 3\nkernelext.Holds(\"a\",\n\tx)"},
		3: {"func took() float64 {\n\treturn time.Since(t).Seconds()\n}\nfunc twice() float64 {\n\treturn 2 * took()\n}\nfunc r() float64 { return twice() }", "%%\ns := func() float64 {\n\treturn r()\n}\nkernelext.Holds(\"d\", s() < 3)\nkernelext.AtMost(\"b\", took(), 2)\nkernelext.AtLeast(\"c\", twice(), 1)"},
	} {
		if got := timed(cells); len(got) != want {
			t.Errorf("found %q, want %d", got, want)
		}
	}
}
