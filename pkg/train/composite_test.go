package train_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// composite is a family of 15×30 least squares with noise and a regulariser; the truth has
// few entries in [0, 1], so that it is feasible.
func composite(r prox.Regulariser) optimizee.Family {
	return optimizee.FamilyFunc("least squares + "+r.Name, func(rng *rand.Rand) *optimizee.Problem {
		a, x := optimizee.Gaussian(rng, 15, 30), ad.New(30, 1, nil)
		optimizee.UnitColumns(a)
		for range 5 {
			x.Data[rng.IntN(30)] = rng.Float64()
		}
		return optimizee.LeastSquares(linear.Dense(a), a.MatMul(x).AddScaled(0.1, optimizee.Gaussian(rng, 15, 1))).Plus(r)
	})
}

// short is a training of about a second.
var short = train.Config{
	Minibatches: 60, Batch: 12, Iterations: 20, Segment: 10, LR: 1e-2, Seed: 1,
	Validation: train.Validation{Problems: 16, Every: 10}, Guard: train.DefaultGuard,
}

// TestComposites: L2O-PA learns on F = f + r made of its parts. On fresh problems it is
// lower after a few steps than FISTA, and than it was before it was trained.
func TestComposites(t *testing.T) {
	for _, c := range []struct {
		r     prox.Regulariser
		learn string
		again bool // trained twice
	}{
		{prox.ElasticNet(0.1, 0.1), "PA", false},
		{prox.NonNegative(), "PA", false},                                            // where y_k is outside
		{prox.Group(0.1, prox.Consecutive(3, 3, 3, 3, 3, 3, 3, 3, 3, 3)), "A", true}, // one step for all entries
	} {
		t.Run(c.r.Name, func(t *testing.T) {
			fam := composite(c.r)
			pa := learned.PA(learned.PAConfig{Learn: c.learn, Network: learned.Network{Hidden: 8, ZeroState: true}})
			result, err := train.Run(context.Background(), pa, fam, short)
			if err != nil {
				t.Fatal(err)
			}
			if c.again {
				if r, err := train.Run(context.Background(), pa, fam, short); err != nil || fingerprint(r.Theta) != fingerprint(result.Theta) {
					t.Errorf("the same training gives other bits, or %v", err)
				}
			}
			race, err := trace.RaceFamily(context.Background(), fam, trace.Config{Problems: 16, Steps: 10, Seed: 5, Tol: 1e-6},
				trace.Entry{Name: "trained", Rule: pa.Rule(result.Theta)}, trace.Entry{Name: "untrained", Rule: learned.Untrained(pa)}, trace.Entry{Name: "FISTA", Rule: optim.FISTA})
			if err != nil {
				t.Fatal(err)
			}
			trained, untrained, fista := race.Mean("trained", 10), race.Mean("untrained", 10), race.Mean("FISTA", 10)
			if !(trained < fista && trained < untrained/2) {
				t.Errorf("gap after ten steps: %.3g, untrained %.3g, of FISTA %.3g", trained, untrained, fista)
			}
		})
	}
}
