package learned

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Heard is what the network of a run gave: for each term the numbers of step k = 0, 1, …,
// one for every coordinate, or a single one where it is the same for all.
type Heard map[string][][]float64

// Listen takes so many steps of L2O-PA, or of one of its ablations, on a problem and
// returns the terms p, a, b, b1 and b2 of scheme (18) that they were made of; p is in
// units of 1/L, with the L of the start.
func Listen(o Optimizer, th nn.Params, p *optimizee.Problem, rng *rand.Rand, steps int) (Heard, error) {
	c, err := configOf(o)
	if err != nil {
		return nil, err
	}
	h := Heard{}
	c.Probe = func(term string, v ad.Value) {
		if term == "p" {
			v = v.Scale(p.Lipschitz("x", p.Start))
		}
		h[term] = append(h[term], v.Data)
	}
	_, _, err = optim.Minimize(p, PA(c).Rule(th), steps, rng)
	return h, err
}

// On is what was given for some coordinates alone, such as [Support] of the minimiser.
func (h Heard) On(coordinates []int) Heard {
	out := Heard{}
	for term, steps := range h {
		for _, all := range steps {
			some := all
			if len(all) > 1 {
				some = make([]float64, len(coordinates))
				for i, j := range coordinates {
					some[i] = all[j]
				}
			}
			out[term] = append(out[term], some)
		}
	}
	return out
}

// Support lists the coordinates of the first block of x that are not 0.
func Support(x optimizee.Point) (on []int) {
	for i, v := range x.X().Data {
		if v != 0 {
			on = append(on, i)
		}
	}
	return on
}

// Say is L2O-PA, or one of its ablations, in which a function of the step k = 0, 1, …
// takes the place of the network for some terms: p, in units of the base step 0.9999/L, a,
// b, b1 or b2. From a foreign point k counts from 0 again. θ stays that of o.
func Say(o Optimizer, terms map[string]func(k int) float64) Optimizer {
	c, err := configOf(o)
	if err != nil {
		return Optimizer{Name: o.Name, Config: o.Config, Init: o.Init, Rule: func(nn.Params) optim.Rule {
			return func(*optimizee.Problem, *rand.Rand) (optim.Step, error) { return nil, err }
		}}
	}
	c.said = terms
	return PA(c)
}

func configOf(o Optimizer) (PAConfig, error) {
	c, ok := o.Config.(PAConfig)
	if !ok {
		return c, fmt.Errorf("%s does not give the terms of scheme (18): L2O-PA and its ablations do", o.Name)
	}
	return c, nil
}

// GradientOf is the gradient of the mean of F over n steps from Start by all parameters,
// in the order of [nn.Params.Flat]: what one segment of a training sees.
func GradientOf(o Optimizer, th nn.Params, p *optimizee.Problem, rng *rand.Rand, n int) ([]float64, error) {
	var tape ad.Tape
	live, loss, x := th.Watch(&tape), ad.Scalar(0), p.Start
	step, err := o.Rule(live)(p, rng)
	if err != nil {
		return nil, err
	}
	for range n {
		x = step(x)
		loss = loss.Add(p.Value(x).Scale(1 / float64(n)))
	}
	if loss.Recorded() {
		loss.Backward()
	}
	return live.Map(func(_ string, v ad.Value) ad.Value { return ad.New(v.R, v.C, v.Grad()) }).Flat(), nil
}
