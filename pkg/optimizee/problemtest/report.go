package problemtest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// An Outcome says what became of a law for a subject: it was checked, or skipped.
type Outcome struct {
	Subject, Law string
	Skipped      string // why; "" when the law was checked
}

// A Report lists what became of the laws.
type Report []Outcome

// String has a line for each subject with the laws that were checked, and below it a
// line for each reason to skip.
func (r Report) String() string {
	var b strings.Builder
	width := 0
	for _, o := range r {
		width = max(width, utf8.RuneCountInString(o.Subject))
	}
	for len(r) > 0 {
		n := slices.IndexFunc(r, func(o Outcome) bool { return o.Subject != r[0].Subject })
		if n < 0 {
			n = len(r)
		}
		var checked, reasons []string
		skipped := map[string][]string{}
		for _, o := range r[:n] {
			if o.Skipped == "" {
				checked = append(checked, o.Law)
				continue
			}
			if skipped[o.Skipped] == nil {
				reasons = append(reasons, o.Skipped)
			}
			skipped[o.Skipped] = append(skipped[o.Skipped], o.Law)
		}
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(r[0].Subject))
		fmt.Fprintf(&b, "%s%s  checked  %s\n", r[0].Subject, pad, strings.Join(checked, ", "))
		for _, why := range reasons {
			fmt.Fprintf(&b, "%s%s  skipped  %s: %s\n", r[0].Subject, pad, strings.Join(skipped[why], ", "), why)
		}
		r = r[n:]
	}
	return b.String()
}

// Golden compares a report with the one in a file and fails with the lines that
// differ; with update it writes the file instead.
func Golden(t testing.TB, file string, update bool, r Report) {
	t.Helper()
	got := r.String()
	if update {
		if err := atomicfile.Write(file, []byte(got)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run this test with -update to write it", err)
	}
	if d := difference(string(want), got); d != "" {
		t.Errorf("what was checked is not what %s lists (-) any more (+); if that is meant, run this test with -update:\n%s", file, d)
	}
}

// difference lists the lines of only one of two texts, spaces at their ends aside.
func difference(want, got string) string {
	lines := func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	missing := func(mark string, from, in []string) (out string) {
		for _, l := range from {
			if !slices.ContainsFunc(in, func(m string) bool { return squeeze(l) == squeeze(m) }) {
				out += mark + squeeze(l) + "\n"
			}
		}
		return out
	}
	w, g := lines(want), lines(got)
	return missing("- ", w, g) + missing("+ ", g, w)
}
