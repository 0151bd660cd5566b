package lista

import (
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
)

// A matrix is what the layers multiply with, in float64 or in float32.
type matrix interface {
	MatMulAdd(x, c ad.Value) ad.Value  // c + Mx
	TMatMulAdd(x, c ad.Value) ad.Value // c + Mᵀx
}

// double multiplies in float64.
type double struct{ ad.Value }

func (m double) MatMulAdd(x, c ad.Value) ad.Value  { return c.Add(m.MatMul(x)) }
func (m double) TMatMulAdd(x, c ad.Value) ad.Value { return c.Add(m.TMatMul(x)) }

// matrix is how u multiplies with v.
func (u Config) matrix(v ad.Value) matrix {
	if u.Single {
		return ad.Round32(v)
	}
	return double{v}
}

// of is how u multiplies with the parameter of that name.
func (u Config) of(th nn.Params, name string) matrix {
	if u.Single {
		return th.Single(name)
	}
	return double{th.At(name)}
}

// own is how the run multiplies with a parameter of layer k.
func (r *unrolling) own(k int, name string) matrix { return r.of(r.th.Sub(layerName(k)), name) }

// constant is a matrix that is no parameter. It is made when it is first needed and
// shared by all runs.
func (u Config) constant(of func() ad.Value) func() matrix {
	return sync.OnceValue(func() matrix { return u.matrix(of()) })
}

// kept is what a run computed from a parameter that several layers share.
type kept struct {
	from   ad.Value
	value  ad.Value
	matrix matrix
}

// keep computes something from a shared parameter once: again only when the parameter
// is another, or was recorded anew in a later generation of a tape.
func (r *unrolling) keep(name string, from ad.Value, compute func(ad.Value) kept) kept {
	old, ok := r.kept[name]
	if ok && old.from.Same(from) && old.from.Recorded() == from.Recorded() {
		return old
	}
	if r.kept == nil {
		r.kept = map[string]kept{}
	}
	k := compute(from)
	k.from = from
	r.kept[name] = k
	return k
}

// shared is the product with b of a matrix that all layers share.
func (r *unrolling) shared(name string, x ad.Value) ad.Value {
	return r.keep("code", r.th.At(name), func(ad.Value) kept {
		return kept{value: r.of(r.th, name).MatMulAdd(r.input(x), ad.New(x.R, x.C, nil))}
	}).value
}

// tied is a matrix that all layers share.
func (r *unrolling) tied(name string) matrix {
	return r.keep(name, r.th.At(name), func(ad.Value) kept { return kept{matrix: r.of(r.th, name)} }).matrix
}
