package par_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/l2olab/l2o/pkg/internal/par"
)

func TestEachItemOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 100} {
		counts, busy := make([]int, 50), make([]atomic.Bool, 100)
		err := par.Each(t.Context(), workers, len(counts), func(w, i int) error {
			if busy[w].Swap(true) {
				t.Errorf("worker %d does two things at once", w)
			}
			counts[i]++
			busy[w].Store(false)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range counts {
			if n != 1 {
				t.Errorf("%d workers: item %d was done %d times", workers, i, n)
			}
		}
	}
	if err := par.Each(t.Context(), 0, 0, nil); err != nil {
		t.Errorf("no items: %v", err)
	}
}

func TestLowestError(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		for range 20 {
			err := par.Each(t.Context(), workers, 100, func(_, i int) error {
				if i%10 == 3 {
					return fmt.Errorf("item %d", i)
				}
				return nil
			})
			if err == nil || err.Error() != "item 3" {
				t.Fatalf("%d workers: %v", workers, err)
			}
		}
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var done atomic.Int64
	err := par.Each(ctx, 2, 1000, func(_, i int) error {
		if done.Add(1); i == 5 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || done.Load() > 10 {
		t.Errorf("%v after %d items", err, done.Load())
	}
}

var errBroken = errors.New("broken")

func TestPanic(t *testing.T) {
	defer func() {
		p, ok := recover().(*par.PanicError)
		if !ok || !errors.Is(p, errBroken) || !strings.Contains(string(p.Stack), "explode") {
			t.Errorf("the panic came back as %v", p)
		}
	}()
	_ = par.Each(t.Context(), 2, 3, func(int, int) error {
		return par.Each(t.Context(), 2, 3, func(int, int) error { explode(); return nil })
	})
	t.Error("the panic was lost")
}

func explode() { panic(errBroken) }

// TestUntil: what ends by itself gives its own result, what does not is left.
func TestUntil(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	for _, ctx := range []context.Context{context.Background(), ctx} {
		if err := par.Until(ctx, func() error { return errBroken }); !errors.Is(err, errBroken) {
			t.Errorf("a result: %v", err)
		}
	}
	func() {
		defer func() {
			if p, ok := recover().(*par.PanicError); !ok || !errors.Is(p, errBroken) || !strings.Contains(string(p.Stack), "explode") {
				t.Errorf("the panic came back as %v", p)
			}
		}()
		_ = par.Until(ctx, func() error { explode(); return nil })
	}()
	hold, gone := make(chan struct{}), make(chan struct{})
	err := par.Until(ctx, func() error {
		cancel()
		<-hold // as a norm does that knows no context
		close(gone)
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("what does not end: %v", err)
	}
	close(hold)
	<-gone
	if err := par.Until(ctx, func() error { return fmt.Errorf("half way: %w", ctx.Err()) }); err == nil || err.Error() != "half way: context canceled" {
		t.Errorf("what looks at the context: %v", err)
	}
}
