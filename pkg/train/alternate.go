package train

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// AlternateConfig says how to train learned alternating minimisation. In the words of
// MLAM: Iterations are the T outer steps and Segment is t_out, the outer steps between
// two updates of θ, whose accumulated loss is back-propagated no further. A Batch of one
// problem is the published setting; more of them share each update. LR is α of Adam for
// all networks alike. Guard.Loss has to be 0: that guard compares with F.
type AlternateConfig struct {
	Config
	Loss mlam.MetaLoss
}

// DefaultAlternate trains the default wiring on completions of 100×100 in a few
// minutes; its 300 updates are clipped, because first rollouts explode.
var DefaultAlternate = AlternateConfig{Config: Config{
	Minibatches: 60, Batch: 4, Iterations: 50, Segment: 10, LR: 2e-3, Seed: 1,
	Validation: Validation{Problems: 16, Every: 5}, Guard: Guard{Above: 1, To: 1},
}}

// PaperAlternate is the published setting (MLAM, Section V): 100 problems, one after the
// other, T = 100 and t_out = 10, F itself, and no guard.
var PaperAlternate = AlternateConfig{
	Config: Config{Minibatches: 100, Batch: 1, Iterations: 100, Segment: 10, LR: 1e-3, Seed: 1},
	Loss:   mlam.MetaLoss{Sum: true},
}

// Alternate trains across problems, the upper level of MLAM: it is [Run] with the
// meta-loss of MLAM eq. 10,
//
//	L^s = (1/t_out) Σ ω_t ln F(W_t, X_t)   over the t_out outer steps of segment s
//
// or without the logarithm. Validation is the mean of the same terms over all T steps.
func Alternate(ctx context.Context, o learned.Optimizer, fam optimizee.Family, c AlternateConfig) (Result, error) {
	if err := c.checkLoss(fam); err != nil {
		return Result{}, err
	}
	if !c.Loss.Sum {
		fam = LogLoss(fam)
	}
	if len(c.Loss.Weights) > 0 {
		o, fam = weighted(o, fam, c.Loss.Weights)
	}
	o.Config = struct { // what a checkpoint has to agree on
		Optimizer any
		Loss      mlam.MetaLoss
	}{o.Config, c.Loss}
	return Run(ctx, o, fam, c.Config)
}

func (c AlternateConfig) checkLoss(fam optimizee.Family) error {
	var errs []error
	if err := c.Loss.Check(); err != nil {
		errs = append(errs, fmt.Errorf("train: %w", err))
	}
	if c.Guard.Loss != 0 {
		errs = append(errs, fmt.Errorf("train: Guard.Loss is %g: it compares losses with F at the start, and this meta-loss is another: set it to 0", c.Guard.Loss))
	}
	if p := fam.Draw(optimizee.Stream(c.Seed, forProblem, 0, 0)); p.Check() == nil { // else Run says what is wrong
		if err := c.Loss.CheckAt(p, p.Start); err != nil {
			errs = append(errs, fmt.Errorf("train: %w", err))
		}
	}
	return errors.Join(errs...)
}

// LogLoss is the family with ln F for its Value and all other oracles as they are: what
// is trained on it sees the gradients of F, and learns from the logarithm. Run on it is
// Alternate with the default loss; it is not made to be minimised.
func LogLoss(fam optimizee.Family) optimizee.Family {
	return optimizee.FamilyFunc("the logarithm of "+fam.String(), func(rng *rand.Rand) *optimizee.Problem {
		q := *fam.Draw(rng)
		if f := q.Value; f != nil {
			q.Value = func(x optimizee.Point) ad.Value { return f(x).Log() }
		}
		return &q
	})
}

// weight is the block in which a point carries ω_t from the rule, which counts the outer
// steps, to the loss: a problem counts nothing.
const weight = "ω"

// weighted gives outer step t of every run the weight ω_t.
func weighted(o learned.Optimizer, fam optimizee.Family, weights []float64) (learned.Optimizer, optimizee.Family) {
	omega := mlam.MetaLoss{Sum: true, Weights: weights}
	run := o.Rule
	o.Rule = func(th nn.Params) optim.Rule {
		return func(q *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
			step, err := run(th)(q.Data.(*optimizee.Problem), rng)
			t := 0
			return func(x optimizee.Point) optimizee.Point {
				t++
				return step(unweighted(x)).Plus(weight, omega.At(t, ad.Scalar(1)))
			}, err
		}
	}
	return o, optimizee.FamilyFunc(fam.String(), func(rng *rand.Rand) *optimizee.Problem {
		p := fam.Draw(rng)
		q := &optimizee.Problem{Name: p.Name, Start: p.Start, Traits: p.Traits, Data: p, Err: p.Err}
		if q.Err == nil {
			q.Start = p.Start.Plus(weight, ad.Scalar(1))
			q.Value = func(x optimizee.Point) ad.Value { return p.Value(unweighted(x)).Mul(x.At(weight)) }
		}
		return q
	})
}

// unweighted is the point without its weight.
func unweighted(x optimizee.Point) (y optimizee.Point) {
	for _, b := range x.Blocks() {
		if b != weight {
			y = y.Plus(b, x.At(b))
		}
	}
	return y
}
