package mlam_test

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Solve one problem online alone: networks that know nothing learn from
// nothing but the problem, while they solve it.
func ExampleOnline() {
	p := completion.Family{Rows: 20, Cols: 20, Rank: 2, Observe: 0.4, Lambda: 0.1}.Draw(optimizee.Stream(8))
	rule := learned.Untrained(mlam.Online(mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Output: learned.Along}}), mlam.OnlineConfig{}))
	values, x, err := optim.Minimize(p, rule, 30, optimizee.Stream(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("F falls from %.0f to %.1f; relative error of all entries below 0.1: %v\n",
		values[0], values[30], completion.RMSE(p, x) < 0.1)
	// Output: F falls from 19 to 1.4; relative error of all entries below 0.1: true
}
