package trace_test

import (
	"encoding/csv"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/trace"
)

func TestQuantile(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		sorted  []float64
		q, want float64
	}{
		{[]float64{7}, 0.9, 7},
		{[]float64{1, 2, 3, 4, 5}, 0.5, 3},
		{[]float64{1, 2, 3, 4, 5}, 0.1, 1.4},
		{[]float64{1, 2, 3, 4, 5}, 0.9, 4.6},
		{[]float64{1, 2}, 0, 1},
		{[]float64{1, 2}, 1, 2},
		{[]float64{1, inf, inf}, 0.9, inf},
		{[]float64{1, 2, inf}, 0.25, 1.5},
	} {
		if got := trace.Quantile(c.sorted, c.q); got != c.want {
			t.Errorf("the %g-quantile of %v is %g, want %g", c.q, c.sorted, got, c.want)
		}
	}
	if got := trace.Quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("the median of nothing is %g", got)
	}
}

func TestSummary(t *testing.T) {
	runs := [][]float64{{1, 10}, {2, 40}, {3, math.NaN()}}
	c := trace.Summary("m", runs)
	if c.Name != "m" || !slices.Equal(c.X, []float64{0, 1}) || c.Y[0] != 2 || !math.IsNaN(c.Y[1]) {
		t.Errorf("mean %+v", c)
	}
	if !near(c.Lo[0], 1.2) || !near(c.Hi[0], 2.8) || !near(c.Lo[1], 16) || !math.IsInf(c.Hi[1], 1) {
		t.Errorf("band %v to %v", c.Lo, c.Hi)
	}
	if one := trace.Summary("one", runs[:1]); one.Lo != nil || one.Hi != nil || !slices.Equal(one.Y, runs[0]) {
		t.Errorf("one run %+v", one)
	}
	if none := trace.Summary("none", nil); len(none.X) != 0 {
		t.Errorf("no run %+v", none)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }

func TestThin(t *testing.T) {
	for _, n := range []int{2, 3, 4, 10, 57, 250} {
		for _, points := range []int{0, 1, 2, 3, 5, n, n + 1, n + 2, 2 * n, 1001, 20001} {
			c := trace.Curve{Name: "c", Note: "note"}
			for i := range points {
				c.X, c.Y = append(c.X, float64(i)), append(c.Y, float64(-i))
				c.Lo, c.Hi = append(c.Lo, float64(-2*i)), append(c.Hi, float64(2*i))
			}
			thin := trace.Thin(c, n)
			if points <= n {
				if len(thin.X) != points {
					t.Errorf("%d points at most %d became %d", points, n, len(thin.X))
				}
				continue
			}
			last := len(thin.X) - 1
			switch {
			case len(thin.X) > n || len(thin.X) < n && points > 3*n:
				t.Errorf("%d points at most %d became %d", points, n, len(thin.X))
			case thin.X[0] != 0 || thin.X[last] != float64(points-1):
				t.Errorf("%d points at most %d run from %g to %g", points, n, thin.X[0], thin.X[last])
			case thin.Name != "c" || thin.Note != "note" || len(thin.Y) != last+1 || len(thin.Lo) != last+1 || len(thin.Hi) != last+1:
				t.Errorf("%+v", thin)
			}
			for i, x := range thin.X {
				if i > 0 && !(x > thin.X[i-1]) || thin.Y[i] != -x || thin.Lo[i] != -2*x || thin.Hi[i] != 2*x {
					t.Fatalf("%d points at most %d: point %d is %g, %g", points, n, i, x, thin.Y[i])
				}
			}
		}
	}
	// spaced evenly in the logarithm: as many picks from 10 to 100 as from 100 to 1000
	c := trace.Curve{X: make([]float64, 1001), Y: make([]float64, 1001)}
	for i := range c.X {
		c.X[i] = float64(i)
	}
	count := func(lo, hi float64) (n int) {
		for _, x := range trace.Thin(c, 60).X {
			if lo < x && x <= hi {
				n++
			}
		}
		return n
	}
	if a, b := count(10, 100), count(100, 1000); a != b && a != b+1 && a+1 != b {
		t.Errorf("%d and %d picks in two decades", a, b)
	}
	if two := trace.Thin(c, 0); len(two.X) != 2 {
		t.Errorf("at least both ends: %v", two.X)
	}
}

func TestCSV(t *testing.T) {
	curves := []trace.Curve{
		{Name: `a "name", with marks`, X: []float64{0, 1}, Y: []float64{1. / 3, math.NaN()}, Note: "diverged at 1"},
		{Name: "λ", X: []float64{0.1}, Y: []float64{5e-324}, Lo: []float64{math.Inf(-1)}, Hi: []float64{math.MaxFloat64}},
	}
	var b strings.Builder
	if err := trace.WriteCSV(&b, curves); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 4 || strings.Join(rows[0], " ") != "curve x y lo hi note" {
		t.Fatalf("%q, %v", rows, err)
	}
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Error(err)
		}
		return x
	}
	at := 1
	for _, c := range curves {
		for i := range c.X {
			row := rows[at]
			at++
			if row[0] != c.Name || number(row[1]) != c.X[i] || !(number(row[2]) == c.Y[i] || math.IsNaN(c.Y[i]) && row[2] == "NaN") || row[5] != c.Note {
				t.Errorf("row %q", row)
			}
			if c.Lo == nil && (row[3] != "" || row[4] != "") || c.Lo != nil && (number(row[3]) != c.Lo[i] || number(row[4]) != c.Hi[i]) {
				t.Errorf("band of row %q", row)
			}
		}
	}
	for _, bad := range []trace.Curve{
		{Name: "bad", X: []float64{1}},
		{Name: "bad", X: []float64{1}, Y: []float64{1}, Lo: []float64{1}},
	} {
		if err := trace.WriteCSV(&b, []trace.Curve{bad}); err == nil || !strings.Contains(err.Error(), `curve "bad" has 1 x`) {
			t.Errorf("error %v", err)
		}
	}
	if err := trace.WriteCSV(full{}, curves); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
}

