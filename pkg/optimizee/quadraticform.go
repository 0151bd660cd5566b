package optimizee

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// QuadraticForm is ½⟨x, Qx⟩ + ⟨c, x⟩ with a symmetric Q, one instance for each column of c:
// with Plus(prox.Box(lo, hi)) a quadratic program. The zero Operator is Q = 0, which is the
// cost of a linear program; any L would do for it, and Lipschitz is 1.
//
// Bound needs Q to be positive semidefinite. Of a matrix that is checked, and where it is
// not, Bound is −Inf; of another operator it is taken for granted. Bound is the larger one
// of the dual value −½⟨x, Qx⟩ − r*(−Qx − c), which is −Inf where −Qx − c is outside of the
// domain of r*, and of the strong-convexity bound of a positive definite matrix.
func QuadraticForm(q linear.Operator, c ad.Value) *Problem {
	f := &form{q: q, c: c}
	p := &Problem{
		Name:   "quadratic form",
		Start:  X(ad.New(c.R, c.C, nil)),
		Traits: map[string]float64{"cols": float64(c.R)},
		Value:  func(x Point) ad.Value { v, _ := f.valueGrad(x.X()); return v },
		Grad:   func(_ string, x Point) ad.Value { return f.apply(x.X()).Add(c) },
		ValueGrad: func(_ string, x Point) (ad.Value, ad.Value) {
			return f.valueGrad(x.X())
		},
		Err: errors.Join(q.Err, check.Values("c", c), check.Values("Q", q.Matrix),
			check.That(c.R > 0 && c.C > 0, "c is %s: it has to have a row for each unknown", c.Shape()),
			check.That(q.IsZero() || q.Err != nil || q.Rows == c.R && q.Cols == c.R, "Q is %d×%d and c is %s: Q has to be square with a row for each row of c", q.Rows, q.Cols, c.Shape())),
	}
	if p.Err != nil {
		return p
	}
	if m := q.Matrix.Detach(); !m.IsZero() {
		if d := m.Sub(m.T()).SumSquares().Item(); d > 1e-20*m.SumSquares().Item() {
			p.Err = errors.New("the matrix Q is not symmetric: ½(Q + Qᵀ) gives the same values")
			return p
		}
		f.eigenvalues = sync.OnceValues(func() (least, most float64) { return extremes(m) })
	}
	if q.IsZero() || q.Norm != nil {
		f.lipschitz = sync.OnceValue(f.curvature)
		p.Lipschitz = func(string, Point) float64 { return f.lipschitz() }
	}
	p.part = &part{bound: f.bound}
	if q.Matrix.IsZero() && !q.IsZero() {
		p.part.check = func() error { return symmetric(q) }
	}
	if f.eigenvalues != nil {
		p.Bound = f.bound(Smooth(p), prox.None())
	}
	return p
}

// symmetric is an error unless Q = Qᵀ, as far as one random pair shows.
func symmetric(q linear.Operator) error {
	if err := linear.CheckAdjoint(q); err != nil {
		return err
	}
	if q.Adjoint = q.Forward; linear.CheckAdjoint(q) != nil {
		return fmt.Errorf("the operator Q, %s, is not symmetric: ½(Q + Qᵀ) gives the same values", q.Name)
	}
	return nil
}

// A form is ½⟨x, Qx⟩ + ⟨c, x⟩.
type form struct {
	q           linear.Operator
	c           ad.Value
	lipschitz   func() float64
	eigenvalues func() (least, most float64) // of a matrix, nil for other operators
}

func (f *form) apply(x ad.Value) ad.Value {
	if f.q.IsZero() {
		return x.Scale(0)
	}
	return f.q.Apply(x)
}

func (f *form) valueGrad(x ad.Value) (value, grad ad.Value) {
	qx := f.apply(x)
	return x.Dot(qx).Scale(0.5).Add(x.Dot(f.c)), qx.Add(f.c)
}

// curvature is ‖Q‖, 1 for Q = 0.
func (f *form) curvature() float64 {
	if f.q.IsZero() {
		return 1
	}
	if l := f.q.Norm(); l != 0 {
		return l
	}
	return 1
}

// convexity is µ, at least 0, or NaN where a matrix is indefinite.
func (f *form) convexity() float64 {
	if f.eigenvalues == nil {
		return 0
	}
	least, most := f.eigenvalues()
	if least < -1e-12*most {
		return math.NaN()
	}
	return max(least, 0)
}

// bound is the Bound of p = f + r.
func (f *form) bound(p *Problem, r prox.Regulariser) func(x Point) float64 {
	strong := strongBound(p, f.lipschitz, f.convexity)
	if r.Conjugate == nil && strong == nil {
		return nil
	}
	return func(x Point) float64 {
		b := math.Inf(-1)
		if math.IsNaN(f.convexity()) {
			return b
		}
		if r.Conjugate != nil {
			qx := f.apply(x.X().Detach()).Detach()
			b = -x.X().Detach().Dot(qx).Item()/2 - r.Conjugate(qx.Add(f.c).Detach().Neg())
		}
		if strong != nil {
			b = max(b, strong(x))
		}
		return b
	}
}

// extremes are the smallest and the largest eigenvalue of a symmetric matrix.
func extremes(m ad.Value) (least, most float64) {
	values, _, ok := linear.Eigen(m, false)
	if !ok {
		return math.NaN(), math.NaN()
	}
	return values[0], values[len(values)-1]
}
