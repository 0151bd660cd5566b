//go:build !js

package draw

import (
	"image/color"
	"strings"
	"sync"
	"unicode/utf8"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
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
	var text strings.Builder
	flush := func() {
		if len(rs) > 0 {
			rs[len(rs)-1].text = text.String()
			text.Reset()
		}
	}
	for _, r := range substitutes.Replace(s) {
		level := 0
		if i := strings.IndexRune(raised, r); i >= 0 {
			r, level = nth(plain, raised[:i]), 1
		} else if i := strings.IndexRune(lowered, r); i >= 0 {
			r, level = nth(plainLow, lowered[:i]), -1
		}
		if n := len(rs); n == 0 || rs[n-1].level != level {
			flush()
			rs = append(rs, run{level: level})
		}
		text.WriteRune(r)
	}
	flush()
	return rs
}

// nth is the rune of a text that has as many before it as there are in the other.
func nth(s, before string) rune { return []rune(s)[utf8.RuneCountInString(before)] }

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

// fonts are the two of a picture. A cell links every font that is named here, which is 0.4 MB each; gonum's
// own collection names twelve.
var fonts = sync.OnceValue(func() *font.Cache {
	var two font.Collection
	for weight, data := range map[xfont.Weight][]byte{xfont.WeightNormal: liberationsansregular.TTF, xfont.WeightBold: liberationsansbold.TTF} {
		face, err := opentype.Parse(data)
		if err != nil {
			panic(err) // the data are constants
		}
		two = append(two, font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}, Face: face})
	}
	return font.NewCache(two)
})

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

// wrap breaks a text into lines as wide as a picture.
func wrap(p pen, s string) []string {
	const room = pictureWidth - 2*margin
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
	for i, l := range lines { // one word may be longer
		lines[i] = cut(p, l, room)
	}
	return lines
}

// cut shortens a text to the given width.
func cut(p pen, s string, room vg.Length) string {
	if width(p, s) <= room {
		return s
	}
	r := []rune(s)
	r = r[:min(len(r), 500)] // more fit nowhere
	for len(r) > 1 && width(p, string(r)+"…") > room {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
