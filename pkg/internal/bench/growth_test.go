package main

import "testing"

// Everything that grows runs at its smallest.
func TestGrowths(t *testing.T) {
	for _, g := range growths {
		units, run, err := g.make(g.sizes[0])
		if err == nil {
			err = run()
		}
		if err != nil || units <= 0 {
			t.Errorf("%s: %d units, %v", g.name, units, err)
		}
	}
}
