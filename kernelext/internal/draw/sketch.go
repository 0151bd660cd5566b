//go:build !js

package draw

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// A Sketch is a drawing of boxes, lines and words, in pixels from the upper left corner. It
// becomes SVG in the page's own colours, or a picture.
type Sketch struct {
	W, H   float64
	Shapes []Shape
}

// A Shape is one of a box (W and H are not 0), a line (Line has points), or words. A box may
// have words in its middle.
type Shape struct {
	X, Y  float64 // the middle of a box, or of words
	W, H  float64
	Round float64 // radius of the corners of a box

	Line  Points
	Arrow bool // at the end of the line
	Dash  bool

	Words string
	Size  float64 // of the words
	Hue   string  // "" is the colour of text
	Tint  float64 // how much of the hue fills a box
}

// SVG draws the sketch with the page's text colour for what has no hue.
func (s *Sketch) SVG(alt string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" role="img" aria-label="%s" style="display:block;width:100%%;max-width:%spx;min-width:%spx;height:auto" font-family="system-ui,sans-serif">`,
		px(s.W), px(s.H), html.EscapeString(alt), px(s.W), px(min(s.W, 520)))
	for _, sh := range s.Shapes {
		hue := sh.Hue
		if hue == "" {
			hue = "currentColor"
		}
		if sh.W > 0 {
			fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="%s" fill-opacity="%s" stroke="%s" stroke-width="1.5"/>`,
				px(sh.X-sh.W/2), px(sh.Y-sh.H/2), px(sh.W), px(sh.H), px(sh.Round), hue, px(sh.Tint), hue)
		}
		if len(sh.Line) > 0 {
			b.WriteString(`<path d="`)
			for i, p := range sh.Line {
				fmt.Fprintf(&b, "%s%s %s", [2]string{"L", "M"}[btoi(i == 0)], px(p[0]), px(p[1]))
			}
			dash := ""
			if sh.Dash {
				dash = ` stroke-dasharray="5 4"`
			}
			fmt.Fprintf(&b, `" fill="none" stroke="%s" stroke-opacity=".75" stroke-width="1.5"%s/>`, hue, dash)
			if head := sh.head(); head != nil {
				fmt.Fprintf(&b, `<path d="M%s %sL%s %sL%s %sz" fill="%s" fill-opacity=".85"/>`,
					px(head[0][0]), px(head[0][1]), px(head[1][0]), px(head[1][1]), px(head[2][0]), px(head[2][1]), hue)
			}
		}
		if sh.Words != "" {
			fmt.Fprintf(&b, `<text x="%s" y="%s" text-anchor="middle" font-size="%s" fill="currentColor">%s</text>`,
				px(sh.X), px(sh.Y+.35*sh.Size), px(sh.Size), html.EscapeString(sh.Words))
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

// head is the triangle at the end of an arrow.
func (sh Shape) head() Points {
	n := len(sh.Line)
	if !sh.Arrow || n < 2 {
		return nil
	}
	a, z := sh.Line[n-2], sh.Line[n-1]
	dx, dy := z[0]-a[0], z[1]-a[1]
	l := math.Hypot(dx, dy)
	if l == 0 {
		return nil
	}
	dx, dy = dx/l, dy/l
	return Points{z, {z[0] - 9*dx - 4.5*dy, z[1] - 9*dy + 4.5*dx}, {z[0] - 9*dx + 4.5*dy, z[1] - 9*dy - 4.5*dx}}
}

// px writes a length with two decimals at most.
func px(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// WordsWidth is about how wide a text is: browsers have other fonts, with at most a tenth more.
func WordsWidth(s string, size float64) float64 {
	return 1.1 * float64(width(pen{size: 10}, s)) * size / 10
}

// sincos are those of a part of a full turn.
func sincos(turn float64) (sin, cos float64) { return math.Sincos(2 * math.Pi * turn) }
