package main

import (
	"fmt"
	"math"
)

// zmm writes AVX-512 code.
type zmm struct{ *source }

func z(n int) string { return fmt.Sprint("Z", n) }

// Registers of constants.
const (
	zLog2e, zLn2hi, zLn2lo              = "Z16", "Z17", "Z18"
	zC2, zC3, zC4, zC5, zC6             = "Z19", "Z20", "Z21", "Z22", "Z23"
	zOne, zTwo, zHi, zLo, zMagic, zSign = "Z24", "Z25", "Z26", "Z27", "Z28", "Z29"
)

func (s zmm) constants() {
	for reg, x := range []float32{log2e, ln2hi, ln2lo, taylor[0], taylor[1], taylor[2], taylor[3], taylor[4], 1, 2, limit, -limit, magic, float32(math.Copysign(0, -1))} {
		s.op("VBROADCASTSS", s.constant(fmt.Sprint("scalar", reg), uint64(math.Float32bits(x)), 4, 4), z(16+reg))
	}
}

// sigmoid and tanh are those of ymm, with all constants in registers.
func (s zmm) sigmoid(x, t, n string) (f stream) {
	f.op("VMINPS", x, zHi, x)
	f.op("VMAXPS", x, zLo, x)
	f.op("VMOVAPS", zMagic, t)
	f.op("VFNMADD231PS", zLog2e, x, t)
	f.op("VSUBPS", zMagic, t, n)
	f.op("VFMADD231PS", zLn2hi, n, x)
	f.op("VFMADD231PS", zLn2lo, n, x)
	f.op("VMOVAPS", zC6, n)
	f.op("VFMSUB213PS", zC5, x, n)
	f.op("VFMADD213PS", zC4, x, n)
	f.op("VFMSUB213PS", zC3, x, n)
	f.op("VFMADD213PS", zC2, x, n)
	f.op("VFMSUB213PS", zOne, x, n)
	f.op("VFMADD213PS", zOne, x, n)
	f.op("VPSLLD", 23, t, t)
	f.op("VFMADD213PS", zOne, t, n)
	f.op("VDIVPS", n, zOne, x)
	return f
}

func (s zmm) tanh(x, sign, t, n string) (f stream) {
	f.op("VPANDD", zSign, x, sign)
	f.op("VPXORD", sign, x, x)
	f.op("VADDPS", x, x, x)
	f.op("VMINPS", x, zHi, x)
	f.op("VMOVAPS", zMagic, t)
	f.op("VFMADD231PS", zLog2e, x, t)
	f.op("VSUBPS", zMagic, t, n)
	f.op("VFNMADD231PS", zLn2hi, n, x)
	f.op("VFNMADD231PS", zLn2lo, n, x)
	f.op("VMOVAPS", zC6, n)
	f.op("VFMADD213PS", zC5, x, n)
	f.op("VFMADD213PS", zC4, x, n)
	f.op("VFMADD213PS", zC3, x, n)
	f.op("VFMADD213PS", zC2, x, n)
	f.op("VMULPS", x, n, n)
	f.op("VFMADD213PS", x, x, n)
	f.op("VPSLLD", 23, t, t)
	f.op("VSUBPS", zOne, t, x)
	f.op("VFMADD213PS", x, t, n)
	f.op("VADDPS", zTwo, n, t)
	f.op("VDIVPS", t, n, x)
	f.op("VPORD", sign, x, x)
	return f
}

// corner is where sixteen numbers of the cell live: gate 0 to 3 of the row at DI,
// or an array of h numbers per row at the offset CX (gate −1).
type corner struct {
	base string
	gate int
}

// four returns the places of four numbers in this row and the three before, by
// way of R13.
func (s zmm) four(p corner) []string {
	if p.gate < 0 {
		s.op("LEAQ", fmt.Sprintf("(%s)(CX*1)", p.base), "R13")
		s.op("SUBQ", "R8", "R13")
		return []string{"(R13)", "(R13)(BX*1)", "(R13)(BX*2)", "(R13)(R8*1)"}
	}
	s.op("LEAQ", "(DI)"+[]string{"", "(BX*1)", "(BX*2)", "(R8*1)"}[p.gate], "R13")
	s.op("SUBQ", "R9", "R13")
	return []string{"(R13)", "(R13)(R10*1)", "(R13)(R10*2)", "(R13)(R9*1)"}
}

func (p corner) here() string {
	if p.gate < 0 {
		return fmt.Sprintf("(%s)(CX*1)", p.base)
	}
	return "(DI)" + []string{"", "(BX*1)", "(BX*2)", "(R8*1)"}[p.gate]
}

func (s zmm) load(k tail, p corner, n int) {
	switch k {
	case full:
		s.op("VMOVUPS", p.here(), z(n))
	case masked:
		s.op("VMOVUPS.Z", p.here(), "K1", z(n))
	case joined:
		for i, mem := range s.four(p) {
			if i == 0 {
				s.op("VMOVUPS", mem, fmt.Sprint("X", n))
			} else {
				s.op("VINSERTF32X4", i, mem, z(n), z(n))
			}
		}
	}
}

