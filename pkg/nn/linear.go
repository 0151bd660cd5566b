package nn

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// Linear is the layer y = x·Wᵀ + b for every row of x, with parameters "weight"
// (Out×In) and "bias" (1×Out).
type Linear struct {
	In, Out  int
	Composed bool // float64 operations of ad instead of the fused float32 one
}

// Init draws weights and bias uniform in ±1/√In, PyTorch's default.
func (l Linear) Init(th Params, rng *rand.Rand) {
	th.Set("weight", Uniform(rng, l.Out, l.In, fanIn(l.In)))
	th.Set("bias", Uniform(rng, 1, l.Out, fanIn(l.In)))
}

// Apply returns the layer's output, rows×Out.
func (l Linear) Apply(th Params, x ad.Value) ad.Value {
	w, b := th.At("weight"), th.At("bias")
	if x.C != l.In || w.R != l.Out || w.C != l.In {
		panic(fmt.Sprintf("nn: Linear %d→%d: input %s with weight %s", l.In, l.Out, x.Shape(), w.Shape()))
	}
	if l.Composed {
		return x.MatMulT(w).Add(b)
	}
	tape := ad.TapeOf(x, w, b)
	r := x.R
	x32, w32, out := narrow(tape, x.Data), narrow(tape, w.Data), tape.Scratch32(r*l.Out)
	kern.AddBias32(r, l.Out, narrow(tape, b.Data), out)
	kern.GemmNT32(r, l.Out, l.In, x32, w32, out)
	return ad.Record(ad.New(r, l.Out, widen(out)), []ad.Value{x, w, b}, func(g []float64, acc [][]float64) {
		g32 := narrow(tape, g)
		if acc[0] != nil {
			dx := tape.Scratch32(len(x32))
			kern.Gemm32(r, l.In, l.Out, g32, w32, dx)
			kern.AddWide(acc[0], dx)
		}
		if acc[1] != nil {
			dw := tape.Scratch32(len(w32))
			kern.GemmTN32(l.Out, l.In, r, g32, x32, dw)
			kern.AddWide(acc[1], dw)
		}
		if acc[2] != nil {
			db := tape.Scratch32(l.Out)
			kern.SumRows32(r, l.Out, g32, db)
			kern.AddWide(acc[2], db)
		}
	})
}

// MLP is a stack of linear layers with ReLU between them, from Sizes[0] inputs to
// the last size, with parameters under "0", "1", … or under Names.
type MLP struct {
	Sizes    []int
	Names    []string // one for each layer, or none
	Composed bool
}

func (m MLP) layers() int { return max(0, len(m.Sizes)-1) }

func (m MLP) layer(i int) Linear {
	return Linear{In: m.Sizes[i], Out: m.Sizes[i+1], Composed: m.Composed}
}

func (m MLP) name(i int) string {
	if m.Names == nil {
		return strconv.Itoa(i)
	}
	return m.Names[i]
}

// Init draws every layer as [Linear.Init] does.
func (m MLP) Init(th Params, rng *rand.Rand) {
	for i := range m.layers() {
		m.layer(i).Init(th.Sub(m.name(i)), rng)
	}
}

// Apply returns the output of the last layer, without an activation.
func (m MLP) Apply(th Params, x ad.Value) ad.Value {
	for i := range m.layers() {
		if i > 0 {
			x = x.ReLU()
		}
		x = m.layer(i).Apply(th.Sub(m.name(i)), x)
	}
	return x
}
