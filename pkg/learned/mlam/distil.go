package mlam

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Pace is how a block moves without a network: by Share times its exact step, and
// Momentum times its last move.
type Pace struct {
	Block           string
	Share, Momentum float64
}

// Steady is MLAM with constants in the place of its networks: each block in turn makes so
// many inner steps x + share·(Solve(x) − x) + momentum·(x − x⁻). It needs Solve.
func Steady(inner int, paces ...Pace) optim.Rule {
	var turns []optim.Rule
	for _, c := range paces {
		turns = append(turns, optim.On(c.Block, optim.Repeat(inner, optim.Momentum(c.Share, c.Momentum, optim.Exact))))
	}
	return optim.Alternate(turns...)
}

// Distil returns the constants that a trained network gives for each block in the end,
// near a fixed point.
func Distil(o learned.Optimizer, th nn.Params) ([]Pace, error) {
	c, err := solving(o)
	if err != nil {
		return nil, err
	}
	const long = 20
	var paces []Pace
	for _, b := range c.Blocks {
		said, err := Paces(o, th, b, long)
		if err != nil {
			return nil, err
		}
		paces = append(paces, said[long-1])
	}
	return paces, nil
}

// Paces is what a trained network gives for a block, step by step, when it sees next to
// nothing, as near a fixed point. Of two displacements that it sees one stays and one turns
// around in every step, which tells share and momentum apart.
func Paces(o learned.Optimizer, th nn.Params, block string, steps int) ([]Pace, error) {
	c, err := solving(o)
	if err != nil {
		return nil, err
	}
	const little = 1e-9
	d := ad.Col(little, little)
	p := &optimizee.Problem{
		Name: "probe", Start: optimizee.X(ad.Col(0, 0)),
		Value: func(x optimizee.Point) ad.Value { return x.X().Sum() },
		Solve: func(_ string, x optimizee.Point) ad.Value { return x.X().Add(d) },
	}
	step, err := learned.CoordinateWise(c.Wiring).Rule(th.Sub(block))(p, nil)
	if err != nil {
		return nil, err
	}
	var paces []Pace
	x, last := p.Start, ad.Value{}
	for k := range steps {
		next := step(x)
		move, now := next.X().Sub(x.X()), Pace{Block: block}
		if k > 0 { // move = share·d + momentum·last in both coordinates
			det := d.Data[0]*last.Data[1] - d.Data[1]*last.Data[0]
			now.Momentum = (d.Data[0]*move.Data[1] - d.Data[1]*move.Data[0]) / det
			now.Share = (move.Data[0]*last.Data[1] - move.Data[1]*last.Data[0]) / det
		} else {
			now.Share = move.Data[0] / little
		}
		paces = append(paces, now)
		x, last, d = next, move, ad.Col(little, -d.Data[1])
	}
	return paces, nil
}

// solving is the configuration of an MLAM that moves along exact steps.
func solving(o learned.Optimizer) (Config, error) {
	c, ok := o.Config.(Config)
	if !ok || c.Input != learned.Displacement || c.Output != learned.Along {
		return c, fmt.Errorf("%s has no shares of exact steps: MLAM with Input learned.Displacement and Output learned.Along does", o.Name)
	}
	return c, nil
}
