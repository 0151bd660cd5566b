package main

import (
	"fmt"
	"math"
	"strings"
)

// elem writes element-wise operations on float64 for one size of vectors. Its code names the
// registers Y0, Y1, …; those of 64 bytes are the Z registers of the same numbers.
type elem struct {
	*source
	set   string // at the end of names
	bytes int    // of a vector
}

func (s elem) wide() bool { return s.bytes == 64 }

// op writes an instruction on vectors of the size.
func (s elem) op(op string, operands ...any) {
	for i, o := range operands {
		if reg, ok := o.(string); ok && s.wide() && strings.HasPrefix(reg, "Y") {
			operands[i] = "Z" + reg[1:]
		}
	}
	s.source.op(op, operands...)
}

// c64 is the operand of a float64 constant, repeated over a vector.
func (s elem) c64(name string, x float64) string { return s.bits64(name, math.Float64bits(x)) }

func (s elem) bits64(name string, bits uint64) string { return s.constant(name, bits, 8, s.bytes) }

// elements is the frame of a loop over n float64: inputs are loaded to Y0, Y1, …,
// body works on one vector, outputs are stored from the registers named. Scalars
// of the call are repeated over the registers of scalarAt. The last ones, fewer than a
// vector has, go through masks. Operands are read before they are written, so that an output
// may be an input.
type elements struct {
	name, doc string
	scalars   []string
	in        []string
	out       map[string]int // name → register, in the order of outs
	outs      []string
	body      func()
}

var scalarAt = []int{15, 14, 13, 12, 11, 10, 8} // Y9 is the mask of vectors of 32 bytes

func (s elem) each(e elements) {
	args := "n int"
	for _, id := range e.scalars {
		args += ", " + id + " float64"
	}
	pointers := map[string]string{}
	free := []string{"SI", "DX", "R8", "R9", "R10", "R11"}
	var ids []string
	for _, id := range append(append([]string{}, e.in...), e.outs...) {
		if pointers[id] == "" {
			pointers[id] = free[len(pointers)]
			ids = append(ids, id)
			args += ", " + id + " *float64"
		}
	}
	lanes := s.bytes / 8
	if s.wide() {
		args += ", mask int"
	} else {
		args += ", mask *byte"
	}
	arg := s.fn(e.doc, e.name+s.set, args, 0)
	for i, id := range e.scalars {
		s.op("VBROADCASTSD", arg(id), y(scalarAt[i]))
	}
	for _, id := range ids {
		s.op("MOVQ", arg(id), pointers[id])
	}
	loop, rest, end := s.fresh("loop"), s.fresh("rest"), s.fresh("end")
	s.op("XORQ", "CX", "CX") // bytes done
	s.op("MOVQ", arg("n"), "AX")
	s.op("SUBQ", lanes, "AX")
	s.op("JLT", rest)
	s.op("PCALIGN", 32)
	s.label(loop)
	at := func(id string) string { return "(" + pointers[id] + ")(CX*1)" }
	for i, id := range e.in {
		s.op("VMOVUPS", at(id), y(i))
	}
	e.body()
	for _, id := range e.outs {
		s.op("VMOVUPS", y(e.out[id]), at(id))
	}
	s.op("ADDQ", s.bytes, "CX")
	s.op("SUBQ", lanes, "AX")
	s.op("JGE", loop)
	s.label(rest)
	s.op("ADDQ", lanes, "AX")
	s.op("JZ", end)
	s.op("MOVQ", arg("mask"), "BX")
	load, store, mask := "VMASKMOVPD", "VMASKMOVPD", "Y9" // bodies leave Y9 alone
	if s.wide() {
		load, store, mask = "VMOVUPD.Z", "VMOVUPD", "K1"
		s.op("KMOVW", "BX", mask)
	} else {
		s.op("VMOVUPS", "(BX)", mask)
	}
	for i, id := range e.in {
		s.op(load, at(id), mask, y(i))
	}
	e.body()
	for _, id := range e.outs {
		s.op(store, y(e.out[id]), mask, at(id))
	}
	s.label(end)
	s.op("VZEROUPPER")
	s.ret()
}

