package study_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
)

func TestRecover(t *testing.T) {
	small := sparse.SmallRecovery
	race, err := study.Recover(t.Context(), small, study.Signals(study.Fresh, 2, 16), trace.Classic("ISTA", "FISTA")...)
	if err != nil {
		t.Fatal(err)
	}
	all := race.And(study.Kept("250x500", "", "ALISTA", "no such network"))
	if got := all.Table(0, 16).Rows; len(got) != 3 || got[0][1] != "0.0 | 0.0" {
		t.Errorf("%v: want three methods that start at 0 dB", got)
	}
	k, _ := study.Load("ALISTA", "250x500")
	if got := all.Ratio.Mean("ALISTA", 16); got != k.RatioOfSums[16] {
		t.Errorf("what is kept of ALISTA, %g, became %g", k.RatioOfSums[16], got)
	}
	for _, c := range all.Ratio.Curves(trace.Iterations) {
		if band := c.Lo != nil; band != (c.Name != "ALISTA") || len(c.Y) != 17 || math.IsNaN(c.Y[16]) {
			t.Errorf("curve %s: band %v, %d points", c.Name, band, len(c.Y))
		}
	}
	if got, want := all.Ratio.Note(), "Ratio of sums and 10–90 % band over 128 instances."; got != want {
		t.Errorf("note %q, want %q", got, want)
	}
	if got := all.Ratio.Above("FISTA", 0); got != 0 {
		t.Errorf("FISTA makes %d of 128 signals worse than zero", got)
	}
	if rows := race.Sets(16).Rows; len(rows) != 2 || !strings.Contains(rows[0][2], " to ") {
		t.Errorf("two sets: %v", rows)
	}
	curves, table := all.Only("ALISTA").Against(nil)
	if x := curves[0].X; len(x) != 16 || math.Abs(x[15]-32) > 1e-5 || table.Rows[0][1] != "32" {
		t.Errorf("ALISTA has 32 numbers, not %v", x)
	}
}

// Each rival gains from its search, on other signals than those of the search.
func TestRivals(t *testing.T) {
	small := sparse.SmallRecovery
	entries := trace.Classic("FISTA")
	for _, r := range study.Rivals(small, 8) {
		r.Over = r.Over[:len(r.Over):len(r.Over)]
		for i := range r.Over { // the small grid of a test
			r.Over[i].Values = r.Over[i].Values[len(r.Over[i].Values)/2:][:2]
		}
		best, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(r.Name, err)
		}
		entries = append(entries, best.Entry(r.Name))
	}
	res, err := trace.RaceFamily(t.Context(), small, study.Signals(study.Fresh, 2, 8), entries...)
	if err != nil || len(res.Refused) > 0 {
		t.Fatal(err, res.Refused)
	}
	for _, name := range res.Names[1:] {
		if tuned, plain := res.Mean(name, 8), res.Mean("FISTA", 8); !(tuned < plain) {
			t.Errorf("%s: %g dB; FISTA as it is %g", name, tuned, plain)
		}
	}
}

func TestNetworkBill(t *testing.T) {
	long := []study.Long{{Name: "FISTA", Lambda: 0.015, Steps: 76}, {Name: "AMP", Lambda: 1.1, Steps: 17}}
	rows := study.NetworkBill(long, "LISTA", "LISTA-CPSS", "HyperLISTA").Rows
	want := [][]string{
		{"FISTA, λ = 0.015", "76", "18.9", "–", "–", "–"},
		{"AMP, λ = 1.1", "17", "4.1", "–", "–", "–"},
		{"LISTA", "> 16", "–", rows[2][3], "–", "–"},
		{"LISTA-CPSS", "9", "2.1", "168", "2.5", "20.9"},
		{"HyperLISTA", rows[4][1], rows[4][2], "–", "–", "–"},
	}
	for i, row := range rows {
		if !slices.Equal(row, want[i]) {
			t.Errorf("%q, want %q", row, want[i])
		}
	}
	if p := study.Payback("LISTA-CPSS", study.Long{Steps: 5}); !math.IsInf(p, 1) {
		t.Errorf("against a rival of 5 steps it pays after %g signals, not never", p)
	}
}

func TestPanels(t *testing.T) {
	if testing.Short() {
		t.Skip("learns a dictionary from images; run without -short")
	}
	panels, err := study.Panels()
	if err != nil {
		t.Fatal(err) // where there are no photographs, a stand-in is taken
	}
	i := slices.IndexFunc(panels, func(p study.Panel) bool { return p.Key == "large" })
	res := trace.Known(trace.MeanOfDB, trace.Line(study.Found2, make([]float64, 17)), trace.Line(study.Moved3, slices.Repeat([]float64{-75}, 17)),
		trace.Line("ALISTA"+study.Here, slices.Repeat([]float64{-67}, 17)))
	rows := panels[i].Rows(res)
	if len(rows) != 1 || rows[0].ID != "primer.f5.alista.large" || rows[0].Verdict != cite.HoldsInPart {
		t.Errorf("%+v: want one row, that of ALISTA", rows)
	}
}

// A λ that is told to the rule is the λ of the problem.
func TestWithLambda(t *testing.T) {
	s := sparse.SmallRecovery
	p := study.Signals(study.Fresh, 1, 1).Problem(s, 0)
	s.Lambda = 0.03
	q := study.Signals(study.Fresh, 1, 1).Problem(s, 0)
	for _, r := range []optim.Rule{optim.FISTA, optim.Subgradient(1e-3)} {
		_, told, err1 := optim.Minimize(p, sparse.WithLambda(0.03, r), 9, nil)
		_, own, err2 := optim.Minimize(q, r, 9, nil)
		if err1 != nil || err2 != nil || !slices.Equal(told.X().Data, own.X().Data) {
			t.Error("another way for the same λ", err1, err2)
		}
	}
	if _, err := sparse.WithLambda(0.1, optim.ISTA)(&optimizee.Problem{}, nil); err == nil {
		t.Error("a λ was told to a problem that has none")
	}
}

func TestToyKey(t *testing.T) {
	if key := study.ToyKey(); !strings.Contains(key, `"NMSE"`) || !strings.Contains(key, "0.005") {
		t.Errorf("the key of toy trainings is %s", key)
	}
}

func TestFigure6Rows(t *testing.T) {
	if testing.Short() {
		t.Skip("races for 1,000 steps; run without -short")
	}
	res, err := study.Figure6(context.Background(), "5x10")
	if err != nil {
		t.Fatal(err)
	}
	if rows := study.Figure6Rows(res.Results, "5x10"); len(rows) != 10 || rows[0].Verdict != cite.Holds || res.Mean("LISTA", 16) > 0.06 {
		t.Errorf("%+v", rows)
	}
}
