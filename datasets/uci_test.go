package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestIonosphere(t *testing.T) {
	t.Setenv("L2O_DATA", realFile(t, ionosphereFile))
	tab, err := Ionosphere(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := tab.String(); got != "Ionosphere: 351 samples × 34 features, 225 labelled 1" {
		t.Error(got)
	}
	if tab.StandIn || len(tab.X) != 351*34 || len(tab.Y) != 351 || len(tab.Columns) != 34 {
		t.Errorf("%+v", tab.Columns)
	}
	if x := tab.Row(0); x[0] != 1 || x[1] != 0 || x[2] != 0.99539 || x[33] != -0.45300 || tab.Y[0] != 1 || tab.Y[1] != 0 {
		t.Errorf("first row is %v, labels %v", x, tab.Y[:2])
	}
	if lo, hi := slices.Min(tab.X), slices.Max(tab.X); lo < -1 || hi > 1 {
		t.Errorf("features in [%g, %g], want [-1, 1]", lo, hi)
	}
	same, err := IonosphereOrStandIn(t.Context())
	if err != nil || same.StandIn {
		t.Errorf("the real data are here, got %s, %v", same, err)
	}
	checkStandardized(t, tab)
}

// spamCSV makes a file with the shape of spambase.data.
func spamCSV(header bool, spam int) string {
	var b strings.Builder
	if header {
		b.WriteString(strings.Join(numbered(57), ",") + ",class\n")
	}
	for i := range 4601 {
		fmt.Fprintf(&b, "%d%s,%d\n", i%7, strings.Repeat(",0.5", 56), int(indicator(i < spam)))
	}
	return b.String()
}

// TestSpambase has a file of the shape of Spambase in its place.
func TestSpambase(t *testing.T) {
	fake, err := readCSV([]byte(spamCSV(false, 1813)), "", CSVOptions{NoHeader: true, Label: "c58"})
	if err != nil {
		t.Fatal(err)
	}
	fakeRows := rowSum(fake)
	checkFake := func(content []byte) error { _, err := parseSpambase(content, fakeRows); return err }
	if spambaseFile.SHA256 == "" || spambaseFile.Check([]byte(spamCSV(false, 1813))) == nil {
		t.Error("a file of the shape of Spambase passes for it")
	}
	for _, header := range []bool{false, true} {
		t.Setenv("L2O_DATA", t.TempDir())
		f := sampleFile(t, serve(spamCSV(header, 1813)))
		f.Check, f.Max = checkFake, spambaseFile.Max
		tab, err := spambase(t.Context(), f, fakeRows)
		if err != nil {
			t.Fatal(err)
		}
		if got := tab.String(); got != "Spambase: 4601 samples × 57 features, 1813 labelled 1" {
			t.Error(got)
		}
		if tab.Row(3)[0] != 3 || !strings.HasSuffix(tab.Source, f.Name) {
			t.Errorf("row 3 starts with %g, source %s", tab.Row(3)[0], tab.Source)
		}
	}
	// another order, and line ends of Windows
	lines := strings.Split(strings.TrimSpace(spamCSV(false, 1813)), "\n")
	slices.Reverse(lines)
	if err := checkFake([]byte(strings.Join(lines, "\r\n"))); err != nil {
		t.Error(err)
	}
	for _, c := range []struct{ content, says string }{
		{spamCSV(false, 1812), "1812 labelled 1, want 4601 × 57 with 1813"},
		{spamCSV(false, 1813)[:9000], "row 40 (line 40) has"},
		{"1,2,3\n", "has 3 columns"},
		{strings.Replace(spamCSV(false, 1813), "0.5", "0.6", 1), "holds other numbers than Spambase"},
		{"", "0"},
	} {
		t.Setenv("L2O_DATA", t.TempDir())
		f := sampleFile(t, serve(c.content))
		f.Check, f.Max = checkFake, spambaseFile.Max
		_, err := spambase(t.Context(), f, fakeRows)
		want(t, err, c.says, "others have to hold the same rows")
	}
}

func TestOrStandIn(t *testing.T) {
	t.Setenv("L2O_DATA", t.TempDir())
	ion, spam := ionosphereFile, spambaseFile
	t.Cleanup(func() { ionosphereFile, spambaseFile = ion, spam })
	ionosphereFile.URL = sampleFile(t, http.NotFound).URL
	spambaseFile.URL = ionosphereFile.URL
	tab, err := IonosphereOrStandIn(t.Context())
	want(t, err, ionosphereFile.SHA256, "ionosphere.data")
	if !tab.StandIn {
		t.Errorf("got %s, want the stand-in", tab)
	}
	tab, err = SpambaseOrStandIn(t.Context())
	want(t, err, "spambase.data")
	if !tab.StandIn {
		t.Errorf("got %s, want the stand-in", tab)
	}
}

func TestStandIns(t *testing.T) {
	for _, c := range []struct {
		make func(uint64) Table
		says string
	}{
		{IonosphereStandIn, "Ionosphere stand-in (synthetic): 351 samples × 34 features, 225 labelled 1"},
		{SpambaseStandIn, "Spambase stand-in (synthetic): 4601 samples × 57 features, 1813 labelled 1"},
	} {
		a, b, other := c.make(7), c.make(7), c.make(8)
		if a.String() != c.says || !a.StandIn || !strings.HasSuffix(a.Source, "StandIn(7)") {
			t.Errorf("got %s from %s", a, a.Source)
		}
		if !slices.Equal(a.X, b.X) || !slices.Equal(a.Y, b.Y) {
			t.Errorf("%s: the same seed gives other data", a.Name)
		}
		if slices.Equal(a.X, other.X) {
			t.Errorf("%s: another seed gives the same data", a.Name)
		}
		for _, x := range a.X {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Fatalf("%s holds %g", a.Name, x)
			}
		}
		checkStandardized(t, a)
		if r := nearestMean(a); r < 0.75 || r > 0.99 {
			t.Errorf("%s: the nearest class mean is right for %.2f of the samples, want a problem that is neither hopeless nor trivial", a.Name, r)
		}
	}
}

