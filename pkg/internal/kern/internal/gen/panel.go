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
// p·acs, so that a may be transposed; b and c have rows bs and cs apart, all in
// bytes. The last vector of columns starts last bytes from the first: where the
// width is no multiple of a vector it overlaps the one before, both with the
// same results. The sums start from c, one fused multiply-add per p in order: a
// caller may cut the product anywhere without changing a bit.
func (s ymm) panels(f float) {
	for _, w := range []int{1, 2, 3} {
		s.panel(f, w, false)
	}
	s.panel(f, 1, true)
}

func (s ymm) panel(f float, w int, masked bool) {
	t := f.name
	args := fmt.Sprintf("m, k int, a *%s, ars, acs int, b *%s, bs int, c *%s, cs, last int", t, t, t)
	doc, name := fmt.Sprintf("adds a product to %d vectors of columns.", w), fmt.Sprintf("panel%sx%dAVX2", f.bits, w)
	if masked {
		args = fmt.Sprintf("m, k int, a *%s, ars, acs int, b *%s, bs int, c *%s, cs int, mask *byte", t, t, t)
		doc, name = "adds a product to the columns of one vector that mask selects.", fmt.Sprintf("panel%sMaskAVX2", f.bits)
	}
	arg := s.fn(doc, name, args, 0)
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
	if masked {
		s.op("MOVQ", arg("mask"), "CX")
		s.op("VMOVUPS", "(CX)", "Y15")
	} else {
		s.op("MOVQ", arg("last"), "CX")
	}
	load := func(from, to string) {
		if masked {
			s.op(f.masked, from, "Y15", to)
		} else {
			s.op("VMOVUPS", from, to)
		}
	}
	store := func(from, to string) {
		if masked {
			s.op(f.masked, from, "Y15", to)
		} else {
			s.op("VMOVUPS", from, to)
		}
	}
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
		corner := []string{"(DI)", "(DI)(R12*1)", "(DI)(R12*2)", "(DI)(R13*1)"}
		entry := []string{"(R14)", "(R14)(R8*1)", "(R14)(R8*2)", "(R14)(R10*1)"}
		each := func(visit func(mem, reg string)) { // all vectors of the tile, last ones by way of CX
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
		each(load)
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
			load(mem, y(12+v))
		}
		one := "Y15"
		if masked {
			one = "Y14"
		}
		for i := range rows {
			s.op(f.broadcast, entry[i], one)
			for v := range w {
				s.op("VFMADD231"+f.suffix, y(12+v), one, y(i*w+v))
			}
		}
		s.op("ADDQ", "R9", "R14")
		s.op("ADDQ", "R11", "R15")
		s.op("DECQ", "R13")
		s.op("JNZ", loop)
		s.label(done)
		each(func(mem, reg string) { store(reg, mem) })
		switch rows {
		case 4:
			s.op("LEAQ", "(SI)(R8*4)", "SI")
			s.op("LEAQ", "(DI)(R12*4)", "DI")
		case 2:
			s.op("LEAQ", "(SI)(R8*2)", "SI")
			s.op("LEAQ", "(DI)(R12*2)", "DI")
		}
		if rows > 1 {
			s.op("SUBQ", rows, "AX")
			s.op("JMP", again)
		}
	}
	s.label(next)
	s.op("VZEROUPPER")
	s.op("RET")
}
