package trace

import "github.com/l2olab/l2o/pkg/optim"

// Rules of constants, for [Search].

// TwoConstants is a proximal gradient step of at[0]/L with the momentum at[1].
func TwoConstants(at []float64) optim.Rule { return optim.ProxMomentum(at[0], at[1]) }

// TunedAdam is Adam with the rate at[0], β₁ = at[1] and β₂ = at[2]; those that are left out
// are the usual ones.
func TunedAdam(at []float64) optim.Rule { return optim.Adam(adam(at)) }

// TunedAdamHD is AdamHD with the rate at[0], β₁ = at[1] and the rate at[2] of the rate.
func TunedAdamHD(at []float64) optim.Rule { return optim.AdamHD(adam(at[:2]), at[2]) }

func adam(at []float64) optim.AdamConfig {
	var c optim.AdamConfig
	for i, to := range []*float64{&c.LR, &c.Beta1, &c.Beta2}[:len(at)] {
		*to = at[i]
	}
	return c
}
