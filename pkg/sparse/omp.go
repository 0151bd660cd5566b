package sparse

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// exhausted is the correlation with the rest of a signal, over the signal's length,
// below which rounding decides which atom is next: the pursuit ends.
const exhausted = 1e-12

// OMP codes each column of y with at most the given number of atoms by orthogonal
// matching pursuit (Pati, Rezaiifar and Krishnaprasad 1993): it chooses the atom that
// correlates most with the rest r = y − Dx, then fits all chosen ones again,
//
//	j = argmax |⟨d_j, r⟩|/‖d_j‖,   I ← I ∪ {j},   x_I = argmin ‖y − D_I x_I‖₂,
//
// so r is orthogonal to every chosen atom. It returns X (n×N). A signal that k atoms make
// up is recovered exactly where the coherence of D is below 1/(2k−1) (Tropp 2004).
// The pursuit of a signal ends early when nothing but rounding is left of it or the next
// atom depends on those chosen. The code of a signal with NaN or Inf is NaN, and all are
// where the dictionary has any.
//
// The Gram matrix DᵀD and its Cholesky factor stand in for D itself, which makes many
// signals cheap (Rubinstein, Zibulevsky and Elad 2008).
func OMP(d, y ad.Value, nonzeros int) ad.Value {
	if d.R != y.R {
		panic(fmt.Sprintf("sparse: OMP: a dictionary of %s and signals of %s: their rows have to agree", d.Shape(), y.Shape()))
	}
	if nonzeros < 0 || nonzeros > min(d.R, d.C) {
		panic(fmt.Sprintf("sparse: OMP: %d nonzeros with a dictionary of %s: there are at most min(rows, columns)", nonzeros, d.Shape()))
	}
	atoms := d.Detach().T()
	lengths := make([]float64, d.C)
	for j := range lengths {
		a := row(atoms.Data, j, d.R)
		if lengths[j] = floats.Norm(a, 2); lengths[j] > 0 {
			floats.Scale(1/lengths[j], a)
		}
	}
	x := ad.New(d.C, y.C, nil)
	newPursuit(atoms, nonzeros).all(y.Detach().T(), func(i int, code []term) {
		for _, t := range code {
			x.Data[t.atom*y.C+i] = t.coef / lengths[t.atom]
		}
	})
	nan, signal := check.Values("", d) != nil, make([]float64, y.R)
	for i := range y.C { // what is no number has no code
		for k := range signal {
			signal[k] = y.Data[k*y.C+i]
		}
		for j := 0; j < d.C && (nan || !check.IsFinite(signal...)); j++ {
			x.Data[j*y.C+i] = math.NaN()
		}
	}
	return x
}

// A term is an atom and its coefficient in the code of a signal.
type term struct {
	atom int
	coef float64
}

// pursuit codes signals, rows here, with atoms of length 1, rows too.
type pursuit struct {
	atoms ad.Value
	gram  []float64 // n×n, ⟨d_i, d_j⟩
	most  int       // nonzeros

	chosen []int
	code   []term
	factor []float64 // most×most, the Cholesky factor of the chosen atoms' Gram matrix
	rest   []float64 // n, ⟨d_j, r⟩
}

func newPursuit(atoms ad.Value, most int) *pursuit {
	n := atoms.R
	p := &pursuit{atoms: atoms, gram: make([]float64, n*n), most: most, factor: make([]float64, most*most), rest: make([]float64, n)}
	kern.GemmNT64(n, n, atoms.C, atoms.Data, atoms.Data, p.gram)
	return p
}

// all calls f with the code of each row of y, valid during the call.
func (p *pursuit) all(y ad.Value, f func(i int, code []term)) {
	const block = 512 // signals whose correlations stay in the cache
	m, n := p.atoms.C, p.atoms.R
	corr := make([]float64, block*n)
	for from := 0; from < y.R; from += block {
		count := min(block, y.R-from)
		clear(corr)
		kern.GemmNT64(count, n, m, y.Data[from*m:(from+count)*m], p.atoms.Data, corr)
		for i := range count {
			f(from+i, p.one(row(corr, i, n), exhausted*floats.Norm(row(y.Data, from+i, m), 2)))
		}
	}
}

// one codes the signal with these correlations ⟨d_j, y⟩; atoms that correlate no more
// than least with what is left of it are not chosen.
func (p *pursuit) one(corr []float64, least float64) []term {
	n := len(corr)
	p.chosen, p.code = p.chosen[:0], p.code[:0]
	copy(p.rest, corr)
	for len(p.chosen) < p.most {
		next, top := -1, least
		for j, c := range p.rest {
			if c = math.Abs(c); c > top {
				next, top = j, c
			}
		}
		if next < 0 || !p.extend(next) {
			break
		}
		p.fit(corr)
		copy(p.rest, corr)
		for _, t := range p.code {
			kern.Axpy64(-t.coef, row(p.gram, t.atom, n), p.rest)
		}
		for _, t := range p.code {
			p.rest[t.atom] = 0 // but for rounding it is
		}
	}
	return p.code
}

// extend adds a row for the next atom to the Cholesky factor. It reports whether that
// atom is independent of those chosen.
func (p *pursuit) extend(next int) bool {
	k, n := len(p.chosen), p.atoms.R
	last := row(p.factor, k, p.most)
	left := p.gram[next*n+next]
	for i, j := range p.chosen {
		l := row(p.factor, i, p.most)
		last[i] = (p.gram[next*n+j] - floats.Dot(last[:i], l[:i])) / l[i]
		left -= last[i] * last[i]
	}
	if left <= exhausted {
		return false
	}
	last[k] = math.Sqrt(left)
	p.chosen = append(p.chosen, next)
	return true
}

// fit solves the normal equations of the chosen atoms by forward and back substitution.
func (p *pursuit) fit(corr []float64) {
	p.code = p.code[:0]
	for i, j := range p.chosen {
		v := corr[j]
		for k, t := range p.code {
			v -= p.factor[i*p.most+k] * t.coef
		}
		p.code = append(p.code, term{j, v / p.factor[i*p.most+i]})
	}
	for i := len(p.code) - 1; i >= 0; i-- {
		v := p.code[i].coef
		for k := i + 1; k < len(p.code); k++ {
			v -= p.factor[k*p.most+i] * p.code[k].coef
		}
		p.code[i].coef = v / p.factor[i*p.most+i]
	}
}
