//go:build !js

package draw

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Panel is a matrix as an image: one small square for each number, row 0 on top.
type Panel struct {
	Name   string
	V      [][]float64
	Lo, Hi float64  // the ends of the scale
	Scale  []string // nil is from black to white
	Ticks  bool     // numbers of rows and columns beside it, from 1
}

// Ticks are the first of n rows or columns and every so many of them, at most five in all.
func Ticks(n int) []int {
	if n < 2 {
		return nil
	}
	step := 1
	for k := 0; n/step > 4; k++ {
		step = []int{2, 5, 10}[k%3] * int(math.Pow10(k/3))
	}
	at := []int{1}
	for t := step; t <= n; t += step {
		if t > 1 {
			at = append(at, t)
		}
	}
	return at
}

// hole is the colour of NaN: unlike every other in any scale. Infinities are left out.
var hole = color.NRGBA{0xe8, 0x9a, 0xc0, 255}

func (p Panel) at(i, j int) color.NRGBA {
	v := p.V[i][j]
	switch {
	case math.IsNaN(v):
		return hole
	case math.IsInf(v, 0):
		return color.NRGBA{}
	}
	t := (v - p.Lo) / max(p.Hi-p.Lo, 1e-300)
	if p.Scale != nil {
		return onScale(p.Scale, t)
	}
	g := uint8(255*min(max(t, 0), 1) + .5)
	return color.NRGBA{g, g, g, 255}
}

// image has each number as a square of k pixels.
func (p Panel) image(k int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, k*len(p.V[0]), k*len(p.V)))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			img.SetNRGBA(x, y, p.at(y/k, x/k))
		}
	}
	return img
}

// PNG has one pixel for each number.
func (p Panel) PNG() []byte {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, p.image(1)); err != nil {
		panic(err) // of a size or a buffer that cannot be
	}
	return b.Bytes()
}

// PanelWidth is how wide a panel is in a page: all have the same scale, and the widest has the
// width that its number of columns deserves.
func PanelWidth(all []Panel, p Panel) int {
	widest := 1
	for _, q := range all {
		widest = max(widest, len(q.V[0]))
	}
	full := min(max(8*float64(widest), 150), 400)
	if len(all) == 2 {
		full = min(full, 340)
	} else if len(all) > 2 {
		full = min(full, 250)
	}
	return max(int(full*float64(len(p.V[0]))/float64(widest)), 24)
}

// Panels draws images beside one another as a PNG on white, in rows.
func Panels(caption, note string, panels []Panel) ([]byte, error) {
	const gap, words, scale = 10, 14, .6
	room, beside, below := float64(pictureWidth-2*margin), 0., 0.
	if panels[0].Ticks {
		beside, below = 17, 11
	}
	type placed struct{ x, y, w, h float64 }
	spots := make([]placed, len(panels))
	x, y, tall := 0., 0., 0.
	for i, p := range panels {
		w := min(scale*float64(PanelWidth(panels, p)), room-beside)
		h := w * float64(len(p.V)) / float64(len(p.V[0]))
		if x > 0 && x+beside+w > room {
			x, y, tall = 0, y+tall+words+gap, 0
		}
		spots[i] = placed{x + beside, y, w, h}
		x, tall = x+beside+w+gap, max(tall, h+below)
	}
	pl := plate{caption: caption, note: note, body: vg.Length(y + tall + words + 4)}
	if panels[0].Scale != nil {
		pl.rows = [][]entry{{colourBar(&Cells{Colour: Axis{Lo: panels[0].Lo, Hi: panels[0].Hi}, Scale: panels[0].Scale})}}
	}
	pl.paint = func(dc draw.Canvas) {
		for i, p := range panels {
			s := spots[i]
			k := max(int(math.Ceil(s.w*pictureDPI/72/float64(len(p.V[0])))), 1)
			left, top := dc.Min.X+vg.Length(s.x), dc.Max.Y-vg.Length(s.y)
			dc.DrawImage(vg.Rectangle{Min: vg.Point{X: left, Y: top - vg.Length(s.h)}, Max: vg.Point{X: left + vg.Length(s.w), Y: top}}, p.image(k))
			if p.Ticks {
				p.number(&dc, left, top, vg.Length(s.w), vg.Length(s.h))
			}
			say(&dc, pen{size: 8.5, color: ink}, vg.Point{X: left, Y: top - vg.Length(s.h+below) - 2}, cut(pen{size: 8.5}, p.Name, vg.Length(max(s.w, 40))))
		}
	}
	return pl.png()
}

// number puts the ticks beside and below an image.
func (p Panel) number(dc *draw.Canvas, left, top, w, h vg.Length) {
	for _, t := range Ticks(len(p.V)) {
		y := top - h*vg.Length((float64(t)-.5)/float64(len(p.V)))
		say(dc, pen{size: 7, color: soft, right: true, level: true}, vg.Point{X: left - 3, Y: y}, strconv.Itoa(t))
	}
	for _, t := range Ticks(len(p.V[0])) {
		x := left + w*vg.Length((float64(t)-.5)/float64(len(p.V[0])))
		say(dc, pen{size: 7, color: soft, mid: true}, vg.Point{X: x, Y: top - h - 2}, strconv.Itoa(t))
	}
}
