package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// of returns the products of a set in one precision.
func of[T number](s set) products[T] {
	if p, ok := any(s.p32).(products[T]); ok {
		return p
	}
	return any(s.p64).(products[T])
}

// roundoff is the unit of the precision.
func roundoff[T number]() float64 {
	if any(T(0)) == any(float32(0)) {
		return 1.2e-7
	}
	return 2.3e-16
}

// absProduct is |a|·|b| + |dst|: it bounds the rounding of any order of sums. The
// strides say where entry (i, p) of a and (p, j) of b are.
func absProduct[T number](m, n, k int, a []T, ars, acs int, b []T, brs, bcs int, dst []T) []float64 {
	size := make([]float64, m*n)
	for i := range m {
		for p := range k {
			x := math.Abs(float64(a[i*ars+p*acs]))
			for j := range n {
				size[i*n+j] += x * math.Abs(float64(b[p*brs+j*bcs]))
			}
		}
	}
	for i, x := range dst {
		size[i] += math.Abs(float64(x))
	}
	return size
}

// checkProducts compares all products of one shape with the twin.
func checkProducts[T number](t testing.TB, s set, rng *rand.Rand, kind, m, n, k int) {
	t.Helper()
	a, b, dst := make([]T, m*k), make([]T, k*n), make([]T, m*n)
	draw(rng, kind, a)
	draw(rng, kind, b)
	draw(rng, min(kind, denormal), dst)
	tol := roundoff[T]() * float64(k+2)
	for _, c := range []struct {
		name               string
		f                  func(p products[T]) func(m, n, k int, a, b, dst []T)
		ars, acs, brs, bcs int
	}{
		{"nn", func(p products[T]) func(m, n, k int, a, b, dst []T) { return p.nn }, k, 1, n, 1},
		{"tn", func(p products[T]) func(m, n, k int, a, b, dst []T) { return p.tn }, 1, m, n, 1},
		{"nt", func(p products[T]) func(m, n, k int, a, b, dst []T) { return p.nt }, k, 1, 1, k},
	} {
		what := fmt.Sprintf("%s %T %s %d×%d×%d kind %d", s.name, T(0), c.name, m, n, k, kind)
		got, want := twice(t, s, rng, [][]T{a, b}, [][]T{dst}, func(s set, in, out [][]T) {
			c.f(of[T](s))(m, n, k, in[0], in[1], out[0])
		})
		same(t, what, got[0], want[0], tol, absProduct(m, n, k, a, c.ars, c.acs, b, c.brs, c.bcs, dst))
	}
}

// checkVectors compares matrix–vector products and the least-squares gradient.
func checkVectors[T number](t testing.TB, s set, rng *rand.Rand, kind, m, n int) {
	t.Helper()
	a, x, y := make([]T, m*n), make([]T, n), make([]T, m)
	draw(rng, kind, a)
	draw(rng, min(kind, denormal), x)
	draw(rng, min(kind, denormal), y)
	what := fmt.Sprintf("%s %T %d×%d kind %d", s.name, T(0), m, n, kind)
	eps := roundoff[T]()
	sizeN, sizeT := absProduct(m, 1, n, a, n, 1, x, 1, 1, y), absProduct(1, n, m, y, 1, 1, a, n, 1, x)
	got, want := twice(t, s, rng, [][]T{a, x}, [][]T{y}, func(s set, in, out [][]T) { of[T](s).gemvN(m, n, in[0], in[1], out[0]) })
	same(t, "gemvN "+what, got[0], want[0], eps*float64(n+2), sizeN)
	got, want = twice(t, s, rng, [][]T{a, y}, [][]T{x}, func(s set, in, out [][]T) { of[T](s).gemvT(m, n, in[0], in[1], out[0]) })
	same(t, "gemvT "+what, got[0], want[0], eps*float64(m+2), sizeT)

	b := y
	if rng.IntN(4) == 0 {
		b = nil
	}
	f := map[string][]float64{}
	got, want = twice(t, s, rng, [][]T{a, x, b}, [][]T{make([]T, m), make([]T, n)}, func(s set, in, out [][]T) {
		f[s.name] = append(f[s.name], of[T](s).leastSquares(m, n, in[0], in[1], in[2], out[0], out[1]))
	})
	bound := make([]T, m) // |a||x| + |b| ≥ |r|
	for i := range bound {
		bound[i] = T(sizeN[i])
	}
	sizeG := absProduct(1, n, m, bound, 1, 1, a, n, 1, nil)
	sizeF := 0.0
	for _, v := range sizeN {
		sizeF += v * v
	}
	same(t, "residual "+what, got[0], want[0], eps*float64(n+2), sizeN)
	same(t, "gradient "+what, got[1], want[1], eps*float64(m+n+4), sizeG)
	same(t, "half square "+what, f[s.name][:1], f["go"][len(f["go"])-1:], eps*float64(m+n+4), []float64{sizeF})
}

