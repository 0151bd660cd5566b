package closure_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/internal/closure"
)

//go:noinline
func adder(n int) func(int) int { return func(x int) int { return x + n } }

func TestOf(t *testing.T) {
	f, g := adder(1), adder(1)
	h := f
	var none func(int) int
	if closure.Of(&f) != closure.Of(&h) {
		t.Error("a copy is another function")
	}
	if closure.Of(&f) == closure.Of(&g) {
		t.Error("two closures of the same code are one")
	}
	h = func(x int) int { return f(x) }
	if closure.Of(&f) == closure.Of(&h) || closure.Of(&none) != nil {
		t.Error("a wrapper is what it wraps, or nil is something")
	}
}
