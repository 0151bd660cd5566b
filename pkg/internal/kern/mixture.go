package kern

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// A Mixture is the density Σₖ wₖ·N(x; µₖ, Σₖ) of K Gaussians in D dimensions with
// full covariances.
type Mixture struct {
	K, D   int
	Weight []float64 // K, summing to 1; a component of weight 0 takes no part
	Mean   []float64 // K×D
	Cov    []float64 // K×D×D, symmetric
}

// parts is how many pieces the points are cut into: enough that two goroutines
// finish together, few enough that the pieces' sums are small beside the points.
const parts = 8

// EM fits mixtures of k Gaussians to fixed points by expectation maximisation. It
// owns the room that a [EM.Step] needs, so a step allocates nothing (from 256
// dimensions on its products start goroutines, which do). One step at a time.
type EM struct {
	g, d, k, block int
	x              []float64 // block by block, each one D×n: operations run along the points
	resp           []float64 // block by block, each one K×n
	inv            []float64 // Lₖ⁻¹ with Σₖ = LₖLₖᵀ, K×D×D
	factor         []float64 // what is left of Σₖ during the elimination, D×D
	shift          []float64 // ln wₖ − ln det Lₖ − (D/2) ln 2π
	ones           []float64
	sums           [parts]sums
	rooms          [2]room

	run           func() // a field, because a closure for every step would be an allocation
	model         *Mixture
	next, arrived atomic.Int64
	wait          sync.WaitGroup
}

// sums are Σr, Σr(x−µ) and Σr(x−µ)(x−µ)ᵀ for every component, µ the mean before
// the step, and the log-likelihood.
type sums struct {
	n, first, second []float64
	loglik           float64
}

// room is the scratch of one goroutine: x−µ and what is made of it, and numbers
// for every point of a block.
type room struct{ diff, work, top, sum []float64 }

// NewEM copies the g×d points x.
func NewEM(g, d, k int, x []float64) *EM {
	e := &EM{
		g: g, d: d, k: k, block: min(512, max(16, 8192/max(1, d)&^7)), // a block of x fits the first-level cache twice
		x: make([]float64, g*d), resp: make([]float64, g*k),
		inv: make([]float64, k*d*d), factor: make([]float64, d*d), shift: make([]float64, k),
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
		e.sums[i] = sums{n: make([]float64, k), first: make([]float64, k*d), second: make([]float64, k*d*d)}
	}
	for i := range e.rooms {
		e.rooms[i] = room{make([]float64, d*e.block), make([]float64, d*e.block), make([]float64, e.block), make([]float64, e.block)}
	}
	e.run = func() {
		defer e.wait.Done()
		e.worker()
	}
	return e
}

// Step replaces m by its successor under expectation maximisation, with
// responsibilities rᵢₖ ∝ wₖ N(xᵢ; µₖ, Σₖ) and Nₖ = Σᵢ rᵢₖ,
//
//	wₖ = Nₖ/G   µₖ = Σᵢ rᵢₖ xᵢ / Nₖ   Σₖ = Σᵢ rᵢₖ (xᵢ−µₖ)(xᵢ−µₖ)ᵀ / Nₖ + floor·I
//
// and returns the log-likelihood of m as it was. A component that no point belongs
// to (Nₖ < 1e-10) keeps its mean and covariance. A floor above 0 keeps covariances
// of few or equal points positive definite. An error (a covariance that is not
// positive definite, a weight below 0, NaN) leaves m as it was.
//
// The covariances come from differences to the old mean, in the same pass as the
// responsibilities; digits are lost only where a mean moves by many standard
// deviations in one step. The bits do not depend on GOMAXPROCS.
func (e *EM) Step(m *Mixture, floor float64) (loglik float64, err error) {
	if m.K != e.k || m.D != e.d {
		panic(fmt.Sprintf("kern: EM: a mixture of %d in %d dimensions, room for %d in %d", m.K, m.D, e.k, e.d))
	}
	if e.g == 0 {
		return 0, errors.New("kern: EM: there are no points")
	}
	for c := range m.K {
		if err := e.prepare(m, c); err != nil {
			return 0, err
		}
	}
	e.model = m
	e.next.Store(0)
	e.arrived.Store(0)
	if runtime.GOMAXPROCS(0) > 1 && e.g*e.k*(e.d*e.d+16) > 1<<18 {
		e.wait.Add(1)
		go e.run()
	}
	e.worker()
	e.wait.Wait()
	total := &e.sums[0]
	for i := 1; i < parts; i++ {
		s := &e.sums[i]
		Axpy64(1, s.n, total.n)
		Axpy64(1, s.first, total.first)
		Axpy64(1, s.second, total.second)
		total.loglik += s.loglik
	}
	if math.IsNaN(total.loglik) || math.IsInf(total.loglik, 0) {
		return 0, fmt.Errorf("kern: EM: the log-likelihood is %g: look for NaN, Inf or huge numbers in the points and the mixture", total.loglik)
	}
	e.update(m, total, floor)
	return total.loglik, nil
}

