package train

import (
	"math"

	"github.com/l2olab/l2o/pkg/ad"
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
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	next := adam{lr: a.lr, t: a.t + 1, m: nn.NewParams(), v: nn.NewParams()}
	fix1, fix2 := 1-math.Pow(beta1, next.t), 1-math.Pow(beta2, next.t)
	out := nn.NewParams()
	at := 0
	for _, name := range th.Names() {
		old, m0, v0 := th.At(name), a.m.At(name), a.v.At(name)
		x, m, v := ad.New(old.R, old.C, nil), ad.New(old.R, old.C, nil), ad.New(old.R, old.C, nil)
		for i, g := range grad[at : at+old.Len()] {
			m.Data[i] = beta1*m0.Data[i] + (1-beta1)*g
			v.Data[i] = beta2*v0.Data[i] + (1-beta2)*g*g
			x.Data[i] = old.Data[i] - a.lr*(m.Data[i]/fix1)/(math.Sqrt(v.Data[i]/fix2)+eps)
		}
		at += old.Len()
		out.Set(name, x)
		next.m.Set(name, m)
		next.v.Set(name, v)
	}
	return next, out
}
