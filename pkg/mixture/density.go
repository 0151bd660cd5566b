package mixture

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// density is N(·; µ, Σ) with Σ = LLᵀ: in the coordinates y = L⁻¹x it is round.
type density struct {
	scale   []float64     // 1/σ of every dimension, where Σ is diagonal
	inverse *mat.TriDense // L⁻¹, where it is not
	logNorm float64       // (D/2) ln 2π + ½ ln det Σ
	points  []float64     // L⁻¹x of all points, G×D
}

func newDensity(x, cov ad.Value) (*density, error) {
	D := x.C
	if err := check.Values("it", cov); err != nil {
		return nil, err
	}
	n := &density{logNorm: float64(D) / 2 * math.Log(2*math.Pi)}
	switch {
	case cov.R == D && cov.C == D && D > 1:
		if err := n.full(cov); err != nil {
			return nil, err
		}
	case cov.R == 1 && (cov.C == D || cov.C == 1):
		n.scale = make([]float64, D)
		for d := range n.scale {
			v := cov.Data[d%cov.C]
			if !(v > 0) {
				return nil, fmt.Errorf("variance %g in dimension %d: variances have to be positive", v, d)
			}
			n.scale[d] = 1 / math.Sqrt(v)
			n.logNorm += math.Log(v) / 2
		}
	default:
		return nil, fmt.Errorf("it is %[1]s: for points in %[2]d dimensions it has to be 1×1, 1×%[2]d or %[2]d×%[2]d", cov.Shape(), D)
	}
	n.points = make([]float64, x.Len())
	for g := range x.R {
		n.whiten(x.Data[g*D:][:D], n.points[g*D:][:D])
	}
	return n, nil
}

func (n *density) full(cov ad.Value) error {
	D := cov.R
	for i := range D {
		for j := range i {
			if a, b := cov.At(i, j), cov.At(j, i); math.Abs(a-b) > 1e-12*(math.Abs(a)+math.Abs(b)) {
				return fmt.Errorf("it is not symmetric: %g in row %d, column %d and %g across", a, i, j, b)
			}
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(mat.NewSymDense(D, cov.Data)) {
		return fmt.Errorf("it is not positive definite: add a little to its diagonal, or give variances alone")
	}
	n.logNorm += chol.LogDet() / 2
	var l mat.TriDense
	chol.LTo(&l)
	for i := range D {
		if left := l.At(i, i) * l.At(i, i); left <= 1e-14*cov.At(i, i) {
			return fmt.Errorf("it is singular but for rounding: what the dimensions before leave of the variance %g of dimension %d is %.0e; drop that dimension, or add a little to the diagonal", cov.At(i, i), i, left)
		}
	}
	n.inverse = mat.NewTriDense(D, mat.Lower, nil)
	return n.inverse.InverseTri(&l)
}

// whiten sets y = L⁻¹x.
func (n *density) whiten(x, y []float64) {
	if n.inverse == nil {
		for d, s := range n.scale {
			y[d] = s * x[d]
		}
		return
	}
	raw := n.inverse.RawTriangular()
	for i := range y {
		y[i] = kern.ShortDot(raw.Data[i*raw.Stride:][:i+1], x)
	}
}

// unwhiten returns L⁻ᵀy, so that unwhiten of whiten is Σ⁻¹.
func (n *density) unwhiten(y []float64) []float64 {
	out := make([]float64, len(y))
	if n.inverse == nil {
		for d, s := range n.scale {
			out[d] = s * y[d]
		}
		return out
	}
	raw := n.inverse.RawTriangular()
	for i, v := range y {
		kern.ShortAxpy(v, raw.Data[i*raw.Stride:][:i+1], out)
	}
	return out
}

// pick draws k different rows.
func pick(rng *rand.Rand, x ad.Value, k int) ad.Value {
	out := ad.New(k, x.C, nil)
	for i, g := range rng.Perm(x.R)[:k] {
		copy(out.Data[i*x.C:][:x.C], x.Data[g*x.C:])
	}
	return out
}
