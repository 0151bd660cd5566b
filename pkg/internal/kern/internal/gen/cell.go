package main

import (
	"fmt"
	"math"
)

// c32 is the operand of a float32 constant, repeated over a vector.
func (s ymm) c32(name string, x float32) string {
	return s.constant(name, uint64(math.Float32bits(x)), 4, 32)
}

// The exponential: eˣ = 2ⁿ·eʳ with n = round(x·log₂e) and r = x − n·ln 2, ln 2 in
// two parts; eʳ = 1 + r + r²·(c₂ + c₃r + … + c₆r⁴), fitted to |r| ≤ ½ ln 2 with a
// relative error of 4e-9. Adding magic to x·log₂e rounds it and leaves n + 127,
// the exponent of 2ⁿ, in the low bits. The same numbers stand in go_math.go.
const (
	log2e = 1.4426950408889634
	ln2hi = 0.693359375
	ln2lo = -2.12194440e-4
	magic = 1.5*(1<<23) + 127
	limit = 87
)

var taylor = []float32{0.49999994, 0.1666652, 0.0416684, 0.008368851, 0.001381432} // c₂ … c₆

// Registers that all bodies of cellForward share.
const (
	yHi, yLo, yOne = "Y15", "Y14", "Y13"
)

// sigmoid is x ← 1/(1+e⁻ˣ) with temporaries t and n.
func (s ymm) sigmoid(x, t, n string) (f stream) {
	f.op("VMINPS", x, yHi, x) // in this order a NaN stays a NaN
	f.op("VMAXPS", x, yLo, x)
	f.op("VMOVUPS", s.c32("magic", magic), t)
	f.op("VFNMADD231PS", s.c32("log2e", log2e), x, t)
	f.op("VSUBPS", s.c32("magic", magic), t, n)
	f.op("VFMADD231PS", s.c32("ln2hi", ln2hi), n, x) // x ← −r
	f.op("VFMADD231PS", s.c32("ln2lo", ln2lo), n, x)
	f.op("VMOVUPS", s.c32("c6", taylor[4]), n)
	f.op("VFMSUB213PS", s.c32("c5", taylor[3]), x, n)
	f.op("VFMADD213PS", s.c32("c4", taylor[2]), x, n)
	f.op("VFMSUB213PS", s.c32("c3", taylor[1]), x, n)
	f.op("VFMADD213PS", s.c32("c2", taylor[0]), x, n)
	f.op("VFMSUB213PS", yOne, x, n)
	f.op("VFMADD213PS", yOne, x, n)
	f.op("VPSLLD", 23, t, t)
	f.op("VFMADD213PS", yOne, t, n) // 1 + 2ⁿeʳ
	f.op("VDIVPS", n, yOne, x)
	return f
}

// tanh is x ← tanh x with temporaries sign, t and n: E/(E+2) with E = e²ˣ − 1 =
// 2ⁿ(eʳ−1) + (2ⁿ−1) for |x|, which keeps its relative accuracy for tiny x.
func (s ymm) tanh(x, sign, t, n string) (f stream) {
	f.op("VANDPS", s.constant("signbit", 1<<31, 4, 32), x, sign)
	f.op("VXORPS", sign, x, x)
	f.op("VADDPS", x, x, x)
	f.op("VMINPS", x, yHi, x)
	f.op("VMOVUPS", s.c32("magic", magic), t)
	f.op("VFMADD231PS", s.c32("log2e", log2e), x, t)
	f.op("VSUBPS", s.c32("magic", magic), t, n)
	f.op("VFNMADD231PS", s.c32("ln2hi", ln2hi), n, x)
	f.op("VFNMADD231PS", s.c32("ln2lo", ln2lo), n, x)
	f.op("VMOVUPS", s.c32("c6", taylor[4]), n)
	f.op("VFMADD213PS", s.c32("c5", taylor[3]), x, n)
	f.op("VFMADD213PS", s.c32("c4", taylor[2]), x, n)
	f.op("VFMADD213PS", s.c32("c3", taylor[1]), x, n)
	f.op("VFMADD213PS", s.c32("c2", taylor[0]), x, n)
	f.op("VMULPS", x, n, n)
	f.op("VFMADD213PS", x, x, n) // eʳ − 1
	f.op("VPSLLD", 23, t, t)
	f.op("VSUBPS", yOne, t, x)
	f.op("VFMADD213PS", x, t, n) // E
	f.op("VADDPS", s.c32("two", 2), n, t)
	f.op("VDIVPS", t, n, x)
	f.op("VORPS", sign, x, x)
	return f
}

