package kern

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/internal/par"
)

// Spread is the shape of the covariances of a mixture: what its Cov holds.
type Spread int

// The shapes of covariances.
const (
	Full      Spread = iota // Σₖ, K×D×D, symmetric
	Tied                    // one Σ of all components, D×D
	Diagonal                // variances of every component, K×D
	Spherical               // one variance of every component, K
)

// A Mixture is the density Σₖ wₖ·N(x; µₖ, Σₖ) of K Gaussians in D dimensions.
type Mixture struct {
	Spread Spread
	K, D   int
	Weight []float64 // K, summing to 1; a component of weight 0 takes no part
	Mean   []float64 // K×D
	Cov    []float64 // as Spread says
	Held   []bool    // components whose means stay; nil for none
}

// covariances is how many matrices or rows of variances there are, and how long each is.
func (s Spread) covariances(k, d int) (n, size int) {
	switch s {
	case Full:
		return k, d * d
	case Tied:
		return 1, d * d
	case Diagonal:
		return k, d
	default:
		return k, 1
	}
}

// parts is how many pieces the points are cut into: enough that several cores
// finish together, few enough that the pieces' sums are small beside the points.
const parts = 8

// EM fits mixtures of k Gaussians to fixed points by expectation maximisation. It
// owns the room that a [EM.Step] needs, so a step allocates nothing (but for
// products from 256 dimensions on, which do). One step at a time.
type EM struct {
	g, d, k, block int
	spread         Spread
	x              []float64 // block by block, each one D×n: operations run along the points
	resp           []float64 // block by block, each one K×n
	inv            []float64 // L⁻¹ of every covariance LLᵀ, or 1/variance; in the shape of Cov
	factor         []float64 // what is left of a covariance during the elimination, D×D
	norm           []float64 // −ln det Lₖ − (D/2) ln 2π
	shift          []float64 // ln wₖ and that
	ones           []float64
	sums           [parts]sums
	rooms          [parts]room
	taken          atomic.Uint32 // a bit for each room that somebody is in
	task           task

	run   func(part int) // a field, because a closure for every step would be an allocation
	model *Mixture
}

// task says how far a pass goes.
type task int

const (
	expect  task = iota // responsibilities and log-likelihood
	centres             // and the sums for weights and means
	spreads             // and those for covariances
)

// sums are Σr, Σr(x−µ) and Σr(x−µ)(x−µ)ᵀ for every component (of the
// last what the spread asks for), µ the mean before the step, and the log-likelihood.
type sums struct {
	n, first, second []float64
	loglik           float64
}

// room is the scratch of one goroutine: x−µ and what is made of it, and numbers
// for every point of a block.
type room struct{ diff, work, top, sum []float64 }

// NewEM copies the g×d points x.
func NewEM(g, d, k int, spread Spread, x []float64) *EM {
	n, size := spread.covariances(k, d)
	e := &EM{
		g: g, d: d, k: k, block: min(512, max(16, 8192/max(1, d)&^7)), // a block of x fits the first-level cache twice
		spread: spread, x: make([]float64, g*d), resp: make([]float64, g*k),
		inv: make([]float64, n*size), norm: make([]float64, k), shift: make([]float64, k),
	}
	if spread == Full || spread == Tied {
		e.factor = make([]float64, d*d)
	}
	for i := 0; i < g; i += e.block {
		n := min(e.block, g-i)
		for p := range n {
			for j, v := range x[(i+p)*d:][:d] {
				e.x[i*d+j*n+p] = v
			}
		}
	}
	e.ones = make([]float64, e.block)
	for i := range e.ones {
		e.ones[i] = 1
	}
	for i := range e.sums {
		e.sums[i] = sums{n: make([]float64, k), first: make([]float64, k*d), second: make([]float64, n*size)}
	}
	for i := range min(parts, runtime.GOMAXPROCS(0)) {
		e.rooms[i] = e.newRoom()
	}
	e.run = e.part
	return e
}

func (e *EM) newRoom() room {
	return room{make([]float64, e.d*e.block), make([]float64, e.d*e.block), make([]float64, e.block), make([]float64, e.block)}
}

// Step replaces m by its successor under expectation maximisation, with
// responsibilities rᵢₖ ∝ wₖ N(xᵢ; µₖ, Σₖ) and Nₖ = Σᵢ rᵢₖ,
//
//	wₖ = Nₖ/G   µₖ = Σᵢ rᵢₖ xᵢ / Nₖ   Σₖ = Σᵢ rᵢₖ (xᵢ−µₖ)(xᵢ−µₖ)ᵀ / Nₖ + floor·I
//
// and returns the log-likelihood of m as it was. Σ is the diagonal of that, its mean, or
// Σₖ NₖΣₖ/G, as the spread says. A component with less than 1e-10 of a point keeps its
// covariance, and its mean below 1e-200. A floor above 0 keeps covariances of few or
// equal points positive definite. An error (a covariance that is not positive definite, a
// weight below 0, NaN) leaves m as it was.
//
// The covariances come from differences to the old mean, in the same pass as the
// responsibilities; where a mean moves by so many standard deviations in one step that
// digits would be lost, that is an error too. The bits do not depend on GOMAXPROCS.
func (e *EM) Step(m *Mixture, floor float64) (loglik float64, err error) {
	if err := e.Given(m); err != nil {
		return 0, err
	}
	total, err := e.pass(m, spreads)
	if err == nil {
		err = e.lost(m, total, floor)
	}
	if err != nil {
		return 0, err
	}
	e.update(m, total)
	e.respread(m, total, floor)
	return total.loglik, nil
}

