package kernelext

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Warnings are text among the outputs, with lines that break between words.
func TestWarningsAreOutputs(t *testing.T) {
	out := capture(t)
	slog.New(logger(outputs{})).Warn("outside the <family>", "why", "it is larger")
	if want := "level=WARN msg=\"outside the <family>\" why=\"it is larger\"\n\n"; out.String() != want {
		t.Errorf("said %q", out)
	}
	path := filepath.Join(t.TempDir(), "r.html")
	Report(path)
	slog.New(logger(outputs{})).Warn("outside the <family>")
	page, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(page), "overflow-wrap:break-word") || !strings.Contains(string(page), "outside the &lt;family&gt;") {
		t.Errorf("%v, %.200s", err, page)
	}
}
