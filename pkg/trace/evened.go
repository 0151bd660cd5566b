package trace

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// evened is F in the unknowns y = s⊙x, with a unit for each in which the curvatures at
// Start are 1, and the ways from x to y and back. Where columns of the data have different
// units it is far better conditioned than F. It is nil where curvatures are alike, there
// are many unknowns, or the proximal map takes one step for all of them.
func evened(p *optimizee.Problem) (q *optimizee.Problem, to, from func(x optimizee.Point) optimizee.Point) {
	if p.OneStep || p.Start.X().Len() > 2000 {
		return nil, nil, nil
	}
	curved := optimizee.HessianDiagonal(p, "x", p.Start)
	least, most := math.Inf(1), floats.Max(curved.Data)
	for _, v := range curved.Data {
		if v > 1e-28*most {
			least = min(least, v)
		}
	}
	if !(most > 16*least) || math.IsInf(most, 1) {
		return nil, nil, nil
	}
	s, inverse := ad.New(curved.R, curved.C, nil), ad.New(curved.R, curved.C, nil)
	for j, v := range curved.Data {
		s.Data[j] = math.Sqrt(max(v, least))
		inverse.Data[j] = 1 / s.Data[j]
	}
	to = func(x optimizee.Point) optimizee.Point { return optimizee.X(x.X().Mul(s)) }
	from = func(y optimizee.Point) optimizee.Point { return optimizee.X(y.X().Mul(inverse)) }
	even := *p
	even.Start, even.Smooth, even.ValueGrad, even.Lipschitz, even.Terms = to(p.Start), nil, nil, nil, nil
	even.Value = func(y optimizee.Point) ad.Value { return p.Value(from(y)) }
	even.Grad = func(b string, y optimizee.Point) ad.Value { return p.Grad(b, from(y)).Mul(inverse) }
	even.Prox = func(b string, v, step ad.Value) ad.Value {
		return p.Prox(b, v.Mul(inverse), inverse.Square().Mul(step)).Mul(s)
	}
	even.Bound = func(y optimizee.Point) float64 { return p.Bound(from(y)) }
	q = optimizee.EstimateLipschitz(&even)
	if l := q.Lipschitz("x", even.Start); !(l > 0) || math.IsInf(l, 1) {
		return nil, nil, nil
	}
	return q, to, from
}
