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

// piece is how many parameters are one piece of work for a core: they and their means stay
// in the second-level cache.
const piece = 1 << 14

// Step moves the parameters of th that a is for, in place: no two of them may share their
// data, as first parameters do. grad holds their gradients one
// after the other, in the order of M.Names.
func (a *Adam) Step(th Params, grad []float64, lr float64) {
	a.Steps++
	type part struct{ name, from, to, at int } // at is where its gradients begin
	var parts []part
	names, at := a.M.Names(), 0
	for i, n := range names {
		all := a.M.At(n).Len()
		for from := 0; from < all; from += piece {
			parts = append(parts, part{i, from, min(from+piece, all), at + from})
		}
		at += all
	}
	step, rounded := kern.AdamStep(lr, float64(a.Steps)), th.store.singles.current()
	_ = par.Each(context.Background(), 0, len(parts), func(_, i int) error {
		p := parts[i]
		n := names[p.name]
		x := th.At(n)
		kern.Adam64(x.Data[p.from:p.to], a.M.At(n).Data[p.from:p.to], a.V.At(n).Data[p.from:p.to], grad[p.at:], step)
		if s := rounded[th.prefix+n]; s.Of(x) {
			s.Again(p.from, p.to)
		}
		return nil
	}) // no call has an error
	th.store.singles.moved()
}
