//go:build (amd64 || arm64) && !purego

package kern

import (
	"runtime"
	"sync"
	"unsafe"
)

// blocked builds matrix products from a processor's inner loops. Every entry of a
// product from panels is one chain of fused multiply-adds in the order of the
// summation index that starts from dst: cutting rows, columns or the sum, packing
// and the number of goroutines change no bits.
type blocked[T number] struct {
	lanes int // numbers per vector
	// panels[w-1] adds a·b to w vectors of columns of c, see internal/gen.
	panels [3]func(m, k int, a *T, ars, acs int, b *T, bs int, c *T, cs, last int)
	// dots adds the products of m rows with x to y.
	dots func(m, n int, a *T, as int, x, y *T, ys int, mask *byte)
	// axpys adds m rows, times the entries of x, to y.
	axpys func(m, n int, a *T, as int, x *T, xs int, y *T)
	packs *sync.Pool // of *[packSize]T
	lines *sync.Pool // of *[lineSize]T, for short pieces
}

// Sizes of blocks. A packed panel has three vectors per step, 18 KB at most, and
// stays in a first-level cache of 32 KB with four rows of a.
const (
	steps     = 192      // of the sum, in packed products
	panelsB   = 4        // packed together, so that rows of b are read in longer pieces
	nearBytes = 24 << 10 // a matrix up to this size stays in the first-level cache
	packSize  = steps * panelsB * 24
	lineSize  = 4096
	parallel  = 1 << 21 // multiplications from which a second goroutine pays
	farBytes  = 1 << 19 // a matrix from this size on is too much for one second-level cache, with all else
)

// tileRows is how many rows of an LSTM cell stay near between its two passes.
const tileRows = 16

type (
	panels32 = [3]func(m, k int, a *float32, ars, acs int, b *float32, bs int, c *float32, cs, last int)
	panels64 = [3]func(m, k int, a *float64, ars, acs int, b *float64, bs int, c *float64, cs, last int)
)

func newBlocked[T number](lanes int) blocked[T] {
	return blocked[T]{
		lanes: lanes,
		packs: &sync.Pool{New: func() any { return new([packSize]T) }},
		lines: &sync.Pool{New: func() any { return new([lineSize]T) }},
	}
}

func size[T number]() int { return int(unsafe.Sizeof(T(0))) }

// masks holds 32 bytes that are on, then 32 that are off.
var masks = func() (m [64]byte) {
	for i := range 32 {
		m[i] = 0xff
	}
	return m
}()

// mask selects the first n mod lanes of the lanes of a vector of 32 bytes.
func mask[T number](n int) *byte {
	s := size[T]()
	return &masks[32-s*(n%(32/s))]
}

func (q *blocked[T]) products() products[T] {
	return products[T]{nn: q.nn, tn: q.tn, nt: q.nt, gemvN: q.gemvN, gemvT: q.gemvT, leastSquares: q.leastSquares}
}

// matrix is a view: entry (i, j) is data[i·rs + j·cs].
type matrix[T number] struct {
	data   []T
	rs, cs int
}

func (a matrix[T]) from(i, j int) matrix[T] {
	return matrix[T]{a.data[i*a.rs+j*a.cs:], a.rs, a.cs}
}

func (q *blocked[T]) nn(m, n, k int, a, b, dst []T) {
	switch {
	case m == 0 || n == 0 || k == 0:
	case m == 1:
		q.gemvT(k, n, b, a, dst)
	case n == 1:
		q.gemvN(m, k, a, b, dst)
	case n < q.lanes:
		q.narrow(m, n, k, a, b, dst)
	case m < 8 || k*n*size[T]() <= nearBytes: // b stays near: rows of a pass by it
		block := max(4, nearBytes/size[T]()*2/3/k&^3)
		for i := 0; i < m; i += block {
			q.columns(min(block, m-i), n, k, matrix[T]{a[i*k:], k, 1}, b, n, dst[i*n:], n)
		}
	default:
		q.packed(m, n, k, matrix[T]{a, k, 1}, matrix[T]{b, n, 1}, dst)
	}
}

