package cite

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWorks(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range Papers() {
		if key := strings.ToLower(w.Key); seen[key] {
			t.Errorf("%s stands twice", w.Key)
		} else {
			seen[key] = true
		}
		if !regexp.MustCompile(`^[A-Za-z0-9-]+$`).MatchString(w.Key) {
			t.Errorf("key %q does not serve as a BibTeX key", w.Key)
		}
		if len(w.Authors) == 0 || w.Title == "" || w.Venue == "" || w.Year < 1950 || w.Year > 2100 {
			t.Errorf("%s is not complete: %+v", w.Key, w)
		}
		if w.URL != "" && !strings.HasPrefix(w.URL, "https://") {
			t.Errorf("%s: URL %q", w.Key, w.URL)
		}
		if Paper(w.Key).Title != w.Title {
			t.Errorf("Paper(%q) is another work", w.Key)
		}
		checkBibTeX(t, w)
	}
	for _, key := range []string{
		"L2O-PA", "LISTA-Talk", "Primer", "MLAM", "GSO", "ISTA", "FISTA", "Restart", "HeavyBall", "NAG", "Adam", "AdamHD", "RMSProp",
		"LISTA", "LISTA-CP", "ALISTA", "HyperLISTA", "Step-LISTA", "Ada-LISTA", "L2O-DM", "RNNprop", "Safe-L2O",
	} {
		Paper(key)
	}
}

// Every line of the bibliography and every file of numbers is read.
func TestNothingIsLeftOut(t *testing.T) {
	var entries []string
	for _, w := range Papers() {
		entries = append(entries, w.BibTeX())
	}
	if strings.Join(entries, "\n") != bibliography {
		t.Error("bibliography.bib is not its entries, with an empty line between them")
	}
	files, err := published.ReadDir("published")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		paper := strings.TrimSuffix(f.Name(), ".csv")
		if len(Numbers(strings.ToLower(paper)+".")) == 0 {
			t.Errorf("no number comes from %s: its name is no key of the bibliography", f.Name())
		}
	}
}

// checkBibTeX reads an entry by its braces: @kind{key, name = {value}, …}.
func checkBibTeX(t *testing.T, w Work) {
	t.Helper()
	s := w.BibTeX()
	depth, fields := 0, map[string]string{}
	var name string
	start := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			if depth++; depth == 2 {
				_, name, _ = strings.Cut(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s[start:i]), "=")), ",")
				start = i + 1
			}
		case '}':
			if depth--; depth == 1 {
				fields[strings.TrimSpace(name)] = s[start:i]
				start = i + 1
			}
		}
		if depth < 0 {
			t.Fatalf("%s: a brace closes too early in\n%s", w.Key, s)
		}
	}
	if depth != 0 {
		t.Errorf("%s: %d braces stay open in\n%s", w.Key, depth, s)
	}
	if !regexp.MustCompile(`^@(article|inproceedings|misc)\{[A-Za-z0-9-]+,\n`).MatchString(s) {
		t.Errorf("%s: head of\n%s", w.Key, s)
	}
	for _, f := range []string{"author", "title", "year"} {
		if fields[f] == "" {
			t.Errorf("%s: no field %s in %q", w.Key, f, fields)
		}
	}
	if fields["journal"]+fields["booktitle"]+fields["howpublished"] == "" {
		t.Errorf("%s: no venue in %q", w.Key, fields)
	}
	if got := strings.Split(fields["author"], " and "); len(got) != len(w.Authors) {
		t.Errorf("%s: authors %q", w.Key, got)
	}
}

