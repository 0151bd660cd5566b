package trace

import "github.com/l2olab/l2o/pkg/optim"

// Published lists the classic methods of the L2O-PA paper's comparison on synthetic
// problems, Lasso and logistic, with the constants of its public code. Adam and AdamHD
// step along the subgradient ∇f + λ·sign x. ISTA and FISTA step by 1/L; the public code
// shortens that to 0.9999/L, and its L of logistic problems is not the true one (see
// optimizee.Logistic).
func Published() []Entry {
	return published(optim.AdamConfig{LR: 1e-2, Beta1: 0.1, Beta2: 0.1}, optim.AdamConfig{LR: 0.1, Beta1: 1e-3, Beta2: 0.1}, 1e-7)
}

// PublishedReal is [Published] with the constants for Lasso of natural image patches.
func PublishedReal() []Entry {
	return published(optim.AdamConfig{LR: 1e-3, Beta1: 1e-4, Beta2: 0.1}, optim.AdamConfig{LR: 1e-2, Beta1: 1e-2, Beta2: 1e-2}, 1e-8)
}

func published(adam, hyper optim.AdamConfig, h float64) []Entry {
	return []Entry{
		{"ISTA", optim.ISTA},
		{"FISTA", optim.FISTA},
		{"Adam", optim.Adam(adam)},
		{"AdamHD", optim.AdamHD(hyper, h)},
	}
}