func (s zmm) store(k tail, n int, p corner) {
	switch k {
	case full:
		s.op("VMOVUPS", z(n), p.here())
	case masked:
		s.op("VMOVUPS", z(n), "K1", p.here())
	case joined:
		for i, mem := range s.four(p) {
			if i == 0 {
				s.op("VMOVUPS", fmt.Sprint("X", n), mem)
			} else {
				s.op("VEXTRACTF32X4", i, z(n), mem)
			}
		}
	}
}

// rows runs body over r rows of h units. A remainder of four units waits until
// four rows can share a vector; any other remainder, and those of the last rows,
// are masked. BX, R8, R10 and R9 are 1, 3, 4 and 12 times the bytes of h numbers.
func (s zmm) rows(arg func(string) string, body func(tail)) {
	row, inner, rest, mask, next, end := s.fresh("row"), s.fresh("inner"), s.fresh("rest"), s.fresh("masked"), s.fresh("next"), s.fresh("end")
	some := s.fresh("some")
	const held = "held-8(SP)" // rows whose remainder waits
	s.op("MOVQ", arg("r"), "AX")
	s.op("MOVQ", arg("h"), "BX")
	s.op("SHLQ", 2, "BX")
	s.op("LEAQ", "(BX)(BX*2)", "R8")
	s.op("LEAQ", "(BX*4)", "R10")
	s.op("LEAQ", "(R10)(R10*2)", "R9")
	s.op("MOVQ", arg("mask"), "CX")
	s.op("KMOVW", "CX", "K1")
	s.constants()
	s.op("XORQ", "CX", "CX")
	s.op("MOVQ", 0, held)
	s.op("TESTQ", "AX", "AX")
	s.op("JLE", end)
	s.label(row)
	s.op("MOVQ", arg("h"), "SI")
	s.op("SHRQ", 4, "SI")
	s.op("JZ", rest)
	s.op("PCALIGN", 32)
	s.label(inner)
	body(full)
	s.op("ADDQ", 64, "DI")
	s.op("ADDQ", 64, "CX")
	s.op("DECQ", "SI")
	s.op("JNZ", inner)
	s.label(rest)
	s.op("MOVQ", arg("h"), "SI")
	s.op("ANDQ", 15, "SI")
	s.op("JZ", next)
	s.op("CMPQ", "SI", 4)
	s.op("JNE", mask)
	s.op("CMPQ", held, 0)
	s.op("JNE", some)
	s.op("CMPQ", "AX", 4)
	s.op("JLT", mask)
	s.label(some)
	s.op("INCQ", held)
	s.op("CMPQ", held, 4)
	s.op("JNE", next)
	s.op("MOVQ", 0, held)
	body(joined)
	s.op("JMP", next)
	s.label(mask)
	body(masked)
	s.label(next)
	s.op("SHLQ", 2, "SI")
	s.op("ADDQ", "SI", "CX")
	s.op("ADDQ", "SI", "DI")
	s.op("ADDQ", "R8", "DI")
	s.op("DECQ", "AX")
	s.op("JNZ", row)
	s.label(end)
	s.op("VZEROUPPER")
	s.ret()
}

// cellGates and cellOutput are those of ymm.
func (s zmm) cellGates() {
	arg := s.flushing(f32, "turns pre-activations into gates and writes c; the low h mod 16 bits of mask are set.",
		"cellGatesAVX512", "r, h int, z, cPrev, c *float32, mask int", 8)
	s.op("MOVQ", arg("z"), "DI")
	s.op("MOVQ", arg("cPrev"), "R14")
	s.op("MOVQ", arg("c"), "DX")
	s.rows(arg, func(w tail) {
		for g, reg := range []int{0, 3, 6, 10} {
			s.load(w, corner{"", g}, reg)
		}
		s.interleave(s.sigmoid("Z0", "Z1", "Z2"), s.sigmoid("Z3", "Z4", "Z5"), s.tanh("Z6", "Z7", "Z8", "Z9"), s.sigmoid("Z10", "Z11", "Z12"))
		for g, reg := range []int{0, 3, 6, 10} {
			s.store(w, reg, corner{"", g})
		}
		s.load(w, corner{"R14", -1}, 4)
		s.op("VMULPS", "Z4", "Z3", "Z4")
		s.op("VFMADD231PS", "Z0", "Z6", "Z4")
		s.store(w, 4, corner{"DX", -1})
	})
}

func (s zmm) cellOutput() {
	arg := s.flushing(f32, "writes t = tanh c and h = o⊙t; the low h mod 16 bits of mask are set.",
		"cellOutputAVX512", "r, h int, z, c, t, hOut *float32, mask int", 8)
	s.op("MOVQ", arg("z"), "DI")
	s.op("MOVQ", arg("c"), "DX")
	s.op("MOVQ", arg("t"), "R11")
	s.op("MOVQ", arg("hOut"), "R12")
	s.rows(arg, func(w tail) {
		s.load(w, corner{"DX", -1}, 0)
		s.load(w, corner{"", 3}, 4)
		s.interleave(s.tanh("Z0", "Z1", "Z2", "Z3"))
		s.store(w, 0, corner{"R11", -1})
		s.op("VMULPS", "Z0", "Z4", "Z4")
		s.store(w, 4, corner{"R12", -1})
	})
}
