package main

// softBack writes the way back of a soft threshold. Entries that count are moved together within
// a vector, which is stored whole: room for moves is a multiple of eight.
func (s zmm) softBack() {
	arg := s.fn("sets d to grad where y is not 0, and moves to sign(y)·grad of these entries, whose number it leaves in count.",
		"softBackAVX512", "n int, d, grad, y, moves *float64, count *int", 0)
	for _, load := range [][2]string{{"n", "AX"}, {"d", "DI"}, {"grad", "SI"}, {"y", "DX"}, {"moves", "R8"}} {
		s.op("MOVQ", arg(load[0]), load[1])
	}
	loop, last, end := s.fresh("loop"), s.fresh("last"), s.fresh("end")
	s.op("VPXORQ", "Z6", "Z6", "Z6")
	s.op("VPBROADCASTQ", s.constant("sign64", 1<<63, 8, 8), "Z7")
	s.op("MOVL", 0xff, "CX")
	s.op("KMOVW", "CX", "K1")
	s.op("XORQ", "R9", "R9") // moves so far
	s.label(loop)
	s.op("CMPQ", "AX", 8)
	s.op("JGE", last)
	s.op("TESTQ", "AX", "AX")
	s.op("JLE", end)
	s.op("MOVQ", "AX", "CX") // what is left
	s.op("MOVL", 1, "BX")
	s.op("SHLL", "CX", "BX")
	s.op("DECL", "BX")
	s.op("KMOVW", "BX", "K1")
	s.label(last)
	s.op("VMOVUPD.Z", "(SI)", "K1", "Z0")
	s.op("VMOVUPD.Z", "(DX)", "K1", "Z1")
	s.op("VCMPPD", 4, "Z6", "Z1", "K1", "K2") // not 0, or not a number
	s.op("VADDPD.Z", "Z6", "Z0", "K2", "Z2")  // no −0, as in a sum
	s.op("VMOVUPD", "Z2", "K1", "(DI)")
	s.op("VPANDQ", "Z7", "Z1", "Z1")
	s.op("VPXORQ", "Z1", "Z0", "Z0")
	s.op("VCOMPRESSPD.Z", "Z0", "K2", "Z0")
	s.op("VMOVUPD", "Z0", "(R8)(R9*8)")
	s.op("KMOVW", "K2", "CX")
	s.op("POPCNTL", "CX", "CX")
	s.op("ADDQ", "CX", "R9")
	for _, p := range []string{"SI", "DX", "DI"} {
		s.op("ADDQ", 64, p)
	}
	s.op("SUBQ", 8, "AX")
	s.op("JMP", loop)
	s.label(end)
	s.op("MOVQ", arg("count"), "DI")
	s.op("MOVQ", "R9", "(DI)")
	s.op("VZEROUPPER")
	s.ret()
}
