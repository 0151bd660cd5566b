package trace

import "github.com/l2olab/l2o/pkg/optim"

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
