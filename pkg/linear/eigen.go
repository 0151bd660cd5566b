package linear

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
)

// Eigen returns the eigenvalues of a symmetric matrix, rising, and its eigenvectors as
// columns where they are asked for. It takes entries of any size; ok is false where there are
// none, as with NaN.
func Eigen(m ad.Value, vectors bool) (values []float64, w ad.Value, ok bool) {
	data, unit := m.Data, 1.0
	if size := largestEntry(m); size > 0 && (size < 1e-70 || size > 1e70) { // LAPACK would scale wrongly
		unit = math.Ldexp(1, max(math.Ilogb(size), -1022))
		data = make([]float64, len(data))
		for i, x := range m.Data {
			data[i] = x / unit
		}
	}
	var e mat.EigenSym
	if !m.IsFinite() || !e.Factorize(mat.NewSymDense(m.R, data), vectors) {
		return nil, w, false
	}
	values = e.Values(nil)
	floats.Scale(unit, values)
	if vectors {
		var q mat.Dense
		e.VectorsTo(&q)
		w = ad.New(m.R, m.R, q.RawMatrix().Data)
	}
	return values, w, true
}
