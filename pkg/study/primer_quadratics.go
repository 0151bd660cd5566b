package study

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The LSTM optimizer of Primer §2.1 on quadratics, notebook primer/01.

// UnitQuadratics are the quadratics in n numbers on which L2O-DM was first shown, times a
// factor, which is 1 there: the same problems in other units of F.
func UnitQuadratics(n int, factor float64) optimizee.Family {
	fam := optimizee.UniformQuadraticSpec{N: n}
	if factor == 1 {
		return fam
	}
	return optimizee.Changed(fam, fmt.Sprintf("times %g", factor), func(p *optimizee.Problem) *optimizee.Problem {
		return &optimizee.Problem{
			Name: p.Name, Start: p.Start, Traits: p.Traits,
			Value: func(x optimizee.Point) ad.Value { return p.Value(x).Scale(factor) },
			Grad:  func(b string, x optimizee.Point) ad.Value { return p.Grad(b, x).Scale(factor) },
		}
	})
}
