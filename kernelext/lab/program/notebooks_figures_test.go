package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

const (
	mostCurves = 5 // of a figure: more cannot be told apart
	oneIn      = 3 // so many figures is no line chart
)

// A debt is what a notebook has of what no figure should have.
type debt struct {
	crowded int // figures with more than five curves: make two, or a table
	leaving int // figures with a line that leaves its band: take the Medians of the race
	charts  int // line charts beyond two in three: add a picture of the thing itself
}

// Figures have few curves, lines stay in their bands, and not all figures are line charts.
func TestNotebooksDrawWhatCanBeSeen(t *testing.T) {
	eachNotebook(t, func(t *testing.T, name string, nb *jupyter.Notebook) {
		if d := debtOf(t, nb); d != (debt{}) {
			t.Errorf("%s has %+v: %d curves at most, medians with bands, one figure in %d no line chart", name, d, mostCurves, oneIn)
		}
	})
}

// What a cell could not draw stands in its output in place of the figure, and fails no run.
func TestNotebooksDrawAll(t *testing.T) {
	eachNotebook(t, func(t *testing.T, name string, nb *jupyter.Notebook) {
		for _, s := range shownHTML(nb) {
			if _, why, lost := strings.Cut(s, "could not be drawn"); lost {
				t.Errorf("%s: a figure could not be drawn%.200s", name, why)
			}
		}
	})
}

// eachNotebook calls check with all notebooks, named by their path below notebooks/.
func eachNotebook(t *testing.T, check func(t *testing.T, name string, nb *jupyter.Notebook)) {
	t.Helper()
	r, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := r.notebooks()
	if err != nil || len(files) == 0 {
		t.Fatalf("%d notebooks, %v", len(files), err)
	}
	for _, f := range files {
		nb, err := jupyter.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(filepath.Join(r.root, "notebooks"), f)
		if err != nil {
			t.Fatal(err)
		}
		check(t, filepath.ToSlash(name), nb)
	}
}

// chart matches the live chart of a figure.
var chart = regexp.MustCompile(`push\((\{.*?\})\);if\(L\.run\)`)

// A drawnFigure is what a live chart is made of, as far as it matters here.
type drawnFigure struct {
	Start  int `json:"start"`
	Frames []struct {
		Tooltip struct {
			Trigger string `json:"trigger"`
		} `json:"tooltip"`
		Legend struct {
			Data []string `json:"data"`
		} `json:"legend"`
		Series []struct {
			Name      string            `json:"name"`
			Type      string            `json:"type"`
			Data      []json.RawMessage `json:"data"`
			LineStyle struct {
				Color string `json:"color"`
			} `json:"lineStyle"`
		} `json:"series"`
	} `json:"frames"`
}

