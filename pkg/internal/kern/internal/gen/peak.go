package main

import "fmt"

// chains is how many sums the loops below add to in turn: with two factors all vectors
// of AVX2, and enough for two to begin while the others are on their way.
const chains = 14

// fmas writes a loop of independent fused multiply-adds on registers alone, which is the
// most that a processor can do.
func (s ymm) fmas() { s.rounds("fmasAVX2", "VXORPS", y) }

func (s zmm) fmas() { s.rounds("fmasAVX512", "VPXORD", z) }

func (s *source) rounds(name, zero string, reg func(int) string) {
	arg := s.fn(fmt.Sprintf("does n times %d fused multiply-adds of vectors.", chains), name, "n int", 0)
	s.op("MOVQ", arg("n"), "CX")
	for i := range chains + 2 {
		s.op(zero, reg(i), reg(i), reg(i))
	}
	loop := s.fresh("loop")
	s.label(loop)
	for i := range chains {
		s.op("VFMADD231PS", reg(chains), reg(chains+1), reg(i))
	}
	s.op("DECQ", "CX")
	s.op("JNZ", loop)
	s.op("VZEROUPPER")
	s.ret()
}

func (s neon) fmas() {
	arg := s.fn(fmt.Sprintf("does n times %d fused multiply-adds of vectors.", chains), "fmasNEON", "n int", 0)
	s.op("MOVD", arg("n"), "R0")
	for i := range chains + 2 {
		s.op("VEOR", v(i)+".B16", v(i)+".B16", v(i)+".B16")
	}
	loop := s.fresh("loop")
	s.label(loop)
	for i := range chains {
		s.fma(f32, chains, chains+1, i)
	}
	s.op("SUBS", 1, "R0")
	s.op("BNE", loop)
	s.ret()
}
