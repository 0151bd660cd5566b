package optim

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// BottomOfBowl goes to the minimiser of ½‖Ax − b‖² alone, a Rastrigin function without its
// waves, in its first step.
func BottomOfBowl(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
	d, err := optimizee.DataOf[optimizee.RastriginData](p, "BottomOfBowl")
	if err != nil {
		return nil, err
	}
	return func(x optimizee.Point) optimizee.Point {
		var at mat.VecDense
		if err := at.SolveVec(mat.NewDense(d.A.R, d.A.C, d.A.Data), mat.NewVecDense(d.B.R, d.B.Data)); err != nil {
			return x // A is singular to rounding: any other point will do
		}
		return optimizee.X(ad.Col(at.RawVector().Data...))
	}, nil
}

// LowestValley goes to the lowest valley of a Rastrigin function that a search among valleys
// finds, in its first step. The search knows A, b and c, so it is no rival, but a level to
// measure others by.
//
// The waves −αcᵢcos(2πxᵢ) have their valleys at zᵢ ∈ ℤ where cᵢ > 0, and halfway between
// where cᵢ < 0. Near them F is ½‖Ax − b‖² + ½(x − z)ᵀD(x − z) up to a constant, with D =
// 4π²α·diag|c|, and its minimum over x is ½zᵀMz − zᵀq up to a constant, with S = D(AᵀA + D)⁻¹,
// M = SAᵀA and q = SAᵀb. That is lowered over z, two entries at a time, from many
// random z; from the lowest z that are found gradient descent goes on with F itself.
func LowestValley(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
	d, err := optimizee.DataOf[optimizee.RastriginData](p, "LowestValley")
	if err != nil {
		return nil, err
	}
	return func(optimizee.Point) optimizee.Point {
		best, lowest := p.Start, math.Inf(1)
		for _, z := range newLattice(d).search(300, 16) {
			q := *p
			q.Start = optimizee.X(ad.Col(z...))
			values, x, err := Minimize(&q, GD(LineSearch(0.1)), 150, nil)
			if err != nil {
				panic(err) // the problem was asked for above
			}
			if f := values[len(values)-1]; f < lowest {
				best, lowest = x, f
			}
		}
		return best
	}, nil
}

// A lattice is the quadratic ½zᵀMz − zᵀq over the valleys of the waves.
type lattice struct {
	m      *mat.Dense
	q      []float64
	axes   *mat.Dense // eigenvectors of M
	lambda []float64  // and its eigenvalues, at least a billionth of the largest one
	offset []float64  // of the valleys from the whole numbers: 0 or ½
}

func newLattice(d *optimizee.RastriginData) lattice {
	n := d.C.Len()
	a := mat.NewDense(d.A.R, n, d.A.Data)
	var h, sum, m mat.Dense
	h.Mul(a.T(), a)
	sum.CloneFrom(&h)
	l := lattice{m: &m, offset: make([]float64, n)}
	curvature := mat.NewDiagDense(n, nil)
	for i, c := range d.C.Data {
		k := 4 * math.Pi * math.Pi * d.Alpha * math.Abs(c)
		curvature.SetDiag(i, k)
		sum.Set(i, i, sum.At(i, i)+k)
		if c < 0 {
			l.offset[i] = 0.5
		}
	}
	var s mat.Dense
	if s.Inverse(&sum) != nil {
		s.CloneFrom(mat.NewDiagDense(n, nil)) // singular to rounding: all z are alike
	}
	s.Mul(curvature, &s)
	m.Mul(&s, &h)
	var q mat.VecDense
	q.MulVec(a.T(), mat.NewVecDense(d.B.Len(), d.B.Data))
	q.MulVec(&s, &q)
	l.q = q.RawVector().Data
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sym.SetSym(i, j, (m.At(i, j)+m.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	l.axes = &mat.Dense{}
	eigen.Factorize(sym, true)
	eigen.VectorsTo(l.axes)
	l.lambda = eigen.Values(nil)
	for k := range l.lambda {
		l.lambda[k] = max(l.lambda[k], 1e-9*l.lambda[n-1], 1e-300)
	}
	return l
}

// search returns the lowest z that are found from so many starts, at most keep of them.
func (l lattice) search(starts, keep int) [][]float64 {
	type found struct {
		z []float64
		f float64
	}
	var all []found
	rng := optimizee.Stream(1<<32+2, 3) // the search is the same each time
	for i := range starts {
		z := l.near(rng, i%2 == 0)
		f := l.descend(z)
		if !slices.ContainsFunc(all, func(o found) bool { return slices.Equal(o.z, z) }) {
			all = append(all, found{z, f})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		switch {
		case a.f < b.f:
			return -1
		case a.f > b.f:
			return 1
		}
		return 0
	})
	var lowest [][]float64
	for _, o := range all[:min(keep, len(all))] {
		lowest = append(lowest, o.z)
	}
	return lowest
}

// near draws a z: from the origin, each entry N(0, 3²), or from where the minimum over all numbers is, with a deviation
// along each axis that raises the quadratic alike. Its entries are those of the next valleys.
func (l lattice) near(rng *rand.Rand, minimum bool) []float64 {
	n := len(l.q)
	z := make([]float64, n)
	for k, lambda := range l.lambda {
		if !minimum {
			z[k] += 3 * rng.NormFloat64()
			continue
		}
		along := 0.
		for i := range n {
			along += l.axes.At(i, k) * l.q[i]
		}
		along = along/lambda + 3*rng.NormFloat64()/math.Sqrt(lambda)
		for i := range n {
			z[i] += along * l.axes.At(i, k)
		}
	}
	for i := range z {
		z[i] = math.Round(z[i]-l.offset[i]) + l.offset[i]
	}
	return z
}

// descend moves two entries of z at a time by up to two valleys each, for as long as that lowers the quadratic, and
// returns its value.
func (l lattice) descend(z []float64) float64 {
	n := len(z)
	m, g := l.m.RawMatrix().Data, make([]float64, n) // g = Mz − q
	for {
		for i := range g {
			g[i] = floats.Dot(m[i*n:(i+1)*n], z) - l.q[i]
		}
		var i0, j0 int
		var u0, v0 float64
		least := -1e-9
		for i := range n {
			for j := i; j < n; j++ {
				mii, mij, mjj := m[i*n+i], m[i*n+j], m[j*n+j]
				for u := -2.; u <= 2; u++ {
					if j == i && u != 0 || mjj <= 0 {
						continue
					}
					slope := g[j] + u*mij
					v := max(-2, min(2, math.Round(-slope/mjj)))
					if change := u*g[i] + u*u*mii/2 + v*slope + v*v*mjj/2; change < least {
						least, i0, j0, u0, v0 = change, i, j, u, v
					}
				}
			}
		}
		if least == -1e-9 {
			break
		}
		z[i0] += u0
		z[j0] += v0
	}
	return (floats.Dot(z, g) - floats.Dot(z, l.q)) / 2
}
