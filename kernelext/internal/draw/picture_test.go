package draw

import (
	"math"
	"testing"
)

// waves is a line chart of three methods with bands.
func waves() *Scene {
	s := &Scene{Kind: "Line chart", Note: "A note.", X: Axis{Name: "iteration"}, Y: Axis{Name: "relative gap", Log: true}}
	names := []string{"ISTA", "FISTA", "L2O-PA"}
	for i, lk := range Looks(names) {
		line, band := Layer{Name: names[i], Look: lk, Width: 2}, Layer{Name: names[i], Look: lk, Fade: .82}
		for k := range 100 {
			y := -float64(k*(i+1))/40 + 0.2*math.Sin(float64(k)/3)
			line.Pts = append(line.Pts, [2]float64{float64(k), y})
			band.Pts = append(band.Pts, [2]float64{float64(k), 0})
			band.Lo, band.Hi = append(band.Lo, y-0.3), append(band.Hi, y+0.3)
		}
		s.Layers = append(s.Layers, line, band)
	}
	s.Fit()
	return s
}

// BenchmarkPicture is the largest share of what a figure takes in a cell.
func BenchmarkPicture(b *testing.B) {
	s := waves()
	for b.Loop() {
		if _, err := Picture("Who is first?", s); err != nil {
			b.Fatal(err)
		}
	}
}
