package near

import (
	"slices"
	"testing"
)

func TestKeys(t *testing.T) {
	known := []string{"fista", "ista", "als", "adam"}
	for key, want := range map[string][]string{"istaa": {"ista", "fista"}, "ALS": {"als", "adam"}, "": {"als", "ista"}, "da": {"adam", "ista"}} {
		if got := Keys(key, known, 2); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
	if got := Keys("x", known[:1], 5); len(got) != 1 {
		t.Errorf("one key is known, these are near: %q", got)
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"fista", "ista", 1}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("edits(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
