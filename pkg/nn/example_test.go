package nn_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// A learned optimizer of your own: a network that sees the gradient of one coordinate
// and says how far to go.
func ExampleRecurrent() {
	net := nn.Recurrent{LSTM: nn.LSTM{In: 1, Hidden: 8, Layers: 1}, Head: nn.MLP{Sizes: []int{8, 1}}}
	mine := learned.Optimizer{
		Name: "mine",
		Init: net.Init,
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
				state := net.LSTM.Zero(p.Start.X().Len())
				return func(x optimizee.Point) optimizee.Point {
					g := p.Grad("x", x).Detach()
					return optimizee.X(x.X().Add(net.Step(th, g, &state).Scale(0.1)))
				}, p.NeedOne("mine", "Grad")
			}
		},
	}
	c := train.Config{Minibatches: 20, Batch: 8, Iterations: 20, Segment: 10, LR: 1e-2, Validation: train.Validation{Problems: 16, Every: 5}}
	result, err := train.Run(context.Background(), mine, optimizee.QuadraticSpec{Rows: 10, Cols: 5}, c)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := optimizee.QuadraticSpec{Rows: 10, Cols: 5}.Draw(optimizee.Stream(9))
	f, _, err := optim.Minimize(p, mine.Rule(result.Theta), 20, nil)
	fmt.Println(f[20] < f[0], err)
	// Output: true <nil>
}