// shapes that reach every path: narrow, thin, near, packed, more than one block.
var shapes = [][3]int{
	{500, 80, 2},
	{500, 80, 20},
	{500, 20, 80},
	{80, 20, 500},
	{80, 2, 500},
	{500, 1, 20},
	{1, 20, 500},
	{33, 257, 61},
	{9, 13, 700},
	{140, 61, 400},
	{9, 600, 31},
	{5, 3, 40},
	{3, 5, 40},
	{131, 130, 129},
	{300, 12, 600},
	{600, 3, 50},
}

func TestProducts(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		rng := rand.New(rand.NewPCG(1, 2))
		for kind := range kinds {
			for n := range 42 {
				for _, m := range []int{0, 1, 2, 3, 4, 5, 7, 20} {
					k := rng.IntN(12)
					checkProducts[float32](t, s, rng, kind, m, n, k)
					checkProducts[float64](t, s, rng, kind, m, n, k)
					checkVectors[float32](t, s, rng, kind, m, n)
					checkVectors[float64](t, s, rng, kind, m, n)
				}
			}
			for _, q := range shapes {
				checkProducts[float32](t, s, rng, kind, q[0], q[1], q[2])
				checkProducts[float64](t, s, rng, kind, q[0], q[1], q[2])
			}
			for _, q := range [][2]int{{61, 503}, {250, 600}, {9, 17001}, {15001, 9}} {
				checkVectors[float32](t, s, rng, kind, q[0], q[1])
				checkVectors[float64](t, s, rng, kind, q[0], q[1])
			}
		}
	})
}

func FuzzProducts(f *testing.F) {
	f.Add(uint64(1), uint8(5), uint8(17), uint8(9), uint8(wild))
	f.Add(uint64(2), uint8(80), uint8(2), uint8(50), uint8(denormal))
	f.Add(uint64(3), uint8(1), uint8(7), uint8(0), uint8(ordinary))
	f.Add(uint64(4), uint8(150), uint8(100), uint8(200), uint8(wild))
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k, kind uint8) {
		for _, s := range sets {
			rng := rand.New(rand.NewPCG(seed, 3))
			checkProducts[float32](t, s, rng, int(kind)%kinds, int(m), int(n), int(k))
			checkProducts[float64](t, s, rng, int(kind)%kinds, int(m), int(n), int(k))
			checkVectors[float32](t, s, rng, int(kind)%kinds, int(m), int(n))
			checkVectors[float64](t, s, rng, int(kind)%kinds, int(m), int(n))
		}
	})
}

// The bits of a large product depend neither on the number of processors nor on
// how its rows are cut.
func TestProductsKeepTheirBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, s := range sets {
		for _, q := range [][3]int{{130, 400, 500}, {400, 7, 1000}, {900, 20, 200}, {500, 500, 40}} {
			m, n, k := q[0], q[1], q[2]
			keepBits[float32](t, s, m, n, k)
			keepBits[float64](t, s, m, n, k)
		}
	}
}

func keepBits[T number](t *testing.T, s set, m, n, k int) {
	t.Helper()
	p := of[T](s)
	a, b := random[T](m*k), random[T](k*n)
	for name, f := range map[string]func(m, n, k int, a, b, dst []T){"nn": p.nn, "tn": p.tn, "nt": p.nt} {
		runtime.GOMAXPROCS(1)
		one := make([]T, m*n)
		f(m, n, k, a, b, one)
		runtime.GOMAXPROCS(2)
		two := make([]T, m*n)
		f(m, n, k, a, b, two)
		bits(t, fmt.Sprintf("%s %s %d×%d×%d on one and two processors", s.name, name, m, n, k), one, two)
		if name != "tn" && n >= 8 && s.name != "go" {
			clear(two)
			for i := 0; i < m; i += 37 {
				r := min(37, m-i)
				f(r, n, k, a[i*k:][:r*k], b, two[i*n:][:r*n])
			}
			bits(t, fmt.Sprintf("%s %s %d×%d×%d in pieces", s.name, name, m, n, k), one, two)
		}
	}
}

// rows32 compares the sums over rows and the bias.
func rows32(t testing.TB, s set, rng *rand.Rand, kind, r, n int) {
	t.Helper()
	a, x := make([]float32, r*n), make([]float32, n)
	draw(rng, kind, a)
	draw(rng, kind, x)
	what := fmt.Sprintf("%s %d×%d kind %d", s.name, r, n, kind)
	got, want := twice(t, s, rng, [][]float32{a}, [][]float32{x}, func(s set, in, out [][]float32) { s.sumRows32(r, n, in[0], out[0]) })
	size := make([]float64, n)
	for i, v := range a {
		size[i%n] += math.Abs(float64(v))
	}
	same(t, "sum of rows "+what, got[0], want[0], 1.2e-7*float64(r+1), size)
	got, want = twice(t, s, rng, [][]float32{x}, [][]float32{a}, func(s set, in, out [][]float32) { s.addBias32(r, n, in[0], out[0]) })
	same(t, "bias "+what, got[0], want[0], 0, nil)
}

func TestRows32(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		rng := rand.New(rand.NewPCG(4, 2))
		for kind := range kinds {
			for n := range 85 {
				rows32(t, s, rng, kind, n%7, n)
			}
			rows32(t, s, rng, kind, 500, 80)
		}
	})
}
