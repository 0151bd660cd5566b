package main

import "fmt"

// neon writes arm64 code.
type neon struct{ *source }

func v(n int) string  { return fmt.Sprint("V", n) }
func fr(n int) string { return fmt.Sprint("F", n) }
func r(n int) string  { return fmt.Sprint("R", n) }

// lane is the arrangement of a vector of f.
func (f float) lane() string {
	if f == f64 {
		return "D2"
	}
	return "S4"
}

// Instructions that Go's assembler lacks, as vectors of four float32; the bit
// doubles turns them into two float64.
const (
	fadd    = 0x4E20D400
	fsub    = 0x4EA0D400
	fmul    = 0x6E20DC00
	fdiv    = 0x6E20FC00
	fmin    = 0x4EA0F400
	fmax    = 0x4E20F400
	faddp   = 0x6E20D400
	fneg    = 0x6EA0F800
	doubles = 1 << 22
)

// word is dst = a ∘ b for an instruction code.
func (s neon) word(code, a, b, dst int) {
	s.op("WORD", fmt.Sprintf("$0x%08x", code|b<<16|a<<5|dst))
}

func (s neon) fma(f float, a, b, dst int) { // dst += a·b
	s.op("VFMLA", v(a)+"."+f.lane(), v(b)+"."+f.lane(), v(dst)+"."+f.lane())
}

func (s neon) args(arg func(string) string, names ...string) {
	for i, id := range names {
		s.op("MOVD", arg(id), r(i))
	}
}

// panels and panel are those of ymm with vectors of 16 bytes and tiles of up to
// eight rows.
func (s neon) panels(f float) {
	for _, w := range []int{1, 2, 3} {
		s.panel(f, w)
	}
}

func (s neon) panel(f float, w int) {
	t := f.name
	arg := s.flushing(f, fmt.Sprintf("adds a product to %d vectors of columns.", w), fmt.Sprintf("panel%sx%dNEON", f.bits, w),
		fmt.Sprintf("m, k int, a *%s, ars, acs, next int, b *%s, bs int, c *%s, cs, last int", t, t, t), 0)
	s.args(arg, "m", "k", "a", "ars", "acs", "b", "bs", "c", "cs", "last")
	s.op("MOVD", arg("next"), "R26")
	entry := []int{10, 11, 12, 13, 14, 15, 19, 20}
	next := ""
	for _, rows := range []int{8, 4, 2, 1} {
		if next != "" {
			s.label(next)
		}
		next = s.fresh("rows")
		again, loop, done := s.fresh("tile"), s.fresh("loop"), s.fresh("done")
		s.label(again)
		s.op("CMP", rows, "R0")
		s.op("BLT", next)
		each := func(visit func(mem string, reg int)) { // leaves R24 behind the last row
			s.op("MOVD", "R7", "R24")
			for i := range rows {
				for v := range max(1, w-1) {
					visit(fmt.Sprintf("%d(R24)", 16*v), i*w+v)
				}
				if w > 1 {
					s.op("ADD", "R9", "R24", "R25")
					visit("(R25)", i*w+w-1)
				}
				s.op("ADD", "R8", "R24")
			}
		}
		each(func(mem string, reg int) { s.op("FMOVQ", mem, fr(reg)) })
		for i := range rows {
			s.op("MOVD", "R2", r(entry[i]))
			s.op("ADD", "R3", "R2")
		}
		if rows == 8 {
			s.op("ADD", "R26", "R10", "R2")
		}
		s.op("MOVD", "R5", "R21")
		s.op("ADD", "R9", "R5", "R22")
		s.op("MOVD", "R1", "R23")
		s.op("CBZ", "R23", done)
		s.label(loop)
		for v := range max(1, w-1) {
			s.op("FMOVQ", fmt.Sprintf("%d(R21)", 16*v), fr(24+v))
		}
		s.op("ADD", "R6", "R21")
		if w > 1 {
			s.op("FMOVQ", "(R22)", fr(24+w-1))
			s.op("ADD", "R6", "R22")
		}
		for i := range rows {
			one := 27 + i%4
			s.op("VLD1R.P", fmt.Sprintf("(%s)(R4)", r(entry[i])), fmt.Sprintf("[%s.%s]", v(one), f.lane()))
			for v := range w {
				s.fma(f, 24+v, one, i*w+v)
			}
		}
		s.op("SUBS", 1, "R23")
		s.op("BNE", loop)
		s.label(done)
		each(func(mem string, reg int) { s.op("FMOVQ", fr(reg), mem) })
		s.op("MOVD", "R24", "R7")
		s.op("SUB", rows, "R0")
		if rows > 1 {
			s.op("B", again)
		}
	}
	s.label(next)
	s.ret()
}

func (f float) scalar() (move, fma, add string) {
	if f == f64 {
		return "FMOVD", "FMADDD", "FADDD"
	}
	return "FMOVS", "FMADDS", "FADDS"
}

