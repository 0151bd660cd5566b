package main

import "fmt"

// addBias writes dst += b for every row.
func (s ymm) addBias() {
	arg := s.flushing(f32, "adds the row b to r rows of n numbers; mask selects the last n mod 8.",
		"addBiasAVX2", "r, n int, b, dst *float32, mask *byte", 0)
	row, vec, rest, next, end := s.fresh("row"), s.fresh("vec"), s.fresh("rest"), s.fresh("next"), s.fresh("end")
	s.op("MOVQ", arg("r"), "AX")
	s.op("MOVQ", arg("n"), "R8")
	s.op("MOVQ", "R8", "R9")
	s.op("SHRQ", 3, "R8")
	s.op("ANDQ", 7, "R9")
	s.op("MOVQ", arg("b"), "SI")
	s.op("MOVQ", arg("dst"), "DI")
	s.op("MOVQ", arg("mask"), "DX")
	s.op("VMOVUPS", "(DX)", "Y15")
	s.op("TESTQ", "AX", "AX")
	s.op("JLE", end)
	s.label(row)
	s.op("MOVQ", "SI", "BX")
	s.op("MOVQ", "R8", "CX")
	s.op("TESTQ", "CX", "CX")
	s.op("JZ", rest)
	s.label(vec)
	s.op("VMOVUPS", "(BX)", "Y0")
	s.op("VADDPS", "(DI)", "Y0", "Y0")
	s.op("VMOVUPS", "Y0", "(DI)")
	s.op("ADDQ", 32, "BX")
	s.op("ADDQ", 32, "DI")
	s.op("DECQ", "CX")
	s.op("JNZ", vec)
	s.label(rest)
	s.op("TESTQ", "R9", "R9")
	s.op("JZ", next)
	s.op("VMASKMOVPS", "(BX)", "Y15", "Y0")
	s.op("VMASKMOVPS", "(DI)", "Y15", "Y1")
	s.op("VADDPS", "Y1", "Y0", "Y0")
	s.op("VMASKMOVPS", "Y0", "Y15", "(DI)")
	s.op("LEAQ", "(DI)(R9*4)", "DI")
	s.label(next)
	s.op("DECQ", "AX")
	s.op("JNZ", row)
	s.label(end)
	s.op("VZEROUPPER")
	s.ret()
}

// sumRows writes dst += the sum of the rows, a few columns at a time.
func (s ymm) sumRows() {
	arg := s.flushing(f32, "adds r rows of n numbers to dst; mask selects the last n mod 8.",
		"sumRowsAVX2", "r, n int, a, dst *float32, mask *byte", 0)
	s.op("MOVQ", arg("r"), "AX")
	s.op("MOVQ", arg("n"), "R8")
	s.op("LEAQ", "(R8*4)", "R9") // from row to row
	s.op("MOVQ", arg("a"), "SI")
	s.op("MOVQ", arg("dst"), "DI")
	s.op("MOVQ", arg("mask"), "DX")
	s.op("VMOVUPS", "(DX)", "Y15")
	walk := func(vectors int, load func(mem, reg string)) {
		row, done := s.fresh("row"), s.fresh("done")
		s.op("MOVQ", "AX", "CX")
		s.op("MOVQ", "SI", "BX")
		s.op("TESTQ", "CX", "CX")
		s.op("JLE", done)
		s.label(row)
		for v := range vectors {
			load(fmt.Sprintf("%d(BX)", 32*v), y(8+v))
			s.op("VADDPS", y(8+v), y(v), y(v))
		}
		s.op("ADDQ", "R9", "BX")
		s.op("DECQ", "CX")
		s.op("JNZ", row)
		s.label(done)
	}
	plain := func(mem, reg string) { s.op("VMOVUPS", mem, reg) }
	for _, vectors := range []int{4, 1} {
		again, next := s.fresh("columns"), s.fresh("next")
		s.label(again)
		s.op("CMPQ", "R8", 8*vectors)
		s.op("JLT", next)
		for v := range vectors {
			plain(fmt.Sprintf("%d(DI)", 32*v), y(v))
		}
		walk(vectors, plain)
		for v := range vectors {
			s.op("VMOVUPS", y(v), fmt.Sprintf("%d(DI)", 32*v))
		}
		s.op("ADDQ", 32*vectors, "SI")
		s.op("ADDQ", 32*vectors, "DI")
		s.op("SUBQ", 8*vectors, "R8")
		s.op("JMP", again)
		s.label(next)
	}
	end := s.fresh("end")
	s.op("TESTQ", "R8", "R8")
	s.op("JZ", end)
	s.op("VMASKMOVPS", "(DI)", "Y15", "Y0")
	walk(1, func(mem, reg string) { s.op("VMASKMOVPS", mem, "Y15", reg) })
	s.op("VMASKMOVPS", "Y0", "Y15", "(DI)")
	s.label(end)
	s.op("VZEROUPPER")
	s.ret()
}

