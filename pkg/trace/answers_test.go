package trace_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/trace"
)

// hand is a race of two methods on two problems, "many" from two starts, with values
// that are easy to read.
func hand() *trace.Results {
	run := func(problem int, values ...float64) trace.Run {
		r := trace.Run{Problem: problem, Values: values}
		for k, v := range values {
			r.Calls, r.Seconds = append(r.Calls, 2*k), append(r.Seconds, float64(k)/float64(problem+1))
			if math.IsNaN(v) && r.Diverged == 0 {
				r.Diverged = k
			}
		}
		return r
	}
	nan := math.NaN()
	return &trace.Results{
		Names: []string{"one", "many", "wild"}, Measure: "error", Unit: "m", Problems: 2, Steps: 3, Refused: []string{"nobody needs Grad"},
		Runs: [][]trace.Run{
			{run(0, 8, 4, 2, 1), run(1, 8, 2, 4, 3)},
			{run(0, 8, 6, 6, 5), run(0, 8, 1, 2, 2), run(1, 8, 8, 8, 8), run(1, 8, 4, 4, 4)},
			{run(0, 8, 9, nan, nan), run(1, 8, 7, 6, 6)},
		},
	}
}

func TestAnswers(t *testing.T) {
	r, inf := hand(), math.Inf(1)
	for what, c := range map[string]struct{ got, want float64 }{
		"mean":                        {r.Mean("one", 3), 2},
		"mean from the end":           {r.Mean("many", -1), 19. / 4},
		"mean of a run that diverges": {r.Mean("wild", 1), 8},
		"median":                      {r.Quantile("many", -1, 0.5), 4.5},
		"worst, with one that is NaN": {r.Quantile("wild", -1, 1), inf},
		"lowest":                      {r.Lowest("one"), 2},
		"lowest, with NaN":            {r.Lowest("wild"), 8},
		"over":                        {r.Over("one", "one", 3), 1},
		"over, one that never does":   {r.Over("many", "one", 3), 3},
		"over one that never does":    {r.Over("one", "many", 3), math.NaN()},
		"rise":                        {r.Rise("one"), 2},
		"rise to NaN":                 {r.Rise("wild"), inf},
		"no rise":                     {r.Only("one").Rise("one") - 2, 0},
		"above":                       {float64(r.Above("many", 4)), 2},
		"above, with NaN":             {float64(r.Above("wild", 6)), 1},
		"seconds":                     {r.SecondsPerStep("one"), 0.5},
		"floor":                       {r.Floor(), 0},
	} {
		if c.got != c.want && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %g, want %g", what, c.got, c.want)
		}
	}
	if m := r.Mean("wild", 2); !math.IsNaN(m) {
		t.Errorf("the mean of a run that diverged is %g", m)
	}
	steps, calls := r.Reached("one", 2)
	more, _ := r.Reached("many", 2)
	for what, c := range map[string]struct{ got, want []float64 }{
		"at":            {r.At("many", 1), []float64{6, 1, 8, 4}},
		"steps to 2":    {steps, []float64{2, 1}},
		"calls to 2":    {calls, []float64{4, 2}},
		"never":         {more, []float64{inf, 1, inf, inf}},
		"first starts":  {r.Best("many", 1), []float64{5, 8}},
		"best of two":   {r.Best("many", 2), []float64{2, 4}},
		"best of ten":   {r.Best("many", 10), []float64{2, 4}},
		"best of NaN":   {r.Best("wild", 1), []float64{inf, 6}},
		"lowest on way": {r.LowestOn("many"), []float64{1, 4}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
	if lower, higher := r.Against("one", "many", 0); lower != 2 || higher != 0 {
		t.Errorf("one ends lower than many on %d, higher on %d", lower, higher)
	}
	if lower, higher := r.Against("many", "one", 4); lower != 0 || higher != 1 {
		t.Errorf("by more than 4: lower on %d, higher on %d", lower, higher)
	}
	if k := r.First("one", 2); k != 3 {
		t.Errorf("first at %d", k)
	}
	if k := r.First("many", 2); k != -1 {
		t.Errorf("never is %d", k)
	}
}

func TestViews(t *testing.T) {
	r := hand()
	for what, got := range map[string][]string{
		"many one":           r.Only("many", "one").Names,
		"one wild":           r.Without("many").Names,
		"one many wild":      r.NoBands().Names,
		"one many wild next": trace.Join(r, &trace.Results{Names: []string{"next"}, Runs: [][]trace.Run{{{Values: []float64{8, 1}}}}, Measure: "error", Problems: 1, Steps: 1}).Names,
	} {
		if strings.Join(got, " ") != what {
			t.Errorf("%q, want %s", got, what)
		}
	}
	view := r.Only("many", "one")
	if view.Mean("one", 3) != 2 || len(r.Names) != 3 {
		t.Error("a view changes what it shows")
	}
	if c := r.NoBands("one").Curves(trace.Iterations); c[0].Lo != nil || c[1].Lo == nil {
		t.Errorf("bands %v and %v", c[0].Lo, c[1].Lo)
	}
	if some, none := r.NoBands("one").Note(), r.NoBands().Note(); !strings.Contains(some, "and 10–90 % band over") || strings.Contains(none, "band") || !strings.Contains(none, "Mean over") {
		t.Errorf("the notes are %q with bands, and %q without any", some, none)
	}
	short := &trace.Results{Names: []string{"next"}, Runs: [][]trace.Run{{{Values: []float64{8, 1}, Calls: []int{0, 1}}}}, Measure: "error", Problems: 1, Steps: 1}
	joined := trace.Join(short, r)
	if joined.Mean("next", -1) != 1 || joined.Mean("one", -1) != 2 || joined.Steps != 3 || !strings.Contains(joined.Note(), "over 1 to 2 problems") {
		t.Errorf("joined: %+v, %s", joined, joined.Note())
	}
	if c := joined.Curves(trace.OracleCalls); len(c[0].X) != 2 || c[1].X[3] != 6 {
		t.Errorf("curves %+v", c)
	}
	if got := joined.Table(trace.After(1, 3)).Rows[0]; !slices.Equal(got, []string{"next", "1", "–"}) {
		t.Errorf("row %q", got)
	}
	other := hand()
	other.Measure = "length"
	for want, f := range map[string]func(){
		"two races with \"one\"":     func() { trace.Join(r, r) },
		"for error and for length":   func() { trace.Join(r, other) },
		`no run of "two"; there are`: func() { r.Without("two") },
		`no run of "three"`:          func() { r.NoBands("three") },
		"step 4 of a race of 3":      func() { r.At("one", 4) },
		"step -1 of a race of 3":     func() { r.At("one", -5) },
	} {
		panics(t, want, f)
	}
}

func panics(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got == nil || !strings.Contains(fmt.Sprint(got), want) {
			t.Errorf("panic %v, want %q", got, want)
		}
	}()
	f()
}

