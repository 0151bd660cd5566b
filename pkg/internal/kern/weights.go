package kern

// Weights is a k×n matrix of float32 that many products have on their right. A large one is
// packed once for the panels of the processor, and not for each product again.
type Weights struct {
	k, n           int
	matrix, panels []float32 // one of them
}

// Smaller matrices stay near as they are, and narrow products are made in other ways.
const (
	leastWeights = 1 << 16
	leastColumns = 8
)

// NewWeights returns the weights of the k×n matrix b, which it may keep.
func NewWeights(k, n int, b []float32) Weights {
	w := Weights{k: k, n: n, matrix: b[:k*n]}
	if pack := w.packer(); pack != nil {
		w.panels, w.matrix = pack(k, n, w.matrix, false), nil
	}
	return w
}

// NewWeightsT returns those of the transpose of the n×k matrix b.
func NewWeightsT(k, n int, b []float32) Weights {
	w := Weights{k: k, n: n}
	if pack := w.packer(); pack != nil {
		w.panels = pack(k, n, b[:k*n], true)
		return w
	}
	w.matrix = make([]float32, k*n)
	for j := range n {
		for p, x := range b[j*k:][:k] {
			w.matrix[p*n+j] = x
		}
	}
	return w
}

func (w Weights) packer() func(k, n int, b []float32, transposed bool) []float32 {
	if w.k*w.n < leastWeights || w.n < leastColumns {
		return nil
	}
	return active.p32.pack
}

// add adds a·w to the m×n matrix dst, with the bits of [Gemm32].
func (w Weights) add(m int, a, dst []float32) {
	if w.panels == nil {
		Gemm32(m, w.n, w.k, a, w.matrix, dst)
		return
	}
	active.p32.nnPacked(m, w.n, w.k, a[:m*w.k], w.panels, dst[:m*w.n])
}
