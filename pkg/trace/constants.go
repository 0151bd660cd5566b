package trace

import (
	"cmp"
	"fmt"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Rules of constants, for [Search].

// TwoConstants is a proximal gradient step of at[0]/L with the momentum at[1].
func TwoConstants(at []float64) optim.Rule {
	constants("TwoConstants", at, 2, 2)
	return optim.ProxMomentum(at[0], at[1])
}

// TunedAdam is Adam with the rate at[0], β₁ = at[1] and β₂ = at[2]; those that are left out
// are the usual ones, and those that are 0 are 0.
func TunedAdam(at []float64) optim.Rule {
	constants("TunedAdam", at, 0, 3)
	return optim.Adam(adam(at))
}

// TunedAdamHD is AdamHD with the rate at[0], β₁ = at[1] and the rate at[2] of the rate.
func TunedAdamHD(at []float64) optim.Rule {
	constants("TunedAdamHD", at, 3, 3)
	return optim.AdamHD(adam(at[:2]), at[2])
}

func constants(rule string, at []float64, least, most int) {
	if len(at) < least || len(at) > most {
		panic(fmt.Sprintf("trace: %s takes %d to %d constants, and gets %d", rule, least, most, len(at)))
	}
}

func adam(at []float64) optim.AdamConfig {
	var c optim.AdamConfig
	for i, to := range []*float64{&c.LR, &c.Beta1, &c.Beta2}[:len(at)] {
		*to = cmp.Or(at[i], optimizee.Nought)
	}
	return c
}
