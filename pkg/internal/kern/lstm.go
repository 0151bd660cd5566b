package kern

import "github.com/l2olab/l2o/pkg/internal/par"

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
// (r×h). wx is made of in rows, wh of h. The bits are those of [AddBias32] to zeros, [Gemm32] twice and
// [CellForward].
func LSTMForward(r, in, h int, x, hPrev []float32, wx, wh Weights, bias, cPrev, gates, c, t, hOut []float32) {
	step := Tile(r, h)
	for i := 0; i < r; i += step {
		n := min(step, r-i)
		z, at := gates[i*4*h:][:n*4*h], i*h
		Repeat32(z, bias[:4*h])
		wx.add(n, x[i*in:], z)
		wh.add(n, hPrev[at:], z)
		cellsForward(n, h, z, cPrev[at:], c[at:], t[at:], hOut[at:])
	}
}

// LSTMGrads names what [LSTMBackward] adds to; what is nil is not computed.
type LSTMGrads struct {
	X      []float32 // of the inputs, r×in
	Wx, Wh []float32 // of the weights in the orientation 4h×in and 4h×h, or transposed where Across says so
	Bias   []float32 // 4h
}

// Across reports whether [LSTMBackward] has the gradients of the weights of so many inputs
// transposed, inputs×4h: rows of 4h numbers fill vectors where those of 20 leave a third of
// them empty. The bits are the same.
func Across(inputs, h int) bool {
	return h <= 64 && inputs >= leastColumns && 4*h >= leastColumns
}

// LSTMBackward is the adjoint of [LSTMForward]. dh and dc come in as the gradients of
// hOut and c and go out as those of hPrev and cPrev (dh only if carry is set: the
// first step of a chain has no step to hand it to). wxT (4h×in) and whT (4h×h) are the
// transposes of wx and wh; gates and t are what LSTMForward left. dz is scratch for at
// least min(r, 64)·4h numbers, r·4h if h > 64.
func LSTMBackward(r, in, h int, x, hPrev []float32, wxT, whT Weights, gates, cPrev, t, dh, dc, dz []float32, carry bool, to LSTMGrads) {
	step := Tile(r, h)
	for i := 0; i < r; i += step {
		n, at := min(step, r-i), i*h
		cellsBackward(n, h, gates[4*at:], cPrev[at:], t[at:], dh[at:], dc[at:], dz)
		if to.X != nil {
			wxT.add(n, dz, to.X[i*in:])
		}
		if carry {
			clear(dh[at:][:n*h])
			whT.add(n, dz, dh[at:])
		}
		weightGrads(n, in, h, dz, x[i*in:], to.Wx)
		weightGrads(n, h, h, dz, hPrev[at:], to.Wh)
		if to.Bias != nil {
			SumRows32(n, 4*h, dz, to.Bias)
		}
	}
}

// weightGrads adds those of the weights of n rows of inputs x, unless nobody wants them.
func weightGrads(n, inputs, h int, dz, x, to []float32) {
	switch {
	case to == nil:
	case Across(inputs, h):
		GemmTN32(inputs, 4*h, n, x, dz, to)
	default:
		GemmTN32(4*h, inputs, n, dz, x, to)
	}
}

// Units of a cell from which it is shared, in tiles of half as many.
const manyUnits = 1 << 14

func unitRows(h int) int { return max(1, manyUnits/2/h) }

// cellsForward is [CellForward], of many units shared.
func cellsForward(r, h int, z, cPrev, c, t, hOut []float32) {
	if r*h < manyUnits {
		CellForward(r, h, z, cPrev, c, t, hOut)
		return
	}
	rows := unitRows(h)
	par.Share((r+rows-1)/rows, func(tile int) {
		i, at := tile*rows, tile*rows*h
		CellForward(min(rows, r-i), h, z[4*at:], cPrev[at:], c[at:], t[at:], hOut[at:])
	})
}

// cellsBackward is [CellBackward] with dc for dcPrev, of many units shared.
func cellsBackward(r, h int, gates, cPrev, t, dh, dc, dz []float32) {
	if r*h < manyUnits {
		CellBackward(r, h, gates, cPrev, t, dh, dc, dz, dc)
		return
	}
	rows := unitRows(h)
	par.Share((r+rows-1)/rows, func(tile int) {
		i, at := tile*rows, tile*rows*h
		CellBackward(min(rows, r-i), h, gates[4*at:], cPrev[at:], t[at:], dh[at:], dc[at:], dz[4*at:], dc[at:])
	})
}
