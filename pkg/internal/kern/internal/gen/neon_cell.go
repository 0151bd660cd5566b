package main

import (
	"fmt"
	"math"
)

// Registers of constants in the cell.
const (
	nHi = 17 + iota
	nLo
	nMagic
	nLog2e
	nLn2hi
	nLn2lo
	nC2
	nC3
	nC4
	nC5
	nC6
	nOne
	nTwo
	nSign
)

func (s neon) constants() {
	for i, x := range []float32{limit, -limit, magic, log2e, ln2hi, ln2lo, taylor[0], taylor[1], taylor[2], taylor[3], taylor[4], 1, 2, float32(math.Copysign(0, -1))} {
		s.op("MOVD", "$"+s.constant(fmt.Sprint("cell", i), uint64(math.Float32bits(x)), 4, 16), "R20")
		s.op("FMOVQ", "(R20)", fr(nHi+i))
	}
}

// Instructions of streams.
func (t *stream) word(code, a, b, dst int) {
	t.op("WORD", fmt.Sprintf("$0x%08x", code|b<<16|a<<5|dst))
}

func (t *stream) three(op string, a, b, dst int, lane string) {
	t.op(op, v(a)+lane, v(b)+lane, v(dst)+lane)
}

func (t *stream) move(from, to int) { t.op("VMOV", v(from)+".B16", v(to)+".B16") }

// reduce turns x into r, leaves n + 127 in the low bits of t and the polynomial
// (eʳ−1−r)/r² in p; q is free.
func (t *stream) reduce(x, sum, p, q int) {
	t.move(nMagic, sum)
	t.three("VFMLA", nLog2e, x, sum, ".S4")
	t.word(fsub, sum, nMagic, p)
	t.three("VFMLS", nLn2hi, p, x, ".S4")
	t.three("VFMLS", nLn2lo, p, x, ".S4")
	t.move(nC5, q)
	t.three("VFMLA", nC6, x, q, ".S4")
	t.move(nC4, p)
	t.three("VFMLA", q, x, p, ".S4")
	t.move(nC3, q)
	t.three("VFMLA", p, x, q, ".S4")
	t.move(nC2, p)
	t.three("VFMLA", q, x, p, ".S4")
	t.op("VSHL", 23, v(sum)+".S4", v(sum)+".S4")
}

func (s neon) sigmoid(x, sum, p, q int) (f stream) {
	f.word(fneg, x, 0, x)
	f.word(fmin, x, nHi, x)
	f.word(fmax, x, nLo, x)
	f.reduce(x, sum, p, q)
	f.move(nOne, q)
	f.three("VFMLA", p, x, q, ".S4")
	f.move(nOne, p)
	f.three("VFMLA", q, x, p, ".S4") // eʳ
	f.move(nOne, q)
	f.three("VFMLA", sum, p, q, ".S4")
	f.word(fdiv, nOne, q, x)
	return f
}

func (s neon) tanh(x, sign, sum, p, q int) (f stream) {
	f.three("VAND", nSign, x, sign, ".B16")
	f.three("VEOR", sign, x, x, ".B16")
	f.word(fadd, x, x, x)
	f.word(fmin, x, nHi, x)
	f.reduce(x, sum, p, q)
	f.word(fmul, p, x, p)
	f.move(x, q)
	f.three("VFMLA", p, x, q, ".S4") // eʳ − 1
	f.word(fsub, sum, nOne, p)
	f.three("VFMLA", q, sum, p, ".S4") // E
	f.word(fadd, p, nTwo, q)
	f.word(fdiv, p, q, x)
	f.three("VORR", sign, x, x, ".B16")
	return f
}

// rows runs body over r rows and the first h − h mod 4 units. Registers: R10 to
// R13 are gates i f g o of a row, and so are the four from second if it is not
// zero; plain lists registers of arrays with h numbers per row; after
// runs at the end of each.
func (s neon) rows(arg func(string) string, gates, second string, plain map[string]int, order []string, body, after func()) {
	row, inner, next, end := s.fresh("row"), s.fresh("inner"), s.fresh("next"), s.fresh("end")
	s.op("MOVD", arg("r"), "R0")
	s.op("MOVD", arg("h"), "R1")
	s.op("LSL", 2, "R1", "R2")
	all := []int{10, 11, 12, 13}
	s.op("MOVD", arg(gates), "R10")
	if second != "" {
		s.op("MOVD", arg(second), "R21")
		all = append(all, 21, 22, 23, 24)
	}
	for i := 1; i < 4; i++ {
		s.op("ADD", "R2", r(9+i), r(10+i))
		if second != "" {
			s.op("ADD", "R2", r(20+i), r(21+i))
		}
	}
	for _, id := range order {
		s.op("MOVD", arg(id), r(plain[id]))
	}
	s.op("AND", 3, "R1", "R3")
	s.op("LSL", 2, "R3") // bytes left over per row
	s.op("ADD", "R2<<1", "R2", "R4")
	s.op("ADD", "R3", "R4") // from the end of a gate to its next row
	s.op("CBZ", "R0", end)
	s.label(row)
	s.op("LSR", 2, "R1", "R5")
	s.op("CBZ", "R5", next)
	s.label(inner)
	body()
	s.op("SUB", 1, "R5")
	s.op("CBNZ", "R5", inner)
	s.label(next)
	for _, g := range all {
		s.op("ADD", "R4", r(g))
	}
	for _, id := range order {
		s.op("ADD", "R3", r(plain[id]))
	}
	after()
	s.op("SUB", 1, "R0")
	s.op("CBNZ", "R0", row)
	s.label(end)
	s.ret()
}

