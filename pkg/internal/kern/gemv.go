//go:build (amd64 || arm64) && !purego

package kern

import "github.com/l2olab/l2o/pkg/internal/par"

// tileBytes of a matrix are read in some microseconds.
const tileBytes = 1 << 17

func (q *blocked[T]) gemvN(m, n int, a, x, y []T) {
	if m*n*size[T]() < farBytes || m < 8 {
		q.rows(m, n, a, x, y)
		return
	}
	tall := max(4, tileBytes/size[T]()/n&^3)
	par.Share((m+tall-1)/tall, func(t int) {
		i := t * tall
		q.rows(min(tall, m-i), n, a[i*n:], x, y[i:])
	})
}

// rows is gemvN on one core.
func (q *blocked[T]) rows(m, n int, a, x, y []T) {
	if m > 0 && n > 0 {
		q.dots(m, n, &a[0], n*size[T](), &x[0], &y[0], size[T](), mask[T](n))
	}
}

func (q *blocked[T]) gemvT(m, n int, a, x, y []T) {
	s := size[T]()
	switch {
	case m == 0 || n == 0:
	case m*n*s < farBytes || n < 2*q.lanes:
		q.axpys(m, n, &a[0], n*s, &x[0], s, &y[0])
	default: // columns: every entry of y stays one chain of sums
		wide := max(2*q.lanes, tileBytes/s/m&^(q.lanes-1))
		count := max(1, n/wide)
		par.Share(count, func(t int) {
			j, columns := t*wide, wide
			if t == count-1 {
				columns = n - j
			}
			q.axpys(m, columns, &a[j], n*s, &x[0], s, &y[j])
		})
	}
}

// leastSquares cuts a large matrix into two halves of rows, always the same, and
// adds their gradients: the bits do not depend on who computed what.
func (q *blocked[T]) leastSquares(m, n int, a, x, b, r, g []T) float64 {
	if m*n*size[T]() < farBytes || m < 8 {
		return q.squares(m, n, a, x, b, r, g) / 2
	}
	room := q.lines.Get().(*[lineSize]T)
	defer q.lines.Put(room)
	low, top := room[:], m/2&^3
	if n > lineSize {
		low = make([]T, n)
	}
	below := b
	if b != nil {
		below = b[top:]
	}
	var fa, fb float64
	par.Share(2, func(half int) {
		if half == 0 {
			fa = q.squares(top, n, a, x, b, r, g)
		} else {
			fb = q.squares(m-top, n, a[top*n:], x, below, r[top:], low[:n])
		}
	})
	for i, v := range low[:n] {
		g[i] += v
	}
	return (fa + fb) / 2
}

// squares sets r = a·x − b and g = aᵀ·r and returns ‖r‖². It reads a once: a block of
// rows gives its residuals and, while it is still near, its part of the gradient.
func (q *blocked[T]) squares(m, n int, a, x, b, r, g []T) float64 {
	clear(g)
	f := 0.0
	block := max(4, q.near/size[T]()/max(1, n)&^3)
	for i := 0; i < m; i += block {
		k := min(block, m-i)
		part, ri := a[i*n:][:k*n], r[i:][:k]
		clear(ri)
		q.rows(k, n, part, x, ri)
		for j := range ri {
			if b != nil {
				ri[j] -= b[i+j]
			}
			f += float64(ri[j]) * float64(ri[j])
		}
		if n > 0 {
			q.axpys(k, n, &part[0], n*size[T](), &ri[0], size[T](), &g[0])
		}
	}
	return f
}
