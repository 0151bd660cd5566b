package main

import (
	"fmt"
	"math"
	"runtime"
	"strconv"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

const (
	listaLayers, listaRows, listaCols = 16, 250, 500
	listaLR                           = 1e-4
)

// listaFlops counts two products of each layer forward and three backward (A needs no
// gradient).
func listaFlops(batch float64) float64 { return 5 * 2 * listaLayers * listaRows * listaCols * batch }

// listaTraining trains LISTA with weight coupling (Chen et al. 2018): layer k of 16 is
// x⁺ = soft(x − W_kᵀ(Ax − b), θ_k), the loss ‖x₁₆ − x*‖²/B, the optimizer Adam. The
// instances are the columns of one problem with the dictionary A. They are cut into
// as many pieces as there are cores; each has a tape of its own, and the gradients are
// added in the order of the pieces. Products compute in float32 inside, all else in
// float64; the peers compute in float32 throughout.
func listaTraining(batch int) (*job, error) {
	rng := optimizee.Stream(4, uint64(batch))
	a, x, b := sparseCode(rng, listaRows, listaCols, batch)
	l := math.Pow(optimizee.SpectralNorm(a), 2)
	inputs := nn.NewParams()
	inputs.Set("A", a)
	inputs.Set("b", b)
	inputs.Set("x", x)
	theta := nn.NewParams() // ISTA is where the training starts
	for k := range listaLayers {
		theta.Set(fmt.Sprint("W", k), a.Scale(1/l))
		theta.Set(fmt.Sprint("theta", k), ad.Scalar(lambda/l))
	}
	for _, n := range theta.Names() {
		inputs.Set(n, theta.At(n))
	}
	t := newListaTrainer(a, b, x, theta)
	check := func() (losses []float64, _ error) {
		for range 3 {
			losses = append(losses, t.step())
		}
		return losses, nil
	}
	meta := map[string]string{"layers": strconv.Itoa(listaLayers), "lr": fmt.Sprint(listaLR)}
	return &job{inputs: inputs, meta: meta, check: check, run: timed(func() error { t.step(); return nil }), stop: nothing}, nil
}

// listaTrainer holds a training between two steps.
type listaTrainer struct {
	batch  int
	minusA ad.Single
	pieces []*listaPiece
	names  []string
	theta  nn.Params
	m, v   [][]float64
	t      float64
}

// listaPiece is a range of the instances.
type listaPiece struct {
	b, x ad.Value
	tape ad.Tape
	live nn.Params
	loss float64
}

func newListaTrainer(a, b, x ad.Value, theta nn.Params) *listaTrainer {
	t := &listaTrainer{batch: x.C, minusA: ad.Round32(a.Neg()), names: theta.Names(), theta: theta.Clone()}
	n := runtime.GOMAXPROCS(0)
	for i := range n {
		from, to := i*x.C/n, (i+1)*x.C/n
		t.pieces = append(t.pieces, &listaPiece{b: b.Cols(from, to), x: x.Cols(from, to)})
	}
	for _, name := range t.names {
		n := theta.At(name).Len()
		t.m, t.v = append(t.m, make([]float64, n)), append(t.v, make([]float64, n))
	}
	return t
}

// step is one training step; it returns the loss.
func (t *listaTrainer) step() (loss float64) {
	weights := make([]ad.Single, listaLayers) // rounded once for all pieces
	each(listaLayers, func(k int) { weights[k] = ad.Round32(t.theta.At(fmt.Sprint("W", k))) })
	each(len(t.pieces), func(i int) { t.pieces[i].forwardBackward(t, weights) })
	for _, p := range t.pieces {
		loss += p.loss
	}
	t.t++
	a := kern.AdamStep(listaLR, t.t)
	each(len(t.names), func(i int) {
		name := t.names[i]
		theta, m, v := t.theta.At(name).Data, t.m[i], t.v[i] // nobody else sees these
		g := t.pieces[0].live.At(name).Grad()
		for from, n := 0, len(g); from < n; from += 4096 { // what was added is still near
			to := min(from+4096, n)
			for _, p := range t.pieces[1:] {
				kern.Axpy64(1, p.live.At(name).Grad()[from:to], g[from:to])
			}
			kern.Adam64(theta[from:to], m[from:to], v[from:to], g[from:to], a)
		}
	})
	return loss
}

func (p *listaPiece) forwardBackward(t *listaTrainer, weights []ad.Single) {
	p.tape.Reset()
	p.live = t.theta.Watch(&p.tape)
	x := ad.New(p.x.R, p.x.C, nil)
	for k, w := range weights {
		r := t.minusA.MatMulAdd(x, p.b) // b − Ax
		x = prox.Soft(w.For(p.live.At(fmt.Sprint("W", k))).TMatMulAdd(r, x), p.live.At(fmt.Sprint("theta", k)))
	}
	loss := x.Sub(p.x).SumSquares().Scale(1 / float64(t.batch))
	loss.Backward()
	p.loss = loss.Item()
}
