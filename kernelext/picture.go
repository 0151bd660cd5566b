package kernelext

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Lengths of a picture, in points. At 144 dots per inch it is 1080 pixels wide.
const (
	pictureWidth vg.Length = 540
	plotHeight   vg.Length = 252
	margin       vg.Length = 8
	pictureDPI             = 144
	maxColours             = 64
)

var (
	ink  = color.NRGBA{0x1b, 0x1f, 0x24, 255}
	soft = color.NRGBA{0x5b, 0x64, 0x70, 255}
	hair = color.NRGBA{0xe3, 0xe6, 0xea, 255}
)

func style(size vg.Length, c color.Color) text.Style {
	f := font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
	return text.Style{Font: f, Color: c, XAlign: draw.XLeft, YAlign: draw.YTop, Handler: plot.DefaultTextHandler}
}

// picture draws the scene as a PNG on white: caption, legend, plot, note. It is
// what readers see where scripts do not run.
func picture(caption string, s *scene) ([]byte, error) {
	title, small, room := style(11.5, ink), style(8.5, soft), pictureWidth-2*margin
	title.Font.Weight = 2 // bold
	heads, notes := wrap(title, caption, room), wrap(small, s.note, room)
	rows := legendRows(s, room)
	lineHead, lineRow, lineNote := 15*vg.Points(1), 14*vg.Points(1), 11.5*vg.Points(1)
	body := plotHeight
	if s.square {
		body += 60
	}
	height := 2*margin + lineHead*vg.Length(len(heads)) + lineRow*vg.Length(len(rows)) + 8 + body + lineNote*vg.Length(len(notes))
	canvas := vgimg.NewWith(vgimg.UseWH(pictureWidth, height), vgimg.UseDPI(pictureDPI))
	dc := draw.New(canvas)
	dc.FillPolygon(color.White, []vg.Point{{}, {X: pictureWidth}, {X: pictureWidth, Y: height}, {Y: height}})
	y := height - margin
	for _, l := range heads {
		dc.FillText(title, vg.Point{X: margin, Y: y}, l)
		y -= lineHead
	}
	y -= 3
	for _, row := range rows {
		x := margin
		for _, e := range row {
			e.draw(&dc, x, y)
			x += e.width
		}
		y -= lineRow
	}
	top := y - 5
	bottom := margin + lineNote*vg.Length(len(notes))
	s.plot().Draw(draw.Crop(dc, margin, -margin-4, bottom, top-height))
	for i, l := range notes {
		dc.FillText(small, vg.Point{X: margin, Y: bottom - 2 - lineNote*vg.Length(i)}, l)
	}
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, quantise(canvas.Image()))
	return b.Bytes(), err
}