func TestNumbers(t *testing.T) {
	units := []string{"", "‖R−R̂‖/‖R‖", "nats per sample", "dB", "ms", "ln(loss)", "iterations", "samples", "×"}
	for i, n := range numbers {
		if i > 0 && numbers[i-1].ID >= n.ID {
			t.Errorf("%s stands after %s", n.ID, numbers[i-1].ID)
		}
		Paper(n.Paper)
		if !strings.HasPrefix(n.ID, strings.ToLower(n.Paper)+".") || !regexp.MustCompile(`^[a-z0-9.-]+$`).MatchString(n.ID) {
			t.Errorf("ID %q of a number in %s", n.ID, n.Paper)
		}
		if n.Where == "" || n.What == "" || strings.Contains(n.What, "%!") {
			t.Errorf("%s is not complete: %+v", n.ID, n)
		}
		if !slices.Contains([]string{"", "<", ">", "≤", "≥", "≈"}, n.Rel) || !slices.Contains(units, n.Unit) {
			t.Errorf("%s: relation %q, unit %q", n.ID, n.Rel, n.Unit)
		}
		if n.Text != "" && !math.IsNaN(n.Value) || utf8.RuneCountInString(n.Text) > maxText {
			t.Errorf("%s: text %q beside %g", n.ID, n.Text, n.Value)
		}
		if n.Rel == "≈" && strings.HasPrefix(n.Where, "Figure") && n.Note == "" {
			t.Errorf("%s is read off a figure and has no reading error", n.ID)
		}
		if got := Get(n.ID); got.ID != n.ID {
			t.Errorf("Get(%q) gives %s", n.ID, got.ID)
		}
		if n.Published().Empty() {
			t.Errorf("%s shows nothing", n.ID)
		}
	}
	for prefix, want := range map[string]int{
		"mlam.t1.": 20, "mlam.t2.": 30, "mlam.t3.": 25, "mlam.t4.": 5, "mlam.t5.": 30, "mlam.t6.": 10,
		"gso.t1.": 12, "gso.t2.": 18, "gso.t3.": 15, "gso.t4.": 30, "gso.t5.": 10,
		"primer.f3.": 2, "primer.f5.": 28, "primer.f5a.": 9, "primer.f6.": 26, "primer.f8.": 14, "l2o-enhanced.f2.": 20,
	} {
		if got := len(Numbers(prefix)); got != want {
			t.Errorf("%s has %d entries, want %d", prefix, got, want)
		}
	}
}

// TestSpotValues compares single entries with the papers, so that a slipped row or
// column does not go unnoticed.
func TestSpotValues(t *testing.T) {
	for id, want := range map[string]string{
		"mlam.t1.als.obs0.4":           "0.717",
		"mlam.t2.umf.r40":              "0.582",
		"mlam.t2.als.r20":              "> 1",
		"mlam.t3.dmf.p40":              "0.81",
		"mlam.t4.als.time":             "1272",
		"mlam.t4.sgd.time":             "1518",
		"mlam.t5.p50.r60":              "0.055",
		"mlam.t6.em.d64":               "96.88",
		"mlam.t6.mlam.d16":             "23.05",
		"gso.t2.als.r40":               "5.563",
		"gso.t2.sgd.r80":               "NaN",
		"gso.t4.p100.r10":              "0.45",
		"primer.f5.alista.large":       "≈ -81.2",
		"primer.f5a.lamp.k8":           "≈ -32",
		"primer.f6.l2o-rnnprop.25x50":  "≈ 0.00055",
		"primer.f7.oracle.n10":         "19.61", // exactly printed as 19.6117; a cell shows four digits
		"primer.f8.rmsprop.conv":       "≈ 0.045",
		"l2o-enhanced.f2.rnnprop.conv": "≈ 0.35",
		"l2o-pa.f6.speedup":            "> 10",
		"l2o-pa.f1.ablation":           "all reach machine precision",
	} {
		if got := Get(id).Published().String(); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	if got := Get("primer.f7.oracle.n10").Value; got != 19.6117 {
		t.Errorf("the oracle is %g", got)
	}
}

// TestContradictions compares the two papers that report the same experiments:
// wherever they differ, both numbers must say so, and nowhere else.
func TestContradictions(t *testing.T) {
	found := 0
	for mlam, gso := range map[string]string{"mlam.t1": "gso.t1", "mlam.t2": "gso.t2", "mlam.t3": "gso.t3", "mlam.t5": "gso.t4", "mlam.t6": "gso.t5"} {
		for _, g := range Numbers(gso + ".") {
			rest := strings.Replace(strings.TrimPrefix(g.ID, gso), ".gso.", ".mlam.", 1)
			m := Get(mlam + rest)
			same := m.Value == g.Value && m.Rel == g.Rel || m.Rel == ">" && (g.Value > m.Value || math.IsNaN(g.Value))
			for _, n := range []Number{m, g} {
				if n.Contradicted == same || n.Contradicted && n.Note == "" {
					t.Errorf("%s is %v and %s is %v; the note of %s is %q", m.ID, m.Published(), g.ID, g.Published(), n.ID, n.Note)
				}
			}
			if !same {
				found++
			}
		}
	}
	if found != 5 {
		t.Errorf("found %d contradictions, want the five ranks from 10 on", found)
	}
}
