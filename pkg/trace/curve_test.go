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
		return trace.Run{Values: f, Calls: calls, Seconds: make([]float64, 2)}
	}
	r := &trace.Results{Names: []string{"m"}, Steps: 1, Problems: 1, Precision: []float64{0}}
	r.Runs = [][]trace.Run{{run([]float64{2, 1}, []int{0, 1}), run([]float64{5, 3}, []int{0, 3})}}
	c := r.Curves(trace.OracleCalls)[0]
	if !slices.Equal(c.X, []float64{0, 2}) || !slices.Equal(c.Y, []float64{3.5, 2}) || !near(c.Lo[0], 2.3) || !near(c.Hi[1], 2.8) {
		t.Errorf("%+v", c)
	}
	if r.Mean("m", 1) != 2 || r.First("m", 2) != 1 || r.First("m", 1.9) != -1 || r.Floor() != 0 {
		t.Errorf("mean %g, first %d", r.Mean("m", 1), r.First("m", 2))
	}
}