// place is where eight numbers of a kernel live: a gate of the row at the gates'
// pointer (columns 0 to 3 of a row of 4h), or an array of h numbers per row at
// the common offset.
type place struct {
	base string
	gate int // -1: an array
}

// tail says which numbers of a row a body works on: a full vector, those that the
// mask selects, or the last four of two rows at once.
type tail int

const (
	full tail = iota
	masked
	joined
)

// cell is the frame that both LSTM kernels share: pointers into rows of gates
// step along DI (and SI), arrays of h per row share the offset CX; BX is the
// bytes of h numbers, R8 three times that; R9, R10 and R13 are where DI, SI and
// CX were in the row before.
type cell struct {
	ymm
	arg  func(string) string
	mask string // the register that holds it in masked bodies
}

func (c cell) operands(p place) (here, before string) {
	if p.gate < 0 {
		return fmt.Sprintf("(%s)(CX*1)", p.base), fmt.Sprintf("(%s)(R13*1)", p.base)
	}
	step := []string{"", "(BX*1)", "(BX*2)", "(R8*1)"}[p.gate]
	second := map[string]string{"DI": "R9", "SI": "R10"}[p.base]
	return "(" + p.base + ")" + step, "(" + second + ")" + step
}

// arm loads the mask for the masked moves that follow.
func (c cell) arm(k tail) {
	if k == masked {
		c.op("MOVQ", c.arg("mask"), "R9")
		c.op("VMOVUPS", "(R9)", c.mask)
	}
}

func (c cell) load(k tail, p place, n int) {
	here, before := c.operands(p)
	switch k {
	case full:
		c.op("VMOVUPS", here, y(n))
	case masked:
		c.op("VMASKMOVPS", here, c.mask, y(n))
	case joined:
		c.op("VMOVUPS", before, fmt.Sprint("X", n))
		c.op("VINSERTF128", 1, here, y(n), y(n))
	}
}

func (c cell) store(k tail, n int, p place) {
	here, before := c.operands(p)
	switch k {
	case full:
		c.op("VMOVUPS", y(n), here)
	case masked:
		c.op("VMASKMOVPS", y(n), c.mask, here)
	case joined:
		c.op("VMOVUPS", fmt.Sprint("X", n), before)
		c.op("VEXTRACTF128", 1, y(n), here)
	}
}

