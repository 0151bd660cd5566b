package sparse

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
)

// AnalyticWeights solves the problem that gives ALISTA its matrix (Liu et al. 2019,
// eq. 16),
//
//	min ‖WᵀA‖_F²  subject to  w_iᵀa_i = 1 for every atom.
//
// It separates into one problem for each column, with the solution
// w_i = Ga_i/(a_iᵀGa_i), G = (AAᵀ)⁻¹: the rows of the pseudo-inverse A⁺ = AᵀG, scaled. A
// needs full row rank. A Cholesky factorisation does it in a fraction of a second for
// 250×500, where projected gradients take thousands of iterations.
func AnalyticWeights(a ad.Value) (ad.Value, error) {
	w, err := DualAtoms(a)
	if err != nil {
		return ad.Value{}, err
	}
	return NormaliseWeights(w, a), nil
}

// DualAtoms is GA, the transpose of A⁺.
func DualAtoms(a ad.Value) (ad.Value, error) {
	if a.R > a.C {
		return ad.Value{}, fmt.Errorf("sparse: the analytic weights need a dictionary with at least as many atoms, its columns, as rows, and this one is %s: is it transposed?", a.Shape())
	}
	if a.Len() == 0 {
		return ad.Value{}, fmt.Errorf("sparse: the analytic weights of a dictionary of %s: it has to have rows and atoms", a.Shape())
	}
	if err := checkAtoms(a); err != nil {
		return ad.Value{}, fmt.Errorf("sparse: the analytic weights: %w", err)
	}
	if size := floats.Norm(a.Data, math.Inf(1)); size < 1e-70 || size > 1e70 { // products would leave the range
		ga, err := DualAtoms(a.Detach().Scale(1 / size))
		if err != nil {
			return ga, err
		}
		return ga.Scale(1 / size), nil
	}
	A := mat.NewDense(a.R, a.C, a.Data)
	var gram mat.SymDense
	gram.SymOuterK(1, A)
	var chol mat.Cholesky
	var ga mat.Dense
	if ok := chol.Factorize(&gram); !ok || chol.Cond() > 1e12 {
		return ad.Value{}, fmt.Errorf("sparse: the analytic weights need a dictionary of full row rank, and this one of %s has less: leave dependent rows out, or learn W (TiLISTA)", a.Shape())
	}
	if err := chol.SolveTo(&ga, A); err != nil {
		return ad.Value{}, fmt.Errorf("sparse: the analytic weights of a %s dictionary: %w", a.Shape(), err)
	}
	return ad.New(a.R, a.C, ga.RawMatrix().Data), nil
}

// NormaliseWeights scales the columns of w to w_iᵀa_i = 1.
func NormaliseWeights(w, a ad.Value) ad.Value {
	return w.Div(w.Mul(a).T().SumRows().T())
}

// Coherence returns the mutual coherence of W and A, max |w_iᵀa_j| over i ≠ j with w_i
// scaled to w_iᵀa_i = 1. The convergence of LISTA depends on W through it (Liu et al.
// 2019, Theorem 1); Coherence(A, A) is the classic one, for atoms of length 1.
func Coherence(w, a ad.Value) float64 {
	g := NormaliseWeights(w, a).TMatMul(a)
	var top float64
	for i := range g.R {
		for j := range g.C {
			if i != j {
				top = max(top, math.Abs(g.Data[i*g.C+j]))
			}
		}
	}
	return top
}

// Crosstalk returns the root of the mean square of w_iᵀa_j over i ≠ j, with w_i scaled to
// w_iᵀa_i = 1: what the errors of many entries add up to in another, where [Coherence] is
// the worst of a pair. [AnalyticWeights] has the least.
func Crosstalk(w, a ad.Value) float64 {
	g := NormaliseWeights(w, a).TMatMul(a)
	return math.Sqrt((g.SumSquares().Item() - float64(g.R)) / float64(g.R*(g.R-1)))
}