// shownHTML is all that a notebook shows as HTML.
func shownHTML(nb *jupyter.Notebook) (all []string) {
	for _, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			if s, ok := o.Data["text/html"].(string); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

// charts are the live charts of a notebook.
func charts(t *testing.T, nb *jupyter.Notebook) (all []drawnFigure) {
	t.Helper()
	for _, s := range shownHTML(nb) {
		for _, m := range chart.FindAllStringSubmatch(s, -1) {
			var f drawnFigure
			if err := json.Unmarshal([]byte(m[1]), &f); err != nil {
				t.Fatal(err)
			}
			all = append(all, f)
		}
	}
	return all
}

func debtOf(t *testing.T, nb *jupyter.Notebook) (d debt) {
	t.Helper()
	figures, lines := 0, 0
	for _, s := range shownHTML(nb) {
		figures += strings.Count(s, `class="l2o-still"`)
	}
	for _, f := range charts(t, nb) {
		figures++
		if f.Frames[f.Start].Tooltip.Trigger != "axis" {
			continue
		}
		lines++
		if len(f.Frames[f.Start].Legend.Data) > mostCurves {
			d.crowded++
		}
		if f.leavesBand() {
			d.leaving++
		}
	}
	d.charts = max(lines-figures+(figures+oneIn-1)/oneIn, 0)
	return d
}

// leavesBand reports whether a line lies outside of the band of its name.
func (f drawnFigure) leavesBand() bool {
	type ends struct{ lo, hi float64 }
	bands := map[string]map[float64]ends{}
	series := f.Frames[f.Start].Series
	rows := func(data []json.RawMessage, visit func(v []float64)) {
		for _, raw := range data {
			var v []*float64
			if json.Unmarshal(raw, &v) != nil {
				continue
			}
			row := make([]float64, len(v))
			for i, p := range v {
				if row[i] = math.NaN(); p != nil {
					row[i] = *p
				}
			}
			visit(row)
		}
	}
	for _, s := range series {
		if s.Type == "custom" {
			bands[s.Name] = map[float64]ends{}
			rows(s.Data, func(v []float64) { bands[s.Name][v[0]] = ends{v[1], v[2]} })
		}
	}
	outside := false
	for _, s := range series {
		if s.Type == "line" {
			rows(s.Data, func(v []float64) {
				b, ok := bands[s.Name][v[0]]
				const digits = 1e-2 // what is drawn has no more
				outside = outside || ok && (v[1] < b.lo-digits || v[1] > b.hi+digits)
			})
		}
	}
	return outside
}

// note matches what a legend says of a line beside its name.
var note = regexp.MustCompile(` \((?:diverged|\d+ of) .*`)

// A name has one colour in all notebooks.
func TestNotebooksPaintANameInOneColour(t *testing.T) {
	hues, where := map[string]string{}, map[string]string{}
	eachNotebook(t, func(t *testing.T, name string, nb *jupyter.Notebook) {
		for _, f := range charts(t, nb) {
			for _, s := range f.Frames[f.Start].Series {
				line := note.ReplaceAllString(s.Name, "")
				if s.Type != "line" || line == "" || s.LineStyle.Color == "" {
					continue
				}
				if was, ok := hues[line]; ok && was != s.LineStyle.Color {
					t.Errorf("%q is %s in %s and %s in %s: give it a colour in kernelext/internal/draw/colour.go", line, was, where[line], s.LineStyle.Color, name)
				}
				hues[line], where[line] = s.LineStyle.Color, name
			}
		}
	})
	if len(hues) < 50 {
		t.Errorf("only %d names were seen", len(hues))
	}
}

// moving are the calls that put something into a page that a reader can move.
var moving = regexp.MustCompile(`kernelext\.(Play|Explore|Timeline)\(`)

// Each lesson has a playground, and sliders over what it measures, or playgrounds enough.
func TestNotebooksHaveSomethingToMove(t *testing.T) {
	eachNotebook(t, func(t *testing.T, _ string, nb *jupyter.Notebook) {
		n := map[string]int{}
		for _, c := range nb.Cells() {
			if c.Kind() == "code" {
				for _, m := range moving.FindAllStringSubmatch(c.Source(), -1) {
					n[m[1]]++
				}
			}
		}
		if n["Play"] == 0 || n["Explore"]+n["Timeline"] == 0 && n["Play"] < 3 {
			t.Errorf("%d playgrounds, %d explorations and %d timelines", n["Play"], n["Explore"], n["Timeline"])
		}
	})
}

var answered = regexp.MustCompile(`data-l2o-right="(\d)" data-l2o-of="(\d)"`)

// No letter is the right one more often than others: of four each in 15 to 35 % of the questions. A test of the questions
// themselves would be one of chance, so it begins with as many as decide something.
func TestNotebooksSpreadTheRightAnswers(t *testing.T) {
	var right, expected [4]float64
	n := 0
	eachNotebook(t, func(t *testing.T, name string, nb *jupyter.Notebook) {
		for _, s := range shownHTML(nb) {
			for _, m := range answered.FindAllStringSubmatch(s, -1) {
				place, _ := strconv.Atoi(m[1])
				of, _ := strconv.Atoi(m[2])
				right[place]++
				for k := range of {
					expected[k] += 1 / float64(of)
				}
				n++
			}
		}
	})
	t.Logf("%d questions; the right answer is (a) to (d) %v times", n, right)
	for k := range right {
		if share := right[k] / expected[k]; n >= 40 && (share < .6 || share > 1.4) {
			t.Errorf("(%c) is right %v times in %d, where %.1f are expected: word a question differently", 'a'+k, right[k], n, expected[k])
		}
	}
}
