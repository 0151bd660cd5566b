package study

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// Figure5a answers the Primer's Figure 5 (a) for some networks, by those of its size where
// they are kept, else by those of 250×500, which the row then says. AMP with that λ, which
// trains nothing, runs at the Primer's size and stands beside.
func Figure5a(ctx context.Context, lambda float64, networks ...string) (rows []cite.Row, err error) {
	c, fam := Signals(Fresh, 16, 16), sparse.PrimerRecovery
	c.Measure = trace.MeanOfDB
	amp, err := trace.RaceFamily(ctx, fam, c, trace.Entry{Name: "AMP", Rule: lista.AMP(fam.Dictionary, lambda)})
	if err != nil {
		return nil, err
	}
	for _, n := range cite.Numbers("primer.f5") {
		part := strings.Split(n.ID, ".") // primer.f5.lista.noiseless or primer.f5a.lista.k4
		k := 16
		if _, _ = fmt.Sscanf(part[3], "k%d", &k); part[3] != "noiseless" && part[1] != "f5a" {
			continue
		}
		for _, network := range networks {
			here, ok := Load(network, "250x500")
			if strings.ToLower(network) != part[2] || !ok {
				continue
			}
			db := math.Round(10*here.MeanOfDB[k]) / 10
			ours := cite.Text(fmt.Sprintf("250×500: %.1f", db))
			if there, ok := Load(network, "256x512"); ok {
				db = math.Round(10*there.MeanOfDB[k]) / 10
				ours = cite.Num(db)
			}
			untrained := amp.Mean("AMP", k)
			beside := fmt.Sprintf("AMP at 256×512, no training: %.1f", untrained)
			rows = append(rows, cite.NewRow(n.ID, ours, beside, cite.JudgeDB(n.Value, db, untrained)))
		}
	}
	return rows, nil
}

// A Noted race says what was tuned for it.
type Noted struct {
	*trace.Results
	Tuned string
}

// Figure6 minimises the Lasso on the problems of the Primer's Figure 6, "5x10" or "25x50".
// A problem has 64 signals, so its relative gap is the Primer's (19), a ratio of means.
// FISTA goes on after sixteen layers of a network; "trained for 2λ" are networks for what
// the public code trains for.
func Figure6(ctx context.Context, size string) (m Noted, err error) {
	fam := map[string]sparse.Recovery{"5x10": recipe.Lasso5x10, "25x50": recipe.Lasso25x50}[size]
	search := trace.Search{
		Family: fam, Config: trace.Config{Problems: 4, Steps: 100, Seed: 119, Tol: 1e-10}, By: trace.LowestAt(100),
		Rule: trace.TwoConstants, Over: []trace.Range{trace.Lin("p·L", 1, 1.9, 4), trace.Values("a", 0.8, 0.9, 0.94, 0.96, 0.98)},
	}
	best, err := search.Run(ctx)
	if err != nil {
		return m, err
	}
	entries := append(trace.Classic("ISTA", "FISTA", "FISTA restart"), []trace.Entry{
		{Name: "Adam", Rule: optim.Adam(optim.AdamConfig{LR: 1e-3})},
		{Name: "RMSProp", Rule: optim.RMSProp(1e-3, 0.9)},
		{Name: "GD", Rule: optim.Explicit(func(int) float64 { return 1e-3 })},
		best.Entry("two tuned constants"),
	}...)
	for _, name := range []string{"LISTA", "ALISTA"} {
		for _, s := range [][2]string{{"", ""}, {"-2lambda", ", trained for 2λ"}} {
			layers := weights.Rule(strings.ToLower(name) + "-minimise-" + size + s[0])
			entries = append(entries, trace.Entry{Name: name + s[1], Rule: optim.Then(layers, 16, optim.FISTA)})
		}
	}
	m.Tuned = best.Note
	m.Results, err = trace.RaceFamily(ctx, fam, trace.Config{Problems: 4, Steps: 1000, Seed: 118, Tol: 1e-10}, entries...)
	return m, err
}

// Figure6Rows answers Figure 6 at a size. A factor of three counts as agreement; at iteration 1,000
// nothing is trained, or all ends in FISTA, so what is much lower there says that the
// problems are others, and those of the Primer are not public.
func Figure6Rows(m *trace.Results, size string) (rows []cite.Row) {
	two := func(k int) string { return fmt.Sprint(trace.Number(m.Mean("two tuned constants", k)), " at ", k) }
	for _, r := range []struct {
		id, name string
		k        int
	}{
		{"start", "FISTA", 0},
		{"ista", "ISTA", 1000},
		{"fista", "FISTA", 1000},
		{"gd", "GD", 1000},
		{"adam", "Adam", 1000},
		{"rmsprop", "RMSProp", 1000},
		{"lista", "LISTA", 16},
		{"lista-fista", "LISTA", 1000},
		{"alista", "ALISTA", 16},
		{"alista-fista", "ALISTA", 1000},
	} {
		n, ours := cite.Get("primer.f6."+r.id+"."+size), m.Mean(r.name, r.k)
		text := trace.Number(ours)
		if strings.HasSuffix(r.name, "LISTA") {
			text += "; trained for 2λ " + trace.Number(m.Mean(r.name+", trained for 2λ", r.k))
		}
		rival := "two tuned constants: " + two(16) + ", " + two(1000)
		rows = append(rows, cite.NewRow(n.ID, text, rival, cite.JudgeFactor(n.Value, ours, 3, r.k == 1000)))
	}
	return rows
}
