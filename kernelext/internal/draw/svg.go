package draw

import (
	"html"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A Plot is where the axes of a scene lie in an SVG, in pixels from its left upper corner, and
// what they span: all that turns a place under a pointer into coordinates.
type Plot struct {
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
	XLo    float64 `json:"x0"`
	XHi    float64 `json:"x1"`
	YLo    float64 `json:"y0"`
	YHi    float64 `json:"y1"`
}

// At is the pixel of a place on the axes.
func (p Plot) At(x, y float64) (px, py float64) {
	return p.Left + p.Width*(x-p.XLo)/(p.XHi-p.XLo), p.Top + p.Height*(p.YHi-y)/(p.YHi-p.YLo)
}

// beside is the width from which scenes stand side by side.
const beside = 600

// SVG draws scenes for a page: layers, cells, marks and labels, side by side, or one below the
// other on a phone. Text has the colour of the page, and on a dark page the hues are lighter.
// Sizes are in pixels. It takes about a millisecond, so that a picture can follow a pointer.
func SVG(scenes []*Scene, width float64, dark bool) (text string, height float64, plots []Plot) {
	s := &sheet{dark: dark}
	each := width
	if n := float64(len(scenes)); width >= beside && n > 1 {
		each = (width - 18*(n-1)) / n
	}
	x, y := 0., 0.
	for i, sc := range scenes {
		if i > 0 && each < width {
			x, y = x+each+18, 0
		} else if i > 0 {
			y = height + 10
		}
		p, bottom := s.scene(sc, x, y, each)
		plots, height = append(plots, p), max(height, bottom)
	}
	head := &sheet{}
	head.str(`<svg xmlns="http://www.w3.org/2000/svg" width="`).num(width).str(`" height="`).num(height).str(`" viewBox="0 0 `).num(width).str(" ").num(height).
		str(`" font-family="system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif" font-size="12" fill="currentColor" aria-hidden="true" style="display:block">`)
	return string(head.b) + string(s.b) + "</svg>", height, plots
}

// A sheet is an SVG that is being written.
type sheet struct {
	b    []byte
	dark bool
}

func (s *sheet) str(t string) *sheet { s.b = append(s.b, t...); return s }

// num writes a length with a tenth of a pixel; what is far outside stays so.
func (s *sheet) num(v float64) *sheet {
	v = min(max(v, -1e5), 1e5)
	s.b = strconv.AppendFloat(s.b, math.Round(v*10)/10+0, 'f', -1, 64)
	return s
}

func (s *sheet) hue(hex string) string {
	if !s.dark || len(hex) != 7 {
		return hex
	}
	c := rgb(hex, 255) // as loader.js does: a quarter of the way to white
	for _, v := range []*uint8{&c.R, &c.G, &c.B} {
		*v = uint8(math.Round(float64(*v)*.75 + 64))
	}
	return hexOf(c.R, c.G, c.B)
}

func hexOf(r, g, b uint8) string {
	const digits = "0123456789abcdef"
	return string([]byte{'#', digits[r>>4], digits[r&15], digits[g>>4], digits[g&15], digits[b>>4], digits[b&15]})
}

// wide is about how many pixels a text takes at 12 pixels.
func wide(t string) float64 { return 6.8 * float64(utf8.RuneCountInString(t)) }

// say writes a text: anchor "start", "middle" or "end", more attributes as they are.
func (s *sheet) say(x, y float64, anchor, more, text string) {
	s.str(`<text x="`).num(x).str(`" y="`).num(y).str(`" text-anchor="`).str(anchor).str(`"`).str(more).str(`>`).str(html.EscapeString(text)).str(`</text>`)
}

// scene draws one scene from (x, y) on and returns where it ends below.
func (s *sheet) scene(sc *Scene, x, y, width float64) (p Plot, bottom float64) {
	if sc.Head != "" {
		s.say(x, y+13, "start", ` font-weight="600" font-size="13"`, sc.Head)
		y += 20
	}
	y = s.legend(sc.Legend(), x, y, width)
	left, right, below := 8., 8., 8.
	if !sc.Plain {
		for _, t := range sc.Y.Ticks() {
			left = max(left, wide(sc.Y.Label(t))+10)
		}
		below = 18
	}
	if sc.Y.Name != "" {
		left += 16
	}
	if sc.X.Name != "" {
		below += 17
	}
	p = Plot{Left: x + left, Top: y + 4, Width: width - left - right, Height: 250, XLo: sc.X.Lo, XHi: sc.X.Hi, YLo: sc.Y.Lo, YHi: sc.Y.Hi}
	if ratio := (p.YHi - p.YLo) / (p.XHi - p.XLo); sc.Square {
		if p.Height = p.Width * ratio; p.Height > 360 {
			p.Width, p.Height = 360/ratio, 360
		}
	}
	s.axes(sc, p)
	s.content(sc, p)
	return p, p.Top + p.Height + below
}

// legend draws rows of samples and names.
func (s *sheet) legend(ls []Layer, x, y, width float64) float64 {
	if len(ls) == 0 {
		return y
	}
	at := x
	for _, l := range ls {
		w := 30 + 1.1*wide(l.Name) + 12
		if at+w > x+width && at > x {
			at, y = x, y+17
		}
		s.str(`<path d="M`).num(at + 2).str(" ").num(y + 8)
		switch {
		case l.Size > 0:
			s.str(`m9 0h0" stroke-linecap="round" stroke-width="8`)
		case l.Lo != nil:
			s.str(`h20" stroke-opacity=".4" stroke-width="10`)
		default:
			s.str(`h20" stroke-width="2.5`)
		}
		s.str(`" fill="none" stroke="`).str(s.hue(l.Look.Hue)).str(`"`).dash(l.Look.Dash).str(`/>`)
		s.say(at+27, y+12, "start", "", l.Name)
		at += w
	}
	return y + 20
}

func (s *sheet) dash(d int) *sheet {
	if lengs := dashes[d].lengs; lengs != nil {
		s.str(` stroke-dasharray="`)
		for i, l := range lengs {
			if i > 0 {
				s.str(",")
			}
			s.num(l)
		}
		s.str(`"`)
	}
	return s
}

// axes draws grid, ticks and names.
func (s *sheet) axes(sc *Scene, p Plot) {
	if sc.Plain {
		return
	}
	const soft = ` fill-opacity=".72" font-size="11"`
	s.str(`<path stroke="currentColor" stroke-opacity=".13" fill="none" d="`)
	xs, ys := sc.X.Ticks(), sc.Y.Ticks()
	widest := 8.
	for _, t := range xs {
		widest = max(widest, wide(sc.X.Label(t))+8)
	}
	every := 1 + int(widest*float64(max(len(xs)-1, 1))/p.Width)
	if !sc.Bare {
		for _, t := range xs {
			px, _ := p.At(t, 0)
			s.str("M").num(px).str(" ").num(p.Top).str("v").num(p.Height)
		}
		for _, t := range ys {
			_, py := p.At(0, t)
			s.str("M").num(p.Left).str(" ").num(py).str("h").num(p.Width)
		}
	}
	s.str(`"/><path stroke="currentColor" stroke-opacity=".5" fill="none" d="M`).num(p.Left).str(" ").num(p.Top).str("v").num(p.Height).str("h").num(p.Width).str(`"/>`)
	for i, t := range xs {
		if px, _ := p.At(t, 0); i%every == 0 {
			s.say(px, p.Top+p.Height+14, "middle", soft, sc.X.Label(t))
		}
	}
	for _, t := range ys {
		_, py := p.At(0, t)
		s.say(p.Left-5, py+4, "end", soft, sc.Y.Label(t))
	}
	if sc.X.Name != "" {
		s.say(p.Left+p.Width/2, p.Top+p.Height+31, "middle", "", sc.X.Name)
	}
	if sc.Y.Name != "" {
		most := 0.
		for _, t := range ys {
			most = max(most, wide(sc.Y.Label(t)))
		}
		x, y := p.Left-most-14, p.Top+p.Height/2
		s.str(`<text text-anchor="middle" transform="translate(`).num(x).str(" ").num(y).str(`) rotate(-90)">`).str(html.EscapeString(sc.Y.Name)).str(`</text>`)
	}
}

// content draws what lies between the axes; an svg inside of the svg cuts it off there.
func (s *sheet) content(sc *Scene, p Plot) {
	s.str(`<svg x="`).num(p.Left).str(`" y="`).num(p.Top).str(`" width="`).num(p.Width).str(`" height="`).num(p.Height).str(`">`)
	p.Left, p.Top = 0, 0
	if sc.Cells != nil {
		s.cells(sc.Cells, p)
	}
	for _, l := range sc.Layers {
		if l.Lo != nil {
			s.band(l, p)
		}
	}
	for _, l := range sc.Layers {
		switch {
		case l.Lo != nil:
		case l.Symbol == "diamond":
			s.diamonds(l, p)
		default:
			s.line(l, p)
		}
	}
	for _, m := range sc.Marks {
		s.mark(m, p)
	}
	for _, l := range sc.Labels {
		s.label(l, p)
	}
	s.str(`</svg>`)
}

// place writes a point.
func (s *sheet) place(p Plot, at [2]float64) *sheet {
	x, y := p.At(at[0], at[1])
	return s.num(x).str(" ").num(y)
}

// line draws a line, or dots: lines of no length with round ends.
func (s *sheet) line(l Layer, p Plot) {
	s.str(`<path fill="none" stroke-linejoin="round" stroke="`).str(s.hue(l.Look.Hue)).str(`"`).fade(` stroke-opacity="`, l.Fade)
	if l.Size > 0 {
		s.str(` stroke-linecap="round" stroke-width="`).num(l.Size).str(`" d="`)
		for _, q := range l.Pts {
			if q[1] == q[1] {
				s.str("M").place(p, q).str("h0")
			}
		}
		s.str(`"/>`)
		return
	}
	s.str(` stroke-width="`).num(max(l.Width, 1)).str(`"`).dash(l.Look.Dash).str(` d="`)
	pen := "M"
	for _, q := range l.Pts {
		if q[1] != q[1] {
			pen = "M"
			continue
		}
		s.str(pen).place(p, q)
		pen = "L"
	}
	s.str(`"/>`)
}

func (s *sheet) fade(attribute string, f float64) *sheet {
	if f > 0 {
		s.str(attribute)
		s.b = strconv.AppendFloat(s.b, math.Round(100*(1-f))/100, 'f', -1, 64)
		s.str(`"`)
	}
	return s
}

func (s *sheet) diamonds(l Layer, p Plot) {
	s.str(`<path stroke="#fff" stroke-width="1.5" fill="`).str(s.hue(l.Look.Hue)).str(`"`).fade(` fill-opacity="`, l.Fade).str(` d="`)
	r := l.Size / 2
	for _, q := range l.Pts {
		x, y := p.At(q[0], q[1])
		s.str("M").num(x - r).str(" ").num(y).str("L").num(x).str(" ").num(y - r).str("L").num(x + r).str(" ").num(y).str("L").num(x).str(" ").num(y + r).str("Z")
	}
	s.str(`"/>`)
}

func (s *sheet) band(l Layer, p Plot) {
	s.str(`<path stroke="none" fill="`).str(s.hue(l.Look.Hue)).str(`"`).fade(` fill-opacity="`, l.Fade).str(` d="`)
	pen := "M"
	for i, q := range l.Pts {
		s.str(pen).place(p, [2]float64{q[0], l.Hi[i]})
		pen = "L"
	}
	for i, q := range slices.Backward(l.Pts) {
		s.str("L").place(p, [2]float64{q[0], l.Lo[i]})
	}
	s.str(`Z"/>`)
}

func (s *sheet) mark(m Mark, p Plot) {
	s.str(`<path stroke="#808080" stroke-dasharray="5,4" fill="none" d="M`)
	if m.Vertical {
		x, _ := p.At(m.At, 0)
		s.num(x).str(` 0v`).num(p.Height).str(`"/>`)
		if x > p.Width-wide(m.Name)-6 {
			s.say(x-4, 12, "end", ` font-size="11" fill-opacity=".8"`, m.Name)
		} else {
			s.say(x+4, 12, "start", ` font-size="11" fill-opacity=".8"`, m.Name)
		}
		return
	}
	_, y := p.At(0, m.At)
	s.str(`0 `).num(y).str(`h`).num(p.Width).str(`"/>`)
	s.say(p.Width-4, y-4, "end", ` font-size="11" fill-opacity=".8"`, m.Name)
}

// cells draws a matrix, cells of one colour as one path.
func (s *sheet) cells(c *Cells, p Plot) {
	const shades = 64
	w, h := p.Width/float64(len(c.V[0])), p.Height/float64(len(c.V))
	paths := map[string]*sheet{}
	var order []string
	for i, row := range c.V {
		for j := range row {
			v := c.At(i, j)
			if v != v {
				continue
			}
			t := math.Round(shades*(v-c.Colour.Lo)/max(c.Colour.Hi-c.Colour.Lo, 1e-300)) / shades
			col := onScale(c.Scale, t)
			hex := hexOf(col.R, col.G, col.B)
			d := paths[hex]
			if d == nil {
				d = &sheet{}
				paths[hex], order = d, append(order, hex)
			}
			d.str("M").num(float64(j) * w).str(" ").num(p.Height - float64(i+1)*h).str("h").num(w + .1).str("v").num(h + .1).str("h").num(-w - .1).str("z")
		}
	}
	for _, hex := range order {
		s.str(`<path shape-rendering="crispEdges" fill="`).str(hex).str(`" d="`).str(string(paths[hex].b)).str(`"/>`)
	}
}

// label writes a word at its place, on a plate where it has one.
func (s *sheet) label(l Label, p Plot) {
	x, y := p.At(l.X, l.Y)
	hue := "currentColor"
	if l.Hue != "" {
		hue = s.hue(l.Hue)
	}
	if l.Star {
		s.str(`<path fill="`).str(hue).str(`" d="`)
		to := "M"
		for _, q := range star {
			s.str(to).num(x + 8.5*q[0]).str(" ").num(y - 8.5*q[1])
			to = "L"
		}
		s.str(`z"/>`)
	}
	if l.Plate {
		w := wide(l.Text) + 14
		s.str(`<rect rx="6" height="26" x="`).num(x - w/2).str(`" y="`).num(y - 13).str(`" width="`).num(w).str(`" stroke="`).str(hue).
			str(`" fill="`).str(hue).str(`" fill-opacity=".12" stroke-width="1.3"/>`)
		s.say(x, y+4, "middle", "", l.Text)
		return
	}
	anchor := [3]string{"end", "middle", "start"}[l.Align+1]
	s.say(x+13*float64(l.Align), y+4, anchor, ` fill="`+hue+`"`, l.Text)
}
