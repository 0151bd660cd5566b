package kern

// lstmTile is how many rows an LSTM step takes at a time: their gates (20 KB at 20
// hidden units) stay in the first-level cache between the products and the cell.
const lstmTile = 64

// tile returns the rows of a tile; wide layers, whose weights fill the cache by
// themselves, take all rows at once.
func tile(r, h int) int {
	if h > 64 {
		return max(1, r)
	}
	return lstmTile
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
	step := tile(r, h)
	for i := 0; i < r; i += step {
		n := min(step, r-i)
		z, at := gates[i*4*h:][:n*4*h], i*h
		for k := range n {
			copy(z[k*4*h:][:4*h], bias[:4*h])
		}
		Gemm32(n, 4*h, in, x[i*in:], wx, z)
		Gemm32(n, 4*h, h, hPrev[at:], wh, z)
		CellForward(n, h, z, cPrev[at:], c[at:], t[at:], hOut[at:])
	}
}

// LSTMGrads names what [LSTMBackward] adds to; what is nil is not computed.
type LSTMGrads struct {
	X, H   []float32 // of the inputs, r×in, and of hPrev, r×h
	Wx, Wh []float32 // of the weights in the orientation 4h×in and 4h×h
	Bias   []float32 // 4h
}

// LSTMBackward is the adjoint of [LSTMForward]: from the gradients dh and dc (nil:
// zeros) of hOut and c it overwrites dcPrev (r×h) and adds to to. wxT (4h×in) and
// whT (4h×h) are the transposes of wx and wh; gates and t are what LSTMForward
// left. dz is scratch for at least min(r, 64)·4h numbers, r·4h if h > 64.
func LSTMBackward(r, in, h int, x, hPrev, wxT, whT, gates, cPrev, t, dh, dc, dcPrev, dz []float32, to LSTMGrads) {
	step := tile(r, h)
	for i := 0; i < r; i += step {
		n, at := min(step, r-i), i*h
		var carried []float32
		if dc != nil {
			carried = dc[at:]
		}
		CellBackward(n, h, gates[4*at:], cPrev[at:], t[at:], dh[at:], carried, dz, dcPrev[at:])
		if to.X != nil {
			Gemm32(n, in, 4*h, dz, wxT, to.X[i*in:])
		}
		if to.H != nil {
			Gemm32(n, h, 4*h, dz, whT, to.H[at:])
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
