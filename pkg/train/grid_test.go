package train_test

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/train"
)

var tinyGrid = train.Grid{
	Axes:   []train.Axis{{Param: "c1", From: 0.01, To: 0.4, Points: 3}, {Param: "c2", From: 0.01, To: 0.04, Points: 3}, {Param: "c3", From: 2, To: 30, Points: 3}},
	Rounds: 2, Layers: 4, Problems: 4, Seed: 1,
}

// TestGrid: a second round goes lower than the first, HyperLISTA beats FISTA then, and
// the number of cores does not matter.
func TestGrid(t *testing.T) {
	ctx := context.Background()
	net := tinyNet
	net.Layers = 4
	o := lista.HyperLISTA(net)
	search := func(g train.Grid) train.Found {
		f, err := g.Search(ctx, o, tinyRecovery)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	once, events := tinyGrid, 0
	once.Rounds = 1
	once.Report = func(e train.Event) { events = e.Done }
	one, two := search(once), search(tinyGrid)
	if !(two.Value < one.Value) || events != 27 || len(one.Points) != 27 || slices.Min(one.Points) != one.Value {
		t.Errorf("%.2f dB after one round of %d points, %.2f dB after two; %d events", one.Value, len(one.Points), two.Value, events)
	}
	if f, h := recovered(t, optim.FISTA, 4), recovered(t, o.Rule(two.Theta), 4); !(h < f) {
		t.Errorf("HyperLISTA reaches %.2f dB, FISTA %.2f dB", h, f)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if alone := search(tinyGrid); fingerprint(alone.Theta) != fingerprint(two.Theta) || !slices.Equal(alone.Points, two.Points) {
		t.Error("one core finds something else")
	}
}

// TestGridBorder: a best point at the end of an axis is told.
func TestGridBorder(t *testing.T) {
	g := tinyGrid
	g.Rounds = 1
	g.Axes = []train.Axis{{Param: "c1", From: 1e-7, To: 1e-6, Points: 3}, {Param: "c3", From: 5, To: 5, Points: 1}}
	f, err := g.Search(context.Background(), lista.HyperLISTA(tinyNet), tinyRecovery)
	if err != nil || !slices.Equal(f.Border, []string{"c1"}) || math.IsNaN(f.Value) {
		t.Errorf("border %q, value %g, error %v", f.Border, f.Value, err)
	}
}

func TestGridRefuses(t *testing.T) {
	for want, change := range map[string]func(g *train.Grid){
		"a grid of 0 axes":           func(g *train.Grid) { g.Axes = nil },
		"in 0 rounds":                func(g *train.Grid) { g.Rounds = 0 },
		"axis c4: there is no":       func(g *train.Grid) { g.Axes = []train.Axis{{Param: "c4", From: 1, To: 2, Points: 2}} },
		"from -1 to 2: it has":       func(g *train.Grid) { g.Axes = []train.Axis{{Param: "c1", From: -1, To: 2, Points: 2}} },
		"has 0 points from 1 to 2":   func(g *train.Grid) { g.Axes = []train.Axis{{Param: "c1", From: 1, To: 2}} },
		"has 2 points from 2 to 1: ": func(g *train.Grid) { g.Axes = []train.Axis{{Param: "c1", From: 2, To: 1, Points: 2}} },
	} {
		g := tinyGrid
		change(&g)
		if _, err := g.Search(context.Background(), lista.HyperLISTA(tinyNet), tinyRecovery); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
