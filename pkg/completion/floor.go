package completion

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Floor is an estimate of the lowest RMSE that any method can have on the family, which has
// to be of [UniformFactors], even one that is told V. Rows of U that agree on the observed
// entries of their row are then equally likely, the best answer is their mean, and its
// mean squared error is half of the mean squared distance between two of them. So that many
// rows of one matrix are each compared with another one that a hit-and-run walk of some
// steps finds among those (Smith 1984); a short walk stays near and makes the floor too
// low. Entries are observed independently with probability Observe.
func (s Family) Floor(rows, steps int, rng *rand.Rand) (float64, error) {
	err := errors.Join(s.check(),
		check.That(s.Law == UniformFactors && len(s.Ranks) == 0, "%v: only uniform factors of one rank have a floor here", s),
		check.That(1 <= rows && rows <= s.Rows && steps >= 0, "%d steps for %d rows of %d: there has to be one", steps, rows, s.Rows),
		check.Source("the floor", "a matrix", rng))
	if err != nil {
		return 0, fmt.Errorf("completion: floor: %w", err)
	}
	row := func(m ad.Value, i int) []float64 { return m.Data[i*m.C:][:m.C] }
	a, b := optimizee.Uniform(rng, s.Rows, s.Rank), optimizee.Uniform(rng, s.Cols, s.Rank)
	var off, size float64
	for i := range rows {
		u := row(a, i)
		var known, open [][]float64
		for j := range s.Cols {
			v := row(b, j)
			r := kern.ShortDot(u, v)
			if size += r * r; rng.Float64() < s.Observe {
				known = append(known, v)
			} else {
				open = append(open, v)
			}
		}
		other := walk(u, known, steps, rng)
		for _, v := range open {
			e := kern.ShortDot(u, v) - kern.ShortDot(other, v)
			off += e * e / 2
		}
	}
	return math.Sqrt(off / size), nil
}

// walk goes from u through the points of the unit cube that have the same products with
// known vectors, by hit-and-run: a random direction in which they do not change, and a
// uniform point on the line through the cube.
func walk(u []float64, known [][]float64, steps int, rng *rand.Rand) []float64 {
	norm := func(v []float64) float64 { return math.Sqrt(kern.ShortDot(v, v)) }
	var basis [][]float64 // of what is known, orthonormal
	for _, v := range known {
		if w := without(v, basis); norm(w) > 1e-9*norm(v) {
			s := 1 / norm(w)
			for k := range w {
				w[k] *= s
			}
			basis = append(basis, w)
		}
	}
	x := slices.Clone(u)
	if len(basis) >= len(u) {
		return x // nothing is open
	}
	for range steps {
		d := make([]float64, len(u))
		for k := range d {
			d[k] = rng.NormFloat64()
		}
		d = without(d, basis)
		lo, hi := math.Inf(-1), math.Inf(1)
		for k, dk := range d {
			if s, t := -x[k]/dk, (1-x[k])/dk; dk != 0 {
				lo, hi = max(lo, min(s, t)), min(hi, max(s, t))
			}
		}
		kern.ShortAxpy(lo+(hi-lo)*rng.Float64(), d, x)
	}
	return x
}

// without is v without its parts along an orthonormal basis.
func without(v []float64, basis [][]float64) []float64 {
	w := slices.Clone(v)
	for range 2 { // the second time for rounding
		for _, b := range basis {
			kern.ShortAxpy(-kern.ShortDot(w, b), b, w)
		}
	}
	return w
}