// The exponential in float64, as in float32 but with ten coefficients, a relative
// error of 4e-17 before rounding.
var taylor64 = []float64{
	0.5000000000000001, 0.16666666666666669, 0.04166666666662399, 0.008333333333330051,
	0.0013888888917281794, 0.00019841269863105968, 2.480152119021773e-05, 2.7557268378684192e-06,
	2.7620138719733994e-07, 2.5100424157005067e-08,
} // c₂ … c₁₁

const (
	ln2hi64 = 6.93147180369123816490e-01 // 33 bits, so that n·ln2hi64 is exact
	ln2lo64 = 1.90821492927058770002e-10
	magic64 = 1.5 * (1 << 52)
)

// reduce64 turns x into r = x − n·ln 2 and p into (eʳ−1−r)/r², and leaves n in n.
func (s elem) reduce64(x, n, p string) {
	s.op("VMOVUPD", s.c64("magicD", magic64), n)
	s.op("VFMADD231PD", s.c64("log2eD", log2e), x, n)
	s.op("VSUBPD", s.c64("magicD", magic64), n, n)
	s.op("VFNMADD231PD", s.c64("ln2hiD", ln2hi64), n, x)
	s.op("VFNMADD231PD", s.c64("ln2loD", ln2lo64), n, x)
	s.op("VMOVUPD", s.c64("c11D", taylor64[9]), p)
	for i := 8; i >= 0; i-- {
		s.op("VFMADD213PD", s.c64(fmt.Sprintf("c%dD", i+2), taylor64[i]), x, p)
	}
}

// power sets e to 2ⁿ for whole n of magnitude below 1023; n + 1023 lands in the low
// bits of a sum and is shifted to the exponent.
func (s elem) power(n, e string) {
	s.op("VADDPD", s.c64("biasD", magic64+1023), n, e)
	s.op("VPSLLQ", 52, e, e)
}

// exp64 is Y0 ← e^Y0. The power of two is applied in two halves, so that results
// reach into the denormal numbers and to +Inf.
func (s elem) exp64() {
	s.op("VMOVUPD", s.c64("topD", 710), "Y4")
	s.op("VMOVUPD", s.c64("bottomD", -746), "Y5")
	s.op("VMINPD", "Y0", "Y4", "Y0")
	s.op("VMAXPD", "Y0", "Y5", "Y0")
	s.reduce64("Y0", "Y1", "Y2")
	s.op("VFMADD213PD", s.c64("oneD", 1), "Y0", "Y2")
	s.op("VFMADD213PD", s.c64("oneD", 1), "Y0", "Y2") // eʳ
	s.op("VMOVUPD", s.c64("magicD", magic64), "Y3")
	s.op("VFMADD231PD", s.c64("halfD", 0.5), "Y1", "Y3")
	s.op("VSUBPD", s.c64("magicD", magic64), "Y3", "Y3") // about n/2
	s.op("VSUBPD", "Y3", "Y1", "Y1")
	s.power("Y3", "Y4")
	s.power("Y1", "Y5")
	s.op("VMULPD", "Y4", "Y2", "Y0")
	s.op("VMULPD", "Y5", "Y0", "Y0")
}

// soft is Y0 ← max(Y0−t, 0) − max(−Y0−t, 0), which keeps a NaN.
func (s elem) soft(t string) {
	s.op("VXORPD", "Y6", "Y6", "Y6")
	s.op("VSUBPD", t, "Y0", "Y7")
	s.op("VADDPD", t, "Y0", "Y8")
	s.op("VMAXPD", "Y7", "Y6", "Y7")
	s.op("VMINPD", "Y8", "Y6", "Y8")
	s.op("VADDPD", "Y8", "Y7", "Y0")
}

