package kern

import (
	"fmt"
	"os"
	"strings"
)

// set is one implementation of all kernels. Its functions may rely on slices of
// exactly the right lengths.
type set struct {
	name                 string
	fmas                 func(n int) float64 // see FMAs
	p32                  products[float32]
	p64                  products[float64]
	addBias32, sumRows32 func(r, n int, x, dst []float32)
	relu32               func(y []float32)
	reluBack32           func(d, y []float32)
	cellForward          func(r, h int, z, cPrev, c, t, hOut []float32)
	cellBackward         func(r, h int, gates, cPrev, t, dh, dc, dz, dcPrev []float32)
	narrow32             func(dst []float32, src []float64)
	widen32              func(dst []float64, src []float32)
	sumWide              func(dst, c []float64, src []float32)
	v64                  vectors64
}

// products are the matrix products in one precision.
type products[T number] struct {
	nn, tn, nt   func(m, n, k int, a, b, dst []T)
	gemvN, gemvT func(m, n int, a, x, y []T)
	leastSquares func(m, n int, a, x, b, r, g []T) float64
	pack         func(k, n int, b []T, transposed bool) []T // see Weights; nil where nothing is packed
	nnPacked     func(m, n, k int, a, panels, dst []T)
}

func goProducts[T number]() products[T] {
	return products[T]{nn: goNN[T], tn: goTN[T], nt: goNT[T], gemvN: goGemvN[T], gemvT: goGemvT[T], leastSquares: goLeastSquares[T]}
}

// plain is the set in Go, the twin of all others.
var plain = set{
	name: "go", fmas: func(int) float64 { return 0 },
	p32: goProducts[float32](), p64: goProducts[float64](),
	addBias32: goAddBias32, sumRows32: goSumRows32,
	relu32: goRelu32, reluBack32: goReluBack32,
	cellForward: goCellForward, cellBackward: goCellBackward,
	narrow32: goNarrow32, widen32: goWiden32, sumWide: goSumWide,
	v64: goVectors64,
}

// sets are those that this processor runs, the fastest last.
var sets = append([]set{plain}, machineSets()...)

var active = choose(os.Getenv("L2O_KERNELS"), sets)

// choose returns the set of that name, or the last one if the name is empty.
func choose(name string, sets []set) set {
	var names []string
	for _, s := range sets {
		if s.name == name {
			return s
		}
		names = append(names, s.name)
	}
	if name != "" {
		panic(fmt.Sprintf("kern: L2O_KERNELS=%s: no such set of kernels in this program on this processor; there are %s", name, strings.Join(names, ", ")))
	}
	return sets[len(sets)-1]
}

// Name returns the name of the set in use, for reports and benchmarks.
func Name() string { return active.name }

// FMAs does n rounds of fused multiply-adds of float32 on registers alone, which is the most
// that a processor can do, and returns how many multiplications and additions that
// were. Plain Go has no such loop and returns 0.
func FMAs(n int) float64 { return active.fmas(n) }

// rounds counts the multiplications and additions of n rounds of 14 vectors.
func rounds(n, vector int) float64 { return float64(n) * 14 * float64(2*vector) }