// Resp copies the responsibilities of the last step to the G×K matrix dst.
func (e *EM) Resp(dst []float64) {
	for i := 0; i < e.g; i += e.block {
		n := min(e.block, e.g-i)
		for c := range e.k {
			for p, r := range e.resp[i*e.k+c*n:][:n] {
				dst[(i+p)*e.k+c] = r
			}
		}
	}
}

// prepare leaves L⁻¹ and the constant of component c's log density. Elimination on
// Σ and, at the same time, on the identity gives both factors row by row.
func (e *EM) prepare(m *Mixture, c int) error {
	d, w := e.d, m.Weight[c]
	if !(w >= 0) || math.IsInf(w, 1) {
		return fmt.Errorf("kern: EM: component %d has the weight %g", c, w)
	}
	if w == 0 {
		e.shift[c] = math.Inf(-1)
		return nil
	}
	a, inv := e.factor, e.inv[c*d*d:][:d*d]
	copy(a, m.Cov[c*d*d:][:d*d])
	clear(inv)
	shift := math.Log(w) - float64(d)/2*math.Log(2*math.Pi)
	for p := range d {
		pivot := a[p*d+p]
		if !(pivot > 0) || math.IsInf(pivot, 1) {
			return fmt.Errorf("kern: EM: the covariance of component %d is not positive definite (pivot %d is %g): raise the floor, or use fewer components", c, p, pivot)
		}
		root := math.Sqrt(pivot)
		shift -= math.Log(root)
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
	e.shift[c] = shift
	return nil
}

// worker takes one part after the other.
func (e *EM) worker() {
	r := &e.rooms[e.arrived.Add(1)-1]
	blocks := (e.g + e.block - 1) / e.block
	for p := int(e.next.Add(1)) - 1; p < parts; p = int(e.next.Add(1)) - 1 {
		s := &e.sums[p]
		clear(s.n)
		clear(s.first)
		clear(s.second)
		s.loglik = 0
		for b := p * blocks / parts; b < (p+1)*blocks/parts; b++ {
			at := b * e.block
			e.points(s, r, at, min(e.block, e.g-at))
		}
	}
}

// points adds n points to the sums.
func (e *EM) points(s *sums, r *room, at, n int) {
	d, k, m := e.d, e.k, e.model
	x, resp, ones, top, sum := e.x[at*d:][:d*n], e.resp[at*k:][:k*n], e.ones[:n], r.top[:n], r.sum[:n]
	diff, work := r.diff[:d*n], r.work[:d*n]
	centered := -1 // the component whose x−µ diff holds
	center := func(c int) {
		centered = c
		for j, mu := range m.Mean[c*d:][:d] {
			Axpby64(diff[j*n:][:n], 1, x[j*n:], -mu, ones)
		}
	}
	for i := range top {
		top[i] = math.Inf(-1)
	}
	clear(sum)
	for c := range k { // ln wₖ N(x) = shift − ½‖L⁻¹(x−µ)‖²
		q := resp[c*n:][:n]
		clear(q)
		if m.Weight[c] > 0 {
			center(c)
			clear(work)
			GemmNN64(d, n, d, e.inv[c*d*d:], diff, work)
			for j := range d {
				MulAdd64(q, work[j*n:], work[j*n:])
			}
		}
		for i, v := range q {
			q[i] = e.shift[c] - v/2
			top[i] = max(top[i], q[i])
		}
	}
	for c := range k {
		q := resp[c*n:][:n]
		Axpby64(q, 1, q, -1, top)
		Exp64(q, q)
		Axpy64(1, q, sum)
	}
	for i, v := range sum {
		s.loglik += top[i] + math.Log(v)
		sum[i] = 1 / v
	}
	for c := range k {
		q := resp[c*n:][:n]
		Mul64(q, q, sum)
		if m.Weight[c] == 0 {
			continue
		}
		if centered != c {
			center(c)
		}
		for j := range d {
			Mul64(work[j*n:][:n], diff[j*n:], q)
		}
		GemvN64(1, n, q, ones, s.n[c:])
		GemvN64(d, n, work, ones, s.first[c*d:])
		GemmNT64(d, d, n, work, diff, s.second[c*d*d:])
	}
}

// update writes the successor into m.
func (e *EM) update(m *Mixture, s *sums, floor float64) {
	d := e.d
	for c, n := range s.n {
		m.Weight[c] = n / float64(e.g)
		if n < 1e-10 {
			continue
		}
		mean, cov, first := m.Mean[c*d:][:d], m.Cov[c*d*d:][:d*d], s.first[c*d:][:d]
		for i := range first {
			first[i] /= n
			mean[i] += first[i]
		}
		for i := range d {
			for j := range i + 1 {
				v := s.second[(c*d+i)*d+j]/n - first[i]*first[j]
				if i == j {
					v = max(v, 0) + floor
				}
				cov[i*d+j], cov[j*d+i] = v, v
			}
		}
	}
}
