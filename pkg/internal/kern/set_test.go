package kern

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	all := []set{{name: "go"}, {name: "swift"}}
	if got := choose("", all).name; got != "swift" {
		t.Errorf("without a name: %s, want the last", got)
	}
	if got := choose("go", all).name; got != "go" {
		t.Errorf("go: got %s", got)
	}
	defer func() {
		if msg, _ := recover().(string); !strings.Contains(msg, "L2O_KERNELS=quick") || !strings.Contains(msg, "go, swift") {
			t.Errorf("an unknown set panics with %q", msg)
		}
	}()
	choose("quick", all)
}

// The kernels of a training step allocate nothing.
func TestAllocations(t *testing.T) {
	k := newLSTM(100, 2, 20)
	a, x, r, g := random[float64](50*70), random[float64](70), make([]float64, 50), make([]float64, 70)
	for _, s := range sets {
		with(s, func() {
			n := testing.AllocsPerRun(20, func() {
				k.forward()
				k.backward()
				Gemm32(100, 1, 20, k.hOut, k.bias, k.c)
				LeastSquares64(50, 70, a, x, nil, r, g)
				Soft64(x, x, 0.1)
				Sigmoid64(g, g)
				Narrow32(k.bias[:70], x)
				AddWide(x, k.bias[:70])
			})
			if n > 0 {
				t.Errorf("%s: %v allocations per step", s.name, n)
			}
		})
	}
}
