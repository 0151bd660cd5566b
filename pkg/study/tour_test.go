package study_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
)

func TestOnTour(t *testing.T) {
	families := []optimizee.Family{optimizee.SmallLasso, optimizee.SmallLogistic}
	tour, err := study.OnTour(t.Context(), families, trace.Config{Problems: 2, Steps: 5, Seed: 1}, trace.Classic("ISTA", "FISTA")...)
	if err != nil {
		t.Fatal(err)
	}
	table := tour.Table(5)
	if len(table.Rows) != 2 || table.Rows[1][0] != optimizee.SmallLogistic.String() || table.Header[2] != "FISTA" {
		t.Errorf("table of a tour:\n%v", table)
	}
	want := trace.Number(tour.Races[1].Mean("ISTA", 5))
	if got := table.Rows[1][1]; got != want {
		t.Errorf("ISTA on logistic problems: %s, want %s", got, want)
	}
	if _, err := study.OnTour(t.Context(), families, trace.Config{}); err == nil {
		t.Error("a tour without problems began")
	}
}
