package filetest_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
)

// failures counts what a test would have failed for.
type failures struct {
	testing.TB
	n int
}

func (f *failures) Helper()               {}
func (f *failures) Errorf(string, ...any) { f.n++ }

var kept []byte

// What asks for too much fails; what did so once, because others allocated then, does not.
func TestFrugal(t *testing.T) {
	runs := 0
	for _, c := range []struct {
		name string
		ask  func() int
		want int
	}{
		{"modest", func() int { return 1 << 10 }, 0},
		{"greedy", func() int { return 64 << 20 }, 1},
		{"greedy once", func() int { return map[bool]int{true: 64 << 20, false: 1 << 10}[runs == 1] }, 0},
	} {
		f := &failures{TB: t}
		runs = 0
		filetest.Frugal(f, 32<<20, 100, func() { runs++; kept = make([]byte, c.ask()) })
		if f.n != c.want {
			t.Errorf("%s: %d failures, want %d", c.name, f.n, c.want)
		}
	}
}