func TestColumns(t *testing.T) {
	r := hand()
	got := r.Table(trace.After(1), trace.To(4, 2), trace.CallsTo(8, 2), trace.Ends(), trace.Spread(), trace.Stuck(4)).String()
	want := "mean error in m  after 1  steps to 4  steps to 2  oracle calls to 8  oracle calls to 2  end ± standard error  median end, 10–90 %  end above 4\n" +
		"one                    3           1           3                0.0                3.0                 2 ± 1        2, 1.2 to 2.8       0 of 2\n" +
		"many                4.75           –           –                0.0                  –            4.75 ± 1.2      4.5, 2.6 to 7.1       2 of 4\n" +
		"wild                   8    diverges    diverges                0.0                  –        diverged ± NaN   +Inf, +Inf to +Inf       2 of 2\n" +
		"nobody needs Grad\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	// what is below the precision of F* is not known
	r.Precision = []float64{1e-12, 2.5}
	if got := r.Table(trace.After(0, 3)).Rows; got[0][1] != "≥ 8" || got[0][2] != "≤ 1e+01" {
		t.Errorf("below the precision: %q", got)
	}
	if notes := r.Table(trace.After(0)).Notes; len(notes) != 2 || !strings.Contains(notes[1], "known only to") {
		t.Errorf("notes %q", notes)
	}
}

func TestNumbers(t *testing.T) {
	if m, se := trace.MeanError([]float64{1, 2, 3}); m != 2 || math.Abs(se-1/math.Sqrt(3)) > 1e-15 {
		t.Errorf("%g ± %g", m, se)
	}
	if _, se := trace.MeanError([]float64{1}); !math.IsNaN(se) {
		t.Errorf("one number has the standard error %g", se)
	}
	v := []float64{3, math.NaN(), 1, 2}
	if got := trace.ShareAbove(v, 2); got != 0.5 {
		t.Errorf("a share of %g lies above 2", got)
	}
	if trace.Median(v) != 2.5 || !math.IsInf(trace.Quantile(v, 1), 1) || v[0] != 3 || !math.IsNaN(trace.Mean(nil)) {
		t.Errorf("median %g, largest %g, %v", trace.Median(v), trace.Quantile(v, 1), v)
	}
	if g := trace.Grid(1, 100, 3, true); math.Abs(g[1]-10) > 1e-14 || !slices.Equal(trace.Grid(1, 3, 3, false), []float64{1, 2, 3}) || trace.Grid(1, 100, 100, false)[17] != 18 {
		t.Errorf("grid %v", g)
	}
	square := trace.Function("x²", []float64{1, 2}, func(x float64) float64 { return x * x })
	if c := trace.Line("x²", square.Y); !slices.Equal(c.X, []float64{0, 1}) || !slices.Equal(c.Y, []float64{1, 4}) || c.Lo != nil {
		t.Errorf("line %+v", c)
	}
	band := trace.Band("b", []float64{5, 7}, [][]float64{{1, 2, 6}, {4}})
	if !slices.Equal(band.Y, []float64{3, 4}) || band.Lo[0] != 1.2 || band.Hi[1] != 4 || trace.MedianBand("b", []float64{5, 7}, [][]float64{{1, 2, 6}, {4}}).Y[0] != 2 {
		t.Errorf("band %+v", band)
	}
}

func TestClassic(t *testing.T) {
	entries := trace.Classic("ISTA", "FISTA restart, 1.3/L")
	if entries[0].Name != "ISTA" || entries[1].Name != "FISTA restart, 1.3/L" || entries[1].Rule == nil {
		t.Errorf("%+v", entries)
	}
	panics(t, `no classic rule is called "FISTAR"; nearest: FISTA`, func() { trace.Classic("FISTAR") })
}
