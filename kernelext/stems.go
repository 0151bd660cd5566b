package kernelext

import (
	"cmp"
	"fmt"
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// A Signal is a vector whose entries are drawn one beside the other.
type Signal struct {
	Name   string
	Values []float64
}

// Stems shows sparse signals: a stem for each entry that is not zero. One that is called
// "truth" stands broad and grey behind the others, so that it is seen what was found, missed
// and made up. Three signals fit into one figure. Of Axes, the names, Marks and Note are used.
//
//	kernelext.Stems("Which spikes has it found?", []kernelext.Signal{{"truth", truth}, {"ISTA, 50 steps", x}}, kernelext.Axes{})
func Stems(caption string, signals []Signal, a Axes) {
	s, err := stems(signals, a)
	show(caption, s, err)
}

const mostSignals = 3

func stems(signals []Signal, a Axes) (*draw.Scene, error) {
	if len(signals) > mostSignals {
		return nil, fmt.Errorf("%d signals hide one another: a figure of stems has room for %d", len(signals), mostSignals)
	}
	if len(signals) == 0 || len(signals[0].Values) == 0 {
		return nil, errEmpty
	}
	n := len(signals[0].Values)
	s := &draw.Scene{Kind: "Stem plot", X: draw.Axis{Name: cmp.Or(a.X, "entry")}, Y: draw.Axis{Name: cmp.Or(a.Y, "value")}, Note: a.Note}
	var names []string
	for _, g := range signals {
		if len(g.Values) != n {
			return nil, fmt.Errorf("signal %q has %d entries, %q has %d", g.Name, len(g.Values), signals[0].Name, n)
		}
		names = append(names, g.Name)
	}
	var dots []draw.Layer
	for i, lk := range draw.Looks(names) {
		g := signals[i]
		stem := draw.Layer{Name: g.Name, Look: draw.Look{Hue: lk.Hue}, Width: 1.6}
		dot := draw.Layer{Name: g.Name, Look: draw.Look{Hue: lk.Hue}, Size: 6, Symbol: "circle"}
		if g.Name == "truth" {
			stem.Width, stem.Fade, dot.Size, dot.Fade = 6, .55, 11, .5
		}
		shift := 0. // signals of one support stand side by side
		if i > 0 && signals[i-1].Name != "truth" {
			shift = .3
		}
		for k, v := range g.Values {
			if v == 0 || !draw.Finite(v) {
				continue
			}
			x := float64(k) + shift
			stem.Pts = append(stem.Pts, [2]float64{x, 0}, [2]float64{x, v}, [2]float64{x, math.NaN()})
			dot.Pts = append(dot.Pts, [2]float64{x, v})
		}
		s.Layers = append(s.Layers, stem)
		dots = append(dots, dot)
	}
	s.Layers = append(s.Layers, dots...)
	s.Layers = append(s.Layers, draw.Layer{Look: draw.Look{Hue: draw.Grey}, Width: 1, Pts: draw.Points{{0, 0}, {float64(n - 1), 0}}})
	addMarks(s, a.Marks)
	s.Fit()
	s.X.Lo, s.X.Hi = -.02*float64(n)-.5, 1.02*float64(n)-.5
	s.Words = func() (says, table string) { return stemWords(signals, s) }
	return s, nil
}

// stemWords lists the largest entries of any signal.
func stemWords(signals []Signal, s *draw.Scene) (says, table string) {
	header := []string{s.X.Name}
	counts := ""
	size := make([]float64, len(signals[0].Values))
	for _, g := range signals {
		header = append(header, g.Name)
		n := 0
		for k, v := range g.Values {
			if size[k] = max(size[k], math.Abs(v)); v != 0 {
				n++
			}
		}
		counts += fmt.Sprintf(" %s has %d entries that are not zero.", g.Name, n)
	}
	var rows [][]string
	for _, k := range largest(size, 12) {
		row := []string{draw.Num(float64(k))}
		for _, g := range signals {
			row = append(row, s.Y.Num(g.Values[k]))
		}
		rows = append(rows, row)
	}
	return fmt.Sprintf("%s over %s, %d entries.%s", s.Y.Name, s.X.Name, len(size), counts), grid(header, rows)
}

// largest are the places of the n largest values, in order of place.
func largest(v []float64, n int) (places []int) {
	for k, x := range v {
		larger := 0
		for j, y := range v {
			if y > x || y == x && j < k {
				larger++
			}
		}
		if larger < n && x > 0 {
			places = append(places, k)
		}
	}
	return places
}
