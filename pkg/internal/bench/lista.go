package main

import (
	"fmt"
	"math/bits"
	"runtime"
	"strconv"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/train"
)

const (
	listaLayers, listaRows, listaCols = 16, 250, 500
	listaLR                           = 1e-4
)

// listaFlops counts two products of each layer forward and three backward (A needs no
// gradient), but for three of the first, whose x is 0.
func listaFlops(batch float64) float64 {
	return (5*listaLayers - 3) * 2 * listaRows * listaCols * batch
}

// listaTraining is a training of LISTA-CP as a user starts it: all 16 layers, from ISTA, for
// ‖x₁₆ − x*‖² of an instance. The instances are the columns of a problem for each core, the
// same ones in every minibatch. Products compute in float32 inside, all else in float64; the
// peers compute in float32 throughout.
func listaTraining(batch int) (*job, error) {
	rng := optimizee.Stream(4, uint64(batch))
	a, x, b := sparseCode(rng, listaRows, listaCols, batch)
	dictionary := sparse.NewDictionary(a)
	o := lista.CP(lista.Config{Dictionary: dictionary, Layers: listaLayers, Lambda: lambda, Single: true})
	inputs, theta := nn.NewParams(), o.First(nil)
	inputs.Set("A", a)
	inputs.Set("b", b)
	inputs.Set("x", x)
	for k := range listaLayers {
		own := theta.Sub(fmt.Sprint("layer", k+1))
		inputs.Set(fmt.Sprint("W", k), own.At("W"))
		inputs.Set(fmt.Sprint("theta", k), own.At("theta"))
	}
	pieces := 1 << (bits.Len(uint(runtime.GOMAXPROCS(0))) - 1) // of equal size
	var problems []*optimizee.Problem
	for i := range pieces {
		from, to := i*batch/pieces, (i+1)*batch/pieces
		p := sparse.Recovery{Dictionary: dictionary, Lambda: lambda}.Of(b.Cols(from, to))
		p.Truth = optimizee.X(x.Cols(from, to))
		problems = append(problems, p)
	}
	fam := inTurn("the same signals for all", problems)
	c := train.Config{
		Minibatches: 3, Batch: pieces, Iterations: listaLayers, LR: listaLR,
		Loss: learned.Distance.Weighted(2).AtEnd(), // without its ½
	}
	next, stop := standing(o, fam, c)
	check := func() ([]float64, error) { return losses(o, fam, c) }
	meta := map[string]string{"layers": strconv.Itoa(listaLayers), "lr": fmt.Sprint(listaLR)}
	return &job{inputs: inputs, meta: meta, check: check, run: timed(next), stop: stop}, nil
}
