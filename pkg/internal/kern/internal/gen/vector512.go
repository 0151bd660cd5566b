package main

import "fmt"

// dots are those of ymm with vectors of 64 bytes: the lower half of the sums of a row are the
// first of its two vectors there, the upper half the second, so the bits are the same. Where
// less than half a vector is left at the end, it belongs to the second.
func (s zmm) dots(f float) {
	t, lanes := f.name, 64/f.size
	arg := s.flushing(f, "adds the products of m rows with x to y.", "dots"+f.bits+"AVX512",
		fmt.Sprintf("m, n int, a *%s, as int, x, y *%s, ys int", t, t), 0)
	for _, load := range [][2]string{{"n", "CX"}, {"m", "AX"}, {"a", "SI"}, {"as", "R8"}, {"x", "BX"}, {"y", "DI"}, {"ys", "R10"}} {
		s.op("MOVQ", arg(load[0]), load[1])
	}
	first := s.fresh("first")
	s.op("ANDQ", lanes-1, "CX") // left at the end
	s.op("MOVL", 1, "DX")
	s.op("SHLL", "CX", "DX")
	s.op("DECL", "DX")
	s.op("CMPQ", "CX", lanes/2)
	s.op("JGE", first)
	s.op("SHLL", lanes/2, "DX")
	s.label(first)
	s.op("KMOVW", "DX", "K1")
	s.op("LEAQ", "(R8)(R8*2)", "R9")
	next := ""
	for _, rows := range []int{8, 4, 1} {
		if next != "" {
			s.label(next)
		}
		next = s.fresh("rows")
		again, loop, rest, sum := s.fresh("again"), s.fresh("loop"), s.fresh("rest"), s.fresh("sum")
		entry := eight("R11", "R8", "R9", "R13")[:rows]
		s.label(again)
		s.op("CMPQ", "AX", rows)
		s.op("JLT", next)
		for i := range rows {
			s.op("VPXORD", z(i), z(i), z(i))
		}
		s.op("MOVQ", "SI", "R11")
		s.op("LEAQ", "(SI)(R8*4)", "R13")
		s.op("MOVQ", "BX", "R12")
		s.op("MOVQ", arg("n"), "CX")
		s.op("SUBQ", lanes, "CX")
		s.op("JLT", rest)
		s.op("PCALIGN", 32)
		s.label(loop)
		s.op("VMOVU"+f.suffix, "(R12)", "Z16")
		for i, mem := range entry {
			s.op("VFMADD231"+f.suffix, mem, "Z16", z(i))
		}
		for _, p := range []string{"R11", "R12", "R13"} {
			s.op("ADDQ", 64, p)
		}
		s.op("SUBQ", lanes, "CX")
		s.op("JGE", loop)
		s.label(rest)
		s.op("ADDQ", lanes, "CX")
		s.op("JZ", sum)
		s.op("VEXPAND"+f.suffix+".Z", "(R12)", "K1", "Z16")
		for i, mem := range entry {
			s.op("VEXPAND"+f.suffix+".Z", mem, "K1", "Z17")
			s.op("VFMADD231"+f.suffix, "Z17", "Z16", "K1", z(i))
		}
		s.label(sum)
		for i := range rows {
			s.op("VEXTRACTF64X4", 1, z(i), y(8+i))
			s.op("VADD"+f.suffix, y(8+i), y(i), y(i))
		}
		ymm(s).across(f, rows)
		scalar := map[float]string{f32: "SS", f64: "SD"}[f]
		for i := range rows {
			s.op("VADD"+scalar, "(DI)", fmt.Sprint("X", i), "X8")
			s.op("VMOV"+scalar, "X8", "(DI)")
			s.op("ADDQ", "R10", "DI")
		}
		s.op("LEAQ", fmt.Sprintf("(SI)(R8*%d)", rows), "SI")
		s.op("SUBQ", rows, "AX")
		s.op("JMP", again)
	}
	s.label(next)
	s.op("VZEROUPPER")
	s.ret()
}

// axpys are those of ymm with vectors of 64 bytes and eight rows at a time.
func (s zmm) axpys(f float) {
	t, lanes := f.name, 64/f.size
	arg := s.flushing(f, "adds m rows of n numbers, times the entries of x, to y.", "axpys"+f.bits+"AVX512",
		fmt.Sprintf("m, n int, a *%s, as int, x *%s, xs int, y *%s", t, t, t), 0)
	for _, load := range [][2]string{{"n", "CX"}, {"m", "AX"}, {"a", "SI"}, {"as", "R8"}, {"x", "BX"}, {"xs", "R10"}} {
		s.op("MOVQ", arg(load[0]), load[1])
	}
	s.op("ANDQ", lanes-1, "CX") // left at the end
	s.op("MOVL", 1, "DX")
	s.op("SHLL", "CX", "DX")
	s.op("DECL", "DX")
	s.op("KMOVW", "DX", "K1")
	s.op("LEAQ", "(R8)(R8*2)", "R9")
	next := ""
	for _, rows := range []int{8, 4, 1} {
		if next != "" {
			s.label(next)
		}
		next = s.fresh("rows")
		again, loop, rest, done := s.fresh("again"), s.fresh("loop"), s.fresh("rest"), s.fresh("done")
		entry := eight("R11", "R8", "R9", "R13")[:rows]
		s.label(again)
		s.op("CMPQ", "AX", rows)
		s.op("JLT", next)
		for i := range rows {
			s.op(f.broadcast, "(BX)", z(8+i))
			s.op("ADDQ", "R10", "BX")
		}
		s.op("MOVQ", "SI", "R11")
		s.op("LEAQ", "(SI)(R8*4)", "R13")
		s.op("MOVQ", arg("y"), "DI")
		s.op("MOVQ", arg("n"), "CX")
		s.op("SUBQ", lanes, "CX")
		s.op("JLT", rest)
		s.op("PCALIGN", 32)
		s.label(loop)
		s.op("VMOVU"+f.suffix, "(DI)", "Z0")
		for i, mem := range entry {
			s.op("VFMADD231"+f.suffix, mem, z(8+i), "Z0")
		}
		s.op("VMOVU"+f.suffix, "Z0", "(DI)")
		for _, p := range []string{"R11", "R13", "DI"} {
			s.op("ADDQ", 64, p)
		}
		s.op("SUBQ", lanes, "CX")
		s.op("JGE", loop)
		s.label(rest)
		s.op("ADDQ", lanes, "CX")
		s.op("JZ", done)
		s.op("VMOVU"+f.suffix+".Z", "(DI)", "K1", "Z0")
		for i, mem := range entry {
			s.op("VFMADD231"+f.suffix, mem, z(8+i), "K1", "Z0")
		}
		s.op("VMOVU"+f.suffix, "Z0", "K1", "(DI)")
		s.label(done)
		s.op("LEAQ", fmt.Sprintf("(SI)(R8*%d)", rows), "SI")
		s.op("SUBQ", rows, "AX")
		s.op("JMP", again)
	}
	s.label(next)
	s.op("VZEROUPPER")
	s.ret()
}
