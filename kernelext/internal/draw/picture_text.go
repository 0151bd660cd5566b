package draw

import (
	"image/color"
	"strings"
	"sync"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The picture's font lacks some signs of optimization; these stand in for them.
var substitutes = strings.NewReplacer("⋆", "*", "∗", "*", "★", "*", "∇", "grad ", "∈", "in", "⊙", "·", "∥", "‖", "≪", "<<", "≫", ">>", "✓", "√", "✗", "×")

const (
	raised   = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵏᵀ"
	plain    = "0123456789−+nkT"
	lowered  = "₀₁₂₃₄₅₆₇₈₉₋₊ₙₖ"
	plainLow = "0123456789−+nk"
)

// A run is a piece of text on one level: 1 raised, -1 lowered, 0 neither.
type run struct {
	text  string
	level int
}

// runs splits a text into levels. Raised and lowered digits become small plain
// ones: the font has some of them, and those do not match.
func runs(s string) []run {
	var rs []run
	for _, r := range substitutes.Replace(s) {
		level := 0
		for _, m := range []struct {
			from, to string
			level    int
		}{{raised, plain, 1}, {lowered, plainLow, -1}} {
			from := []rune(m.from)
			for i := range from {
				if from[i] == r {
					r, level = []rune(m.to)[i], m.level
					break
				}
			}
		}
		if n := len(rs); n == 0 || rs[n-1].level != level {
			rs = append(rs, run{level: level})
		}
		rs[len(rs)-1].text += string(r)
	}
	return rs
}

// A pen says how text looks: its size and colour, and how it lies around its
// point.
type pen struct {
	size       vg.Length
	color      color.Color
	bold       bool
	right, mid bool // the point is at the end, or in the middle, of the text; else at its start
	above      bool // the point is below the text
	level      bool // the point is at half the height of the text; else above it
	turn       float64
}

var fonts = sync.OnceValue(func() *font.Cache { return font.NewCache(liberation.Collection()) })

// face is the font of a run.
func (p pen) face(r run) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if p.bold {
		f.Weight = xfont.WeightBold
	}
	size := p.size
	if r.level != 0 {
		size *= .72
	}
	return fonts().Lookup(f, size)
}

// width is how long a text is.
func width(p pen, s string) (w vg.Length) {
	for _, r := range runs(s) {
		face := p.face(r)
		w += face.Width(r.text)
	}
	return w
}

// say writes a text at pt.
func say(c *draw.Canvas, p pen, pt vg.Point, s string) {
	c.Push()
	defer c.Pop()
	c.Translate(pt)
	c.Rotate(p.turn)
	c.SetColor(p.color)
	var x vg.Length
	switch {
	case p.right:
		x = -width(p, s)
	case p.mid:
		x = -width(p, s) / 2
	}
	y := -.8 * p.size // capitals are 0.72 of the size high
	switch {
	case p.level:
		y = -.36 * p.size
	case p.above:
		y = .22 * p.size
	}
	for _, r := range runs(s) {
		lift := [3]vg.Length{-.16, 0, .34}[r.level+1] * p.size
		face := p.face(r)
		c.FillString(face, vg.Point{X: x, Y: y + lift}, r.text)
		x += face.Width(r.text)
	}
}

// wrap breaks a text into lines of at most the given width.
func wrap(p pen, s string, room vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if next := strings.TrimSpace(line + " " + word); line == "" || width(p, next) <= room {
			line = next
			continue
		}
		lines, line = append(lines, line), word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// cut shortens a text to the given width.
func cut(p pen, s string, room vg.Length) string {
	if width(p, s) <= room {
		return s
	}
	r := []rune(s)
	for len(r) > 1 && width(p, string(r)+"…") > room {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
