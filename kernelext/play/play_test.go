package play

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

var update = flag.Bool("update", false, "write the golden files anew")

// describe is a scene as text: what is drawn where, to three digits.
func describe(s Scene) string {
	var b strings.Builder
	fmt.Fprintln(&b, s.Says)
	for _, p := range s.Panels {
		fmt.Fprintf(&b, "%s: %q from %s to %s, %q from %s to %s\n", p.Head, p.X.Name, draw.Num(p.X.Lo), draw.Num(p.X.Hi), p.Y.Name, draw.Num(p.Y.Lo), draw.Num(p.Y.Hi))
		for _, l := range p.Layers {
			if l.Look.Hue == draw.Grey && l.Name == "" { // level lines: where they go through a corner of the grid, rounding decides
				var x, y draw.Span
				for _, q := range l.Pts {
					x.See(q[0])
					y.See(q[1])
				}
				fmt.Fprintf(&b, "  level lines in [%.2f, %.2f] × [%.2f, %.2f]\n", x.Lo+0, x.Hi+0, y.Lo+0, y.Hi+0)
				continue
			}
			fmt.Fprintf(&b, "  %s %d %q: %d points", l.Look.Hue, l.Look.Dash, l.Name, len(l.Pts))
			for _, i := range []int{0, len(l.Pts) / 2, len(l.Pts) - 1} {
				if i >= 0 && i < len(l.Pts) {
					fmt.Fprintf(&b, " (%s, %s)", draw.Num(tidy(l.Pts[i][0])), draw.Num(tidy(l.Pts[i][1])))
				}
			}
			fmt.Fprintln(&b)
		}
		if c := p.Cells; c != nil {
			sum := 0.
			for _, row := range c.V {
				for _, v := range row {
					if v == v {
						sum += v
					}
				}
			}
			fmt.Fprintf(&b, "  %d×%d cells, in all %s\n", len(c.V), len(c.V[0]), draw.Num(sum))
		}
		for _, m := range p.Marks {
			fmt.Fprintf(&b, "  mark %q at %s\n", m.Name, draw.Num(m.At))
		}
		for _, l := range p.Labels {
			fmt.Fprintf(&b, "  %q at (%s, %s)\n", l.Text, draw.Num(l.X), draw.Num(l.Y))
		}
	}
	return b.String()
}

