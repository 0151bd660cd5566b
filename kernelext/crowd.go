package kernelext

import (
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/kernelext/internal/record"
)

// mostCurves is how many curves of a figure can be told apart.
const mostCurves = 5

// warned adds what an author should know of a figure to its output, for lab run to say.
func warned(o output, caption string, s *draw.Scene) output {
	warnings := crowd(s)
	if len(warnings) == 0 {
		return o
	}
	fields, err := record.Fields(record.Figure{Caption: caption, Warnings: warnings})
	if err == nil {
		o.mime, o.data = record.FigureMIME, fields
	}
	return o
}

// crowd lists what readers of a line chart cannot see.
func crowd(s *draw.Scene) (warnings []string) {
	if s.Kind != "Line chart" {
		return nil
	}
	if n := len(s.Legend()); n > mostCurves {
		warnings = append(warnings, fmt.Sprintf("it has %d curves, and more than %d cannot be told apart: make two figures, or a table", n, mostCurves))
	}
	for _, band := range s.Layers {
		i := slices.IndexFunc(s.Layers, func(l draw.Layer) bool { return l.Name == band.Name && l.Lo == nil })
		if band.Lo != nil && i >= 0 && leaves(s.Layers[i], band, (s.Y.Hi-s.Y.Lo)/500) {
			warnings = append(warnings, fmt.Sprintf("the line of %q leaves its band: draw the Medians of the race", band.Name))
		}
	}
	return warnings
}

// leaves reports whether a line lies outside of a band by more than the width of a line.
func leaves(line, band draw.Layer, width float64) bool {
	at := map[float64]int{}
	for i, p := range band.Pts {
		at[p[0]] = i
	}
	return slices.ContainsFunc(line.Pts, func(p [2]float64) bool {
		i, ok := at[p[0]]
		return ok && !math.IsNaN(p[1]) && (p[1] < band.Lo[i]-width || p[1] > band.Hi[i]+width)
	})
}
