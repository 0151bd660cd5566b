package near

import (
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	known := []string{"fista", "ista", "als", "adam"}
	plain := func(s string) string { return s }
	for key, want := range map[string]string{
		"istaa": "ista, fista, adam, als", "ALS": "als, adam, fista, ista", "": "als, ista, adam, fista", "da": "adam, ista, als, fista",
	} {
		if got := Keys(key, known, plain); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
	if got := Keys("x", append(known, "gd", "nag"), plain); strings.Count(got, ",") != 4 {
		t.Errorf("of six keys these are near: %q", got)
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
