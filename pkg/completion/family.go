package completion

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Law draws the matrix of a given rank that is to be completed. The papers say
// no more than that R is "randomly generated"; what can be reached depends on the law.
type Law int

const (
	// UniformFactors is R = ABᵀ with entries of A and B uniform on [0, 1). The papers'
	// errors, which fall as the rank rises, appear under this law alone (for a rank-1
	// model too: such an R is nearly constant).
	UniformFactors Law = iota
	// UniformSVD is the best approximation of the rank to a matrix of entries uniform
	// on [0, 1): the law of the public code, M → SVD → truncation.
	UniformSVD
	// GaussianFactors is R = ABᵀ with N(0, 1) entries, where no entry can be guessed
	// from a mean. From rank 20 on, 20 % of 100×100 entries do not determine R.
	GaussianFactors
)

// String names the law.
func (l Law) String() string {
	switch l {
	case UniformFactors:
		return "uniform factors"
	case UniformSVD:
		return "uniform entries, truncated SVD"
	case GaussianFactors:
		return "Gaussian factors"
	}
	return fmt.Sprintf("MatrixLaw(%d)", int(l))
}

func (l Law) draw(rng *rand.Rand, rows, cols, rank int) ad.Value {
	switch l {
	case UniformSVD:
		return truncated(optimizee.Uniform(rng, rows, cols), rank)
	case GaussianFactors:
		return optimizee.Gaussian(rng, rows, rank).MatMulT(optimizee.Gaussian(rng, cols, rank))
	default:
		return optimizee.Uniform(rng, rows, rank).MatMulT(optimizee.Uniform(rng, cols, rank))
	}
}

// truncated is the best approximation of a rank in the Frobenius norm.
func truncated(m ad.Value, rank int) ad.Value {
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(m.R, m.C, m.Data), mat.SVDThin) {
		return ad.Full(m.R, m.C, math.NaN()) // the problem is then refused by its check
	}
	var u, v, out mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	scaled := mat.DenseCopyOf(u.Slice(0, m.R, 0, rank))
	for k, s := range svd.Values(nil)[:rank] {
		for i := range m.R {
			scaled.Set(i, k, scaled.At(i, k)*s)
		}
	}
	out.Mul(scaled, v.Slice(0, m.C, 0, rank).T())
	return ad.New(m.R, m.C, out.RawMatrix().Data)
}

// Family is a family of matrices to complete: R drawn by Law, exactly the
// share Observe of its entries (rounded) known, at random places, without noise; U
// and V start uniform on [0, 1).
type Family struct {
	Rows, Cols int
	Rank       int     // of the truth
	Ranks      []int   // when not empty, every problem draws its rank from these (MLAM, Table V)
	P          int     // columns of U and V; 0 tells the learner the rank
	Observe    float64 // share of the entries that are known, above 0 and at most 1
	Law        Law
	Lambda     float64
}

// Paper is the setting of Tables I and II of MLAM at rank 5 and 20 %;
// SmallCompletion is the 10×10 setting of its public code. Both papers use λ = 1e-3.
var (
	Paper           = Family{Rows: 100, Cols: 100, Rank: 5, Observe: 0.2, Lambda: 1e-3}
	SmallCompletion = Family{Rows: 10, Cols: 10, Rank: 5, Observe: 0.2, Law: UniformSVD, Lambda: 1e-3}
)

// Draw draws a problem, whose Truth is the whole matrix: see [WithTruth].
func (s Family) Draw(rng *rand.Rand) *optimizee.Problem {
	if err := errors.Join(s.check(), check.Source("a family", "problems", rng)); err != nil {
		return &optimizee.Problem{Name: "matrix completion", Err: err}
	}
	rank := s.Rank
	if len(s.Ranks) > 0 {
		rank = s.Ranks[rng.IntN(len(s.Ranks))]
	}
	p := cmp.Or(s.P, rank)
	truth := s.Law.draw(rng, s.Rows, s.Cols, rank)
	o := Observed{Rows: s.Rows, Cols: s.Cols}
	for _, k := range rng.Perm(s.Rows * s.Cols)[:s.known()] {
		o.Row, o.Col, o.Value = append(o.Row, k/s.Cols), append(o.Col, k%s.Cols), append(o.Value, truth.Data[k])
	}
	q := Problem(o, Config{
		P: p, Lambda: s.Lambda,
		Start: optimizee.Point{}.Plus("U", optimizee.Uniform(rng, s.Rows, p)).Plus("V", optimizee.Uniform(rng, s.Cols, p)),
	})
	q.Traits["rank"], q.Traits["law"] = float64(rank), float64(s.Law)
	return WithTruth(q, truth)
}

func (s Family) known() int { return int(math.Round(s.Observe * float64(s.Rows*s.Cols))) }

func (s Family) check() error {
	errs := []error{
		check.That(s.Rows > 0 && s.Cols > 0, "%d×%d: Rows and Cols have to be positive", s.Rows, s.Cols),
		check.That(s.Observe > 0 && s.Observe <= 1, "a share of %g of the entries is observed: it has to be above 0 and at most 1", s.Observe),
		check.That(s.Law >= UniformFactors && s.Law <= GaussianFactors, "%v is no law: choose UniformFactors, UniformSVD or GaussianFactors", s.Law),
	}
	if s.Observe > 0 && s.Rows > 0 && s.Cols > 0 {
		errs = append(errs, check.That(s.known() > 0, "a share of %g of %d×%d entries is not one entry: observe more", s.Observe, s.Rows, s.Cols))
	}
	ranks := s.Ranks
	if len(ranks) == 0 {
		ranks = []int{s.Rank}
	}
	for _, k := range ranks {
		errs = append(errs, check.That(k >= 1 && k <= min(s.Rows, s.Cols), "rank %d of a %d×%d matrix: it has to be at least 1 and at most the smaller side", k, s.Rows, s.Cols))
	}
	return errors.Join(errs...)
}

// String describes the family.
func (s Family) String() string {
	rank, p := fmt.Sprint("rank ", s.Rank), ""
	if len(s.Ranks) > 0 {
		rank = fmt.Sprint("ranks ", s.Ranks)
	}
	if s.P > 0 {
		p = fmt.Sprintf(", p = %d", s.P)
	}
	return fmt.Sprintf("completion of %d×%d, %s%s, %g %% observed, %v, λ = %g", s.Rows, s.Cols, rank, p, 100*s.Observe, s.Law, s.Lambda)
}