// dots is that of ymm; the last few numbers are added one by one.
func (s neon) dots(f float) {
	t, lanes := f.name, 16/f.size
	move, fma, add := f.scalar()
	arg := s.flushing(f, "adds the products of m rows with x to y; mask is not used.", "dots"+f.bits+"NEON",
		fmt.Sprintf("m, n int, a *%s, as int, x, y *%s, ys int, mask *byte", t, t), 0)
	s.args(arg, "m", "n", "a", "as", "x", "y", "ys")
	end := s.fresh("end")
	for _, rows := range []int{4, 1} {
		next := end
		if rows == 4 {
			next = s.fresh("single")
		}
		again, pairs, one, sum, rest, last := s.fresh("rows"), s.fresh("pairs"), s.fresh("one"), s.fresh("sum"), s.fresh("rest"), s.fresh("last")
		s.label(again)
		s.op("CMP", rows, "R0")
		s.op("BLT", next)
		for i := range rows {
			s.op("MOVD", "R2", r(10+i))
			s.op("ADD", "R3", "R2")
			for _, at := range []int{i, 4 + i} {
				s.op("VEOR", v(at)+".B16", v(at)+".B16", v(at)+".B16")
			}
		}
		s.op("MOVD", "R4", "R14")
		s.op("MOVD", "R1", "R15")
		s.op("SUBS", 2*lanes, "R15")
		s.op("BLT", one)
		s.label(pairs)
		for half := range 2 {
			s.op("FMOVQ", fmt.Sprintf("%d(R14)", 16*half), fr(8+half))
			for i := range rows {
				s.op("FMOVQ", fmt.Sprintf("%d(%s)", 16*half, r(10+i)), fr(10+4*half+i))
				s.fma(f, 8+half, 10+4*half+i, 4*half+i)
			}
		}
		s.op("ADD", 32, "R14")
		for i := range rows {
			s.op("ADD", 32, r(10+i))
		}
		s.op("SUBS", 2*lanes, "R15")
		s.op("BGE", pairs)
		s.label(one)
		s.op("ADDS", lanes, "R15")
		s.op("BLT", rest)
		s.op("FMOVQ.P", "16(R14)", "F8")
		for i := range rows {
			s.op("FMOVQ.P", fmt.Sprintf("16(%s)", r(10+i)), fr(10+i))
			s.fma(f, 8, 10+i, i)
		}
		s.op("SUB", lanes, "R15")
		s.label(rest)
		s.op("ADD", lanes, "R15") // n mod lanes
		double := 0
		if f == f64 {
			double = doubles
		}
		for i := range rows {
			s.word(fadd|double, i, 4+i, i)
		}
		for width := lanes; width > 1; width /= 2 {
			for i := range rows {
				s.word(faddp|double, i, i, i)
			}
		}
		s.label(sum)
		s.op("CBZ", "R15", last)
		s.op(move+".P", fmt.Sprintf("%d(R14)", f.size), "F8")
		for i := range rows {
			s.op(move+".P", fmt.Sprintf("%d(%s)", f.size, r(10+i)), fr(10+i))
			s.op(fma, "F8", fr(i), fr(10+i), fr(i))
		}
		s.op("SUB", 1, "R15")
		s.op("B", sum)
		s.label(last)
		for i := range rows {
			s.op(move, "(R5)", "F8")
			s.op(add, fr(i), "F8", "F8")
			s.op(move, "F8", "(R5)")
			s.op("ADD", "R6", "R5")
		}
		s.op("SUB", rows, "R0")
		s.op("B", again)
		if rows == 4 {
			s.label(next)
		}
	}
	s.label(end)
	s.ret()
}

// axpys is that of ymm.
func (s neon) axpys(f float) {
	t, lanes := f.name, 16/f.size
	move, fma, _ := f.scalar()
	arg := s.flushing(f, "adds m rows of n numbers, times the entries of x, to y.", "axpys"+f.bits+"NEON",
		fmt.Sprintf("m, n int, a *%s, as int, x *%s, xs int, y *%s", t, t, t), 0)
	s.args(arg, "m", "n", "a", "as", "x", "xs", "y")
	end := s.fresh("end")
	for _, rows := range []int{4, 1} {
		next := end
		if rows == 4 {
			next = s.fresh("single")
		}
		again := s.fresh("rows")
		s.label(again)
		s.op("CMP", rows, "R0")
		s.op("BLT", next)
		for i := range rows {
			s.op("MOVD", "R2", r(10+i))
			s.op("ADD", "R3", "R2")
			s.op("VLD1R.P", "(R4)(R5)", fmt.Sprintf("[%s.%s]", v(20+i), f.lane()))
		}
		s.op("MOVD", "R6", "R14")
		s.op("MOVD", "R1", "R15")
		for _, size := range []int{2 * lanes, 1} {
			loop, done := s.fresh("loop"), s.fresh("done")
			s.op("SUBS", size, "R15")
			s.op("BLT", done)
			s.label(loop)
			if size == 1 {
				s.op(move, "(R14)", "F0")
				for i := range rows {
					s.op(move+".P", fmt.Sprintf("%d(%s)", f.size, r(10+i)), fr(2+i))
					s.op(fma, fr(20+i), "F0", fr(2+i), "F0")
				}
				s.op(move+".P", "F0", fmt.Sprintf("%d(R14)", f.size))
			} else {
				s.op("FMOVQ", "(R14)", "F0")
				s.op("FMOVQ", "16(R14)", "F1")
				for i := range rows {
					s.op("FMOVQ.P", fmt.Sprintf("16(%s)", r(10+i)), fr(2+2*i))
					s.op("FMOVQ.P", fmt.Sprintf("16(%s)", r(10+i)), fr(3+2*i))
					s.fma(f, 2+2*i, 20+i, 0)
					s.fma(f, 3+2*i, 20+i, 1)
				}
				s.op("FMOVQ.P", "F0", "16(R14)")
				s.op("FMOVQ.P", "F1", "16(R14)")
			}
			s.op("SUBS", size, "R15")
			s.op("BGE", loop)
			s.label(done)
			s.op("ADD", size, "R15")
		}
		s.op("SUB", rows, "R0")
		s.op("B", again)
		if rows == 4 {
			s.label(next)
		}
	}
	s.label(end)
	s.ret()
}
