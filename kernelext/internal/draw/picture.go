//go:build !js

package draw

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lengths of a picture, in points. At 120 dots per inch it is 900 pixels wide.
const (
	pictureWidth vg.Length = 540
	plotHeight   vg.Length = 252
	margin       vg.Length = 8
	pictureDPI             = 120
)

var (
	ink  = color.NRGBA{0x1b, 0x1f, 0x24, 255}
	soft = color.NRGBA{0x5b, 0x64, 0x70, 255}
	hair = color.NRGBA{0xe3, 0xe6, 0xea, 255}
)

// Picture draws the scene as a PNG on white: caption, legend, plot, note. It is
// what readers see where scripts do not run.
func Picture(caption string, s *Scene) ([]byte, error) {
	p := plate{caption: caption, note: s.Note, rows: legendRows(s, pictureWidth-2*margin), body: plotHeight, paint: s.draw, scenes: []*Scene{s}}
	if s.Square {
		p.body += 60
	}
	return p.png()
}

// An entry is one sample and name of the legend.
type entry struct {
	width vg.Length
	draw  func(dc *draw.Canvas, x, y vg.Length)
}

func legendRows(s *Scene, room vg.Length) [][]entry {
	if s.Cells != nil {
		return [][]entry{{colourBar(s.Cells)}}
	}
	sty := pen{size: 9, color: ink}
	var rows [][]entry
	used := room
	for _, l := range s.Legend() {
		name := cut(sty, l.Name, room-40)
		e := entry{width: 26 + width(sty, name) + 14, draw: func(dc *draw.Canvas, x, y vg.Length) {
			mid := y - 6
			if l.Size > 0 {
				l.dot(dc, vg.Point{X: x + 13, Y: mid})
			} else {
				dc.StrokeLines(l.stroke(), []vg.Point{{X: x, Y: mid}, {X: x + 21, Y: mid}})
			}
			say(dc, sty, vg.Point{X: x + 26, Y: y}, name)
		}}
		if used += e.width; used > room || len(rows) == 0 {
			rows, used = append(rows, nil), e.width
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
	}
	return rows
}

func colourBar(c *Cells) entry {
	sty := pen{size: 9, color: ink}
	return entry{draw: func(dc *draw.Canvas, x, y vg.Length) {
		say(dc, sty, vg.Point{X: x, Y: y}, c.End(c.Colour.Lo))
		x += width(sty, c.End(c.Colour.Lo)) + 5
		for i := range 60 {
			l := x + vg.Length(i)*2
			dc.FillPolygon(onScale(c.Scale, float64(i)/59), []vg.Point{{X: l, Y: y - 10}, {X: l + 2.2, Y: y - 10}, {X: l + 2.2, Y: y - 1}, {X: l, Y: y - 1}})
		}
		say(dc, sty, vg.Point{X: x + 125, Y: y}, c.End(c.Colour.Hi))
	}}
}

// frame draws the axes into dc and returns the canvas inside them, with the map
// from axis coordinates to points on it.
func (s *Scene) frame(dc draw.Canvas) (draw.Canvas, func(x, y float64) vg.Point) {
	if s.Plain {
		return dc, s.onto(dc)
	}
	tick, name := pen{size: 8.5, color: soft}, pen{size: 9.5, color: ink}
	var widest vg.Length
	for _, t := range s.Y.Ticks() {
		widest = max(widest, width(tick, cut(tick, s.Y.Label(t), 110)))
	}
	left, bottom := widest+8, vg.Length(16)
	if s.Y.Name != "" {
		left += 15
	}
	if s.X.Name != "" {
		bottom += 14
	}
	room := (pictureWidth - left - 2*margin) / vg.Length(max(len(s.X.Labels), 1))
	var longest vg.Length
	for _, l := range s.X.Labels {
		longest = max(longest, width(tick, l))
	}
	turned := longest > room-4 && longest > 24
	every := max(int(1+(longest+4)/room), 1) // short labels are left out rather than turned
	if turned {
		bottom += 36
	}
	c := draw.Crop(dc, left, -6, bottom, -2)
	if size := c.Size(); s.Square {
		if w := size.Y * vg.Length((s.X.Hi-s.X.Lo)/(s.Y.Hi-s.Y.Lo)); w < size.X && w > .35*size.X {
			c.Max.X = c.Min.X + w
		} else if h := size.X * size.Y / w; h < size.Y && h > .35*size.Y {
			c.Max.Y = c.Min.Y + h
		}
	}
	at := s.onto(c)
	if s.X.Labels == nil {
		ticks, longest := s.X.Ticks(), vg.Length(0)
		for _, t := range ticks {
			longest = max(longest, width(tick, s.X.Label(t)))
		}
		every = 1 + int((longest+6)*vg.Length(max(len(ticks)-1, 1))/c.Size().X)
	}
	line := draw.LineStyle{Color: hair, Width: .6}
	tick.right, tick.level = true, true
	for _, t := range s.Y.Ticks() {
		y := at(0, t).Y
		if s.Y.Labels == nil && !s.Bare {
			c.StrokeLine2(line, c.Min.X, y, c.Max.X, y)
		}
		say(&dc, tick, vg.Point{X: c.Min.X - 4, Y: y}, cut(tick, s.Y.Label(t), 110))
	}
	tick.right, tick.level, tick.mid = false, false, true
	for i, t := range s.X.Ticks() {
		x := at(t, 0).X
		if s.X.Labels == nil && !s.Bare {
			c.StrokeLine2(line, x, c.Min.Y, x, c.Max.Y)
		}
		label := s.X.Label(t)
		if !turned && i%every != 0 {
			continue
		}
		if turned {
			tick.turn, tick.right, label = math.Pi/7, true, cut(tick, label, 90)
		}
		say(&dc, tick, vg.Point{X: x, Y: c.Min.Y - 4}, label)
	}
	line.Color = soft
	c.StrokeLines(line, []vg.Point{{X: c.Min.X, Y: c.Max.Y}, {X: c.Min.X, Y: c.Min.Y}, {X: c.Max.X, Y: c.Min.Y}})
	name.mid, name.above = true, true
	say(&dc, name, vg.Point{X: (c.Min.X + c.Max.X) / 2, Y: dc.Min.Y}, s.X.Name)
	name.turn, name.above = math.Pi/2, false
	say(&dc, name, vg.Point{X: dc.Min.X, Y: (c.Min.Y + c.Max.Y) / 2}, s.Y.Name)
	return c, at
}

// onto maps axis coordinates to points on a canvas that the axes span.
func (s *Scene) onto(c draw.Canvas) func(x, y float64) vg.Point {
	return func(x, y float64) vg.Point {
		return vg.Point{X: c.X((x - s.X.Lo) / (s.X.Hi - s.X.Lo)), Y: c.Y((y - s.Y.Lo) / (s.Y.Hi - s.Y.Lo))}
	}
}

// draw puts everything between the axes.
func (s *Scene) draw(dc draw.Canvas) {
	c, at := s.frame(dc)
	if s.Cells != nil {
		s.Cells.draw(c)
	}
	for _, l := range s.Layers {
		if l.Lo != nil {
			l.drawBand(c, at)
		}
	}
	for _, l := range s.Layers {
		if l.Lo == nil {
			l.draw(c, at)
		}
	}
	for i, b := range s.Boxes {
		b.draw(c, at, float64(i))
	}
	for _, m := range s.Marks {
		m.draw(c, at)
	}
	for _, l := range s.Labels {
		l.draw(c, at)
	}
}

func (l Layer) stroke() draw.LineStyle {
	sty := draw.LineStyle{Color: rgb(l.Look.Hue, uint8(255*(1-l.Fade))), Width: vg.Length(max(l.Width, 1) * .75)}
	for _, d := range dashes[l.Look.Dash].lengs {
		sty.Dashes = append(sty.Dashes, vg.Length(d))
	}
	return sty
}

func (l Layer) dot(c *draw.Canvas, at vg.Point) {
	g := draw.GlyphStyle{Color: rgb(l.Look.Hue, uint8(255*(1-l.Fade))), Radius: vg.Length(l.Size * .375), Shape: draw.CircleGlyph{}}
	if l.Symbol != "diamond" {
		c.DrawGlyph(g, at)
		return
	}
	for _, d := range []struct {
		c color.Color
		r vg.Length
	}{{color.White, g.Radius + 1.4}, {g.Color, g.Radius}} {
		c.FillPolygon(d.c, []vg.Point{{X: at.X - d.r, Y: at.Y}, {X: at.X, Y: at.Y + d.r}, {X: at.X + d.r, Y: at.Y}, {X: at.X, Y: at.Y - d.r}})
	}
}

func (l Layer) draw(c draw.Canvas, at func(x, y float64) vg.Point) {
	var run []vg.Point
	flush := func() {
		if len(run) > 1 {
			c.StrokeLines(l.stroke(), c.ClipLinesXY(run)...)
		}
		run = nil
	}
	for _, p := range l.Pts {
		switch {
		case p[1] != p[1]:
			flush()
		case l.Size > 0:
			l.dot(&c, at(p[0], p[1]))
		default:
			run = append(run, at(p[0], p[1]))
		}
	}
	flush()
}

func (l Layer) drawBand(c draw.Canvas, at func(x, y float64) vg.Point) {
	var low, high []vg.Point
	flush := func() {
		for i := len(high) - 1; i >= 0; i-- {
			low = append(low, high[i])
		}
		if len(low) > 3 {
			c.FillPolygon(rgb(l.Look.Hue, uint8(255*(1-l.Fade))), c.ClipPolygonXY(low))
		}
		low, high = nil, nil
	}
	for i, p := range l.Pts {
		if l.Lo[i] != l.Lo[i] || l.Hi[i] != l.Hi[i] {
			flush()
			continue
		}
		low, high = append(low, at(p[0], l.Lo[i])), append(high, at(p[0], l.Hi[i]))
	}
	flush()
}

func (m Mark) draw(c draw.Canvas, at func(x, y float64) vg.Point) {
	line, sty := draw.LineStyle{Color: rgb(Grey, 255), Width: .7, Dashes: []vg.Length{4, 3}}, pen{size: 8, color: soft}
	if m.Vertical {
		x := at(m.At, 0).X
		c.StrokeLine2(line, x, c.Min.Y, x, c.Max.Y)
		sty.turn, sty.right = math.Pi/2, true
		say(&c, sty, vg.Point{X: x + 3, Y: c.Max.Y - 3}, m.Name)
		return
	}
	y := at(0, m.At).Y
	c.StrokeLine2(line, c.Min.X, y, c.Max.X, y)
	sty.right, sty.above = true, true
	say(&c, sty, vg.Point{X: c.Max.X - 3, Y: y + 1.5}, m.Name)
}

// draw fills the canvas with the cells, row 0 at its lower edge.
func (cs *Cells) draw(c draw.Canvas) {
	corner := func(i, j int) vg.Point {
		return vg.Point{X: c.X(float64(j) / float64(len(cs.V[0]))), Y: c.Y(float64(i) / float64(len(cs.V)))}
	}
	lo, hi := cs.Colour.Lo, cs.Colour.Hi
	sty, widest := pen{size: 8}, vg.Length(0)
	for i, row := range cs.V {
		for j := range row {
			widest = max(widest, width(sty, cs.Shown(i, j)))
		}
	}
	for i, row := range cs.V {
		for j := range row {
			v := cs.At(i, j)
			a, b := corner(i, j), corner(i+1, j+1)
			if v == v {
				fill := onScale(cs.Scale, (v-lo)/max(hi-lo, 1e-300))
				c.FillPolygon(fill, []vg.Point{a, {X: b.X, Y: a.Y}, b, {X: a.X, Y: b.Y}})
				if len(row) <= 14 && widest+2 < b.X-a.X {
					sty.color = color.White
					if .3*float64(fill.R)+.59*float64(fill.G)+.11*float64(fill.B) > 140 {
						sty.color = ink
					}
					sty.mid, sty.level = true, true
					say(&c, sty, vg.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2}, cs.Shown(i, j))
				}
			}
		}
	}
}

func (b Box) draw(c draw.Canvas, at func(x, y float64) vg.Point, x float64) {
	line := draw.LineStyle{Color: rgb(b.Look.Hue, 255), Width: 1.2}
	q1, q3 := at(x-.22, b.Five[1]), at(x+.22, b.Five[3])
	frame := []vg.Point{q1, {X: q3.X, Y: q1.Y}, q3, {X: q1.X, Y: q3.Y}, q1}
	c.FillPolygon(rgb(b.Look.Hue, 64), frame)
	c.StrokeLines(line, frame, []vg.Point{at(x-.22, b.Five[2]), at(x+.22, b.Five[2])},
		[]vg.Point{at(x, b.Five[0]), at(x, b.Five[1])}, []vg.Point{at(x, b.Five[3]), at(x, b.Five[4])},
		[]vg.Point{at(x-.1, b.Five[0]), at(x+.1, b.Five[0])}, []vg.Point{at(x-.1, b.Five[4]), at(x+.1, b.Five[4])})
	for _, v := range b.Out {
		c.DrawGlyph(draw.GlyphStyle{Color: rgb(Grey, 180), Radius: 1.8, Shape: draw.CircleGlyph{}}, at(x, v))
	}
}
