package main

import "fmt"

// dots writes y += a·x for m rows of n numbers that are as bytes apart; entries
// of y are ys bytes apart. Each row has two vectors of sums, whatever the number
// of rows, so its result does not depend on how a caller cuts the rows.
func (s ymm) dots(f float) {
	t, lanes := f.name, 32/f.size
	arg := s.flushing(f, fmt.Sprintf("adds the products of m rows with x to y; mask selects the last n mod %d.", lanes), "dots"+f.bits+"AVX2",
		fmt.Sprintf("m, n int, a *%s, as int, x, y *%s, ys int, mask *byte", t, t), 0)
	s.op("MOVQ", arg("m"), "AX")
	s.op("MOVQ", arg("a"), "SI")
	s.op("MOVQ", arg("as"), "R8")
	s.op("LEAQ", "(R8)(R8*2)", "R9")
	s.op("MOVQ", arg("x"), "BX")
	s.op("MOVQ", arg("y"), "DI")
	s.op("MOVQ", arg("ys"), "R10")
	s.op("MOVQ", arg("mask"), "DX")
	s.op("VMOVUPS", "(DX)", "Y15")
	end := s.fresh("end")
	for _, rows := range []int{4, 1} {
		next := end
		if rows == 4 {
			next = s.fresh("single")
		}
		again, pairs, one, rest, sum := s.fresh("rows"), s.fresh("pairs"), s.fresh("one"), s.fresh("rest"), s.fresh("sum")
		entry := []string{"(R11)", "(R11)(R8*1)", "(R11)(R8*2)", "(R11)(R9*1)"}[:rows]
		s.label(again)
		s.op("CMPQ", "AX", rows)
		s.op("JLT", next)
		for i := range rows {
			s.op("VXORPS", y(i), y(i), y(i))
			s.op("VXORPS", y(4+i), y(4+i), y(4+i))
		}
		s.op("MOVQ", "SI", "R11")
		s.op("MOVQ", "BX", "R12")
		s.op("MOVQ", arg("n"), "CX")
		s.op("SUBQ", 2*lanes, "CX")
		s.op("JLT", one)
		s.op("PCALIGN", 32)
		s.label(pairs)
		for half := range 2 {
			s.op("VMOVUPS", fmt.Sprintf("%d(R12)", 32*half), y(8+half))
			for i, mem := range entry {
				s.op("VFMADD231"+f.suffix, fmt.Sprint(32*half, mem), y(8+half), y(4*half+i))
			}
		}
		s.op("ADDQ", 64, "R11")
		s.op("ADDQ", 64, "R12")
		s.op("SUBQ", 2*lanes, "CX")
		s.op("JGE", pairs)
		s.label(one)
		s.op("ADDQ", lanes, "CX")
		s.op("JLT", rest)
		s.op("VMOVUPS", "(R12)", "Y8")
		for i, mem := range entry {
			s.op("VFMADD231"+f.suffix, mem, "Y8", y(i))
		}
		s.op("ADDQ", 32, "R11")
		s.op("ADDQ", 32, "R12")
		s.op("SUBQ", lanes, "CX")
		s.label(rest)
		s.op("ADDQ", lanes, "CX") // n mod lanes
		s.op("JZ", sum)
		s.op(f.masked, "(R12)", "Y15", "Y8")
		for i, mem := range entry {
			s.op(f.masked, mem, "Y15", y(9+i))
			s.op("VFMADD231"+f.suffix, y(9+i), "Y8", y(4+i))
		}
		s.label(sum)
		for i := range rows {
			s.op("VADD"+f.suffix, y(4+i), y(i), y(i))
		}
		s.across(f, rows)
		move, add := "VMOVSS", "VADDSS"
		if f == f64 {
			move, add = "VMOVSD", "VADDSD"
		}
		for i := range rows {
			s.op(add, "(DI)", fmt.Sprint("X", i), "X8")
			s.op(move, "X8", "(DI)")
			s.op("ADDQ", "R10", "DI")
		}
		s.op("LEAQ", fmt.Sprintf("(SI)(R8*%d)", rows), "SI")
		s.op("SUBQ", rows, "AX")
		s.op("JMP", again)
		if rows == 4 {
			s.label(next)
		}
	}
	s.label(end)
	s.op("VZEROUPPER")
	s.ret()
}

