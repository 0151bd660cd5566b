package train

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// enough ends a probe.
type enough struct{}

// probe takes two steps of a rule on a tape and says which oracles of p, among those that
// the rule asks, return constants for points that are not: what is computed outside of
// ad.Value has no derivative, and the training would learn nothing through it.
func probe(o learned.Optimizer, theta nn.Params, p *optimizee.Problem, rng *rand.Rand) (lost []string, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil, enough:
		case string: // as package ad panics
			err = fmt.Errorf("train: a step of %s on %s: %s", o.Name, p.Name, r)
		default:
			panic(r)
		}
	}()
	q, tape, seen := *p, ad.Tape{}, map[string]bool{}
	asked := 0 // how many there are
	for _, have := range []bool{p.Grad != nil, p.Prox != nil || len(p.Terms) > 0} {
		if have {
			asked++
		}
	}
	tell := func(name string, at, out ad.Value, again func(v ad.Value) ad.Value) ad.Value {
		if at.Recorded() && !out.Recorded() && !slices.Contains(lost, name) {
			moved := at.Detach().Scale(1.25).Shift(0.125) // a constant map, such as that of one point, has a derivative of 0
			if !slices.Equal(again(moved).Data, out.Data) {
				lost = append(lost, name)
			}
		}
		if at.Recorded() {
			if seen[name] = true; len(seen) == asked {
				panic(enough{}) // a step may be a hundred of another rule
			}
		}
		return out
	}
	if p.Prox != nil {
		q.Prox = func(b string, v, step ad.Value) ad.Value {
			return tell("Prox", v, p.Prox(b, v, step), func(v ad.Value) ad.Value { return p.Prox(b, v, step.Detach()) })
		}
	}
	if p.Grad != nil {
		q.Grad = func(b string, x optimizee.Point) ad.Value {
			return tell("Grad", x.At(b), p.Grad(b, x), func(v ad.Value) ad.Value { return p.Grad(b, x.Detach().With(b, v)) })
		}
	}
	q.Terms = slices.Clone(p.Terms)
	for i, t := range p.Terms {
		if t.Prox != nil {
			q.Terms[i].Prox = func(v, step ad.Value) ad.Value {
				return tell("Prox", v, t.Prox(v, step), func(v ad.Value) ad.Value { return t.Prox(v, step.Detach()) })
			}
		}
	}
	step, err := o.Rule(theta.Watch(&tape))(&q, rng)
	if err != nil {
		return nil, err
	}
	x := q.Start
	for range 2 {
		x = step(x)
	}
	return lost, nil
}

// through is the error of a Prox without a derivative, and a note of a Grad without one.
func through(lost []string, o learned.Optimizer, p *optimizee.Problem) (note string, err error) {
	const write = "write it over ad.Value (problemtest.Run finds such places)"
	if slices.Contains(lost, "Prox") {
		return "", errors.New("train: Prox of " + p.Name + " returns a constant for a point that depends on θ, so " + o.Name + " can learn nothing through it: " + write)
	}
	if slices.Contains(lost, "Grad") {
		note = "Grad of " + p.Name + " returns a constant for a point that depends on θ, so the training takes gradients for constants: " + write
	}
	return note, nil
}