// nearestMean returns how often the nearer class mean, after standardisation,
// belongs to the sample's class.
func nearestMean(t Table) float64 {
	t = Standardize(t)
	var mean [2][]float64
	count := [2]float64{float64(t.Rows - t.Positives()), float64(t.Positives())}
	for c := range mean {
		mean[c] = make([]float64, t.Cols)
	}
	for i, y := range t.Y {
		for j, x := range t.Row(i) {
			mean[int(y)][j] += x / count[int(y)]
		}
	}
	right := 0
	for i, y := range t.Y {
		var d [2]float64
		for c := range d {
			for j, x := range t.Row(i) {
				d[c] += (x - mean[c][j]) * (x - mean[c][j])
			}
		}
		if (d[1] < d[0]) == (y == 1) {
			right++
		}
	}
	return float64(right) / float64(t.Rows)
}

func checkStandardized(t *testing.T, tab Table) {
	t.Helper()
	before := slices.Clone(tab.X)
	std := Standardize(tab)
	if !slices.Equal(tab.X, before) {
		t.Error("Standardize changed its input")
	}
	for j := range std.Cols {
		sum, ss, varies := 0.0, 0.0, false
		for i := range std.Rows {
			x := std.Row(i)[j]
			sum, ss = sum+x, ss+x*x
			varies = varies || tab.Row(i)[j] != tab.Row(0)[j]
		}
		wantSS := float64(std.Rows)
		if !varies {
			wantSS = 0
		}
		if math.Abs(sum) > 1e-8 || math.Abs(ss-wantSS) > 1e-8*float64(std.Rows) {
			t.Errorf("%s, feature %d: sum %g, sum of squares %g, want 0 and %g", tab.Name, j, sum, ss, wantSS)
		}
	}
}

