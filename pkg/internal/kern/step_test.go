package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// with runs f with a set in use.
func with(s set, f func()) {
	old := active
	active = s
	defer func() { active = old }()
	f()
}

// lstmCase is the data of an LSTM step.
type lstmCase struct {
	r, in, h                                int
	x, hPrev, wx, wh, wxT, whT, bias, cPrev []float32
	gates, c, t, hOut, dh, dc, dz           []float32
	to                                      LSTMGrads
	of                                      map[string]*lstmWeights
}

type lstmWeights struct{ wx, wh, wxT, whT Weights }

// weights are those of the set in use.
func (k *lstmCase) weights() *lstmWeights {
	if k.of[Name()] == nil {
		k.of[Name()] = &lstmWeights{
			NewWeights(k.in, 4*k.h, k.wx), NewWeightsT(k.h, 4*k.h, k.whT),
			NewWeightsT(4*k.h, k.in, k.wx), NewWeights(4*k.h, k.h, k.whT),
		}
	}
	return k.of[Name()]
}

func newLSTM(r, in, h int) *lstmCase {
	n := r * h
	k := &lstmCase{
		of: map[string]*lstmWeights{}, r: r, in: in, h: h, x: random[float32](r * in), hPrev: random[float32](n), wx: random[float32](in * 4 * h), wh: random[float32](4 * h * h),
		bias: random[float32](4 * h), cPrev: random[float32](n), gates: make([]float32, 4*n), c: make([]float32, n), t: make([]float32, n), hOut: make([]float32, n),
		dh: random[float32](n), dc: random[float32](n), dz: make([]float32, 4*n),
		to: LSTMGrads{X: make([]float32, r*in), Wx: make([]float32, 4*h*in), Wh: make([]float32, 4*h*h), Bias: make([]float32, 4*h)},
	}
	k.wxT, k.whT = make([]float32, len(k.wx)), make([]float32, len(k.wh))
	for i := range in {
		for j := range 4 * h {
			k.wxT[j*in+i] = k.wx[i*4*h+j]
		}
	}
	for i := range h {
		for j := range 4 * h {
			k.whT[j*h+i] = k.wh[i*4*h+j]
		}
	}
	return k
}

func (k *lstmCase) forward() {
	LSTMForward(k.r, k.in, k.h, k.x, k.hPrev, k.weights().wx, k.weights().wh, k.bias, k.cPrev, k.gates, k.c, k.t, k.hOut)
}

func (k *lstmCase) backward() {
	LSTMBackward(k.r, k.in, k.h, k.x, k.hPrev, k.weights().wxT, k.weights().whT, k.gates, k.cPrev, k.t, k.dh, k.dc, k.dz, true, k.to)
}

func (k *lstmCase) flops() float64 { return 2 * float64(k.r*4*k.h*(k.in+k.h)) }

// The steps over tiles equal the kernels one after the other over all rows.
func TestLSTMSteps(t *testing.T) {
	for _, s := range sets {
		for _, q := range [][3]int{{0, 2, 3}, {1, 2, 20}, {150, 2, 20}, {200, 20, 20}, {70, 3, 5}, {30, 40, 72}} {
			r, in, h := q[0], q[1], q[2]
			what := fmt.Sprintf("%s r=%d in=%d h=%d ", s.name, r, in, h)
			k, w := newLSTM(r, in, h), newLSTM(r, in, h)
			with(s, func() {
				k.forward()
				k.backward()
				AddBias32(r, 4*h, w.bias, w.gates)
				Gemm32(r, 4*h, in, w.x, w.wx, w.gates)
				Gemm32(r, 4*h, h, w.hPrev, w.wh, w.gates)
				CellForward(r, h, w.gates, w.cPrev, w.c, w.t, w.hOut)
				dcPrev := make([]float32, r*h)
				CellBackward(r, h, w.gates, w.cPrev, w.t, w.dh, w.dc, w.dz, dcPrev)
				w.dc = dcPrev
				Gemm32(r, in, 4*h, w.dz, w.wxT, w.to.X)
				clear(w.dh)
				Gemm32(r, h, 4*h, w.dz, w.whT, w.dh)
				GemmTN32(4*h, in, r, w.dz, w.x, w.to.Wx)
				GemmTN32(4*h, h, r, w.dz, w.hPrev, w.to.Wh)
				SumRows32(r, 4*h, w.dz, w.to.Bias)
			})
			bits(t, what+"gates", k.gates, w.gates)
			bits(t, what+"c", k.c, w.c)
			bits(t, what+"h", k.hOut, w.hOut)
			bits(t, what+"dcPrev", k.dc, w.dc)
			bits(t, what+"dx", k.to.X, w.to.X)
			bits(t, what+"dh", k.dh, w.dh)
			size := make([]float64, 4*h*max(in, h))
			for i := range size {
				size[i] = 10 * float64(r)
			}
			same(t, what+"dWx", upright(k.to.Wx, in, h), w.to.Wx, 1e-6, size) // narrow inputs sum tile by tile
			same(t, what+"dWh", upright(k.to.Wh, h, h), w.to.Wh, 1e-6, size)
			if s.name != "go" && Across(h, h) {
				bits(t, what+"dWh", upright(k.to.Wh, h, h), w.to.Wh)
			}
			same(t, what+"db", k.to.Bias, w.to.Bias, 1e-6, size)
		}
	}
}

// upright is the gradient of weights in the orientation 4h×inputs.
func upright(g []float32, inputs, h int) []float32 {
	if !Across(inputs, h) {
		return g
	}
	u := make([]float32, len(g))
	for i := range inputs {
		for j := range 4 * h {
			u[j*inputs+i] = g[i*4*h+j]
		}
	}
	return u
}

func BenchmarkLSTM(b *testing.B) {
	for _, q := range [][3]int{{500, 2, 20}, {500, 20, 20}, {40, 20, 20}, {100, 500, 500}} {
		k := newLSTM(q[0], q[1], q[2])
		each(b, fmt.Sprintf("forward/%dx%dx%d", q[0], q[1], q[2]), k.flops(), func(s set) { with(s, k.forward) })
		each(b, fmt.Sprintf("backward/%dx%dx%d", q[0], q[1], q[2]), 2*k.flops(), func(s set) { with(s, k.backward) })
	}
}

func FuzzLSTMSteps(f *testing.F) {
	f.Add(uint8(70), uint8(2), uint8(20))
	f.Add(uint8(1), uint8(0), uint8(1))
	f.Fuzz(func(t *testing.T, r, in, h uint8) {
		rng := rand.New(rand.NewPCG(uint64(r), uint64(h)))
		for _, s := range sets {
			k, w := newLSTM(int(r), int(in), int(h)), newLSTM(int(r), int(in), int(h))
			draw(rng, denormal, k.x)
			copy(w.x, k.x)
			with(s, k.forward)
			with(plain, w.forward)
			size := make([]float64, len(k.hOut))
			for i := range size { // the error of a pre-activation moves a gate by as much
				size[i] = 40 * float64(in+h+1)
			}
			same(t, s.name+" h", k.hOut, w.hOut, 1.2e-7, size)
		}
	})
}
