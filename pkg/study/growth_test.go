package study

import (
	"slices"
	"strings"
	"testing"
)

func TestGrowth(t *testing.T) {
	machine, kinds, err := Growth()
	if err != nil || machine == "" || len(kinds) == 0 {
		t.Fatalf("%d kinds of work on %q: %v", len(kinds), machine, err)
	}
	for _, g := range kinds {
		c := g.Curve(g.Name, 1, func(at Grew) float64 { return at.Seconds })
		if len(c.X) < 4 || !slices.IsSorted(c.X) || slices.Min(c.Y) <= 0 || g.What == "" || g.Unit == "" {
			t.Errorf("%+v: the times on one core are %v at %v", g, c.Y, c.X)
		}
	}
}

func TestReadGrowth(t *testing.T) {
	const good = "# a machine, 2 cores\n# steps: taking so many steps; ns for each step\nsteps 10 1 2.5 ns 2.5 ns CPU 20 MB\nsteps 10 2 1.5 ns 2.8 ns CPU 21 MB\n"
	machine, kinds, err := readGrowth(good)
	if err != nil || machine != "a machine, 2 cores" || len(kinds) != 1 || kinds[0].Unit != "step" {
		t.Fatal(machine, kinds, err)
	}
	if got := kinds[0].At; !slices.Equal(got, []Grew{{10, 1, 2.5e-9, 2.5e-9, 20}, {10, 2, 1.5e-9, 2.8e-9, 21}}) {
		t.Error(got)
	}
	for bad, says := range map[string]string{"steps ten": "no measurement", "races 1 1 1 ns 1 ns CPU 1 MB": "no line above explains"} {
		if _, _, err := readGrowth(good + bad + "\n"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want an error with %q", bad, err, says)
		}
	}
}
