package console

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestFitted(t *testing.T) {
	if got := Fitted("añb…cd", 4); got != "añb…" {
		t.Errorf("%q", got)
	}
	if Fitted("abc", 3) != "abc" || Fitted("abc", 0) != "…" {
		t.Error("a line that fits was cut, or one without room is empty")
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[31mred\x1b[0m ü\tx\n":                      "red ü\tx\n",
		"\x1b]8;;http://x\x07link\x1b]8;;\x1b\\ \x1b(B.": "link .",
		"a\rb\x08\u009b31mc":                             "ab31mc",
		"\x1b[3\x1b[1;2H\x1b[ qb\x1b":                    "3b",
		"\x1b]0;title\x1bcend \x1bPq\x1b\\. \x1b \ny":    "end .  \ny",
		"\x1b(\x1b)0\x1bMx\x1b=\xff":                     "(x\ufffd",
	} {
		if got := Plain(in); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// A step that is no terminal's is told in lines.
func TestStep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	s, n := NewStep(out, "work"), 0
	s.SetFunc(1, 3, func() string { n++; return fmt.Sprintf("a\x1b[31mb\n%d", n) })
	s.Show()
	s.Show()
	s.Set(2, 3, "")
	s.Show()
	s.End(errors.New("stopped"))
	var none *Step
	none.Set(1, 2, "nothing")
	none.End(nil)
	text, err := os.ReadFile(file)
	if err := errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
	// On a busy machine two seconds pass, and it is told once more.
	const want = `^(  … work · \d+ s\n)*(  … work · \d+ s · 1 of 3 · ab \d+\n){2,}(  … work · \d+ s · 2 of 3\n)+  ✗ work \([0-9.]+ s\)\n$`
	if !regexp.MustCompile(want).Match(text) {
		t.Errorf("%q", text)
	}
}