func (q *blocked[T]) tn(m, n, r int, a, b, dst []T) {
	switch {
	case m == 0 || n == 0 || r == 0:
	case m == 1:
		q.gemvT(r, n, b, a, dst)
	case n == 1:
		q.gemvT(r, m, a, b, dst)
	case m < q.lanes && n < q.lanes:
		goTN(m, n, r, a, b, dst)
	case n < q.lanes: // the transpose of the product has long rows
		q.thin(m, n, r, a, b, dst)
	case m*n*size[T]() <= 2*nearBytes: // dst stays near: rows of a and b pass by it
		block := max(8, nearBytes/size[T]()*2/3/(m+n)&^3)
		for i := 0; i < r; i += block {
			q.columns(m, n, min(block, r-i), matrix[T]{a[i*m:], 1, m}, b[i*n:], n, dst, n)
		}
	default:
		q.packed(m, n, r, matrix[T]{a, 1, m}, matrix[T]{b, n, 1}, dst)
	}
}

func (q *blocked[T]) nt(m, n, k int, a, b, dst []T) {
	switch {
	case m == 0 || n == 0 || k == 0:
	case n < q.lanes: // column by column
		for j := range n {
			q.dots(m, k, &a[0], k*size[T](), &b[j*k], &dst[j], n*size[T](), mask[T](k))
		}
	case m < 4:
		for i := range m {
			q.gemvN(n, k, b, a[i*k:][:k], dst[i*n:][:n])
		}
	default:
		q.packed(m, n, k, matrix[T]{a, k, 1}, matrix[T]{b, 1, k}, dst)
	}
}

