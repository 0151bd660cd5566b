package spare_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/l2olab/l2o/pkg/internal/spare"
)

func TestTake(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 1000, 1023, 1024, 5000} {
		if s := spare.Take(n); len(s) != n || s == nil {
			t.Errorf("asked for %d numbers and got %d", n, len(s))
		}
		dirty := spare.Take(n)
		for i := range dirty {
			dirty[i] = 1
		}
		spare.Give(dirty)
		if s := spare.Zeros(n); len(s) != n || slices.ContainsFunc(s, func(x float64) bool { return x != 0 }) {
			t.Errorf("%d zeros are %v", n, s)
		}
	}
}

// Vectors of many lengths on many goroutines are never in two hands.
func TestHands(t *testing.T) {
	var wait sync.WaitGroup
	for w := range 8 {
		wait.Go(func() {
			for k := range 3000 {
				s := spare.Take(1020 + k%7)
				if len(s) != 1020+k%7 {
					t.Errorf("asked for %d numbers and got %d", 1020+k%7, len(s))
				}
				for i := range s {
					s[i] = float64(w)
				}
				if i := slices.IndexFunc(s, func(x float64) bool { return x != float64(w) }); i >= 0 {
					t.Errorf("hand %d holds a number of %g", w, s[i])
				}
				spare.Give(s)
			}
		})
	}
	wait.Wait()
}

func TestPoison(t *testing.T) {
	spare.Poison.Store(true)
	defer spare.Poison.Store(false)
	s := spare.Take(100)
	if spare.Give(s); !math.IsNaN(s[0]) || !math.IsNaN(s[99]) {
		t.Error("a vector that was given still reads as before")
	}
	defer func() {
		if recover() == nil {
			t.Error("a vector was given twice")
		}
	}()
	spare.Give(s)
}
