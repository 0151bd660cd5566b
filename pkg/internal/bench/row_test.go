package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is written is read again.
func TestRow(t *testing.T) {
	for _, r := range []row{
		{workload: "fista", condition: quiet, side: ours, ms: 0.0217, mb: 41, note: "23 GF/s"},
		{workload: "fista", condition: busy, side: "numpy", ms: 12.3, ratio: 1.72, low: 1.52, high: 3.66},
		{workload: "dm-mlp-train-saturated-4", condition: busy, side: "torch-compiled", ms: 10305, mb: 2230, ratio: 4.45, low: 2.31, high: 4.48},
	} {
		if got, ok, err := parseRow(r.String()); err != nil || !ok || got != r {
			t.Errorf("%v is read as %+v (%v, %v)", r, got, ok, err)
		}
	}
	for _, line := range []string{"", "# a comment"} {
		if _, ok, err := parseRow(line); ok || err != nil {
			t.Errorf("%q is a row, or an error: %v", line, err)
		}
	}
	for _, line := range []string{"fista", "fista quiet ours fast ms - MB"} {
		if _, _, err := parseRow(line); err == nil {
			t.Errorf("%q is a row", line)
		}
	}
}

func TestTable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.txt")
	text := "# a machine, 2 cores\n# busy: beside one\n"
	for _, r := range []row{
		{workload: "fista", condition: quiet, side: ours, ms: 2, mb: 40, note: "23 GF/s; and more"},
		{workload: "fista", condition: quiet, side: "jax", ms: 6, mb: 300, ratio: 3, low: 2, high: 4},
		{workload: "fista", condition: quiet, side: "numpy", ms: 5, mb: 50, ratio: 2.5, low: 2.2, high: 2.6},
		{workload: "fista", condition: busy, side: ours, ms: 3},
		{workload: "fista", condition: busy, side: "jax", ms: 6, ratio: 2, low: 1, high: 3},
	} {
		text += r.String() + "\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := table(&b, []string{file}); err != nil {
		t.Fatal(err)
	}
	want := "| `fista` | 1 | 2.00 ms (23 GF/s) | numpy, 5.00 ms | **2.50** (2.20–2.60) | **2.00** (1.00–3.00) | ≥ 2.5 | 40 MB, 50 MB |\n"
	if got := b.String(); !strings.HasPrefix(got, "Machine 1: a machine, 2 cores.\n") || !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant at the end\n%s", got, want)
	}
	if err := os.WriteFile(file, []byte("# nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := table(&b, []string{file}); err == nil {
		t.Error("a table of no results")
	}
}

// Every workload that is not compared with ours has a peer, and every peer a workload.
func TestOffers(t *testing.T) {
	count := map[string]int{}
	for _, w := range workloads {
		n := 0
		for _, p := range peers {
			if offers(p, w.name) {
				n++
				count[p]++
			}
		}
		if (n == 0) != (w.against != "") {
			t.Errorf("%s has %d peers", w.name, n)
		}
	}
	for _, p := range peers {
		if count[p] == 0 {
			t.Errorf("%s offers nothing", p)
		}
	}
}

func TestChoosePeers(t *testing.T) {
	if got, err := choosePeers("jax,numpy"); err != nil || len(got) != 2 {
		t.Error(got, err)
	}
	if _, err := choosePeers("jax,abacus"); err == nil {
		t.Error("a peer that there is not is no error")
	}
}
