package main

import "fmt"

// ymm writes AVX2 code.
type ymm struct{ *source }

// float is a type of numbers: the suffix of its instructions, its Go name, its
// size in bytes and its masked move.
type float struct {
	suffix, name, bits, masked, broadcast string
	size                                  int
}

var (
	f32 = float{"PS", "float32", "32", "VMASKMOVPS", "VBROADCASTSS", 4}
	f64 = float{"PD", "float64", "64", "VMASKMOVPD", "VBROADCASTSD", 8}
)

func y(n int) string { return fmt.Sprint("Y", n) }

// panels writes the inner loops of the matrix product: c += a·b for m rows and
// one, two or three vectors of columns. Element (i, p) of a is at a + i·ars +
// p·acs, so that a may be transposed, and the largest tiles of rows are next apart,
// so that a may be packed tile by tile; b and c have rows bs and cs apart, all in bytes. The last vector of columns starts last bytes from the first: where the
// width is no multiple of a vector it overlaps the one before, both with the
// same results. The sums start from c, one fused multiply-add per p in order: a
// caller may cut the product anywhere without changing a bit.
func (s ymm) panels(f float) {
	for _, w := range []int{1, 2, 3} {
		s.panel(f, w)
	}
}

func (s ymm) panel(f float, w int) {
	t := f.name
	arg := s.flushing(f, fmt.Sprintf("adds a product to %d vectors of columns.", w), fmt.Sprintf("panel%sx%dAVX2", f.bits, w),
		fmt.Sprintf("m, k int, a *%s, ars, acs, next int, b *%s, bs int, c *%s, cs, last int", t, t, t), 0)
	s.op("MOVQ", arg("m"), "AX")
	s.op("MOVQ", arg("k"), "DX")
	s.op("MOVQ", arg("a"), "SI")
	s.op("MOVQ", arg("ars"), "R8")
	s.op("MOVQ", arg("acs"), "R9")
	s.op("LEAQ", "(R8)(R8*2)", "R10")
	s.op("MOVQ", arg("b"), "BX")
	s.op("MOVQ", arg("bs"), "R11")
	s.op("MOVQ", arg("c"), "DI")
	s.op("MOVQ", arg("cs"), "R12")
	s.op("MOVQ", arg("last"), "CX")
	next := ""
	for _, rows := range []int{4, 2, 1} {
		if next != "" {
			s.label(next)
		}
		next = s.fresh("rows")
		again := s.fresh("tile")
		s.label(again)
		s.op("CMPQ", "AX", rows)
		s.op("JLT", next)
		s.tile(f, w, rows)
		if rows > 1 {
			s.nextRows(rows, 4, arg("next"))
			s.op("LEAQ", fmt.Sprintf("(DI)(R12*%d)", rows), "DI")
			s.op("SUBQ", rows, "AX")
			s.op("JMP", again)
		}
	}
	s.label(next)
	s.op("VZEROUPPER")
	s.ret()
}

// nextRows moves SI from a tile of rows to what comes after, given the rows of the
// largest tile and the operand that says how far apart those are.
func (s *source) nextRows(rows, largest int, next string) {
	if rows == largest {
		s.op("ADDQ", next, "SI")
	} else {
		s.op("LEAQ", fmt.Sprintf("(SI)(R8*%d)", rows), "SI")
	}
}

// tile does rows × w vectors with all sums in registers.
func (s ymm) tile(f float, w, rows int) {
	corner := []string{"(DI)", "(DI)(R12*1)", "(DI)(R12*2)", "(DI)(R13*1)"}
	entry := []string{"(R14)", "(R14)(R8*1)", "(R14)(R8*2)", "(R14)(R10*1)"}
	each := func(visit func(mem, reg string)) { // all vectors of the tile, the last column by way of CX
		s.op("LEAQ", "(R12)(R12*2)", "R13")
		for v := range w {
			if v > 0 && v == w-1 {
				s.op("ADDQ", "CX", "DI")
			}
			for i := range rows {
				mem := corner[i]
				if v > 0 && v < w-1 {
					mem = fmt.Sprint(32*v, mem)
				}
				visit(mem, y(i*w+v))
			}
		}
		if w > 1 {
			s.op("SUBQ", "CX", "DI")
		}
	}
	each(func(mem, reg string) { s.op("VMOVUPS", mem, reg) })
	if rows == 4 { // the next tile of c may be far, and long sums give it time to come
		short := s.fresh("short")
		s.op("CMPQ", "DX", 32)
		s.op("JLT", short)
		s.op("LEAQ", "(DI)(R12*4)", "R14")
		s.op("LEAQ", "(R12)(R12*2)", "R13")
		for _, row := range []string{"(R14)", "(R14)(R12*1)", "(R14)(R12*2)", "(R14)(R13*1)"} {
			s.op("PREFETCHT0", row)
			if w == 3 {
				s.op("PREFETCHT0", "64"+row)
			}
		}
		s.label(short)
	}
	s.op("MOVQ", "SI", "R14")
	s.op("MOVQ", "BX", "R15")
	loop, done := s.fresh("loop"), s.fresh("done")
	s.op("MOVQ", "DX", "R13")
	s.op("TESTQ", "R13", "R13")
	s.op("JLE", done)
	s.op("PCALIGN", 32)
	s.label(loop)
	for v := range w {
		mem := fmt.Sprintf("%d(R15)", 32*v)
		if v > 0 && v == w-1 {
			mem = "(R15)(CX*1)"
		}
		s.op("VMOVUPS", mem, y(12+v))
	}
	for i := range rows {
		s.op(f.broadcast, entry[i], "Y15")
		for v := range w {
			s.op("VFMADD231"+f.suffix, y(12+v), "Y15", y(i*w+v))
		}
	}
	if rows == 4 { // of a transposed a the next tiles of rows are on the next lines
		s.op("PREFETCHT0", "64(R14)")
	}
	s.op("ADDQ", "R9", "R14")
	s.op("ADDQ", "R11", "R15")
	s.op("DECQ", "R13")
	s.op("JNZ", loop)
	s.label(done)
	each(func(mem, reg string) { s.op("VMOVUPS", reg, mem) })
}
