package train

import (
	"context"
	"runtime"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// forTest keys the streams of test problems; no training draws from them.
const forTest uint64 = 1 << 32

// Recovery runs a rule on fresh problems and returns how far it is from the truth after
// 0, 1, … steps: one [sparse.Errors] for each, over all problems. It does not depend
// on the number of cores, and its problems are those of no training.
func Recovery(ctx context.Context, r optim.Rule, fam optimizee.Family, seed uint64, problems, steps int) ([]sparse.Errors, error) {
	sets := make([][]sparse.Errors, problems)
	if err := parallel(ctx, runtime.GOMAXPROCS(0), problems, func(_, i int) error {
		p := fam.Draw(optimizee.Stream(seed, forTest, uint64(i)))
		step, err := r(p, optimizee.Stream(seed, forTest, uint64(i), forState))
		if err != nil {
			return err
		}
		sets[i] = make([]sparse.Errors, steps+1)
		for k, x := range optim.Steps(step, p.Start) {
			if sets[i][k].Add(x.X(), p.Truth.X()); k == steps {
				return nil
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	all := make([]sparse.Errors, steps+1)
	for _, set := range sets {
		for k, e := range set {
			all[k].Join(e)
		}
	}
	return all, nil
}
