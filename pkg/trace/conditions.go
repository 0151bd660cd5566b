package trace

import (
	"context"
	"errors"
	"fmt"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Minimiser finds the point where F is lowest, to all digits, and returns it with the length
// of a last step of ISTA from there. It is [MinimiserContext] without an end.
func Minimiser(p *optimizee.Problem) (x optimizee.Point, moves float64, err error) {
	return MinimiserContext(context.Background(), p)
}

// MinimiserContext runs restarted FISTA until a step of ISTA moves the point by no more
// than 1e-15·‖x‖, or for 20,000 steps, and returns the point with the length of that step:
// rounding, where x is a minimiser to all digits. The problem has to have Grad, Prox and
// Lipschitz.
func MinimiserContext(ctx context.Context, p *optimizee.Problem) (x optimizee.Point, moves float64, err error) {
	var at optimizee.Point
	var by float64
	if err := par.Until(ctx, func() (err error) { at, by, err = minimiser(ctx, p); return err }); err != nil {
		return x, moves, err
	}
	return at, by, nil
}

func minimiser(ctx context.Context, p *optimizee.Problem) (x optimizee.Point, moves float64, err error) {
	step, err := optim.FISTARestart(p, nil)
	if err != nil {
		return x, 0, err
	}
	ista, err := optim.ISTA(p, nil)
	if err != nil {
		return x, 0, err
	}
	for k, at := range optim.Steps(step, p.Start) {
		if err := ctx.Err(); err != nil {
			return x, moves, err
		}
		if k%10 != 0 {
			continue
		}
		x, moves = at, ista(at).Sub(at).Norm()
		if k >= 20000 || !check.IsFinite(moves) || moves <= 1e-15*x.Norm() {
			break
		}
	}
	if !check.IsFinite(moves) {
		return x, moves, fmt.Errorf("trace: restarted FISTA diverged on %s: is its Lipschitz constant too small?", p.Name)
	}
	return x, moves, nil
}

// FixedPoints measures condition (FP) of the L2O-PA paper, d_k(x*) → 0: how far a rule
// leads away from a minimiser x* when, after k steps of its run from Start, it is put
// there. Its memories are those of the run; momentum it forgets, as at every foreign
// point. For each entry it returns ‖d_k(x*)‖ over the given k, the mean and the 10–90 %
// band of c.Problems problems. Condition (GC) is a race by [ToMinimiser].
//
// The run is the same for all k. An entry that misses an oracle is an error.
func FixedPoints(ctx context.Context, fam optimizee.Family, c Config, ks []int, entries ...Entry) ([]Curve, error) {
	if c.Steps = 1; fam == nil {
		return nil, errors.New("trace: fixed points need a family, and this one is nil")
	}
	if err := c.check("measurement", entries); err != nil {
		return nil, err
	}
	xs, away := make([]float64, len(ks)), make([][][]float64, len(entries)) // of each entry, after each k, on each problem
	for j, k := range ks {
		if xs[j] = float64(k); k < 0 {
			return nil, fmt.Errorf("trace: fixed points after %d steps", k)
		}
	}
	for e := range away {
		away[e] = make([][]float64, len(ks))
		for j := range ks {
			away[e][j] = make([]float64, c.Problems)
		}
	}
	stray := func(_, i int) error {
		p := c.Problem(fam, i)
		star, _, err := minimiser(ctx, p)
		if err != nil {
			return err
		}
		for e, entry := range entries {
			for j, k := range ks {
				step, err := entry.Rule(p, c.state(i, e))
				if err != nil {
					return err
				}
				x := p.Start
				for range k {
					if x = step(x); ctx.Err() != nil {
						return ctx.Err()
					}
				}
				away[e][j][i] = step(star).Sub(star).Norm()
			}
		}
		return ctx.Err()
	}
	if err := par.Until(ctx, func() error { return par.Each(ctx, 0, c.Problems, stray) }); err != nil {
		return nil, err
	}
	curves := make([]Curve, len(entries))
	for e, entry := range entries {
		curves[e] = Band(entry.Name, xs, away[e])
	}
	return curves, nil
}
