package main

import "fmt"

// panels are those of ymm with vectors of 64 bytes and tiles of up to eight rows: 24
// sums in registers for three vectors read from b and eight numbers from a. The last
// vector of columns may be partial: mask has a bit for each of its columns.
func (s zmm) panels(f float) {
	for _, w := range []int{1, 2, 3} {
		s.panel(f, w)
	}
}

func (s zmm) panel(f float, w int) {
	t := f.name
	arg := s.flushing(f, fmt.Sprintf("adds a product to %d vectors of columns, of which the last has those in mask.", w), fmt.Sprintf("panel%sx%dAVX512", f.bits, w),
		fmt.Sprintf("m, k int, a *%s, ars, acs, next int, b *%s, bs int, c *%s, cs, mask int", t, t, t), 8)
	s.op("MOVQ", arg("mask"), "CX")
	s.op("KMOVW", "CX", "K1")
	for _, load := range [][2]string{{"m", "AX"}, {"k", "DX"}, {"a", "SI"}, {"ars", "R8"}, {"acs", "R9"}, {"b", "BX"}, {"bs", "R11"}, {"c", "DI"}, {"cs", "R12"}} {
		s.op("MOVQ", arg(load[0]), load[1])
	}
	s.op("LEAQ", "(R8)(R8*2)", "R10")
	next := ""
	for _, rows := range []int{8, 4, 2, 1} {
		if next != "" {
			s.label(next)
		}
		next = s.fresh("rows")
		again := s.fresh("tile")
		s.label(again)
		s.op("CMPQ", "AX", rows)
		s.op("JLT", next)
		if rows == 8 {
			s.op("MOVQ", "AX", "left-8(SP)")
		}
		s.tile(f, w, rows)
		if rows == 8 {
			s.op("MOVQ", "left-8(SP)", "AX")
		}
		if rows > 1 {
			s.nextRows(rows, 8, arg("next"))
			s.op("LEAQ", fmt.Sprintf("(DI)(R12*%d)", rows), "DI")
			s.op("SUBQ", rows, "AX")
			s.op("JMP", again)
		}
	}
	s.label(next)
	s.op("VZEROUPPER")
	s.ret()
}

// eight returns the places of eight rows at p, step bytes apart, given 3·step and the
// address of the fifth row.
func eight(p, step, three, fifth string) (at []string) {
	for _, base := range []string{p, fifth} {
		at = append(at, "("+base+")", "("+base+")("+step+"*1)", "("+base+")("+step+"*2)", "("+base+")("+three+"*1)")
	}
	return at
}

// tile does rows × w vectors with all sums in registers.
func (s zmm) tile(f float, w, rows int) {
	sum := func(i, v int) string { return z(i*w + v) }
	each := func(visit func(mem string, last bool, reg string)) { // all vectors of the tile
		s.op("LEAQ", "(R12)(R12*2)", "R13")
		s.op("LEAQ", "(DI)(R12*4)", "R14")
		for i, mem := range eight("DI", "R12", "R13", "R14")[:rows] {
			for v := range w {
				visit(fmt.Sprint(64*v, mem), v == w-1, sum(i, v))
			}
		}
	}
	each(func(mem string, last bool, reg string) {
		if last {
			s.op("VMOVU"+f.suffix+".Z", mem, "K1", reg)
		} else {
			s.op("VMOVU"+f.suffix, mem, reg)
		}
	})
	if rows == 8 { // the next tile of c may be far, and long sums give it time to come
		short := s.fresh("short")
		s.op("CMPQ", "DX", 32)
		s.op("JLT", short)
		s.op("LEAQ", "(DI)(R12*8)", "R14")
		s.op("LEAQ", "(R14)(R12*4)", "R15")
		for _, mem := range eight("R14", "R12", "R13", "R15") {
			for v := range w {
				s.op("PREFETCHT0", fmt.Sprint(64*v, mem))
			}
		}
		s.label(short)
	}
	loop, done := s.fresh("loop"), s.fresh("done")
	if rows == 8 { // what follows b, where b is packed, is the next panel
		s.op("MOVQ", "DX", "AX")
		s.op("IMULQ", "R11", "AX")
	}
	s.op("MOVQ", "SI", "R14")
	s.op("LEAQ", "(SI)(R8*4)", "CX")
	s.op("MOVQ", "BX", "R15")
	s.op("MOVQ", "DX", "R13")
	s.op("TESTQ", "R13", "R13")
	s.op("JLE", done)
	s.op("PCALIGN", 32)
	s.label(loop)
	for v := range w {
		if v == w-1 {
			s.op("VMOVU"+f.suffix+".Z", fmt.Sprintf("%d(R15)", 64*v), "K1", z(24+v))
		} else {
			s.op("VMOVU"+f.suffix, fmt.Sprintf("%d(R15)", 64*v), z(24+v))
		}
	}
	for i, mem := range eight("R14", "R8", "R10", "CX")[:rows] {
		if w == 1 {
			s.op("VFMADD231"+f.suffix+".BCST", mem, "Z24", sum(i, 0))
			continue
		}
		s.op(f.broadcast, mem, "Z31")
		for v := range w {
			s.op("VFMADD231"+f.suffix, z(24+v), "Z31", sum(i, v))
		}
	}
	if rows == 8 { // of a transposed a the next tiles of rows are on the next lines
		s.op("PREFETCHT0", "64(R14)")
		for v := range w {
			s.op("PREFETCHT1", fmt.Sprintf("%d(R15)(AX*1)", 64*v))
		}
	}
	s.op("ADDQ", "R9", "R14")
	if rows == 8 {
		s.op("ADDQ", "R9", "CX")
	}
	s.op("ADDQ", "R11", "R15")
	s.op("DECQ", "R13")
	s.op("JNZ", loop)
	s.label(done)
	each(func(mem string, last bool, reg string) {
		if last {
			s.op("VMOVU"+f.suffix, reg, "K1", mem)
		} else {
			s.op("VMOVU"+f.suffix, reg, mem)
		}
	})
}
