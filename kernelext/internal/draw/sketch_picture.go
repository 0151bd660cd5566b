//go:build !js

package draw

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Picture draws the sketch as a PNG on white.
func (s *Sketch) Picture(caption, note string) ([]byte, error) {
	room := pictureWidth - 2*margin
	scale := min(.75, float64(room)/s.W)
	p := plate{caption: caption, note: note, body: vg.Length(s.H*scale) + 10}
	p.paint = func(dc draw.Canvas) {
		at := func(x, y float64) vg.Point {
			return vg.Point{X: dc.Min.X + vg.Length(x*scale), Y: dc.Max.Y - vg.Length(y*scale)}
		}
		for _, sh := range s.Shapes {
			sh.paint(dc, at, scale)
		}
	}
	return p.png()
}

func (sh Shape) paint(dc draw.Canvas, at func(x, y float64) vg.Point, scale float64) {
	var hue color.Color = ink
	if sh.Hue != "" {
		hue = rgb(sh.Hue, 255)
	}
	line := draw.LineStyle{Color: hue, Width: 1.1}
	if sh.Dash {
		line.Dashes = []vg.Length{4, 3}
	}
	if sh.W > 0 {
		sh.box(dc, at, hue, line)
	}
	var pts []vg.Point
	for _, p := range sh.Line {
		pts = append(pts, at(p[0], p[1]))
	}
	if len(pts) > 1 {
		dc.StrokeLines(line, pts)
	}
	if head := sh.head(); head != nil {
		dc.FillPolygon(hue, []vg.Point{at(head[0][0], head[0][1]), at(head[1][0], head[1][1]), at(head[2][0], head[2][1])})
	}
	if sh.Words != "" {
		say(&dc, pen{size: vg.Length(sh.Size * scale), color: ink, mid: true, level: true}, at(sh.X, sh.Y), sh.Words)
	}
}

// box draws a rectangle, or an ellipse where the corners meet.
func (sh Shape) box(dc draw.Canvas, at func(x, y float64) vg.Point, hue color.Color, line draw.LineStyle) {
	r := min(sh.Round, sh.W/2, sh.H/2)
	var pts []vg.Point
	for corner, c := range [4][2]float64{{1, 1}, {-1, 1}, {-1, -1}, {1, -1}} {
		for k := range 9 {
			sin, cos := sincos(float64(corner)/4 + float64(k)/32)
			pts = append(pts, at(sh.X+c[0]*(sh.W/2-r)+r*cos, sh.Y+c[1]*(sh.H/2-r)+r*sin))
		}
	}
	if c, ok := hue.(color.NRGBA); ok && sh.Tint > 0 {
		c.A = uint8(255 * sh.Tint)
		dc.FillPolygon(c, pts)
	}
	dc.StrokeLines(line, append(pts, pts[0]))
}
