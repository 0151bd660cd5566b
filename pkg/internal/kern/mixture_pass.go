package kern

import (
	"errors"
	"fmt"
	"math"
)

// part sums over one part of the points.
func (e *EM) part(p int) {
	i := 0
	for e.taken.Or(1<<i)&(1<<i) != 0 { // there is a room for each part
		i = (i + 1) % parts
	}
	defer e.taken.And(^uint32(1 << i))
	r := &e.rooms[i]
	if r.diff == nil {
		*r = e.newRoom()
	}
	s := &e.sums[p]
	clear(s.n)
	clear(s.first)
	clear(s.second)
	s.loglik = 0
	blocks := (e.g + e.block - 1) / e.block
	for b := p * blocks / parts; b < (p+1)*blocks/parts; b++ {
		at := b * e.block
		e.points(s, r, at, min(e.block, e.g-at))
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
			e.squares(q, c, diff, work)
		}
		Axpby64(q, -0.5, q, e.shift[c], ones)
		Larger64(top, q)
	}
	for c := range k {
		q := resp[c*n:][:n]
		Axpby64(q, 1, q, -1, top)
		Exp64(q, q)
		Axpy64(1, q, sum)
	}
	product := 1. // of sums that are at most k: one logarithm for many costs less than all exponentials
	for i, v := range sum {
		s.loglik += top[i]
		if product *= v; product > 1e200 {
			s.loglik += math.Log(product)
			product = 1
		}
		sum[i] = 1 / v
	}
	s.loglik += math.Log(product)
	for c := range k {
		q := resp[c*n:][:n]
		Mul64(q, q, sum)
		if m.Weight[c] == 0 || e.task == expect {
			continue
		}
		if centered != c {
			center(c)
		}
		GemvN64(1, n, q, ones, s.n[c:])
		if e.task == centres {
			GemvN64(d, n, diff, q, s.first[c*d:])
			continue
		}
		for j := range d {
			Mul64(work[j*n:][:n], diff[j*n:], q)
		}
		GemvN64(d, n, work, ones, s.first[c*d:])
		switch e.spread {
		case Full:
			GemmNT64(d, d, n, work, diff, s.second[c*d*d:])
		case Tied:
			GemmNT64(d, d, n, work, diff, s.second)
		case Diagonal:
			for j := range d {
				GemvN64(1, n, work[j*n:], diff[j*n:], s.second[c*d+j:])
			}
		case Spherical:
			GemvN64(1, d*n, work, diff, s.second[c:])
		}
	}
}

// squares sets q, which is 0, to ‖L⁻¹(x−µ)‖² of component c. It spoils work.
func (e *EM) squares(q []float64, c int, diff, work []float64) {
	d, n := e.d, len(q)
	switch e.spread {
	case Full, Tied:
		clear(work)
		GemmNN64(d, n, d, e.inv[c*d*d%len(e.inv):], diff, work)
		for j := range d {
			MulAdd64(q, work[j*n:], work[j*n:])
		}
	case Diagonal:
		for j := range d {
			Axpby64(work[j*n:][:n], e.inv[c*d+j], diff[j*n:], 0, diff[j*n:])
			MulAdd64(q, work[j*n:], diff[j*n:])
		}
	case Spherical:
		for j := range d {
			MulAdd64(q, diff[j*n:], diff[j*n:])
		}
		Axpby64(q, e.inv[c], q, 0, q)
	}
}

// lost is an error where the square of what a mean moves leaves fewer than ten digits of
// the spread around it.
func (e *EM) lost(m *Mixture, s *sums, floor float64) error {
	d := e.d
	few := func(moved, square float64) bool { return moved > 1e6*(square-moved+floor) }
	var tied []float64
	if e.spread == Tied {
		tied = e.factor[:d]
		clear(tied)
	}
	for c, n := range s.n {
		if n < 1e-10 || m.Held != nil && m.Held[c] {
			continue
		}
		var all float64
		bad := false
		for i, f := range s.first[c*d:][:d] {
			f /= n
			all += f * f
			switch e.spread {
			case Full:
				bad = bad || few(f*f, s.second[(c*d+i)*d+i]/n)
			case Tied:
				tied[i] += n * f * f
			case Diagonal:
				bad = bad || few(f*f, s.second[c*d+i]/n)
			default: // Spherical: all dimensions at once, below
			}
		}
		if bad || e.spread == Spherical && few(all, s.second[c]/n) {
			return fmt.Errorf("kern: EM: the mean of component %d moves too far", c)
		}
	}
	for i, moved := range tied {
		if few(moved/float64(e.g), s.second[i*d+i]/float64(e.g)) {
			return errors.New("kern: EM: the means move too far")
		}
	}
	return nil
}

// update writes the weights and means of the successor into m, and leaves in the first
// sums by how much each mean moved.
func (e *EM) update(m *Mixture, s *sums) {
	d := e.d
	for c, n := range s.n {
		m.Weight[c] = n / float64(e.g)
		first := s.first[c*d:][:d]
		if n < 1e-200 || m.Held != nil && m.Held[c] {
			clear(first)
			continue
		}
		for i := range first {
			first[i] /= n
			m.Mean[c*d+i] += first[i]
		}
	}
}

// respread writes the covariances of the successor into m: Σr(x−µ)(x−µ)ᵀ/N about the old
// mean, less the square of what the mean moved.
func (e *EM) respread(m *Mixture, s *sums, floor float64) {
	d := e.d
	if e.spread == Tied {
		for c, n := range s.n {
			step := s.first[c*d:][:d]
			for i, v := range step {
				Axpy64(-n*v, step, s.second[i*d:])
			}
		}
		e.symmetric(m.Cov, s.second, float64(e.g), nil, floor)
		return
	}
	for c, n := range s.n {
		if n < 1e-10 {
			continue
		}
		step := s.first[c*d:][:d]
		switch e.spread {
		case Full:
			e.symmetric(m.Cov[c*d*d:][:d*d], s.second[c*d*d:], n, step, floor)
		case Diagonal:
			for i, v := range step {
				m.Cov[c*d+i] = max(s.second[c*d+i]/n-v*v, 0) + floor
			}
		default: // Spherical; Tied has returned
			m.Cov[c] = max(s.second[c]/n-ShortDot(step, step), 0)/float64(d) + floor
		}
	}
}

// symmetric is cov = second/n − step·stepᵀ + floor·I; step may be nil.
func (e *EM) symmetric(cov, second []float64, n float64, step []float64, floor float64) {
	d := e.d
	for i := range d {
		for j := range i + 1 {
			v := second[i*d+j] / n
			if step != nil {
				v -= step[i] * step[j]
			}
			if i == j {
				v = max(v, 0) + floor
			}
			cov[i*d+j], cov[j*d+i] = v, v
		}
	}
}
