package main

import "fmt"

// relu writes y = max(y, 0) in place, which keeps NaN, and its way back: d = 0 where
// y = 0.
func (s ymm) relu() {
	arg := s.fn("sets n numbers to max(y, 0).", "reluAVX2", "n int, y *float32", 0)
	s.op("MOVQ", arg("y"), "DI")
	s.op("VXORPS", "Y15", "Y15", "Y15")
	s.slice(arg, []string{"DI"}, []int{4}, func() {
		for v := range 2 {
			s.op("VMAXPS", fmt.Sprintf("%d(DI)", 32*v), "Y15", y(v))
			s.op("VMOVUPS", y(v), fmt.Sprintf("%d(DI)", 32*v))
		}
	}, func() {
		s.op("VMAXSS", "(DI)", "X15", "X0")
		s.op("VMOVSS", "X0", "(DI)")
	})

	const different = 4 // or NaN
	arg = s.fn("sets those of n gradients to 0 whose y is 0.", "reluBackAVX2", "n int, d, y *float32", 0)
	s.op("MOVQ", arg("d"), "DI")
	s.op("MOVQ", arg("y"), "SI")
	s.op("VXORPS", "Y15", "Y15", "Y15")
	s.slice(arg, []string{"DI", "SI"}, []int{4, 4}, func() {
		for v := range 2 {
			s.op("VCMPPS", different, fmt.Sprintf("%d(SI)", 32*v), "Y15", y(v))
			s.op("VANDPS", fmt.Sprintf("%d(DI)", 32*v), y(v), y(v))
			s.op("VMOVUPS", y(v), fmt.Sprintf("%d(DI)", 32*v))
		}
	}, func() {
		s.op("VMOVSS", "(SI)", "X0")
		s.op("VCMPSS", different, "X15", "X0", "X0")
		s.op("VMOVSS", "(DI)", "X1")
		s.op("VANDPS", "X1", "X0", "X0")
		s.op("VMOVSS", "X0", "(DI)")
	})
}