// wrap breaks a text into lines of at most the given width.
func wrap(sty text.Style, txt string, room vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(txt) {
		if next := strings.TrimSpace(line + " " + word); line == "" || sty.Width(next) <= room {
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
func cut(sty text.Style, txt string, room vg.Length) string {
	if sty.Width(txt) <= room {
		return txt
	}
	r := []rune(txt)
	for len(r) > 1 && sty.Width(string(r)+"…") > room {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// An entry is one sample and name of the legend.
type entry struct {
	width vg.Length
	draw  func(dc *draw.Canvas, x, y vg.Length)
}

func legendRows(s *scene, room vg.Length) [][]entry {
	if s.cells != nil {
		return [][]entry{{colourBar(s.cells)}}
	}
	sty := style(9, ink)
	var rows [][]entry
	used := room
	for _, l := range s.legend() {
		name := cut(sty, l.name, room-40)
		e := entry{width: 26 + sty.Width(name) + 14, draw: func(dc *draw.Canvas, x, y vg.Length) {
			mid := y - 6
			if l.size > 0 {
				l.dot(dc, vg.Point{X: x + 13, Y: mid})
			} else {
				dc.StrokeLines(l.stroke(), []vg.Point{{X: x, Y: mid}, {X: x + 21, Y: mid}})
			}
			dc.FillText(sty, vg.Point{X: x + 26, Y: y}, name)
		}}
		if used += e.width; used > room || len(rows) == 0 {
			rows, used = append(rows, nil), e.width
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
	}
	return rows
}

func colourBar(c *cells) entry {
	sty := style(9, ink)
	return entry{draw: func(dc *draw.Canvas, x, y vg.Length) {
		dc.FillText(sty, vg.Point{X: x, Y: y}, c.ends[0])
		x += sty.Width(c.ends[0]) + 5
		for i := range 60 {
			l := x + vg.Length(i)*2
			dc.FillPolygon(onScale(c.scale, float64(i)/59), []vg.Point{{X: l, Y: y - 10}, {X: l + 2.2, Y: y - 10}, {X: l + 2.2, Y: y - 1}, {X: l, Y: y - 1}})
		}
		dc.FillText(sty, vg.Point{X: x + 125, Y: y}, c.ends[1])
	}}
}

// plot has the axes and, as one plotter, everything in the scene.
func (s *scene) plot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.Transparent
	dress(&p.X, s.x)
	dress(&p.Y, s.y)
	p.X.Tick.Label.YAlign, p.X.Tick.Label.XAlign = draw.YTop, draw.XCenter
	p.Y.Tick.Label.YAlign, p.Y.Tick.Label.XAlign = draw.YCenter, draw.XRight
	if wide := longest(s.x.labels) * len(s.x.labels); wide > 95 {
		p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign = math.Pi/7, draw.XRight
	}
	p.Add(plotter(s.draw))
	return p
}

func longest(labels []string) (n int) {
	for _, l := range labels {
		n = max(n, len([]rune(l)))
	}
	return n
}

func dress(a *plot.Axis, x axis) {
	a.Min, a.Max, a.Padding = x.lo, x.hi, 0
	a.Label.Text, a.Label.TextStyle = x.name, style(9.5, ink)
	a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign = draw.XCenter, draw.YTop
	if a.Label.Padding = 3; a.Label.TextStyle.Rotation == 0 {
		a.Label.TextStyle.Rotation = 0
	}
	a.LineStyle.Width, a.Tick.LineStyle.Width, a.Tick.Length = .6, 0, 3
	a.LineStyle.Color = soft
	a.Tick.Label = style(8.5, soft)
	var ts []plot.Tick
	for _, t := range x.ticks() {
		ts = append(ts, plot.Tick{Value: t, Label: cut(a.Tick.Label, x.label(t), 110)})
	}
	a.Tick.Marker = plot.ConstantTicks(ts)
}

// plotter lets a function be a gonum plotter.
type plotter func(draw.Canvas, *plot.Plot)

// Plot implements plot.Plotter.
func (f plotter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

func (s *scene) draw(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	at := func(x, y float64) vg.Point { return vg.Point{X: tx(x), Y: ty(y)} }
	thinLine := draw.LineStyle{Color: hair, Width: .6}
	for _, t := range s.y.ticks() {
		if s.y.labels == nil {
			c.StrokeLine2(thinLine, c.Min.X, ty(t), c.Max.X, ty(t))
		}
	}
	for _, t := range s.x.ticks() {
		if s.x.labels == nil {
			c.StrokeLine2(thinLine, tx(t), c.Min.Y, tx(t), c.Max.Y)
		}
	}
	if s.cells != nil {
		s.cells.draw(c, at)
	}
	for _, l := range s.layers {
		if l.lo != nil {
			l.drawBand(c, at)
		}
	}
	for _, l := range s.layers {
		if l.lo == nil {
			l.draw(c, at)
		}
	}
	for i, b := range s.boxes {
		b.draw(c, at, float64(i))
	}
	for _, m := range s.marks {
		m.draw(c, at)
	}
}

func (l layer) stroke() draw.LineStyle {
	sty := draw.LineStyle{Color: rgb(l.look.hue, uint8(255*(1-l.fade))), Width: vg.Length(max(l.width, 1) * .75)}
	for _, d := range dashes[l.look.dash].lengs {
		sty.Dashes = append(sty.Dashes, vg.Length(d))
	}
	return sty
}

func (l layer) dot(c *draw.Canvas, at vg.Point) {
	g := draw.GlyphStyle{Color: rgb(l.look.hue, uint8(255*(1-l.fade))), Radius: vg.Length(l.size * .375), Shape: draw.CircleGlyph{}}
	if l.symbol != "diamond" {
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

func (l layer) draw(c draw.Canvas, at func(x, y float64) vg.Point) {
	var run []vg.Point
	flush := func() {
		if len(run) > 1 {
			c.StrokeLines(l.stroke(), c.ClipLinesXY(run)...)
		}
		run = nil
	}
	for _, p := range l.pts {
		switch {
		case p[1] != p[1]:
			flush()
		case l.size > 0:
			l.dot(&c, at(p[0], p[1]))
		default:
			run = append(run, at(p[0], p[1]))
		}
	}
	flush()
}

func (l layer) drawBand(c draw.Canvas, at func(x, y float64) vg.Point) {
	var low, high []vg.Point
	flush := func() {
		for i := len(high) - 1; i >= 0; i-- {
			low = append(low, high[i])
		}
		if len(low) > 3 {
			c.FillPolygon(rgb(l.look.hue, uint8(255*(1-l.fade))), c.ClipPolygonXY(low))
		}
		low, high = nil, nil
	}
	for i, p := range l.pts {
		if l.lo[i] != l.lo[i] || l.hi[i] != l.hi[i] {
			flush()
			continue
		}
		low, high = append(low, at(p[0], l.lo[i])), append(high, at(p[0], l.hi[i]))
	}
	flush()
}

func (m mark) draw(c draw.Canvas, at func(x, y float64) vg.Point) {
	line, sty := draw.LineStyle{Color: rgb(grey, 255), Width: .7, Dashes: []vg.Length{4, 3}}, style(8, soft)
	if m.vertical {
		x := at(m.at, 0).X
		c.StrokeLine2(line, x, c.Min.Y, x, c.Max.Y)
		sty.Rotation, sty.XAlign, sty.YAlign = math.Pi/2, draw.XRight, draw.YTop
		c.FillText(sty, vg.Point{X: x + 3, Y: c.Max.Y - 3}, m.name)
		return
	}
	y := at(0, m.at).Y
	c.StrokeLine2(line, c.Min.X, y, c.Max.X, y)
	sty.XAlign, sty.YAlign = draw.XRight, draw.YBottom
	c.FillText(sty, vg.Point{X: c.Max.X - 3, Y: y + 1.5}, m.name)
}

func (cs *cells) draw(c draw.Canvas, at func(x, y float64) vg.Point) {
	for i, row := range cs.v {
		for j, v := range row {
			a, b := at(float64(j)-.5, float64(i)-.5), at(float64(j)+.5, float64(i)+.5)
			if v == v {
				fill := onScale(cs.scale, (v-cs.lo)/max(cs.hi-cs.lo, 1e-300))
				c.FillPolygon(fill, []vg.Point{a, {X: b.X, Y: a.Y}, b, {X: a.X, Y: b.Y}})
				if len(row) <= 14 {
					sty := style(8, color.White)
					if .3*float64(fill.R)+.59*float64(fill.G)+.11*float64(fill.B) > 140 {
						sty.Color = ink
					}
					sty.XAlign, sty.YAlign = draw.XCenter, draw.YCenter
					c.FillText(sty, vg.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2}, cs.shown[i][j])
				}
			}
		}
	}
}

func (b box) draw(c draw.Canvas, at func(x, y float64) vg.Point, x float64) {
	line := draw.LineStyle{Color: rgb(b.look.hue, 255), Width: 1.2}
	q1, q3 := at(x-.22, b.five[1]), at(x+.22, b.five[3])
	frame := []vg.Point{q1, {X: q3.X, Y: q1.Y}, q3, {X: q1.X, Y: q3.Y}, q1}
	c.FillPolygon(rgb(b.look.hue, 64), frame)
	c.StrokeLines(line, frame, []vg.Point{at(x-.22, b.five[2]), at(x+.22, b.five[2])},
		[]vg.Point{at(x, b.five[0]), at(x, b.five[1])}, []vg.Point{at(x, b.five[3]), at(x, b.five[4])},
		[]vg.Point{at(x-.1, b.five[0]), at(x+.1, b.five[0])}, []vg.Point{at(x-.1, b.five[4]), at(x+.1, b.five[4])})
	for _, v := range b.out {
		c.DrawGlyph(draw.GlyphStyle{Color: rgb(grey, 180), Radius: 1.8, Shape: draw.CircleGlyph{}}, at(x, v))
	}
}

// quantise reduces an image to its 64 most frequent colours, up to small
// differences: a third of the bytes, and no eye can tell.
func quantise(src image.Image) *image.Paletted {
	type bin struct{ r, g, b, n uint64 }
	var bins [4096]bin
	bounds := src.Bounds()
	key := func(c color.NRGBA) int { return int(c.R>>4)<<8 | int(c.G>>4)<<4 | int(c.B>>4) }
	pixel := func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(src.At(x, y)).(color.NRGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := pixel(x, y)
			b := &bins[key(c)]
			b.r, b.g, b.b, b.n = b.r+uint64(c.R), b.g+uint64(c.G), b.b+uint64(c.B), b.n+1
		}
	}
	palette := color.Palette{color.White}
	for len(palette) < maxColours {
		best := 0
		for k := range bins {
			if bins[k].n > bins[best].n {
				best = k
			}
		}
		b := bins[best]
		if b.n == 0 {
			break
		}
		palette = append(palette, color.NRGBA{uint8(b.r / b.n), uint8(b.g / b.n), uint8(b.b / b.n), 255})
		bins[best].n = 0
	}
	out := image.NewPaletted(bounds, palette)
	cache := map[color.NRGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := pixel(x, y)
			i, ok := cache[c]
			if !ok {
				i = uint8(palette.Index(c))
				cache[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}
