package nn

import (
	"context"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/par"
)

// Adam is the state of Adam over parameters (Kingma and Ba 2015, Algorithm 1), with the
// constants of the paper: β = 0.9 and 0.999, ε = 1e-8. For points of a problem there is
// optim.Adam.
type Adam struct {
	Steps int
	M, V  Params // running means of the gradients and their squares
}

// NewAdam returns the state before the first step, for the named parameters of th.
func NewAdam(th Params, names []string) *Adam {
	a := &Adam{M: NewParams(), V: NewParams()}
	for _, n := range names {
		v := th.At(n)
		a.M.Set(n, ad.New(v.R, v.C, nil))
		a.V.Set(n, ad.New(v.R, v.C, nil))
	}
	return a
}

// Clone returns a copy that shares nothing with a.
func (a *Adam) Clone() *Adam { return &Adam{Steps: a.Steps, M: a.M.Clone(), V: a.V.Clone()} }

// Step moves the parameters of th that a is for, in place: no two of them may share their
// data, as first parameters do. grad holds their gradients one
// after the other, in the order of M.Names.
func (a *Adam) Step(th Params, grad []float64, lr float64) {
	a.Steps++
	step, names, starts := kern.AdamStep(lr, float64(a.Steps)), a.M.Names(), []int{0}
	for _, n := range names {
		starts = append(starts, starts[len(starts)-1]+a.M.At(n).Len())
	}
	_ = par.Each(context.Background(), 0, len(names), func(_, i int) error {
		n := names[i]
		kern.Adam64(th.At(n).Data, a.M.At(n).Data, a.V.At(n).Data, grad[starts[i]:starts[i+1]], step)
		return nil
	}) // no call has an error
}
