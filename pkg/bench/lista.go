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
	minusA single
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
	t := &listaTrainer{batch: x.C, minusA: rounded(a.Neg()), names: theta.Names(), theta: theta.Clone()}
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
	weights := make([]single, listaLayers) // rounded once for all pieces
	each(listaLayers, func(k int) { weights[k] = rounded(t.theta.At(fmt.Sprint("W", k))) })
	each(len(t.pieces), func(i int) { t.pieces[i].forwardBackward(t, weights) })
	for _, p := range t.pieces {
		loss += p.loss
	}
	t.t++
	a := kern.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, LR: listaLR / (1 - math.Pow(0.9, t.t)), Fix2: 1 / (1 - math.Pow(0.999, t.t))}
	each(len(t.names), func(i int) {
		name := t.names[i]
		g := t.pieces[0].live.At(name).Grad()
		for _, p := range t.pieces[1:] {
			kern.Axpy64(1, p.live.At(name).Grad(), g)
		}
		kern.Adam64(t.theta.At(name).Data, t.m[i], t.v[i], g, a) // nobody else sees these values
	})
	return loss
}

func (p *listaPiece) forwardBackward(t *listaTrainer, weights []single) {
	p.tape.Reset()
	p.live = t.theta.Watch(&p.tape)
	x := ad.New(p.x.R, p.x.C, nil)
	for k, w := range weights {
		w.Value = p.live.At(fmt.Sprint("W", k))
		r := t.minusA.matMulAdd(x, p.b) // b − Ax
		x = prox.Soft(w.tMatMulAdd(r, x), p.live.At(fmt.Sprint("theta", k)))
	}
	loss := x.Sub(p.x).SumSquares().Scale(1 / float64(t.batch))
	loss.Backward()
	p.loss = loss.Item()
}

// single is a matrix whose products compute in float32: it is rounded once, however
// many products it enters. Values and gradients around it stay float64.
type single struct {
	ad.Value
	data []float32
}

func rounded(v ad.Value) single {
	s := single{v, make([]float32, v.Len())}
	kern.Narrow32(s.data, v.Data)
	return s
}

// matMulAdd is c + s·x.
func (s single) matMulAdd(x, c ad.Value) ad.Value {
	return s.product(x, c, func(in, out []float32) { kern.Gemm32(s.R, x.C, s.C, s.data, in, out) },
		func(g, dx []float32) { kern.GemmTN32(s.C, x.C, s.R, s.data, g, dx) },
		func(g, in, ds []float32) { kern.GemmNT32(s.R, s.C, x.C, g, in, ds) })
}

// tMatMulAdd is c + sᵀ·x.
func (s single) tMatMulAdd(x, c ad.Value) ad.Value {
	return s.product(x, c, func(in, out []float32) { kern.GemmTN32(s.C, x.C, s.R, s.data, in, out) },
		func(g, dx []float32) { kern.Gemm32(s.R, x.C, s.C, s.data, g, dx) },
		func(g, in, ds []float32) { kern.GemmNT32(s.R, s.C, x.C, in, g, ds) })
}

// product records c plus a product with x; toX and toS add to the gradients.
func (s single) product(x, c ad.Value, forward, toX func(in, out []float32), toS func(g, in, ds []float32)) ad.Value {
	ins := []ad.Value{s.Value, x, c}
	tape := ad.TapeOf(ins...)
	in, out := tape.Buffer32(x.Len()), tape.Buffer32(c.Len())
	kern.Narrow32(in, x.Data)
	kern.Narrow32(out, c.Data)
	forward(in, out)
	wide := ad.New(c.R, c.C, nil)
	kern.Widen32(wide.Data, out)
	return ad.Record(wide, ins, func(g []float64, acc [][]float64) {
		g32 := tape.Buffer32(len(g))
		kern.Narrow32(g32, g)
		if acc[0] != nil {
			ds := tape.Scratch32(s.Len())
			toS(g32, in, ds)
			kern.AddWide(acc[0], ds)
		}
		if acc[1] != nil {
			dx := tape.Scratch32(x.Len())
			toX(g32, dx)
			kern.AddWide(acc[1], dx)
		}
		if acc[2] != nil {
			kern.Axpy64(1, g, acc[2])
		}
	})
}
