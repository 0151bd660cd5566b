package kernelext

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// capture collects what figures print outside a notebook.
func capture(t *testing.T) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	state.Lock()
	state.stdout, state.report = &b, nil
	state.Unlock()
	t.Cleanup(func() {
		state.Lock()
		state.stdout, state.report = nil, nil
		state.Unlock()
	})
	return &b
}

// exits makes fail return instead of ending the process; the result reports how
// often it was called.
func exits(t *testing.T) *int {
	t.Helper()
	n := 0
	exit = func(int) { n++ }
	t.Cleanup(func() { exit = osExit })
	return &n
}

var osExit = exit

// drawn is the output of one scene as a figure.
func drawn(t *testing.T, caption string, s *draw.Scene, err error) output {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return figure(caption, nil, []frame{{scene: s}})
}

var queued = regexp.MustCompile(`push\((.*)\);if\(L\.run\)`)

// queuedItem is what a figure's script hands to the loader.
func queuedItem(t *testing.T, html string) map[string]any {
	t.Helper()
	m := queued.FindStringSubmatch(html)
	if m == nil {
		t.Fatalf("no queued figure in %.200s", html)
	}
	var item map[string]any
	if err := json.Unmarshal([]byte(m[1]), &item); err != nil {
		t.Fatalf("the figure's data are not JSON: %v", err)
	}
	return item
}

// pictures are the PNGs inside an HTML text.
func pictures(t *testing.T, html string) [][]byte {
	t.Helper()
	var out [][]byte
	for _, part := range strings.Split(html, "data:image/png;base64,")[1:] {
		code, _, _ := strings.Cut(part, `"`)
		data, err := base64.StdEncoding.DecodeString(code)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}
