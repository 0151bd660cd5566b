package main

import (
	"fmt"
	"math"
)

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

func (s neon) copy(from, to int) { s.op("VMOV", v(from)+".B16", v(to)+".B16") }

func (s neon) args(arg func(string) string, names ...string) {
	for i, id := range names {
		s.op("MOVD", arg(id), r(i))
	}
}

// panel is that of ymm with vectors of 16 bytes and tiles of up to eight rows.
func (s neon) panel(f float, w int) {
	t := f.name
	arg := s.fn(fmt.Sprintf("adds a product to %d vectors of columns.", w), fmt.Sprintf("panel%sx%dNEON", f.bits, w),
		fmt.Sprintf("m, k int, a *%s, ars, acs int, b *%s, bs int, c *%s, cs, last int", t, t, t), 0)
	s.args(arg, "m", "k", "a", "ars", "acs", "b", "bs", "c", "cs", "last")
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
	s.op("RET")
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
	arg := s.fn("adds the products of m rows with x to y; mask is not used.", "dots"+f.bits+"NEON",
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
	s.op("RET")
}

// axpys is that of ymm.
func (s neon) axpys(f float) {
	t, lanes := f.name, 16/f.size
	move, fma, _ := f.scalar()
	arg := s.fn("adds m rows of n numbers, times the entries of x, to y.", "axpys"+f.bits+"NEON",
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
	s.op("RET")
}

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
	s.op("RET")
}

func (s neon) load(pointer, reg int)  { s.op("FMOVQ.P", fmt.Sprintf("16(%s)", r(pointer)), fr(reg)) }
func (s neon) store(reg, pointer int) { s.op("FMOVQ.P", fr(reg), fmt.Sprintf("16(%s)", r(pointer))) }

// cellGates and cellOutput are those of ymm for the first h − h mod 4 units.
func (s neon) cellGates() {
	arg := s.fn("turns pre-activations into gates and writes c, but for the last h mod 4 units.",
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
	arg := s.fn("writes t = tanh c and h = o⊙t, but for the last h mod 4 units.",
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
	arg := s.fn("is the adjoint of an LSTM step, but for the last h mod 4 units; dc may be nil.",
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