// slice writes a loop over n elements of slices: wide does 16 of them at the
// pointers, then narrow does single ones; steps are the bytes that each pointer
// moves per element.
func (s ymm) slice(arg func(string) string, pointers []string, steps []int, wide, narrow func()) {
	s.op("MOVQ", arg("n"), "CX")
	for _, size := range []int{16, 1} {
		again, next := s.fresh("again"), s.fresh("next")
		s.label(again)
		s.op("CMPQ", "CX", size)
		s.op("JLT", next)
		if size == 16 {
			wide()
		} else {
			narrow()
		}
		for i, p := range pointers {
			s.op("ADDQ", size*steps[i], p)
		}
		s.op("SUBQ", size, "CX")
		s.op("JMP", again)
		s.label(next)
	}
	s.op("VZEROUPPER")
	s.ret()
}

// convert writes the moves between float32 and float64.
func (s ymm) convert() {
	for _, k := range []struct {
		to              float
		name, doc, args string
	}{
		{f32, "narrowAVX2", "rounds n numbers to float32.", "n int, dst *float32, src *float64"},
		{f64, "widenAVX2", "copies n numbers to float64.", "n int, dst *float64, src *float32"},
		{f64, "sumWideAVX2", "sets dst to c and n numbers more.", "n int, dst, c *float64, src *float32"},
	} {
		arg := s.flushing(k.to, k.doc, k.name, k.args, 0)
		s.op("MOVQ", arg("dst"), "DI")
		s.op("MOVQ", arg("src"), "SI")
		if k.name == "narrowAVX2" {
			s.slice(arg, []string{"DI", "SI"}, []int{4, 8}, func() {
				for v := range 4 {
					s.op("VCVTPD2PSY", fmt.Sprintf("%d(SI)", 32*v), fmt.Sprint("X", v))
				}
				for v := range 4 {
					s.op("VMOVUPS", fmt.Sprint("X", v), fmt.Sprintf("%d(DI)", 16*v))
				}
			}, func() {
				s.op("VMOVSD", "(SI)", "X0")
				s.op("VCVTSD2SS", "X0", "X0", "X0")
				s.op("VMOVSS", "X0", "(DI)")
			})
			continue
		}
		add := k.name == "sumWideAVX2"
		pointers, steps := []string{"DI", "SI"}, []int{8, 4}
		if add {
			s.op("MOVQ", arg("c"), "DX")
			pointers, steps = append(pointers, "DX"), append(steps, 8)
		}
		s.slice(arg, pointers, steps, func() {
			for v := range 4 {
				s.op("VCVTPS2PD", fmt.Sprintf("%d(SI)", 16*v), y(v))
				if add {
					s.op("VADDPD", fmt.Sprintf("%d(DX)", 32*v), y(v), y(v))
				}
			}
			for v := range 4 {
				s.op("VMOVUPS", y(v), fmt.Sprintf("%d(DI)", 32*v))
			}
		}, func() {
			s.op("VMOVSS", "(SI)", "X0")
			s.op("VCVTSS2SD", "X0", "X0", "X0")
			if add {
				s.op("VADDSD", "(DX)", "X0", "X0")
			}
			s.op("VMOVSD", "X0", "(DI)")
		})
	}
}
