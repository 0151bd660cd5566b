// Command gen writes the assembly of package kern into the current folder:
// go generate ./pkg/internal/kern re-makes it byte for byte.
package main

import (
	"fmt"
	"os"
)

func main() {
	for name, text := range files() {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// files returns the generated files by name.
func files() map[string]string {
	all := map[string]string{}
	keep := func(name string, s *source) {
		all[name+".s"] = s.head + "#include \"textflag.h\"\n\n" + s.data.String() + s.asm.String()
		all[name+".go"] = s.stubs.String()
	}
	y := ymm{newSource("amd64 && !purego")}
	for _, f := range []float{f32, f64} {
		y.panels(f)
		y.dots(f)
		y.axpys(f)
	}
	y.addBias()
	y.sumRows()
	y.cellGates()
	y.cellOutput()
	y.cellBackward()
	y.convert()
	y.relu()
	elem{y.source, "AVX2", 32}.elementwise()
	y.fmas()
	keep("avx2_amd64", y.source)

	z := zmm{newSource("amd64 && !purego")}
	for _, f := range []float{f32, f64} {
		z.panels(f)
		z.dots(f)
		z.axpys(f)
		z.turn(f)
	}
	z.copies()
	z.softBack()
	z.cellGates()
	z.cellOutput()
	elem{z.source, "AVX512", 64}.elementwise()
	z.fmas()
	keep("avx512_amd64", z.source)

	n := neon{newSource("arm64 && !purego")}
	for _, f := range []float{f32, f64} {
		n.panels(f)
		n.dots(f)
		n.axpys(f)
	}
	n.cellGates()
	n.cellOutput()
	n.cellBackward()
	n.fmas()
	keep("neon_arm64", n.source)
	return all
}
