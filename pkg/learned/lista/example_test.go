package lista_test

import (
	"context"
	"fmt"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// A dictionary of your own: W in closed form, two numbers for each layer trained on
// signals drawn for it, and the network run on measurements.
func ExampleALISTA() {
	A := gauss(1, 30, 60) // read yours here, m×n
	signals := sparse.Recovery{Dictionary: sparse.NewDictionary(A), Density: 0.05}
	net := lista.ALISTA(lista.Config{Dictionary: signals.Dictionary, Layers: 8})
	trained, err := train.Run(context.Background(), net, signals, train.Config{
		Phases: train.LayerWise(8, 1e-2, 2e-3), Minibatches: 60, Batch: 1, Loss: learned.Distance.AtEnd(),
		Validation: train.Validation{Problems: 2, Every: 20, Patience: 2, Measure: trace.NMSE},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fresh := signals.Draw(optimizee.Stream(1)) // signals.Of(b) for measurements b, one in each column
	for _, rule := range []optim.Rule{optim.FISTA, trained.Rule()} {
		_, x, err := optim.Minimize(fresh, rule, 8, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("below −10 dB:", sparse.NMSE(x.X(), fresh.Truth.X()) < -10)
	}
	// Output:
	// below −10 dB: false
	// below −10 dB: true
}
