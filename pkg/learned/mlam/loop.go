package mlam

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A loop is the double loop of Algorithm 1.
type loop struct {
	name          string
	blocks        []string
	inner         int
	redraw, reset bool
}

// of lets a rule of one block work on each in turn, with parameters of its own.
func (l loop) of(net learned.Optimizer, config any) learned.Optimizer {
	return learned.Optimizer{
		Name:   l.name,
		Config: config,
		Init: func(th nn.Params, rng *rand.Rand) {
			for _, b := range l.blocks {
				net.Init(th.Sub(b), rng)
			}
		},
		Rule: func(th nn.Params) optim.Rule {
			var turns []optim.Rule
			for _, b := range l.blocks {
				r := optim.HoldLipschitz(optim.Repeat(l.inner, net.Rule(th.Sub(b))))
				if l.reset {
					r = optim.Restart(r)
				}
				if l.redraw {
					r = optim.Alternate(optim.Redraw, r)
				}
				turns = append(turns, optim.On(b, r))
			}
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				if err := l.check(p, rng); err != nil {
					return nil, err
				}
				return optim.Alternate(turns...)(p, rng)
			}
		},
	}
}

func (l loop) check(p *optimizee.Problem, rng *rand.Rand) error {
	errs := []error{p.Need(l.name)}
	if l.inner < 1 {
		errs = append(errs, fmt.Errorf("%s: %d steps of an inner loop: there has to be one", l.name, l.inner))
	}
	if len(l.blocks) == 0 {
		errs = append(errs, fmt.Errorf("%s: no block to move", l.name))
	}
	have := p.Start.Blocks()
	for i, b := range l.blocks {
		switch {
		case !slices.Contains(have, b):
			errs = append(errs, fmt.Errorf("%s works in blocks %q, and %s has %q: set Blocks", l.name, l.blocks, p.Name, have))
		case slices.Contains(l.blocks[:i], b):
			errs = append(errs, fmt.Errorf("%s: block %q is named twice in %q", l.name, b, l.blocks))
		}
	}
	if l.redraw && rng == nil {
		errs = append(errs, fmt.Errorf("%s draws its variables anew: give its rule a *rand.Rand", l.name))
	}
	return errors.Join(errs...)
}
