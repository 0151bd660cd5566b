//go:build (amd64 || arm64) && !purego

package kern

import (
	"unsafe"

	"github.com/l2olab/l2o/pkg/internal/par"
)

// packed adds a·b to the m×n matrix c: per block of the sum, one packed panel of b after
// the other meets all rows of a, which may be transposed. Each tile packs its own panels, so
// where there are enough columns to be cut nothing is packed twice.
func (q *blocked[T]) packed(m, n, k int, a, b matrix[T], c []T) {
	if q.scattered(m, n, k, a) {
		q.packedBoth(m, n, k, a, b, c)
		return
	}
	cut := q.cut(m, n, k)
	if cut.count == 1 {
		q.entries(entries{0, m, 0, n}, n, k, a, b, c)
		return
	}
	par.Share(cut.count, func(t int) { q.entries(cut.tile(t), n, k, a, b, c) })
}

// scattered reports whether a, of m×k, is to be packed as well. It lies on more pages than the
// processor keeps in mind where it is large, and where it is transposed and not small: then a
// tile of rows has a line on each of them. Where the next tile has numbers on the same lines and
// panels fetch those after them ahead, that is no reason yet.
func (q *blocked[T]) scattered(m, n, k int, a matrix[T]) bool {
	bytes := m * k * size[T]()
	switch {
	case a.rs != 1:
		return bytes >= q.far && n >= 2*panelsB*q.vector
	case q.ahead && q.tall*size[T]() < 64 && bytes < q.far:
		return false
	}
	return bytes >= pagesBytes && n >= 4*q.vector
}

// entries are some of a product: rows from i and columns from j on.
type entries struct{ i, rows, j, columns int }

// entries adds what belongs to them of a·b to c, which has n columns.
func (q *blocked[T]) entries(e entries, n, k int, a, b matrix[T], c []T) {
	buf := q.packs.Get().(*[]T)
	defer q.packs.Put(buf)
	steps := even(k, q.steps)
	for p := 0; p < k; p += steps {
		kp := min(steps, k-p)
		q.packing(e, kp, b.from(p, 0), *buf, func(j, w, ws int, pack []T) {
			q.panel(e.rows, w, kp, a.from(e.i, p), pack, ws, c[e.i*n+j:], n)
		})
	}
}

// even returns the size of blocks of n, at most most each, that are about the same.
func even(n, most int) int {
	blocks := (n + most - 1) / most
	return (n + blocks - 1) / blocks
}

// A cut of a product into tiles depends on its shape alone. Most tiles are columns for
// panels of three vectors, enough of them for grain multiplications, and some for two vectors
// at the end let all finish together; where there are few columns, rows are cut as well.
type cut struct{ m, n, rows, large, wide, small, across, count int }

// cut cuts a product of m rows, n columns and sums of k. What is small is one tile.
func (q *blocked[T]) cut(m, n, k int) cut {
	if m*n*k < parallel {
		return cut{count: 1}
	}
	c := cut{m: m, n: n, small: 2 * q.vector, large: 3 * q.vector * min(panelsB, max(1, grain/(3*q.vector*m*k)))}
	c.wide = max(0, n-max(3*c.small, c.large)) / c.large
	c.across = c.wide + max(1, (n-c.wide*c.large)/c.small)
	down := max(1, min(few/c.across, m/rowsOfTile))
	c.rows = ((m+down-1)/down + q.tall - 1) / q.tall * q.tall
	c.count = c.across * ((m + c.rows - 1) / c.rows)
	return c
}

// tile returns the entries of tile t of several.
func (c cut) tile(t int) entries {
	i, t := t/c.across*c.rows, t%c.across
	e := entries{i, min(c.rows, c.m-i), t * c.large, c.large}
	if t >= c.wide {
		e.j, e.columns = c.wide*c.large+(t-c.wide)*c.small, c.small
		if t == c.across-1 {
			e.columns = c.n - e.j
		}
	}
	return e
}

// packedBoth is packed with a packed as well, tile by tile: a large a lies on more pages than
// the processor keeps in mind, and every panel of b reads it again. First all who are free
// pack a block of a, then the panels meet it.
func (q *blocked[T]) packedBoth(m, n, k int, a, b matrix[T], c []T) {
	buf := q.strips.Get().(*[]T)
	defer q.strips.Put(buf)
	steps, tops := even(k, q.steps), (even(m, q.tops-q.tall)+q.tall-1)/q.tall*q.tall
	section := steps * max(1, len(*buf)/(steps*min(tops, m)))
	for i := 0; i < m; i += tops {
		for p := 0; p < k; p += section {
			s := strips[T]{*buf, min(tops, m-i), min(tops, m-i) / q.tall * q.tall, min(section, k-p), steps, a.from(i, p)}
			q.packStrips(s)
			b, c, cut := b.from(p, 0), c[i*n:], q.cut(s.rows, n, s.k)
			if cut.count == 1 {
				q.stripsByPanels(s, entries{0, s.rows, 0, n}, n, b, c)
				continue
			}
			par.Share(cut.count, func(t int) { q.stripsByPanels(s, cut.tile(t), n, b, c) })
		}
	}
}

// strips is a block of a matrix of rows rows and k columns, the first whole of the rows packed:
// steps columns after steps columns, and in them one tile of rows after the other.
type strips[T number] struct {
	packed                []T
	rows, whole, k, steps int
	of                    matrix[T]
}

