//go:build !js

package draw

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Pictures draws scenes side by side as a PNG on white: the caption, each scene under its head
// and legend, and the note below.
func Pictures(caption, note string, scenes ...*Scene) ([]byte, error) {
	const gap = 14
	head := pen{size: 10, color: ink, bold: true}
	each := (pictureWidth - 2*margin - gap*vg.Length(len(scenes)-1)) / vg.Length(len(scenes))
	most := 0
	for _, s := range scenes {
		most = max(most, len(legendRows(s, each)))
	}
	p := plate{caption: caption, note: note, body: plotHeight + 14*vg.Length(most), scenes: scenes}
	p.paint = func(dc draw.Canvas) {
		for i, s := range scenes {
			c := draw.Crop(dc, (each+gap)*vg.Length(i), (each+gap)*vg.Length(i+1-len(scenes)), 0, 0)
			y := c.Max.Y
			say(&c, head, vg.Point{X: c.Min.X, Y: y}, cut(head, s.Head, each))
			y -= 15
			for _, row := range legendRows(s, each) {
				x := c.Min.X
				for _, e := range row {
					e.draw(&c, x, y)
					x += e.width
				}
				y -= 14
			}
			s.draw(draw.Crop(c, 0, 0, 0, y-5-c.Max.Y))
		}
	}
	return p.png()
}

// draw writes a word at its place, on a plate where it has one.
func (l Label) draw(c draw.Canvas, at func(x, y float64) vg.Point) {
	sty, p := pen{size: 9, color: ink, level: true}, at(l.X, l.Y)
	if l.Hue != "" {
		sty.color = rgb(l.Hue, 255)
	}
	if l.Star {
		var pts []vg.Point
		for _, q := range star {
			pts = append(pts, vg.Point{X: p.X + vg.Length(6.5*q[0]), Y: p.Y + vg.Length(6.5*q[1])})
		}
		c.FillPolygon(sty.color, pts)
	}
	if !l.Plate { // lines lead behind the words
		w := width(sty, l.Text)
		left := p.X + 8*vg.Length(l.Align) + w*vg.Length(l.Align-1)/2
		c.FillPolygon(color.NRGBA{255, 255, 255, 200}, []vg.Point{{X: left - 1, Y: p.Y - 5}, {X: left + w + 1, Y: p.Y - 5}, {X: left + w + 1, Y: p.Y + 5}, {X: left - 1, Y: p.Y + 5}})
	}
	if l.Plate {
		w := width(sty, l.Text)/2 + 6
		frame := []vg.Point{{X: p.X - w, Y: p.Y - 9}, {X: p.X + w, Y: p.Y - 9}, {X: p.X + w, Y: p.Y + 9}, {X: p.X - w, Y: p.Y + 9}, {X: p.X - w, Y: p.Y - 9}}
		c.FillPolygon(color.NRGBA{0xf5, 0xf7, 0xf9, 255}, frame)
		c.StrokeLines(draw.LineStyle{Color: sty.color, Width: 1}, frame)
	}
	sty.mid, sty.right = l.Align == 0 || l.Plate, l.Align < 0
	say(&c, sty, vg.Point{X: p.X + 8*vg.Length(l.Align), Y: p.Y}, l.Text)
}
