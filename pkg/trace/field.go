package trace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/internal/near"
	"github.com/l2olab/l2o/pkg/optim"
)

// Classics are the classic rules with settings that need no tuning to a problem,
// for a first look at a new one: whatever misses an oracle is refused by name.
func Classics() []Entry {
	return []Entry{
		{"GD", optim.GD(optim.LineSearch(1))},
		{"heavy ball", optim.HeavyBall(optim.LineSearch(1), 0.5)},
		{"NAG", optim.NAG(optim.LineSearch(1))},
		{"Adam", optim.Adam(optim.AdamConfig{LR: 1e-2})},
		{"AdamHD", optim.AdamHD(optim.AdamConfig{LR: 1e-2}, 1e-4)},
		{"RMSProp", optim.RMSProp(1e-2, 0.9)},
		{"subgradient", optim.Subgradient(1e-2)},
		{"ISTA", optim.ISTA},
		{"FISTA", optim.FISTA},
		{"FISTA restart", optim.FISTARestart},
		{"backtracking", optim.Backtracking(1)},
		{"exact", optim.Exact},
	}
}

// Classic returns classic rules that need no constants, by their names in figures: those
// of [Classics], and "ISTA, 1.3/L", "FISTA, 1.3/L" or "FISTA restart, 1.3/L" with a step
// of so many times 1/L. It panics where a name is unknown.
func Classic(names ...string) []Entry {
	known := Classics()
	var entries []Entry
	for _, name := range names {
		base, step := name, 1.0
		if b, _, ok := strings.Cut(name, ", "); ok {
			if _, err := fmt.Sscanf(name, b+", %g/L", &step); err == nil {
				base = b
			}
		}
		i := slices.IndexFunc(known, func(e Entry) bool { return e.Name == base })
		if i < 0 {
			panic(fmt.Sprintf("trace: no classic rule is called %q; nearest: %s", name, near.Keys(base, known, func(e Entry) string { return e.Name })))
		}
		rule := known[i].Rule
		if base != name {
			rule = optim.WithStep(step, rule)
		}
		entries = append(entries, Entry{name, rule})
	}
	return entries
}
