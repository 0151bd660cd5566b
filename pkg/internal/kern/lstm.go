package kern

// tileRows32 is how many rows an LSTM step takes at a time: their gates (20 KB at 20
// hidden units) stay in the first-level cache between the products and the cell.
const tileRows32 = 64

// Tile returns how many rows of a network of h hidden units stay near from one
// operation to the next: callers that go through several layers take so many at a
// time. Wide layers, whose weights fill the cache by themselves, take all r rows.
func Tile(r, h int) int {
	if h > 64 {
		return max(1, r)
	}
	return tileRows32
}

// LSTMForward does one step of an LSTM layer with in inputs and h hidden units for
// r rows: the pre-activations
//
//	z = bias + x·wx + hPrev·wh   (x r×in, wx in×4h, hPrev r×h, wh h×4h)
//
// and then [CellForward], tile by tile. It overwrites gates (r×4h), c, t and hOut
// (r×h). The bits are those of [AddBias32] to zeros, [Gemm32] twice and
// [CellForward].
func LSTMForward(r, in, h int, x, hPrev, wx, wh, bias, cPrev, gates, c, t, hOut []float32) {
	step := Tile(r, h)
	for i := 0; i < r; i += step {
		n := min(step, r-i)
		z, at := gates[i*4*h:][:n*4*h], i*h
		Repeat32(z, bias[:4*h])
		Gemm32(n, 4*h, in, x[i*in:], wx, z)
		Gemm32(n, 4*h, h, hPrev[at:], wh, z)
		CellForward(n, h, z, cPrev[at:], c[at:], t[at:], hOut[at:])
	}
}

// LSTMGrads names what [LSTMBackward] adds to; what is nil is not computed.
type LSTMGrads struct {
	X      []float32 // of the inputs, r×in
	Wx, Wh []float32 // of the weights in the orientation 4h×in and 4h×h
	Bias   []float32 // 4h
}

// LSTMBackward is the adjoint of [LSTMForward]. dh and dc come in as the gradients of
// hOut and c and go out as those of hPrev and cPrev (dh only if carry is set: the
// first step of a chain has no step to hand it to). wxT (4h×in) and whT (4h×h) are the
// transposes of wx and wh; gates and t are what LSTMForward left. dz is scratch for at
// least min(r, 64)·4h numbers, r·4h if h > 64.
func LSTMBackward(r, in, h int, x, hPrev, wxT, whT, gates, cPrev, t, dh, dc, dz []float32, carry bool, to LSTMGrads) {
	step := Tile(r, h)
	for i := 0; i < r; i += step {
		n, at := min(step, r-i), i*h
		CellBackward(n, h, gates[4*at:], cPrev[at:], t[at:], dh[at:], dc[at:], dz, dc[at:])
		if to.X != nil {
			Gemm32(n, in, 4*h, dz, wxT, to.X[i*in:])
		}
		if carry {
			clear(dh[at:][:n*h])
			Gemm32(n, h, 4*h, dz, whT, dh[at:])
		}
		if to.Wx != nil {
			GemmTN32(4*h, in, n, dz, x[i*in:], to.Wx)
		}
		if to.Wh != nil {
			GemmTN32(4*h, h, n, dz, hPrev[at:], to.Wh)
		}
		if to.Bias != nil {
			SumRows32(n, 4*h, dz, to.Bias)
		}
	}
}
