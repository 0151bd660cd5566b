//go:build linux && amd64 && !purego

package kern

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The sets are those that the processor and Linux together can run, as Linux lists
// them: a mistake in features would otherwise only make everything slower.
func TestSetsOfThisProcessor(t *testing.T) {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(info), "\nflags")
	if !found {
		t.Skip("/proc/cpuinfo lists no flags, as under emulation: run the test on a real amd64 processor")
	}
	line, _, _ := strings.Cut(rest, "\n")
	flags := strings.Fields(line)
	all := func(names ...string) bool {
		return !slices.ContainsFunc(names, func(f string) bool { return !slices.Contains(flags, f) })
	}
	want := []string{"go"}
	if all("avx2", "fma") {
		want = append(want, "avx2")
		if all("avx512f", "avx512dq", "avx512bw", "avx512vl") {
			want = append(want, "avx512")
		}
	}
	var got []string
	for _, s := range sets {
		got = append(got, s.name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("there are the sets %v, the processor can run %v", got, want)
	}
}