// packStrips fills in what is packed.
func (q *blocked[T]) packStrips(s strips[T]) {
	const rows = 64
	blocks := (s.k + s.steps - 1) / s.steps
	par.Share(blocks*((s.whole+rows-1)/rows), func(t int) {
		p, i := t%blocks*s.steps, t/blocks*rows
		kp, from := min(s.steps, s.k-p), s.of.from(i, p)
		q.pack(s.packed[p*s.whole+i*kp:], kp, q.tall, q.tall, min(rows, s.whole-i)/q.tall, matrix[T]{from.data, from.cs, from.rs})
	})
}

// stripsByPanels adds what belongs to e, whose first row is that of a tile of rows, of s and
// b to c, which has n columns.
func (q *blocked[T]) stripsByPanels(s strips[T], e entries, n int, b matrix[T], c []T) {
	buf := q.packs.Get().(*[]T)
	defer q.packs.Put(buf)
	whole := max(0, min(e.rows, s.whole-e.i))
	rest := e.i + whole // the first row that is not packed
	for p := 0; p < s.k; p += s.steps {
		kp := min(s.steps, s.k-p)
		q.packing(e, kp, b.from(p, 0), *buf, func(j, w, ws int, pack []T) {
			if whole > 0 {
				q.tiles(whole, w, kp, matrix[T]{s.packed[p*s.whole+e.i*kp:], 1, q.tall}, q.tall*kp, pack, ws, c[e.i*n+j:], n)
			}
			if whole < e.rows {
				q.panel(e.rows-whole, w, kp, s.of.from(rest, p), pack, ws, c[rest*n+j:], n)
			}
		})
	}
}

// packing packs panel after panel of the columns of b that belong to e, several at a time, and
// hands each to do: its first column, its width, and the numbers from row to row.
func (q *blocked[T]) packing(e entries, k int, b matrix[T], pack []T, do func(j, w, ws int, pack []T)) {
	for j, to := e.j, e.j+e.columns; j < to; {
		w, count := q.width(to-j), 1
		for count < panelsB && j+(count+1)*w <= to && q.width(to-j-count*w) == w {
			count++
		}
		ws := q.rowOf(w)
		q.pack(pack, k, w, ws, count, b.from(0, j))
		for g := range count {
			do(j, w, ws, pack[g*k*ws:])
			j += w
		}
	}
}

// rowOf is how many numbers the rows of a packed panel of w columns are apart.
func (q *blocked[T]) rowOf(w int) int {
	if q.masked { // rows of whole vectors lie better
		return (w + q.vector - 1) / q.vector * q.vector
	}
	return w
}

// pack packs count panels of w columns, one after the other, from a block of k rows.
// Rows of a panel are ws numbers apart.
func (q *blocked[T]) pack(dst []T, k, w, ws, count int, b matrix[T]) {
	dst = dst[:count*k*ws]
	if b.cs != 1 {
		q.transpose(dst, k, w, ws, count, b)
		return
	}
	s := size[T]()
	to := unsafe.Pointer(unsafe.SliceData(dst))
	from := unsafe.Pointer(unsafe.SliceData(b.data[:(k-1)*b.rs+count*w]))
	switch bytes := w * s; {
	case q.copies != nil && ws == w && (bytes == 32 || bytes%64 == 0):
		q.copies(k, count, bytes, (*byte)(from), b.rs*s, (*byte)(to))
	case bytes == 96 && ws == w: // panels of three vectors of 32 bytes, without a call
		for p := range k {
			for g := range count {
				*(*[96]byte)(unsafe.Add(to, (g*k+p)*96)) = *(*[96]byte)(unsafe.Add(from, p*b.rs*s+g*96))
			}
		}
	default:
		for p := range k {
			for g := range count {
				copy(dst[(g*k+p)*ws:][:w], b.data[p*b.rs+g*w:])
			}
		}
	}
}

// transpose is pack for contiguous columns of k numbers.
func (q *blocked[T]) transpose(dst []T, k, w, ws, count int, b matrix[T]) {
	g := 0
	if q.turn != nil && 2*w == q.vector { // a vector of columns fills two panels
		for ; g+2 <= count; g += 2 {
			q.turned(dst[g*k*w:], k, w, k*w, b.from(0, g*w))
		}
	}
	for ; g < count; g++ {
		panel, b, j := dst[g*k*ws:][:k*ws], b.from(0, g*w), 0
		if q.turn != nil {
			for ; j+q.vector <= w; j += q.vector {
				q.turned(panel[j:], k, ws, q.vector/2, b.from(0, j))
			}
		}
		for ; j+4 <= w; j += 4 {
			b0, b1, b2, b3 := b.data[j*b.cs:][:k], b.data[(j+1)*b.cs:][:k], b.data[(j+2)*b.cs:][:k], b.data[(j+3)*b.cs:][:k]
			at := j
			for p, x := range b0 {
				d := panel[at:][:4]
				d[0], d[1], d[2], d[3] = x, b1[p], b2[p], b3[p]
				at += ws
			}
		}
		for ; j < w; j++ {
			for p, x := range b.data[j*b.cs:][:k] {
				panel[p*ws+j] = x
			}
		}
	}
}

// turned transposes a vector of columns of k numbers to rows that are ds numbers apart;
// the upper halves of rows start upper numbers after the lower.
func (q *blocked[T]) turned(dst []T, k, ds, upper int, b matrix[T]) {
	s, half := size[T](), q.vector/2
	whole := k &^ (16/s - 1)
	q.turn(whole, &b.data[0], b.cs*s, &dst[0], ds*s, upper*s)
	for p := whole; p < k; p++ {
		for i := range half {
			dst[p*ds+i], dst[p*ds+upper+i] = b.data[i*b.cs+p], b.data[(half+i)*b.cs+p]
		}
	}
}