// rows runs body over r rows of h units. A remainder of four units waits for the
// next row and shares a vector with it; any other remainder is masked.
func (c cell) rows(pointers []string, body func(tail)) {
	row, inner, rest := c.fresh("row"), c.fresh("inner"), c.fresh("rest")
	before, join, mask, next, end := c.fresh("before"), c.fresh("join"), c.fresh("masked"), c.fresh("next"), c.fresh("end")
	const odd = "odd-8(SP)" // whether this row is the second of a pair
	c.op("MOVQ", c.arg("r"), "AX")
	c.op("MOVQ", c.arg("h"), "BX")
	c.op("SHLQ", 2, "BX")
	c.op("LEAQ", "(BX)(BX*2)", "R8")
	c.op("XORQ", "CX", "CX")
	c.op("MOVQ", 0, odd)
	c.op("TESTQ", "AX", "AX")
	c.op("JLE", end)
	c.label(row)
	c.op("MOVQ", c.arg("h"), "R9")
	c.op("SHRQ", 3, "R9")
	c.op("JZ", rest)
	c.op("PCALIGN", 32)
	c.label(inner)
	body(full)
	for _, p := range pointers {
		c.op("ADDQ", 32, p)
	}
	c.op("ADDQ", 32, "CX")
	c.op("DECQ", "R9")
	c.op("JNZ", inner)
	c.label(rest)
	c.op("MOVQ", c.arg("h"), "R9")
	c.op("ANDQ", 7, "R9")
	c.op("JZ", next)
	c.op("CMPQ", "R9", 4)
	c.op("JNE", mask)
	c.op("MOVQ", "CX", "R13")
	c.op("MOVQ", "DI", "R9")
	c.op("MOVQ", "SI", "R10")
	c.op("CMPQ", odd, 0)
	c.op("JNE", before)
	c.op("CMPQ", "AX", 1)
	c.op("JNE", next)
	c.op("JMP", join) // the last row, alone: joined with itself
	c.label(before)
	c.op("SUBQ", "BX", "R13")
	c.op("MOVQ", "BX", "R9")
	c.op("NEGQ", "R9")
	c.op("LEAQ", "(SI)(R9*4)", "R10")
	c.op("LEAQ", "(DI)(R9*4)", "R9")
	c.label(join)
	body(joined)
	c.op("JMP", next)
	c.label(mask)
	body(masked)
	c.label(next)
	c.op("XORQ", 1, odd)
	c.op("MOVQ", c.arg("h"), "R9")
	c.op("ANDQ", 7, "R9")
	c.op("SHLQ", 2, "R9")
	c.op("ADDQ", "R9", "CX")
	c.op("ADDQ", "R8", "R9")
	for _, p := range pointers {
		c.op("ADDQ", "R9", p)
	}
	c.op("DECQ", "AX")
	c.op("JNZ", row)
	c.label(end)
	c.op("VZEROUPPER")
	c.ret()
}

// cellGates turns pre-activations into gates and writes c; cellOutput writes t and
// h. They are two passes because a processor looks ahead over a few hundred
// instructions only: in one pass the tanh of c would wait at the end of a long
// chain of dependent ones.
func (s ymm) cellGates() {
	arg := s.flushing(f32, "turns pre-activations into gates and writes c; mask selects the last h mod 8 units.",
		"cellGatesAVX2", "r, h int, z, cPrev, c *float32, mask *byte", 8)
	k := cell{s, arg, "Y12"}
	s.op("MOVQ", arg("z"), "DI")
	s.op("MOVQ", arg("cPrev"), "R14")
	s.op("MOVQ", arg("c"), "DX")
	s.op("VMOVUPS", s.c32("hi", limit), yHi)
	s.op("VMOVUPS", s.c32("lo", -limit), yLo)
	s.op("VMOVUPS", s.c32("one", 1), yOne)
	k.rows([]string{"DI"}, func(w tail) {
		k.arm(w)
		for g, reg := range []int{0, 3, 6, 10} {
			k.load(w, place{"DI", g}, reg)
		}
		s.interleave(s.sigmoid("Y0", "Y1", "Y2"), s.sigmoid("Y3", "Y4", "Y5"), s.tanh("Y6", "Y7", "Y8", "Y9"), s.sigmoid("Y10", "Y11", "Y12"))
		k.arm(w)
		for g, reg := range []int{0, 3, 6, 10} {
			k.store(w, reg, place{"DI", g})
		}
		k.load(w, place{"R14", -1}, 4)
		s.op("VMULPS", "Y4", "Y3", "Y4")
		s.op("VFMADD231PS", "Y0", "Y6", "Y4")
		k.store(w, 4, place{"DX", -1})
	})
}

