package trace

import (
	"fmt"
	"math"

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

// FixedPoint measures condition (FP) of the L2O-PA paper, d_k(x*) → 0: how far the rule
// leads away from a minimiser x* when, after k steps of its run from Start, it is put
// there. Its memories are those of the run; momentum it forgets, as at every foreign
// point. One number ‖d_k(x*)‖ for each k.
//
// The seed keys the rule's random states: equal for all k, so that one run is looked at.
func FixedPoint(p *optimizee.Problem, r optim.Rule, star optimizee.Point, seed uint64, ks ...int) ([]float64, error) {
	away := make([]float64, len(ks))
	for i, k := range ks {
		if k < 0 {
			return nil, fmt.Errorf("trace: FixedPoint after %d steps", k)
		}
		step, err := r(p, optimizee.Stream(seed, forState))
		if err != nil {
			return nil, err
		}
		x := p.Start
		for range k {
			x = step(x)
		}
		away[i] = distance(step(star), star)
	}
	return away, nil
}

// Distances measures condition (GC) of the L2O-PA paper, x_k → x*: the distances
// ‖x_k − x*‖ of a run from Start, for k = 0 … steps. The run is that of [FixedPoint] with
// the same seed.
func Distances(p *optimizee.Problem, r optim.Rule, star optimizee.Point, seed uint64, steps int) ([]float64, error) {
	if steps < 0 {
		return nil, fmt.Errorf("trace: Distances over %d steps", steps)
	}
	step, err := r(p, optimizee.Stream(seed, forState))
	if err != nil {
		return nil, err
	}
	var from []float64
	for k, x := range optim.Steps(step, p.Start) {
		if from = append(from, distance(x, star)); k == steps {
			break
		}
	}
	return from, nil
}

// distance is ‖x − y‖.
func distance(x, y optimizee.Point) float64 {
	d := x.Sub(y)
	return math.Sqrt(d.Dot(d))
}
