// Command gen writes the assembly of package kern into the current folder:
// go generate ./pkg/internal/kern re-makes it byte for byte.
package main

import (
	"fmt"
	"os"
)

func main() {
	avx2 := newSource("amd64 && !purego")
	y := ymm{avx2}
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
	y.elementwise()
	avx512 := newSource("amd64 && !purego")
	z := zmm{avx512}
	z.cellGates()
	z.cellOutput()
	arm := newSource("arm64 && !purego")
	n := neon{arm}
	for _, f := range []float{f32, f64} {
		for w := range 3 {
			n.panel(f, w+1)
		}
		n.dots(f)
		n.axpys(f)
	}
	n.cellGates()
	n.cellOutput()
	n.cellBackward()
	for name, s := range map[string]*source{"avx2_amd64": avx2, "avx512_amd64": avx512, "neon_arm64": arm} {
		if err := s.write(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