func (s elem) elementwise() {
	s.each(elements{name: "axpy", doc: "adds s·x to y.", scalars: []string{"s"}, in: []string{"y", "x"}, outs: []string{"y"}, out: map[string]int{"y": 0}, body: func() {
		s.op("VFMADD231PD", "Y1", "Y15", "Y0")
	}})
	s.each(elements{name: "axpby", doc: "sets dst = s·x + t·y.", scalars: []string{"s", "t"}, in: []string{"x", "y"}, outs: []string{"dst"}, out: map[string]int{"dst": 1}, body: func() {
		s.op("VMULPD", "Y14", "Y1", "Y1")
		s.op("VFMADD231PD", "Y0", "Y15", "Y1")
	}})
	s.each(elements{name: "mul", doc: "sets dst = x⊙y.", in: []string{"x", "y"}, outs: []string{"dst"}, out: map[string]int{"dst": 0}, body: func() {
		s.op("VMULPD", "Y1", "Y0", "Y0")
	}})
	s.each(elements{name: "mulAdd", doc: "adds x⊙y to dst.", in: []string{"dst", "x", "y"}, outs: []string{"dst"}, out: map[string]int{"dst": 0}, body: func() {
		s.op("VFMADD231PD", "Y1", "Y2", "Y0")
	}})
	s.each(elements{name: "larger", doc: "sets dst to x where that is larger.", in: []string{"dst", "x"}, outs: []string{"dst"}, out: map[string]int{"dst": 1}, body: func() {
		s.op("VMAXPD", "Y0", "Y1", "Y1") // of numbers that cannot be compared the first operand stays
	}})
	s.each(elements{name: "soft", doc: "sets dst to the soft threshold of v at t.", scalars: []string{"t"}, in: []string{"v"}, outs: []string{"dst"}, out: map[string]int{"dst": 0}, body: func() {
		s.soft("Y15")
	}})
	s.each(elements{name: "softEach", doc: "sets dst to the soft threshold of v at the entries of t.", in: []string{"v", "t"}, outs: []string{"dst"}, out: map[string]int{"dst": 0}, body: func() {
		s.soft("Y1")
	}})
	one := func(name, doc string, body func()) {
		s.each(elements{name: name, doc: doc, in: []string{"x"}, outs: []string{"dst"}, out: map[string]int{"dst": 0}, body: body})
	}
	one("exp", "sets dst = eˣ.", s.exp64)
	one("sigmoid", "sets dst = 1/(1+e⁻ˣ).", func() {
		s.op("VXORPD", s.bits64("signD", 1<<63), "Y0", "Y0")
		s.exp64()
		s.op("VMOVUPD", s.c64("oneD", 1), "Y1")
		s.op("VADDPD", "Y0", "Y1", "Y0")
		s.op("VDIVPD", "Y0", "Y1", "Y0")
	})
	one("tanh", "sets dst = tanh x.", func() {
		s.op("VANDPD", s.bits64("signD", 1<<63), "Y0", "Y5")
		s.op("VXORPD", "Y5", "Y0", "Y0")
		s.op("VADDPD", "Y0", "Y0", "Y0")
		s.op("VMOVUPD", s.c64("fortyD", 44), "Y4")
		s.op("VMINPD", "Y0", "Y4", "Y0")
		s.reduce64("Y0", "Y1", "Y2")
		s.op("VMULPD", "Y0", "Y2", "Y2")
		s.op("VFMADD213PD", "Y0", "Y0", "Y2") // eʳ − 1
		s.power("Y1", "Y3")
		s.op("VSUBPD", s.c64("oneD", 1), "Y3", "Y4")
		s.op("VFMADD213PD", "Y4", "Y3", "Y2") // E
		s.op("VADDPD", s.c64("twoD", 2), "Y2", "Y4")
		s.op("VDIVPD", "Y4", "Y2", "Y0")
		s.op("VORPD", "Y5", "Y0", "Y0")
	})
	s.each(elements{
		name: "adam", doc: "is one step of Adam.", scalars: []string{"beta1", "rest1", "beta2", "rest2", "lr", "fix2", "eps"},
		in: []string{"x", "m", "v", "grad"}, outs: []string{"x", "m", "v"}, out: map[string]int{"x": 0, "m": 1, "v": 2}, body: func() {
			s.op("VMULPD", "Y15", "Y1", "Y1")
			s.op("VFMADD231PD", "Y14", "Y3", "Y1")
			s.op("VMULPD", "Y3", "Y3", "Y3")
			s.op("VMULPD", "Y13", "Y2", "Y2")
			s.op("VFMADD231PD", "Y12", "Y3", "Y2")
			s.op("VMULPD", "Y10", "Y2", "Y4")
			s.op("VSQRTPD", "Y4", "Y4")
			s.op("VADDPD", "Y8", "Y4", "Y4")
			s.op("VMULPD", "Y11", "Y1", "Y5")
			s.op("VDIVPD", "Y4", "Y5", "Y5")
			s.op("VSUBPD", "Y5", "Y0", "Y0")
		},
	})
}