// TestFirstScene holds what each playground shows first.
func TestFirstScene(t *testing.T) {
	for _, p := range All() {
		t.Run(p.Name, func(t *testing.T) {
			file := filepath.Join("testdata", p.Name+".txt")
			got := []byte(describe(p.First()))
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the first scene is\n%s\nand not\n%s", got, want)
			}
			if _, err := p.Still(); err != nil {
				t.Error(err)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) != len(All()) {
		t.Errorf("%d golden files for %d playgrounds: %v", len(files), len(All()), err)
	}
}

// moves are the values that a control can be moved to: its ends and some on the way.
func moves(c Control, s Scene) [][]float64 {
	switch c.Kind {
	case "slider":
		var out [][]float64
		for _, at := range []float64{c.Lo, (2*c.Lo + c.Hi) / 3, c.Hi} {
			if at = c.Lo + math.Round((at-c.Lo)/c.Step)*c.Step; c.Log {
				at = math.Pow(10, at)
			}
			out = append(out, []float64{at})
		}
		return out
	case "choice":
		var out [][]float64
		for i := range c.Options {
			out = append(out, []float64{float64(i)})
		}
		return out
	case "button":
		return [][]float64{{1}, {2}}
	case "point":
		x, y := s.Panels[c.Panel].X, s.Panels[c.Panel].Y
		return [][]float64{{x.Lo, y.Lo}, {x.Hi, y.Hi}, {(x.Lo + x.Hi) / 2, (y.Lo + y.Hi) / 2}, {x.Lo + .3*(x.Hi-x.Lo), y.Lo + .8*(y.Hi-y.Lo)}}
	}
	none, all := make([]float64, c.Rows*c.Cols), make([]float64, c.Rows*c.Cols)
	for i := range all {
		all[i] = 1
	}
	return [][]float64{none, all}
}

var notANumber = regexp.MustCompile(`NaN|Inf`)

// TestEveryMove moves every control by itself: the picture is drawn, it changes, and after the
// way back it is the first one again.
func TestEveryMove(t *testing.T) {
	for _, p := range All() {
		t.Run(p.Name, func(t *testing.T) {
			start := p.First()
			first := start.Frame(720, false)
			for _, c := range p.Controls {
				changed, base := false, maps.Clone(p.Start())
				if c.When != "" {
					base[c.When] = []float64{float64(c.Is[0])}
				}
				first := p.Draw(base).Frame(720, false)
				for _, to := range moves(c, start) {
					v := maps.Clone(base)
					v[c.Name] = to
					if err := p.Check(v); err != nil {
						t.Fatal(err)
					}
					f := p.Draw(v).Frame(720, false)
					changed = changed || f.SVG != first.SVG
					if f.Says == "" || len(f.Plots) != len(start.Panels) || notANumber.MatchString(f.SVG) {
						t.Errorf("%s at %v: %d plots, it says %q, and the picture holds %q", c.Name, to, len(f.Plots), f.Says, notANumber.FindString(f.SVG))
					}
					if n := len(f.SVG); n > 200_000 {
						t.Errorf("%s at %v: a picture of %d bytes cannot follow a pointer", c.Name, to, n)
					}
				}
				if !changed {
					t.Errorf("nothing changes with %s", c.Name)
				}
			}
			if again := p.First().Frame(720, false); again.SVG != first.SVG {
				t.Error("after some moves the first scene is another one")
			}
		})
	}
}

// TestPlaygroundsAreComplete: each says what it is and how it is played, its controls have names of
// their own, points and cells are in panels that are there, and starts are within the ranges.
func TestPlaygroundsAreComplete(t *testing.T) {
	names := map[string]bool{}
	for _, p := range All() {
		if names[p.Name] || !strings.HasSuffix(p.Title, "?") || p.How == "" || len(p.Controls) == 0 {
			t.Errorf("%q is there twice, or lacks title, advice or controls", p.Name)
		}
		names[p.Name] = true
		if err := p.Check(p.Start()); err != nil {
			t.Error(err)
		}
		s, own := p.First(), map[string]bool{}
		for _, c := range p.Controls {
			if own[c.Name] || c.Label == "" || c.Panel >= len(s.Panels) {
				t.Errorf("%s: control %q is there twice, has no label, or is in no panel", p.Name, c.Name)
			}
			own[c.Name] = true
			if c.Kind == "point" && (c.Start[0] < s.Panels[c.Panel].X.Lo || c.Start[0] > s.Panels[c.Panel].X.Hi || c.Start[1] < s.Panels[c.Panel].Y.Lo || c.Start[1] > s.Panels[c.Panel].Y.Hi) {
				t.Errorf("%s: point %q starts outside of its panel", p.Name, c.Name)
			}
		}
	}
	if _, err := Find("nothing"); err == nil || !strings.Contains(err.Error(), All()[0].Name) {
		t.Errorf("a name that is not there: %v", err)
	}
}

// TestValues: wrong use of values says what is wrong.
func TestValues(t *testing.T) {
	p, err := Find("descent")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Values{{}, {"step": {9}, "kappa": {1}, "start": {0, 0}}, {"step": {math.NaN()}, "kappa": {1}, "start": {0, 0}}, {"step": {1}, "kappa": {1}, "start": {0}}} {
		if p.Check(bad) == nil {
			t.Errorf("%v pass", bad)
		}
	}
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, `"speed"`) {
			t.Errorf("an unknown control: %s", r)
		}
	}()
	p.Start().Num("speed")
}

// TestWriteFiles: what is written unpacks to the program, and what is no program is refused.
func TestWriteFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := WriteFiles(dir, []byte("#!/bin/sh"), nil); err == nil {
		t.Error("a shell script passes")
	}
	if err := WriteFiles(dir, []byte("\x00asm…"), []byte("class Go {}")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(Files) {
		t.Fatal(entries, err)
	}
	script, err := os.ReadFile(filepath.Join(dir, "play.js"))
	if err != nil || !bytes.HasPrefix(script, []byte("class Go {}")) || !bytes.HasSuffix(script, Runtime) {
		t.Error("play.js", err)
	}
	packed, err := os.ReadFile(filepath.Join(dir, "play.wasm.gz"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if program, err := io.ReadAll(r); err != nil || string(program) != "\x00asm…" {
		t.Errorf("the program comes back as %q: %v", program, err)
	}
	carried, err := os.ReadFile(filepath.Join(dir, "play.wasm.js"))
	if err != nil || !bytes.Contains(carried, []byte(base64.StdEncoding.EncodeToString(packed))) {
		t.Errorf("the script does not carry the program: %v", err)
	}
}
