package study

import (
	"errors"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Cover holds a method beside scheme (18) with the terms that are to make it the same
// (Appendix C of the L2O-PA paper; notebook l2opa/01, section 7).
type Cover struct {
	Method, Scheme []float64 // F after 0, 1, … steps
	Bias           []float64 // ‖b₁‖ of each step; nil where there is none
}

// Covered takes so many steps of both on a problem.
func Covered(p *optimizee.Problem, steps int, method optim.Rule, terms optim.Sequence) (c Cover, err error) {
	watched := func(p *optimizee.Problem, k int, x, y ad.Value) optim.Terms {
		t := terms(p, k, x, y)
		if !t.B1.IsZero() {
			c.Bias = append(c.Bias, math.Sqrt(t.B1.SumSquares().Item()))
		}
		return t
	}
	var other error
	c.Method, _, err = optim.Minimize(p, method, steps, nil)
	c.Scheme, _, other = optim.Minimize(p, optim.Scheme18(watched), steps, nil)
	return c, errors.Join(err, other)
}