func (s neon) load(pointer, reg int) { s.op("FMOVQ.P", fmt.Sprintf("16(%s)", r(pointer)), fr(reg)) }

func (s neon) store(reg, pointer int) { s.op("FMOVQ.P", fr(reg), fmt.Sprintf("16(%s)", r(pointer))) }

// cellGates and cellOutput are those of ymm for the first h − h mod 4 units.
func (s neon) cellGates() {
	arg := s.flushing(f32, "turns pre-activations into gates and writes c, but for the last h mod 4 units.",
		"cellGatesNEON", "r, h int, z, cPrev, c *float32", 0)
	s.constants()
	s.rows(arg, "z", "", map[string]int{"cPrev": 14, "c": 15}, []string{"cPrev", "c"}, func() {
		at := []int{0, 4, 8, 13}
		for g, reg := range at {
			s.op("FMOVQ", fmt.Sprintf("(%s)", r(10+g)), fr(reg))
		}
		s.interleave(s.sigmoid(0, 1, 2, 3), s.sigmoid(4, 5, 6, 7), s.tanh(8, 9, 10, 11, 12), s.sigmoid(13, 14, 15, 16))
		for g, reg := range at {
			s.store(reg, 10+g)
		}
		s.load(14, 1)
		s.word(fmul, 1, 4, 1)
		s.fma(f32, 0, 8, 1)
		s.store(1, 15)
	}, func() {})
}

func (s neon) cellOutput() {
	arg := s.flushing(f32, "writes t = tanh c and h = o⊙t, but for the last h mod 4 units.",
		"cellOutputNEON", "r, h int, z, c, t, hOut *float32", 0)
	s.constants()
	s.rows(arg, "z", "", map[string]int{"c": 14, "t": 15, "hOut": 19}, []string{"c", "t", "hOut"}, func() {
		s.load(14, 0)
		s.op("FMOVQ", "(R13)", "F5")
		s.interleave(s.tanh(0, 1, 2, 3, 4))
		s.store(0, 15)
		s.word(fmul, 0, 5, 5)
		s.store(5, 19)
		for g := range 4 {
			s.op("ADD", 16, r(10+g))
		}
	}, func() {})
}

func (s neon) cellBackward() {
	arg := s.flushing(f32, "is the adjoint of an LSTM step, but for the last h mod 4 units; dc may be nil.",
		"cellBackwardNEON", "r, h int, gates, cPrev, t, dh, dc, dz, dcPrev *float32", 0)
	s.constants()
	order := []string{"cPrev", "t", "dh", "dcPrev"}
	s.op("MOVD", arg("dc"), "R6")
	s.rows(arg, "gates", "dz", map[string]int{"cPrev": 14, "t": 15, "dh": 19, "dcPrev": 20}, order, func() {
		const t, o, a, b, d, in, g, f, x, y, c = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
		nothing := s.fresh("nothing")
		s.load(15, t)
		s.load(13, o)
		s.load(19, a)
		s.word(fmul, a, o, a) // a = dh·o
		s.word(fmul, a, t, b) // b = a·t
		s.op("VFMLS", v(b)+".S4", v(t)+".S4", v(a)+".S4")
		s.op("CBZ", "R6", nothing)
		s.op("FMOVQ", "(R6)", fr(d))
		s.word(fadd, a, d, a)
		s.op("ADD", 16, "R6")
		s.label(nothing)
		s.word(fsub, nOne, o, o)
		s.word(fmul, b, o, b)
		s.load(10, in)
		s.load(12, g)
		s.load(11, f)
		s.load(14, c)
		s.word(fmul, a, in, x) // x = d·i
		s.word(fmul, x, g, y)  // y = x·g
		s.word(fmul, a, f, a)  // a = d·f
		s.op("VFMLS", v(y)+".S4", v(g)+".S4", v(x)+".S4")
		s.word(fsub, nOne, in, in)
		s.word(fsub, nOne, f, f)
		s.word(fmul, y, in, y)
		s.word(fmul, a, c, c)
		s.word(fmul, c, f, c)
		s.store(y, 21)
		s.store(c, 22)
		s.store(x, 23)
		s.store(b, 24)
		s.store(a, 20)
	}, func() {
		nothing := s.fresh("nothing")
		s.op("CBZ", "R6", nothing)
		s.op("ADD", "R3", "R6")
		s.label(nothing)
	})
}
