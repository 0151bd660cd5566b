package main

import (
	"fmt"
	"strings"
)

// copies writes a copy of k rows of count·w bytes, bs apart, as count panels of w bytes
// a row, one panel after the other; w is 32 or a multiple of 64. Rows may be far apart in
// far memory, where the processor does not guess the next: they are fetched ahead.
func (s zmm) copies() {
	arg := s.fn("copies k rows of count·w bytes, which are bs apart, to count panels; w is 32 or a multiple of 64.", "copyAVX512",
		"k, count, w int, b *byte, bs int, dst *byte", 0)
	end := s.fresh("end")
	for _, load := range [][2]string{{"k", "AX"}, {"w", "DX"}, {"b", "SI"}, {"bs", "R8"}, {"dst", "DI"}} {
		s.op("MOVQ", arg(load[0]), load[1])
	}
	s.op("MOVQ", "DX", "R9")
	s.op("IMULQ", "AX", "R9")         // from panel to panel
	s.op("LEAQ", "(SI)(R8*8)", "R10") // eight rows ahead
	s.op("TESTQ", "AX", "AX")
	s.op("JLE", end)
	row, narrow, next := s.fresh("row"), s.fresh("narrow"), s.fresh("next")
	s.label(row)
	s.op("MOVQ", arg("count"), "CX")
	s.op("MOVQ", "DI", "R11")
	s.op("XORQ", "BX", "BX")
	s.op("CMPQ", "DX", 32)
	s.op("JEQ", narrow)
	panel, vector := s.fresh("panel"), s.fresh("vector")
	s.label(panel)
	s.op("XORQ", "R12", "R12")
	s.label(vector)
	s.op("PREFETCHT0", "(R10)(BX*1)")
	s.op("VMOVUPS", "(SI)(BX*1)", "Z0")
	s.op("VMOVUPS", "Z0", "(R11)(R12*1)")
	s.op("ADDQ", 64, "BX")
	s.op("ADDQ", 64, "R12")
	s.op("CMPQ", "R12", "DX")
	s.op("JLT", vector)
	s.op("ADDQ", "R9", "R11")
	s.op("DECQ", "CX")
	s.op("JNZ", panel)
	s.op("JMP", next)
	s.label(narrow)
	s.op("PREFETCHT0", "(R10)(BX*1)")
	s.op("VMOVUPS", "(SI)(BX*1)", "Y0")
	s.op("VMOVUPS", "Y0", "(R11)")
	s.op("ADDQ", 32, "BX")
	s.op("ADDQ", "R9", "R11")
	s.op("DECQ", "CX")
	s.op("JNZ", narrow)
	s.label(next)
	s.op("ADDQ", "R8", "SI")
	s.op("ADDQ", "R8", "R10")
	s.op("ADDQ", "DX", "DI")
	s.op("DECQ", "AX")
	s.op("JNZ", row)
	s.label(end)
	s.op("VZEROUPPER")
	s.ret()
}

// turn writes the transpose of a vector's number of rows of k numbers, bs bytes apart, to
// k rows of one vector, ds bytes apart; its upper half starts upper bytes after the lower. k is a multiple of the numbers in 16 bytes: so many
// steps are put together from a quarter of a vector of each row and turned within quarters.
func (s zmm) turn(f float) {
	steps := 16 / f.size
	arg := s.fn(fmt.Sprintf("transposes %d rows of k numbers; k is a multiple of %d.", 64/f.size, steps), "turn"+f.bits+"AVX512",
		fmt.Sprintf("k int, b *%s, bs int, dst *%s, ds, upper int", f.name, f.name), 0)
	for _, load := range [][2]string{{"k", "AX"}, {"b", "SI"}, {"bs", "R8"}, {"dst", "DI"}, {"ds", "R9"}, {"upper", "R12"}} {
		s.op("MOVQ", arg(load[0]), load[1])
	}
	s.op("LEAQ", "(R8)(R8*2)", "R10")
	s.op("LEAQ", "(R9)(R9*2)", "R11")
	quarters := []string{"SI", "BX", "CX", "DX"}
	for i := range 3 {
		s.op("LEAQ", fmt.Sprintf("(%s)(R8*%d)", quarters[i], steps), quarters[i+1])
	}
	loop, end := s.fresh("loop"), s.fresh("end")
	s.op("TESTQ", "AX", "AX")
	s.op("JLE", end)
	s.label(loop)
	from := func(p string) []string {
		return []string{"(" + p + ")", "(" + p + ")(R8*1)", "(" + p + ")(R8*2)", "(" + p + ")(R10*1)"}
	}
	for j := range steps {
		for i, p := range quarters {
			if i == 0 {
				s.op("VMOVUPS", from(p)[j], fmt.Sprint("X", j))
			} else {
				s.op("VINSERTF32X4", i, from(p)[j], z(j), z(j))
			}
		}
	}
	out := []string{"Z4", "Z5", "Z6", "Z7"}
	if f == f64 {
		s.op("VUNPCKLPD", "Z1", "Z0", "Z4")
		s.op("VUNPCKHPD", "Z1", "Z0", "Z5")
	} else {
		for i := range 2 {
			s.op("VUNPCKLPS", z(2*i+1), z(2*i), z(8+2*i))
			s.op("VUNPCKHPS", z(2*i+1), z(2*i), z(9+2*i))
		}
		for i := range 2 {
			s.op("VUNPCKLPD", z(10+i), z(8+i), z(4+2*i))
			s.op("VUNPCKHPD", z(10+i), z(8+i), z(5+2*i))
		}
	}
	s.op("LEAQ", "(DI)(R12*1)", "R13")
	for j := range steps {
		low := []string{"(DI)", "(DI)(R9*1)", "(DI)(R9*2)", "(DI)(R11*1)"}[j]
		s.op("VMOVUPS", y(4+j), low)
		s.op("VEXTRACTF64X4", 1, out[j], strings.Replace(low, "DI", "R13", 1))
	}
	for _, p := range quarters {
		s.op("ADDQ", 16, p)
	}
	s.op("LEAQ", fmt.Sprintf("(DI)(R9*%d)", steps), "DI")
	s.op("SUBQ", steps, "AX")
	s.op("JNZ", loop)
	s.label(end)
	s.op("VZEROUPPER")
	s.ret()
}