func (q *blocked[T]) gemvN(m, n int, a, x, y []T) {
	if m*n*size[T]() < farBytes || m < 8 {
		q.rows(m, n, a, x, y)
		return
	}
	top := m / 2 &^ 3
	share(func() { q.rows(top, n, a, x, y) }, func() { q.rows(m-top, n, a[top*n:], x, y[top:]) })
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
	default: // halves of columns: every entry of y stays one chain of sums
		left := n / 2 &^ (q.lanes - 1)
		share(func() { q.axpys(m, left, &a[0], n*s, &x[0], s, &y[0]) },
			func() { q.axpys(m, n-left, &a[left], n*s, &x[0], s, &y[left]) })
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
	share(func() { fa = q.squares(top, n, a, x, b, r, g) },
		func() { fb = q.squares(m-top, n, a[top*n:], x, below, r[top:], low[:n]) })
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
	block := max(4, nearBytes/size[T]()/max(1, n)&^3)
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

// narrow is a·b for fewer columns than lanes: a times each column, gathered.
func (q *blocked[T]) narrow(m, n, k int, a, b, dst []T) {
	buf := q.lines.Get().(*[lineSize]T)
	defer q.lines.Put(buf)
	s := size[T]()
	for j := range n {
		for p := 0; p < k; p += lineSize {
			x := buf[:min(lineSize, k-p)]
			for i := range x {
				x[i] = b[(p+i)*n+j]
			}
			q.dots(m, len(x), &a[p], k*s, &x[0], &dst[j], n*s, mask[T](len(x)))
		}
	}
}

// thin is aᵀ·b for fewer columns than lanes, by way of bᵀ·a.
func (q *blocked[T]) thin(m, n, r int, a, b, dst []T) {
	buf := q.lines.Get().(*[lineSize]T)
	defer q.lines.Put(buf)
	block := max(8, nearBytes/size[T]()*2/3/(m+n)&^3)
	for j, w := 0, 0; j < m; j += w {
		if w = m - j; w > 512+q.lanes {
			w = 512
		}
		t := buf[:n*w]
		clear(t)
		for i := 0; i < r; i += block {
			q.columns(n, w, min(block, r-i), matrix[T]{b[i*n:], 1, n}, a[i*m+j:], m, t, w)
		}
		for p := range n {
			for i, x := range t[p*w:][:w] {
				dst[(j+i)*n+p] += x
			}
		}
	}
}

// width returns how many of the remaining columns (at least lanes, or all) the
// next panel takes: three vectors, or two where three would leave less than one.
func (q *blocked[T]) width(left int) int {
	l := q.lanes
	if left > 4*l || 2*l < left && left <= 3*l {
		return min(3*l, left)
	}
	return min(2*l, left)
}

// panel adds a·b to w columns of c.
func (q *blocked[T]) panel(m, w, k int, a matrix[T], b []T, bs int, c []T, cs int) {
	s, v := size[T](), (w+q.lanes-1)/q.lanes
	q.panels[v-1](m, k, &a.data[0], a.rs*s, a.cs*s, &b[0], bs*s, &c[0], cs*s, (w-q.lanes)*s)
}

// columns adds a·b to c without packing, for at least lanes columns.
func (q *blocked[T]) columns(m, n, k int, a matrix[T], b []T, bs int, c []T, cs int) {
	for j, w := 0, 0; j < n; j += w {
		w = q.width(n - j)
		q.panel(m, w, k, a, b[j:], bs, c[j:], cs)
	}
}

// packed adds a·b to the m×n matrix dst, with two goroutines if it is large.
func (q *blocked[T]) packed(m, n, k int, a, b matrix[T], dst []T) {
	workers := min(2, runtime.GOMAXPROCS(0))
	if workers == 1 || m*n*k < parallel {
		q.part(m, n, k, a, b, dst, n)
		return
	}
	half := (n/2 + 3*q.lanes - 1) / (3 * q.lanes) * (3 * q.lanes) // whole panels
	var wait sync.WaitGroup
	if n-half >= q.lanes {
		wait.Go(func() { q.part(m, half, k, a, b, dst, n) })
		q.part(m, n-half, k, a, b.from(0, half), dst[half:], n)
	} else {
		top := m / 2 &^ 3
		wait.Go(func() { q.part(top, n, k, a, b, dst, n) })
		q.part(m-top, n, k, a.from(top, 0), b, dst[top*n:], n)
	}
	wait.Wait()
}

// part is packed on one goroutine: per block of the sum, one packed panel of b after
// the other meets all rows of a, which may be transposed.
func (q *blocked[T]) part(m, n, k int, a, b matrix[T], c []T, cs int) {
	buf := q.packs.Get().(*[packSize]T)
	defer q.packs.Put(buf)
	pack := buf[:]
	for p := 0; p < k; p += steps {
		kp := min(steps, k-p)
		for j := 0; j < n; {
			w, count := q.width(n-j), 1
			for count < panelsB && j+(count+1)*w <= n && q.width(n-j-count*w) == w {
				count++
			}
			if b.cs == 1 {
				copyPanels(pack, kp, w, count, b.from(p, j))
			} else {
				transpose(pack, kp, w, count, b.from(p, j))
			}
			for g := range count {
				q.panel(m, w, kp, a.from(0, p), pack[g*kp*w:], w, c[j:], cs)
				j += w
			}
		}
	}
}

// copyPanels packs count panels of w columns, one after the other, from a block of
// k contiguous rows. Panels of three vectors of 32 bytes, most of all, are copied
// without a call.
func copyPanels[T number](pack []T, k, w, count int, b matrix[T]) {
	if w*size[T]() != 96 {
		for p := range k {
			for g := range count {
				copy(pack[(g*k+p)*w:][:w], b.data[p*b.rs+g*w:][:w])
			}
		}
		return
	}
	to := unsafe.Pointer(unsafe.SliceData(pack[:count*k*w]))
	from := unsafe.Pointer(unsafe.SliceData(b.data[:(k-1)*b.rs+count*w]))
	step := b.rs * size[T]()
	for p := range k {
		for g := range count {
			*(*[96]byte)(unsafe.Add(to, (g*k+p)*96)) = *(*[96]byte)(unsafe.Add(from, p*step+g*96))
		}
	}
}

// transpose packs count panels of w columns from a block of contiguous columns of
// k numbers, four of them at a time.
func transpose[T number](pack []T, k, w, count int, b matrix[T]) {
	for g := range count {
		panel, b := pack[g*k*w:][:k*w], b.from(0, g*w)
		j := 0
		for ; j+4 <= w; j += 4 {
			b0, b1, b2, b3 := b.data[j*b.cs:][:k], b.data[(j+1)*b.cs:][:k], b.data[(j+2)*b.cs:][:k], b.data[(j+3)*b.cs:][:k]
			at := j
			for p, x := range b0 {
				d := panel[at:][:4]
				d[0], d[1], d[2], d[3] = x, b1[p], b2[p], b3[p]
				at += w
			}
		}
		for ; j < w; j++ {
			for p, x := range b.data[j*b.cs:][:k] {
				panel[p*w+j] = x
			}
		}
	}
}
