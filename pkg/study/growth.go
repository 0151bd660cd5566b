package study

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/l2olab/l2o/pkg/trace"
)

// growth holds what a machine took. To measure it anew:
//
//	go run ./pkg/internal/bench -growth > pkg/study/growth.txt
//
//go:embed growth.txt
var growth string

// A Grown is a kind of work and what it took at sizes that differ by orders of magnitude.
// Cost that grows in proportion to the size has the same time for each unit at all of them.
type Grown struct {
	Name string // such as "unknowns-fista"
	What string // in words, with "so many" for the size
	Unit string // what the time is for, such as "pixel and step"
	At   []Grew // by size, then by cores
}

// Grew is what one size took in a process of its own.
type Grew struct {
	Size, Cores int
	Seconds     float64 // for a unit, by the clock: of a machine that does nothing else
	CPU         float64 // for a unit, seconds on all cores together, which a busy machine hardly changes
	MB          float64 // of memory at the peak, 0 for unknown
}

// Growth are the kept measurements of how cost grows with unknowns, instances, horizon and
// cores, and the machine that they are of.
func Growth() (machine string, kinds []Grown, err error) { return readGrowth(growth) }

func readGrowth(text string) (machine string, kinds []Grown, err error) {
	of := map[string]int{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		about, comment := strings.CutPrefix(line, "# ")
		name, what, named := strings.Cut(about, ": ")
		what, unit, kind := strings.Cut(what, "; ns for each ")
		switch {
		case comment && named && kind:
			of[name] = len(kinds)
			kinds = append(kinds, Grown{Name: name, What: what, Unit: unit})
		case comment && machine == "":
			machine = about
		case line == "" || comment:
		default:
			var g Grew
			if _, err := fmt.Sscanf(line, "%s %d %d %g ns %g ns CPU %g MB", &name, &g.Size, &g.Cores, &g.Seconds, &g.CPU, &g.MB); err != nil {
				return "", nil, fmt.Errorf("study: %q is no measurement of growth: %w", line, err)
			}
			k, ok := of[name]
			if !ok {
				return "", nil, fmt.Errorf("study: growth of %q, which no line above explains", name)
			}
			g.Seconds, g.CPU = g.Seconds/1e9, g.CPU/1e9
			kinds[k].At = append(kinds[k].At, g)
		}
	}
	return machine, kinds, nil
}

// Curve is a number of each size on so many cores: the time of a unit, or the memory.
func (g Grown) Curve(name string, cores int, of func(Grew) float64) trace.Curve {
	c := trace.Curve{Name: name}
	for _, a := range g.At {
		if a.Cores == cores {
			c.X, c.Y = append(c.X, float64(a.Size)), append(c.Y, of(a))
		}
	}
	return c
}
