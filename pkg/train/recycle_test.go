package train_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/spare"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// hoarder is PA in the hands of somebody who keeps all points and gradients that pass, and
// asks for gradients of his own.
func hoarder(to *[]ad.Value, copies *[][]float64) learned.Optimizer {
	inner := learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 4}})
	return learned.Optimizer{Name: inner.Name, Config: inner.Config, Init: inner.Init, Rule: func(th nn.Params) optim.Rule {
		return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
			step, err := inner.Rule(th)(p, rng)
			return func(x optimizee.Point) optimizee.Point {
				keep := []ad.Value{p.Grad("x", x)}
				next := step(x)
				keep = append(keep, next.X())
				for _, v := range keep {
					*to, *copies = append(*to, v), append(*copies, slices.Clone(v.Data))
				}
				return next
			}, err
		}
	}}
}

// A training recycles what its segments were made of, and that shows nowhere: the numbers
// are those of a training in which vectors that were recycled read as NaN and are never
// taken again, and of one on problems whose oracles may keep what they see.
func TestRecyclingShowsNowhere(t *testing.T) {
	defer spare.Poison.Store(false)
	lasso := optimizee.LassoSpec{Rows: 40, Cols: 80, Nonzeros: 8, Lambda: 0.1}
	logistic := optimizee.LogisticSpec{Rows: 90, Cols: 70, Nonzeros: 7, Lambda: 0.02}
	wrapped := func(f optimizee.Family) optimizee.Family {
		return optimizee.Changed(f, "with oracles of one's own", func(p *optimizee.Problem) *optimizee.Problem {
			q := *p
			q.Grad = func(b string, x optimizee.Point) ad.Value { return p.Grad(b, x) }
			return &q
		})
	}
	network := learned.Network{Hidden: 4}
	for name, c := range map[string]struct {
		o learned.Optimizer
		f optimizee.Family
	}{
		"PA":                 {learned.PA(learned.PAConfig{Network: network}), lasso},
		"PA, all terms":      {learned.PA(learned.PAConfig{Network: network, Learn: "PBA12"}), lasso},
		"PA, the step alone": {learned.PA(learned.PAConfig{Network: network, Learn: "P"}), lasso},
		"PA, proximal point": {learned.PA(learned.PAConfig{Network: network, ReturnX: true}), lasso},
		"PA, through":        {learned.PA(learned.PAConfig{Network: network, Through: true}), lasso},
		"PA, composed":       {learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 4, Composed: true}}), lasso},
		"PA on logistic":     {learned.PA(learned.LogisticPA), logistic},
		"DM":                 {learned.DM(learned.DMConfig{Network: network}), lasso},
		"RNNprop":            {learned.RNNprop(learned.RNNpropConfig{Network: network}), logistic},
	} {
		losses := func(poison bool, f optimizee.Family) (lines []string) {
			spare.Poison.Store(poison)
			config := tiny
			config.Minibatches, config.Iterations, config.Segment = 3, 9, 3
			config.Validation = train.Validation{Problems: 3, Every: 2}
			config.Report = func(e train.Event) { lines = append(lines, fmt.Sprintf("%x %x", e.Loss, e.Validation)) }
			r, err := train.Run(context.Background(), c.o, f, config)
			if err != nil {
				t.Fatal(name, err)
			}
			return append(lines, fingerprint(r.Last))
		}
		plain := losses(false, c.f)
		if got := losses(true, c.f); !slices.Equal(got, plain) {
			t.Errorf("%s: somebody reads what was recycled:\n%q\nand without poison\n%q", name, got, plain)
		}
		if got := losses(false, wrapped(c.f)); !slices.Equal(got, plain) {
			t.Errorf("%s: without recycling\n%q\nand with it\n%q", name, got, plain)
		}
	}
	var kept []ad.Value
	var copies [][]float64
	spare.Poison.Store(true)
	config := tiny
	config.Batch, config.Minibatches, config.Iterations, config.Segment, config.Validation = 1, 2, 9, 3, train.Validation{}
	if _, err := train.Run(context.Background(), hoarder(&kept, &copies), lasso, config); err != nil {
		t.Fatal(err)
	}
	for i, v := range kept {
		if !slices.Equal(v.Data, copies[i]) {
			t.Fatalf("value %d of %d that a rule around PA kept has changed", i, len(kept))
		}
	}
	if len(kept) < 36 {
		t.Errorf("only %d values were kept", len(kept))
	}
}

// Instances that share one problem, which keeps what it was asked last, are trained on as if
// each had its own.
func TestOneProblemForAll(t *testing.T) {
	const n = 200 // long enough for vectors to be recycled
	spec := optimizee.LassoSpec{Rows: 30, Cols: n, Nonzeros: 10, Lambda: 0.1}
	shared := spec.Draw(optimizee.Stream(1))
	config := tiny
	config.Batch, config.Minibatches, config.Iterations, config.Segment, config.Validation = 6, 4, 10, 5, train.Validation{}
	trained := func(draw func(*rand.Rand) *optimizee.Problem) string {
		o := learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 4}})
		r, err := train.Run(context.Background(), o, optimizee.FamilyFunc("one problem", draw), config)
		if err != nil {
			t.Fatal(err)
		}
		return fingerprint(r.Last)
	}
	own := trained(func(*rand.Rand) *optimizee.Problem { return spec.Draw(optimizee.Stream(1)) })
	if got := trained(func(*rand.Rand) *optimizee.Problem { return shared }); got != own {
		t.Errorf("weights %s from one problem, %s from copies of it", got, own)
	}
}
