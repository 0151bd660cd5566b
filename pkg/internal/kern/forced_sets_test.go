package kern

import (
	"cmp"
	"os"
	"strings"
	"testing"
)

// The set in use is the one that L2O_KERNELS asks for, or else the fastest. The
// names come out in the log, for scripts that test with each of them.
func TestActiveSet(t *testing.T) {
	var names []string
	for _, s := range sets {
		names = append(names, s.name)
	}
	want := cmp.Or(os.Getenv("L2O_KERNELS"), names[len(names)-1])
	if Name() != want {
		t.Errorf("the kernels of %s are in use, want those of %s", Name(), want)
	}
	t.Logf("in use: %s; kernel sets here: %s", Name(), strings.Join(names, " "))
}