// across leaves the sum of the lanes of Yi in the lowest lane of Xi, for every i
// with the same tree of additions.
func (s ymm) across(f float, rows int) {
	for i := range rows {
		s.op("VEXTRACTF128", 1, y(i), fmt.Sprint("X", 8+i))
	}
	for i := range rows {
		x, u := fmt.Sprint("X", i), fmt.Sprint("X", 8+i)
		s.op("VADD"+f.suffix, u, x, x)
	}
	steps := []int{0xee, 0x55} // lanes 2, 3 onto 0, 1; then 1 onto 0
	if f == f64 {
		steps = []int{0xee}
	}
	for _, order := range steps {
		for i := range rows {
			s.op("VPSHUFD", order, fmt.Sprint("X", i), fmt.Sprint("X", 8+i))
		}
		for i := range rows {
			x, u := fmt.Sprint("X", i), fmt.Sprint("X", 8+i)
			s.op("VADD"+f.suffix, u, x, x)
		}
	}
}

// axpys writes y += aᵀ·x: m rows of n numbers that are as bytes apart, each times
// its entry of x (xs bytes apart), added one after the other.
func (s ymm) axpys(f float) {
	t, lanes := f.name, 32/f.size
	scalar, move := "SS", "VMOVSS"
	if f == f64 {
		scalar, move = "SD", "VMOVSD"
	}
	arg := s.flushing(f, "adds m rows of n numbers, times the entries of x, to y.", "axpys"+f.bits+"AVX2",
		fmt.Sprintf("m, n int, a *%s, as int, x *%s, xs int, y *%s", t, t, t), 0)
	s.op("MOVQ", arg("m"), "AX")
	s.op("MOVQ", arg("a"), "SI")
	s.op("MOVQ", arg("as"), "R8")
	s.op("LEAQ", "(R8)(R8*2)", "R9")
	s.op("MOVQ", arg("x"), "BX")
	s.op("MOVQ", arg("xs"), "R10")
	end := s.fresh("end")
	for _, rows := range []int{4, 1} {
		next := end
		if rows == 4 {
			next = s.fresh("single")
		}
		again := s.fresh("rows")
		entry := []string{"(R11)", "(R11)(R8*1)", "(R11)(R8*2)", "(R11)(R9*1)"}[:rows]
		s.label(again)
		s.op("CMPQ", "AX", rows)
		s.op("JLT", next)
		for i := range rows {
			s.op(f.broadcast, "(BX)", y(12+i))
			s.op("ADDQ", "R10", "BX")
		}
		s.op("MOVQ", "SI", "R11")
		s.op("MOVQ", arg("y"), "DI")
		s.op("MOVQ", arg("n"), "CX")
		for _, size := range []int{4 * lanes, lanes, 1} {
			loop, done := s.fresh("loop"), s.fresh("done")
			s.op("SUBQ", size, "CX")
			s.op("JLT", done)
			s.op("PCALIGN", 32)
			s.label(loop)
			vectors, step := max(1, size/lanes), size*f.size
			for v := range vectors {
				if size == 1 {
					s.op(move, "(DI)", "X0")
				} else {
					s.op("VMOVUPS", fmt.Sprintf("%d(DI)", 32*v), y(v))
				}
			}
			for i, mem := range entry {
				for v := range vectors {
					if size == 1 {
						s.op("VFMADD231"+scalar, mem, fmt.Sprint("X", 12+i), "X0")
					} else {
						s.op("VFMADD231"+f.suffix, fmt.Sprint(32*v, mem), y(12+i), y(v))
					}
				}
			}
			for v := range vectors {
				if size == 1 {
					s.op(move, "X0", "(DI)")
				} else {
					s.op("VMOVUPS", y(v), fmt.Sprintf("%d(DI)", 32*v))
				}
			}
			s.op("ADDQ", step, "R11")
			s.op("ADDQ", step, "DI")
			s.op("SUBQ", size, "CX")
			s.op("JGE", loop)
			s.label(done)
			s.op("ADDQ", size, "CX")
		}
		s.op("LEAQ", fmt.Sprintf("(SI)(R8*%d)", rows), "SI")
		s.op("SUBQ", rows, "AX")
		s.op("JMP", again)
		if rows == 4 {
			s.label(next)
		}
	}
	s.label(end)
	s.op("VZEROUPPER")
	s.ret()
}
