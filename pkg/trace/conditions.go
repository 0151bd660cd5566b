package trace

import (
	"context"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Minimiser runs restarted FISTA until a step of ISTA moves the point by no more than
// 1e-15 of max(1, ‖x‖), or for 20,000 steps, and returns the point with the length of
// that step: rounding, where x is a minimiser to all digits. The problem has to have
// Grad, Prox and Lipschitz.
func Minimiser(p *optimizee.Problem) (x optimizee.Point, moves float64, err error) {
	step, err := optim.FISTARestart(p, nil)
	if err != nil {
		return x, 0, err
	}
	ista, err := optim.ISTA(p, nil)
	if err != nil {
		return x, 0, err
	}
	for k, at := range optim.Steps(step, p.Start) {
		if k%10 != 0 {
			continue
		}
		x, moves = at, distance(ista(at), at)
		if k >= 20000 || !finite(moves) || moves <= 1e-15*max(1, math.Sqrt(x.Dot(x))) {
			break
		}
	}
	if !finite(moves) {
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
	c.Steps = 1
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
	if err := par.Each(ctx, 0, c.Problems, func(_, i int) error {
		p := c.Problem(fam, i)
		star, _, err := Minimiser(p)
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
					x = step(x)
				}
				away[e][j][i] = distance(step(star), star)
			}
		}
		return ctx.Err()
	}); err != nil {
		return nil, err
	}
	curves := make([]Curve, len(entries))
	for e, entry := range entries {
		curves[e] = Band(entry.Name, xs, away[e])
	}
	return curves, nil
}

// distance is ‖x − y‖.
func distance(x, y optimizee.Point) float64 {
	d := x.Sub(y)
	return math.Sqrt(d.Dot(d))
}
