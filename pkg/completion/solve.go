package completion

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// lipschitz is the largest eigenvalue of the block's Hessian, which consists of
// one matrix Σ b bᵀ + λ + 2ω for each line: the sum runs over the rows b of the other
// block at the line's entries.
func (c *Data) lipschitz(block string, x optimizee.Point) float64 {
	own, b := c.side(block, x)
	_, weight := c.Config.Prior.of(block)
	room := newRidge(own, b.C)
	var top float64
	for i := range len(own.start) - 1 {
		gram := room.gram(own, i, b)
		if gram == nil || mat.Norm(gram, math.Inf(1)) <= top { // by Gershgorin no eigenvalue is above
			continue
		}
		values, _, ok := linear.Eigen(symmetric(gram), false)
		if !ok {
			return math.NaN()
		}
		top = max(top, values[len(values)-1])
	}
	return max(top+c.Config.Lambda+2*weight, 1e-300) // at 0 without λ the gradient is 0 too: a step stays finite
}

// SolveAt is Solve for another λ than the problem's: the exact minimiser over a
// block of F with that λ. Rules that choose λ or lower it on their way ask it.
func (c *Data) SolveAt(lambda float64, block string, x optimizee.Point) ad.Value {
	own, b := c.side(block, x)
	to, weight := c.Config.Prior.of(block)
	ridge := lambda + 2*weight
	out := ad.New(len(own.start)-1, b.C, nil)
	if !b.IsFinite() {
		return ad.Full(out.R, out.C, math.NaN())
	}
	room := newRidge(own, b.C)
	for i := range out.R {
		u := out.Data[i*b.C:][:b.C]
		if weight > 0 { // u = target + d, and the ridge is on d alone
			kern.ShortAxpy(2*weight/ridge, to.Data[i*b.C:][:b.C], u)
		}
		room.solve(own, i, b, ridge, u)
	}
	return out
}

// side returns the entries by the lines of a block, and the other block.
func (c *Data) side(block string, x optimizee.Point) (own *entries, other ad.Value) {
	switch block {
	case "U":
		return &c.byRow, x.At("V").Detach()
	case "V":
		return &c.byCol, x.At("U").Detach()
	}
	panic(fmt.Sprintf("completion: no block %q, there are U and V", block))
}

// ridge is the room for one line's regression of n entries on p numbers. Its normal
// matrix is taken as p×p, or as n×n where there are fewer entries than numbers: the
// eigenvalues that are not 0 are the same.
type ridge struct {
	p               int
	rows            []float64 // n×p, the other block's rows at the entries
	normal, e, half []float64
	chol            mat.Cholesky
}

func newRidge(own *entries, p int) *ridge {
	most := 0
	for i := range len(own.start) - 1 {
		most = max(most, own.start[i+1]-own.start[i])
	}
	m := min(most, p)
	return &ridge{p: p, rows: make([]float64, most*p), normal: make([]float64, m*m), e: make([]float64, most), half: make([]float64, max(m, 1))}
}

// gram gathers the rows of line i and returns BᵀB or BBᵀ, whichever is smaller; nil
// for a line without entries.
func (r *ridge) gram(own *entries, i int, b ad.Value) *mat.SymDense {
	at := own.at[own.start[i]:own.start[i+1]]
	n, p := len(at), r.p
	if n == 0 {
		return nil
	}
	for k, j := range at {
		copy(r.rows[k*p:][:p], b.Data[int(j)*p:][:p])
	}
	m := min(n, p)
	r.normal = r.normal[:m*m]
	clear(r.normal)
	if n < p {
		kern.GemmNT64(n, n, p, r.rows[:n*p], r.rows[:n*p], r.normal)
	} else {
		kern.GemmTN64(p, p, n, r.rows[:n*p], r.rows[:n*p], r.normal)
	}
	return mat.NewSymDense(m, r.normal)
}

// solve adds to u the d that minimises ½‖B(u + d) − r‖² + (ridge/2)‖d‖², the shortest
// where there are several.
func (r *ridge) solve(own *entries, i int, b ad.Value, ridge float64, u []float64) {
	a := r.gram(own, i, b)
	if a == nil {
		return
	}
	values := own.value[own.start[i]:own.start[i+1]]
	n, p := len(values), r.p
	rows, e := r.rows[:n*p], r.e[:n]
	for k, v := range values {
		e[k] = v - kern.ShortDot(rows[k*p:][:p], u)
	}
	m := a.SymmetricDim()
	for k := range m {
		a.SetSym(k, k, a.At(k, k)+ridge)
	}
	right, z := e, r.half[:m]
	if n >= p {
		clear(z)
		kern.GemvT64(n, p, rows, e, z)
		right = append([]float64{}, z...)
	}
	r.invert(a, right, z)
	if n >= p {
		kern.ShortAxpy(1, z, u)
		return
	}
	kern.GemvT64(n, p, rows, z, u)
}

// symmetric is a full square matrix of which mat reads one half.
func symmetric(a *mat.SymDense) ad.Value {
	return ad.New(a.SymmetricDim(), a.SymmetricDim(), a.RawSymmetric().Data)
}

// invert solves Az = right for a positive semidefinite A; where A is singular to
// working precision, by its pseudo-inverse.
func (r *ridge) invert(a *mat.SymDense, right, z []float64) {
	out, in := mat.NewVecDense(len(z), z), mat.NewVecDense(len(right), right)
	if r.chol.Factorize(a) && r.chol.Cond() < 1e13 {
		if err := r.chol.SolveVecTo(out, in); err == nil {
			return
		}
	}
	values, w, ok := linear.Eigen(symmetric(a), true)
	if !ok {
		for i := range z {
			z[i] = math.NaN()
		}
		return
	}
	q := mat.NewDense(w.R, w.C, w.Data)
	top := values[len(values)-1]
	out.MulVec(q.T(), in)
	for k, v := range values {
		if v <= 1e-13*top {
			z[k] = 0
		} else {
			z[k] /= v
		}
	}
	out.MulVec(q, mat.VecDenseCopyOf(out))
}
