package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// The paper's setting: a network of two layers of 20 units, the same for every one of
// 64·500 coordinates, 100 iterations in a minibatch.
const (
	paBatch, paRows, paCols, paHidden = 64, 250, 500, 20
	paIterations                      = 100

	coordinates = paBatch * paCols
	// of one iteration: the cells' products (2 + 20 and 20 + 20 inputs for 80 gates), the
	// hidden layer and the head, A and Aᵀ
	networkFlops = 2 * coordinates * (80*(22+40) + 20*20 + 2*20)
	productFlops = 2 * 2 * paBatch * paRows * paCols
	inferFlops   = networkFlops + productFlops
	// The way back has twice the network's products but for the inputs of the first layer,
	// which need no gradient, and A and Aᵀ once more.
	trainFlops = paIterations * (3*networkFlops - 2*coordinates*80*2 + 2*productFlops)
	// σ, σ, tanh, σ of the gates and tanh of the cell in two layers, and two outputs
	transcendentals = paIterations * coordinates * (5*2*paHidden + 2)
)

// trainBound is how many milliseconds a minibatch takes when all multiplications run
// at the peak (GF/s) and the transcendental functions, after them, at the speed of
// the cell's kernel on data in the first-level cache.
func trainBound(peak float64) float64 {
	return trainFlops/peak*1e-6 + transcendentals/transcendentalRate()*1e3
}

// sparseCode draws a matrix with columns of length 1 and what it makes of a column
// with a tenth of its entries N(0, 1), as the problems of the paper.
func sparseCode(rng *rand.Rand, rows, cols, instances int) (a, x, b ad.Value) {
	a, x = nn.Normal(rng, rows, cols, 1), ad.New(cols, instances, nil)
	a = a.Div(a.Square().T().SumRows().T().Sqrt())
	for i := range x.Data {
		if rng.Float64() < 0.1 {
			x.Data[i] = rng.NormFloat64()
		}
	}
	return a, x, a.MatMul(x)
}

const lambda = 0.1

// paData is what training and inference share: 64 problems and first parameters,
// and the same for the peer.
type paData struct {
	problems      []*optimizee.Problem
	theta, inputs nn.Params
	meta          map[string]string
}

func newPA() *paData {
	d := &paData{theta: nn.NewParams(), inputs: nn.NewParams(), meta: map[string]string{
		"batch": strconv.Itoa(paBatch), "rows": strconv.Itoa(paRows), "cols": strconv.Itoa(paCols), "lambda": fmt.Sprint(lambda),
		"iterations": strconv.Itoa(paIterations), "segment": strconv.Itoa(train.Paper.Segment), "lr": fmt.Sprint(train.Paper.LR),
	}}
	learned.PA(learned.PAConfig{}).Init(d.theta, optimizee.Stream(1))
	var as, bs, ls []float64
	for i := range uint64(paBatch) {
		a, _, b := sparseCode(optimizee.Stream(2, i), paRows, paCols, 1)
		p := optimizee.Lasso(a, b, lambda)
		as, bs, ls = append(as, a.Data...), append(bs, b.Data...), append(ls, p.Lipschitz("x", p.Start)) // p remembers L
		d.problems = append(d.problems, p)
	}
	d.inputs.Set("A", ad.New(paBatch, paRows*paCols, as))
	d.inputs.Set("b", ad.New(paBatch, paRows, bs))
	d.inputs.Set("L", ad.New(paBatch, 1, ls))
	for _, n := range d.theta.Names() {
		d.inputs.Set("theta."+n, d.theta.At(n))
	}
	return d
}

// paTraining is a training that stands still between two minibatches. The problems and their
// step sizes are ready on both sides; the random first states of the LSTM, new for each
// minibatch, belong to it on both.
func paTraining() (*job, error) {
	d, c := newPA(), train.Paper
	fam := inTurn("the same problems for all", d.problems)
	c.Minibatches, c.Validation, c.Guard, c.Start = 1, train.Validation{}, train.Guard{}, d.theta
	check := func() ([]float64, error) {
		return losses(learned.PA(learned.PAConfig{Network: learned.Network{ZeroState: true}}), fam, c)
	}
	long := c
	long.Guard = train.Guard{Above: 5, To: 0.5}
	next, stop := standing(learned.PA(learned.PAConfig{}), fam, long)
	return &job{inputs: d.inputs, meta: d.meta, check: check, run: timed(next), stop: stop}, nil
}

// paInference takes steps on 64 problems, instances shared among the cores. The
// first step, which draws the states of the LSTM, is not timed on either side, and
// the objective is not computed.
func paInference() (*job, error) {
	d := newPA()
	start := func(o learned.Optimizer) (steps []optim.Step, points []optimizee.Point, err error) {
		rule := o.Rule(d.theta)
		for i, p := range d.problems {
			s, err := rule(p, optimizee.Stream(3, uint64(i)))
			if err != nil {
				return nil, nil, err
			}
			steps, points = append(steps, s), append(points, p.Start)
		}
		return steps, points, nil
	}
	check := func() ([]float64, error) {
		steps, points, err := start(learned.PA(learned.PAConfig{Network: learned.Network{ZeroState: true}}))
		if err != nil {
			return nil, err
		}
		each(paBatch, func(i int) { points[i] = walk(steps[i], points[i], 20) })
		var f float64
		for i, p := range d.problems {
			f += p.Value(points[i]).Item() / paBatch
		}
		return []float64{f}, nil
	}
	run := func(units int) (time.Duration, error) {
		steps, points, err := start(learned.PA(learned.PAConfig{}))
		if err != nil {
			return 0, err
		}
		each(paBatch, func(i int) { points[i] = walk(steps[i], points[i], 1) })
		began := time.Now()
		each(paBatch, func(i int) { points[i] = walk(steps[i], points[i], units) })
		return time.Since(began), nil
	}
	return &job{inputs: d.inputs, meta: d.meta, check: check, run: run, stop: nothing}, nil
}

// walk takes n steps.
func walk(s optim.Step, x optimizee.Point, n int) optimizee.Point {
	for range n {
		x = s(x)
	}
	return x
}

// each calls f(i) for i < n from as many goroutines as there are cores.
func each(n int, f func(i int)) {
	_ = par.Each(context.Background(), 0, n, func(_, i int) error { f(i); return nil }) // fails with none of ours
}