var errFull = errors.New("no space")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestTable(t *testing.T) {
	table := trace.Table{
		Header: []string{"k", "1"},
		Rows:   [][]string{{"λ = ½", "0.125"}, {"plain", "2", "extra"}, {}},
		Notes:  []string{"a note that is wider than the table"},
	}
	want := "k          1\n" +
		"λ = ½  0.125\n" +
		"plain      2  extra\n" +
		"\n" +
		"a note that is wider than the table\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := (trace.Table{}).String(); got != "\n" {
		t.Errorf("an empty table is %q", got)
	}
	for x, want := range map[float64]string{0: "0", 1234.5: "1.23e+03", 0.0123456: "0.0123", math.Inf(1): "+Inf", 20: "20"} {
		if got := trace.Number(x); got != want {
			t.Errorf("%g is printed as %s, want %s", x, got, want)
		}
	}
	if got := trace.Number(math.NaN()); got != "diverged" {
		t.Errorf("NaN is printed as %s", got)
	}
}

func TestAxis(t *testing.T) {
	for a, want := range map[trace.Axis]string{trace.Iterations: "iterations", trace.OracleCalls: "oracle calls", trace.Seconds: "seconds", 9: "Axis(9)"} {
		if a.String() != want {
			t.Errorf("axis %d is %q", int(a), a)
		}
	}
}

// The mean over runs of different lengths in calls is the mean of their calls.
func TestCurvesByHand(t *testing.T) {
	run := func(f []float64, calls []int) trace.Run {
		return trace.Run{F: f, Calls: calls, Seconds: make([]float64, 2)}
	}
	r := pooled([]trace.Run{run([]float64{3, 2}, []int{0, 1}), run([]float64{6, 4}, []int{0, 3})}, trace.Optimum{F: 1})
	c := r.Curves(trace.OracleCalls)[0]
	if !slices.Equal(c.X, []float64{0, 2}) || !slices.Equal(c.Y, []float64{3.5, 2}) || !near(c.Lo[0], 2.3) || !near(c.Hi[1], 2.8) {
		t.Errorf("%+v", c)
	}
	if r.Mean("m", 1) != 2 || r.First("m", 2) != 1 || r.First("m", 1.9) != -1 || r.Floor() != 0 {
		t.Errorf("mean %g, first %d", r.Mean("m", 1), r.First("m", 2))
	}
}

// pooled races two rules of one name that replay the given runs on one problem.
func pooled(runs []trace.Run, o trace.Optimum) *trace.Results {
	r, err := trace.Race(parabola(), trace.Config{Steps: len(runs[0].F) - 1}, fixed("m", 1), fixed("m", 1))
	if err != nil {
		panic(err)
	}
	r.Runs[0], r.Optima = runs, []trace.Optimum{o}
	return r
}
