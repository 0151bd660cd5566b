package study_test

import (
	"context"
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
)

func TestRecover(t *testing.T) {
	ctx, small := context.Background(), sparse.SmallRecovery
	race, err := study.Recover(ctx, small, study.Signals(study.Fresh, 2, 16), trace.Classic("ISTA", "FISTA")...)
	if err != nil {
		t.Fatal(err)
	}
	kept := study.Kept("250x500", "", "ALISTA", "no such network")
	all := race.And(kept)
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
}
