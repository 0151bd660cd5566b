package kernelext

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
)

// A Panel is one image or one matrix of a figure: Values has a row for each of its rows. NaN is
// a hole, such as an entry that is missing, and is pink; an infinity is left out.
type Panel struct {
	Name   string
	Values ad.Value
}

// Images shows grey images side by side, on one scale: from 0 to 1 where all values lie there,
// else from the lowest value to the highest.
//
//	kernelext.Images("How much of it can be filled in?", []kernelext.Panel{{"half is missing", holes}, {"ALS, 20 rounds", filled}}, "")
func Images(caption string, panels []Panel, note string) {
	s, err := images("Images", panels, note)
	if err == nil {
		lo, hi := extent(s.panels)
		if lo >= 0 && hi <= 1 {
			lo, hi = 0, 1
		}
		s.scaled(lo, hi, nil)
		s.note = joinNotes(note, fmt.Sprintf("Black is %s, white %s.", draw.Num(lo), draw.Num(hi)))
	}
	showStill(caption, s, err)
}

// Matrix shows matrices side by side by colour, on one scale: blue is negative, red positive,
// white zero; matrices without negative values go from dark to light. Rows and columns are
// counted from 1 beside and below it. For a small one with its numbers and labels take [Heat].
//
//	kernelext.Matrix("What does W do that A does not?", []kernelext.Panel{{"AᵀA", gram}, {"WᵀA", cross}}, "")
func Matrix(caption string, panels []Panel, note string) {
	s, err := images("Matrices", panels, note)
	if err == nil {
		lo, hi := extent(s.panels)
		scale := draw.Amounts
		if lo < 0 {
			hi = max(-lo, hi)
			lo, scale = -hi, draw.Signed
		}
		s.scaled(lo, hi, scale)
		for i := range s.panels {
			s.panels[i].Ticks = true
		}
	}
	showStill(caption, s, err)
}

// Tiles lays out the columns of d as small images of h rows, such as the atoms of a dictionary
// of patches, in so many columns, with a line between. Each is scaled to fill the range from 0
// to 1.
func Tiles(d ad.Value, h, columns int) ad.Value {
	if h < 1 || columns < 1 || d.R%h != 0 {
		panic(fmt.Sprintf("kernelext: Tiles: columns of %d numbers cannot be images of %d rows, in %d columns", d.R, h, columns))
	}
	w, rows := d.R/h, (d.C+columns-1)/columns
	columns = min(columns, d.C)
	out := ad.New(rows*(h+1)-1, columns*(w+1)-1, nil)
	for i := range out.Data {
		out.Data[i] = math.Inf(1)
	}
	for k := range d.C {
		var seen draw.Span
		for i := range d.R {
			seen.See(d.At(i, k))
		}
		top, left := k/columns*(h+1), k%columns*(w+1)
		for i := range d.R {
			v := (d.At(i, k) - seen.Lo) / max(seen.Hi-seen.Lo, 1e-300)
			out.Data[(top+i/w)*out.C+left+i%w] = v
		}
	}
	return out
}

// images takes over the numbers of panels.
func images(kind string, panels []Panel, note string) (*still, error) {
	const most = 1 << 20
	s := &still{kind: kind, note: note}
	for _, p := range panels {
		v := p.Values
		if v.R == 0 || v.C == 0 || len(v.Data) != v.R*v.C {
			return nil, fmt.Errorf("panel %q has %d×%d values, and %d numbers", p.Name, v.R, v.C, len(v.Data))
		}
		if len(v.Data) > most {
			return nil, fmt.Errorf("panel %q has %d×%d values: a figure has room for %d", p.Name, v.R, v.C, most)
		}
		s.panels = append(s.panels, draw.Panel{Name: p.Name, V: v.Lists()})
	}
	if len(s.panels) == 0 {
		return nil, errEmpty
	}
	s.words = func() (says, table string) {
		var rows [][]string
		for _, p := range s.panels {
			var seen draw.Span
			for _, row := range p.V {
				seen.See(row...)
			}
			rows = append(rows, []string{p.Name, fmt.Sprintf("%d×%d", len(p.V), len(p.V[0])), draw.Num(seen.Lo), draw.Num(seen.Hi)})
		}
		return fmt.Sprintf("%d side by side, on a scale from %s to %s.", len(rows), draw.Num(s.panels[0].Lo), draw.Num(s.panels[0].Hi)),
			grid([]string{"panel", "size", "lowest", "highest"}, rows)
	}
	return s, nil
}

// extent is the range of all values.
func extent(panels []draw.Panel) (lo, hi float64) {
	var seen draw.Span
	for _, p := range panels {
		for _, row := range p.V {
			seen.See(row...)
		}
	}
	return seen.Lo, seen.Hi
}

func (s *still) scaled(lo, hi float64, scale []string) {
	for i := range s.panels {
		s.panels[i].Lo, s.panels[i].Hi, s.panels[i].Scale = lo, hi, scale
	}
}
