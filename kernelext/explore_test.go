package kernelext

import (
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/trace"
)

// Frames are the ends, the start, and places between.
func TestExploreThins(t *testing.T) {
	for _, c := range []struct {
		controls []Control
		counts   []int
	}{
		{[]Control{{trace.Lin("a", 0, 1, 101), .37}}, []int{21}},
		{[]Control{{trace.Lin("a", 0, 1, 5), .9}}, []int{5}},
		{[]Control{{trace.Lin("a", 0, 1, 50), .01}, {trace.Log("b", 1e-3, 1, 3), 1}}, []int{6, 3}},
		{[]Control{{trace.Lin("a", 0, 1, 50), .99}, {trace.Lin("b", 0, 1, 7), .5}, {trace.Lin("c", 0, 1, 7), .5}}, []int{6, 6}},
	} {
		dials, values := thinned(c.controls)
		for k, d := range dials {
			all := c.controls[k].Values.Values
			if len(values[k]) != c.counts[k] || len(d.labels) != c.counts[k] {
				t.Errorf("%v: %d values, want %d", c.controls[k], len(values[k]), c.counts[k])
			}
			if !slices.IsSorted(values[k]) || values[k][0] != all[0] || values[k][len(values[k])-1] != all[len(all)-1] {
				t.Errorf("%v: the values are %v", c.controls[k], values[k])
			}
			if want := starts(c.controls)[k]; values[k][d.start] != want {
				t.Errorf("%v: it starts at %v and not at %v", c.controls[k], values[k][d.start], want)
			}
		}
	}
}

// Every frame is drawn at its own place, in the order in which the page counts them, and a
// cell that nobody watches ends.
func TestExploreDrawsFrames(t *testing.T) {
	capture(t)
	var seen [][]float64
	Explore("c", []Control{{trace.Lin("a", 0, 1, 2), 0}, {trace.Lin("b", 0, 2, 3), 1}, {trace.Lin("c", 5, 6, 2), 6}}, func(at []float64) {
		seen = append(seen, slices.Clone(at))
		Stems("", spikes(), Axes{})
	})
	want := [][]float64{{0, 0, 6}, {0, 1, 6}, {0, 2, 6}, {1, 0, 6}, {1, 1, 6}, {1, 2, 6}}
	if !slices.EqualFunc(seen, want, slices.Equal[[]float64]) {
		t.Errorf("drawn at %v, want %v", seen, want)
	}
}