// Move is [EM.Step] for the weights and means, with the covariances of the last call of
// [EM.Given] or [EM.Step]. The Cov of m is not read.
func (e *EM) Move(m *Mixture) (loglik float64, err error) {
	total, err := e.pass(m, centres)
	if err != nil {
		return 0, err
	}
	e.update(m, total)
	return total.loglik, nil
}

// LogLik is the log-likelihood of m.
func (e *EM) LogLik(m *Mixture) (float64, error) {
	if err := e.Given(m); err != nil {
		return 0, err
	}
	total, err := e.pass(m, expect)
	if err != nil {
		return 0, err
	}
	return total.loglik, nil
}

// Given factors the covariances of m.
func (e *EM) Given(m *Mixture) error {
	n, size := e.spread.covariances(e.k, e.d)
	if m.Spread != e.spread || m.K != e.k || m.D != e.d || len(m.Cov) != n*size {
		panic(fmt.Sprintf("kern: EM: a mixture of %d in %d dimensions with %d numbers of covariances, room for %d in %d with %d", m.K, m.D, len(m.Cov), e.k, e.d, n*size))
	}
	for c := range n {
		half, err := e.prepare(m.Cov[c*size:][:size], e.inv[c*size:][:size])
		if err != nil {
			return fmt.Errorf("kern: EM: the covariance of component %d is not positive definite (%w): raise the floor, or use fewer components", c, err)
		}
		for i := c; i < e.k; i += n { // one, or all where they are tied
			e.norm[i] = -half - float64(e.d)/2*math.Log(2*math.Pi)
		}
	}
	return nil
}

// pass goes through the points once.
func (e *EM) pass(m *Mixture, what task) (*sums, error) {
	if e.g == 0 {
		return nil, errors.New("kern: EM: there are no points")
	}
	for c, w := range m.Weight {
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, fmt.Errorf("kern: EM: component %d has the weight %g", c, w)
		}
		e.shift[c] = math.Log(w) + e.norm[c]
	}
	e.model, e.task = m, what
	if e.g*e.k*(len(e.inv)/len(e.norm)+16) > 1<<18 {
		par.Share(parts, e.run)
	} else {
		for p := range parts {
			e.part(p)
		}
	}
	total := &e.sums[0]
	for i := 1; i < parts; i++ {
		s := &e.sums[i]
		Axpy64(1, s.n, total.n)
		Axpy64(1, s.first, total.first)
		Axpy64(1, s.second, total.second)
		total.loglik += s.loglik
	}
	if math.IsNaN(total.loglik) || math.IsInf(total.loglik, 0) {
		return nil, fmt.Errorf("kern: EM: the log-likelihood is %g: look for NaN, Inf or huge numbers in the points and the mixture", total.loglik)
	}
	return total, nil
}

// prepare sets inv to L⁻¹ of a covariance LLᵀ and returns ln det L; of variances, to one
// over each. Elimination on the matrix and, at the same time, on the identity gives both
// factors row by row.
func (e *EM) prepare(cov, inv []float64) (half float64, err error) {
	d := e.d
	wrong := func(v float64) bool { return !(v > 0) || math.IsInf(v, 1) }
	if e.spread == Diagonal || e.spread == Spherical {
		for i, v := range cov {
			if wrong(v) {
				return 0, fmt.Errorf("variance %d is %g", i, v)
			}
			inv[i] = 1 / v
			half += math.Log(v) / 2
		}
		return half * float64(d/len(cov)), nil
	}
	a := e.factor
	copy(a, cov)
	clear(inv)
	for p := range d {
		pivot := a[p*d+p]
		if wrong(pivot) {
			return 0, fmt.Errorf("pivot %d is %g", p, pivot)
		}
		root := math.Sqrt(pivot)
		half += math.Log(root)
		u, v := a[p*d+p:][:d-p], inv[p*d:][:p+1]
		v[p] = 1
		for _, row := range [][]float64{u, v} {
			for j := range row {
				row[j] /= root
			}
		}
		for i := p + 1; i < d; i++ {
			Axpy64(-u[i-p], u[i-p:], a[i*d+i:])
			Axpy64(-u[i-p], v, inv[i*d:])
		}
	}
	return half, nil
}
