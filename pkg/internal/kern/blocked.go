//go:build (amd64 || arm64) && !purego

package kern

import (
	"sync"
	"unsafe"
)

// blocked builds matrix products from a processor's inner loops. Every entry of a
// product from panels is one chain of fused multiply-adds in the order of the
// summation index that starts from dst: cutting rows, columns or the sum, packing
// and the number of goroutines change no bits.
type blocked[T number] struct {
	lanes  int  // from so many columns on a product is made of panels: a choice that the bits depend on
	vector int  // numbers per vector of the panels
	tall   int  // rows of their largest tile
	masked bool // a panel's last vector may be partial; without, it overlaps the one before
	ahead  bool // panels fetch the lines after those of a that they read
	near   int  // bytes of a matrix that stays in the first-level cache
	steps  int  // of the sum, in packed products
	// From far bytes on a is packed, too: it is too much for the second-level cache with all
	// else. tops is of how many rows at a time.
	far, tops int
	// panels[w-1] adds a·b to w vectors of columns of c, see internal/gen. last is where the
	// last vector starts, in bytes from the first, or for masked panels a bit for each of its columns.
	panels [3]func(m, k int, a *T, ars, acs, next int, b *T, bs int, c *T, cs, last int)
	// dots adds the products of m rows with x to y.
	dots func(m, n int, a *T, as int, x, y *T, ys int, mask *byte)
	// axpys adds m rows, times the entries of x, to y.
	axpys func(m, n int, a *T, as int, x *T, xs int, y *T)
	// copies and turn, where they are, pack whole vectors from rows and from columns.
	copies func(k, count, w int, b *byte, bs int, dst *byte)
	turn   func(k int, b *T, bs int, dst *T, ds, upper int)
	packs  *sync.Pool // of *[]T, for panels of b
	strips *sync.Pool // of *[]T, for rows of a
	lines  *sync.Pool // of *[lineSize]T, for short pieces
}

const (
	panelsB  = 4 // packed together, so that rows of b are read in longer pieces
	lineSize = 4096

	parallel   = 1 << 21 // multiplications from which it pays to cut a product into tiles
	grain      = 1 << 23 // multiplications of a tile
	few        = 4       // tiles of columns, or there are tiles of rows as well
	rowsOfTile = 128     // at least, as each of those packs its panels of b by itself
	farBytes   = 1 << 19 // a matrix from this size on is read by several cores
	pagesBytes = 1 << 17 // a matrix from this size on lies on more pages than are at hand
)

// tileRows is how many rows of an LSTM cell stay near between its two passes.
const tileRows = 16

type (
	panels32 = [3]func(m, k int, a *float32, ars, acs, next int, b *float32, bs int, c *float32, cs, last int)
	panels64 = [3]func(m, k int, a *float64, ars, acs, next int, b *float64, bs int, c *float64, cs, last int)
)

// caches are the bytes of a core's first and second cache. What is cut to fit them
// changes no bits.
type caches struct{ first, second int }

// newBlocked makes products of vectors and tiles of a size. A packed panel of three vectors
// stays in the first-level cache with the rows of a that a tile reads, and with a strip
// of a that is packed half of the second-level cache is left for the rest.
func newBlocked[T number](lanes, vector, tall int, c caches) blocked[T] {
	panel, s := 3*vector, size[T]()
	steps := c.first / 8 * 7 / ((panel + tall) * s)
	tops := c.second / 2 / (steps * s)
	return blocked[T]{
		lanes: lanes, vector: vector, tall: tall, masked: vector > lanes,
		near: c.first / 4 * 3, steps: steps, far: c.second / 4 * 3, tops: tops,
		packs:  &sync.Pool{New: func() any { p := make([]T, steps*panelsB*panel); return &p }},
		strips: &sync.Pool{New: func() any { p := make([]T, steps*tops); return &p }},
		lines:  &sync.Pool{New: func() any { return new([lineSize]T) }},
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
	return products[T]{nn: q.nn, tn: q.tn, nt: q.nt, gemvN: q.gemvN, gemvT: q.gemvT, leastSquares: q.leastSquares, pack: q.packAll, nnPacked: q.withPanels}
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
	case m < 8 || k*n*size[T]() <= q.near: // b stays near: rows of a pass by it
		block := max(4, q.near/size[T]()*2/3/k&^3)
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
	case m*n*size[T]() <= 2*q.near: // dst stays near: rows of a and b pass by it
		block := max(8, q.near/size[T]()*2/3/(m+n)&^3)
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
	block := max(8, q.near/size[T]()*2/3/(m+n)&^3)
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
	flush(dst)
}

// width returns how many of the remaining columns (at least lanes, or all) the
// next panel takes: three vectors, or two where three would leave one or less.
func (q *blocked[T]) width(left int) int {
	l := q.vector
	if left > 4*l || 2*l < left && left <= 3*l {
		return min(3*l, left)
	}
	return min(2*l, left)
}

// panel adds a·b to w columns of c.
func (q *blocked[T]) panel(m, w, k int, a matrix[T], b []T, bs int, c []T, cs int) {
	q.tiles(m, w, k, a, q.tall*a.rs, b, bs, c, cs)
}

// tiles is panel for an a whose largest tiles of rows are next numbers apart.
func (q *blocked[T]) tiles(m, w, k int, a matrix[T], next int, b []T, bs int, c []T, cs int) {
	s, v := size[T](), (w+q.vector-1)/q.vector
	last := (w - q.vector) * s
	if q.masked {
		last = 1<<(w-(v-1)*q.vector) - 1
	}
	q.panels[v-1](m, k, &a.data[0], a.rs*s, a.cs*s, next*s, &b[0], bs*s, &c[0], cs*s, last)
}

// columns adds a·b to c without packing, for at least lanes columns.
func (q *blocked[T]) columns(m, n, k int, a matrix[T], b []T, bs int, c []T, cs int) {
	for j, w := 0, 0; j < n; j += w {
		w = q.width(n - j)
		q.panel(m, w, k, a, b[j:], bs, c[j:], cs)
	}
}
