package train

import (
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/nn"
)

// adam is Adam over all parameters (Kingma and Ba 2015, Algorithm 1).
type adam struct {
	lr   float64
	t    float64
	m, v nn.Params
}

func newAdam(lr float64, like nn.Params) adam {
	zero := func(_ string, v ad.Value) ad.Value { return ad.New(v.R, v.C, nil) }
	return adam{lr: lr, m: like.Map(zero), v: like.Map(zero)}
}

// step returns the state and the parameters after one step along the gradients,
// which are in the order of th.Names, one after the other. It changes neither a nor th.
func (a adam) step(th nn.Params, grad []float64) (adam, nn.Params) {
	next, out := adam{lr: a.lr, t: a.t + 1, m: a.m.Clone(), v: a.v.Clone()}, th.Clone()
	step := kern.AdamStep(a.lr, next.t)
	for _, name := range th.Names() {
		x := out.At(name).Data
		kern.Adam64(x, next.m.At(name).Data, next.v.At(name).Data, grad[:len(x)], step)
		grad = grad[len(x):]
	}
	return next, out
}