func TestStandardizeConstant(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "2×2 = 4 numbers, X holds 3") {
			t.Errorf("recovered %v", r)
		}
	}()
	x := 0.1
	for _, constant := range [][]float64{
		{0.1, 0.1, 0.1},
		{x + 0.2, 0.3, 0.3, 0.3}, // 0.30000000000000004
		{-1e300, math.Nextafter(-1e300, 0), -1e300},
		{1e-300, math.Nextafter(1e-300, 1)},
		{0, 0},
		{5},
	} {
		got := Standardize(Table{Rows: len(constant), Cols: 1, X: constant})
		if !slices.Equal(got.X, make([]float64, len(constant))) {
			t.Errorf("a constant feature %v becomes %v, want zeros", constant, got.X)
		}
	}
	Standardize(Table{Rows: 2, Cols: 2, X: make([]float64, 3)})
}

// TestUnits has features in other units, and far from 0: they are the same to the eye.
func TestUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	tab := Table{Rows: 40, Cols: 1, X: make([]float64, 40)}
	for i := range tab.X {
		tab.X[i] = rng.NormFloat64()
	}
	want := Standardize(tab).X
	for _, unit := range []float64{1e-300, 1e-170, 1e-8, 3, 1e8, 1e170, 1e307} {
		for _, level := range []float64{0, 1e3, -1e6} {
			moved := tab
			moved.X = slices.Clone(tab.X)
			for i := range moved.X {
				moved.X[i] = (moved.X[i] + level) * unit * min(1, 1/max(1, math.Abs(level)))
			}
			for i, got := range Standardize(moved).X {
				if math.Abs(got-want[i]) > 1e-8 {
					t.Fatalf("unit %g, level %g: sample %d becomes %g, want %g", unit, level, i, got, want[i])
				}
			}
		}
		small := Table{Rows: 1, Cols: 2, X: []float64{3 * unit, 4 * unit}}
		if u := UnitRows(small); math.Abs(u.X[0]-0.6) > 1e-15 || math.Abs(u.X[1]-0.8) > 1e-15 {
			t.Errorf("unit %g: a row of length 1 is %v", unit, u.X)
		}
	}
	if u := UnitRows(Table{Rows: 1, Cols: 2, X: []float64{1e200, 1}}); !slices.Equal(u.X, []float64{1, 1e-200}) {
		t.Errorf("a row of two scales becomes %v", u.X)
	}
	if u := Standardize(Table{Rows: 3, Cols: 1, X: []float64{1, math.NaN(), 2}}); !math.IsNaN(u.X[0]) {
		t.Errorf("a feature with NaN becomes %v", u.X)
	}
}

// TestStandardizeBits compares with the formula as it stands, on a feature that needs no care.
func TestStandardizeBits(t *testing.T) {
	tab := IonosphereStandIn(3)
	got := Standardize(tab)
	for j := range tab.Cols {
		mean, ss := 0.0, 0.0
		for i := range tab.Rows {
			mean += tab.Row(i)[j]
		}
		mean /= float64(tab.Rows)
		for i := range tab.Rows {
			ss += (tab.Row(i)[j] - mean) * (tab.Row(i)[j] - mean)
		}
		std := math.Sqrt(ss / float64(tab.Rows))
		for i := range tab.Rows {
			if want := (tab.Row(i)[j] - mean) / std; std > 0 && got.Row(i)[j] != want {
				t.Fatalf("feature %d of sample %d is %v, want %v", j, i, got.Row(i)[j], want)
			}
		}
	}
}

func TestTableString(t *testing.T) {
	for _, c := range []struct {
		y    []float64
		says string
	}{
		{nil, "t: 4 samples × 2 features"},
		{[]float64{0, 1, 1, 0}, "t: 4 samples × 2 features, 2 labelled 1"},
		{[]float64{0, 2, 1, 0}, "t: 4 samples × 2 features, 3 classes"},
		{[]float64{0.5, 2, 1, 0}, "t: 4 samples × 2 features, labels from 0 to 2"},
	} {
		if got := (Table{Name: "t", Rows: 4, Cols: 2, Y: c.y}).String(); got != c.says {
			t.Errorf("got %q, want %q", got, c.says)
		}
	}
}