func (s ymm) cellOutput() {
	arg := s.flushing(f32, "writes t = tanh c and h = o⊙t; mask selects the last h mod 8 units.",
		"cellOutputAVX2", "r, h int, z, c, t, hOut *float32, mask *byte", 8)
	k := cell{s, arg, "Y12"}
	s.op("MOVQ", arg("z"), "DI")
	s.op("MOVQ", arg("c"), "DX")
	s.op("MOVQ", arg("t"), "R11")
	s.op("MOVQ", arg("hOut"), "R12")
	s.op("VMOVUPS", s.c32("hi", limit), yHi)
	s.op("VMOVUPS", s.c32("one", 1), yOne)
	k.rows([]string{"DI"}, func(w tail) {
		k.arm(w)
		k.load(w, place{"DX", -1}, 0)
		k.load(w, place{"DI", 3}, 4)
		s.interleave(s.tanh("Y0", "Y1", "Y2", "Y3"))
		k.store(w, 0, place{"R11", -1})
		s.op("VMULPS", "Y0", "Y4", "Y4")
		k.store(w, 4, place{"R12", -1})
	})
}

func (s ymm) cellBackward() {
	arg := s.flushing(f32, "is the adjoint of an LSTM step; dc may be nil, mask selects the last h mod 8 units.",
		"cellBackwardAVX2", "r, h int, gates, cPrev, t, dh, dc, dz, dcPrev *float32, mask *byte", 8)
	k := cell{s, arg, "Y14"}
	s.op("VMOVUPS", s.c32("one", 1), "Y15")
	s.op("MOVQ", arg("gates"), "DI")
	s.op("MOVQ", arg("dz"), "SI")
	s.op("MOVQ", arg("cPrev"), "DX")
	s.op("MOVQ", arg("t"), "R11")
	s.op("MOVQ", arg("dh"), "R12")
	s.op("MOVQ", arg("dc"), "R14")
	s.op("MOVQ", arg("dcPrev"), "R15")
	k.rows([]string{"DI", "SI"}, func(w tail) {
		const t, o, a, b, d, in, g, f, x, yy, c = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
		nothing := s.fresh("nothing")
		k.arm(w)
		k.load(w, place{"R11", -1}, t)
		k.load(w, place{"DI", 3}, o)
		k.load(w, place{"R12", -1}, a)
		s.op("VMULPS", y(o), y(a), y(a)) // a = dh·o
		s.op("VMULPS", y(t), y(a), y(b)) // b = a·t
		s.op("VFNMADD231PS", y(t), y(b), y(a))
		s.op("TESTQ", "R14", "R14")
		s.op("JZ", nothing)
		k.load(w, place{"R14", -1}, d)
		s.op("VADDPS", y(d), y(a), y(a)) // a = d
		s.label(nothing)
		s.op("VSUBPS", y(o), "Y15", y(o))
		s.op("VMULPS", y(o), y(b), y(b))
		k.load(w, place{"DI", 0}, in)
		k.load(w, place{"DI", 2}, g)
		k.load(w, place{"DI", 1}, f)
		k.load(w, place{"DX", -1}, c)
		s.op("VMULPS", y(in), y(a), y(x)) // x = d·i
		s.op("VMULPS", y(g), y(x), y(yy)) // y = x·g
		s.op("VMULPS", y(f), y(a), y(a))  // a = d·f
		s.op("VFNMADD231PS", y(g), y(yy), y(x))
		s.op("VSUBPS", y(in), "Y15", y(in))
		s.op("VSUBPS", y(f), "Y15", y(f))
		s.op("VMULPS", y(in), y(yy), y(yy))
		s.op("VMULPS", y(c), y(a), y(c))
		s.op("VMULPS", y(f), y(c), y(c))
		k.store(w, yy, place{"SI", 0})
		k.store(w, c, place{"SI", 1})
		k.store(w, x, place{"SI", 2})
		k.store(w, b, place{"SI", 3})
		k.store(w, a, place{"R15", -1})
	})
}
