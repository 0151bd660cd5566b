//go:build !js

package draw

import (
	"bytes"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/png"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A plate is a picture before it is drawn: words above and below a body.
type plate struct {
	caption, note string
	rows          [][]entry // of the legend
	body          vg.Length // height
	paint         func(dc draw.Canvas)
	scenes        []*Scene // what is painted, for its colours
}

func (p plate) png() ([]byte, error) {
	title, small := pen{size: 11.5, color: ink, bold: true}, pen{size: 8.5, color: soft}
	heads, notes := wrap(title, p.caption), wrap(small, p.note)
	lineHead, lineRow, lineNote := 15*vg.Points(1), 14*vg.Points(1), 11.5*vg.Points(1)
	height := 2*margin + lineHead*vg.Length(len(heads)) + lineRow*vg.Length(len(p.rows)) + 8 + p.body + lineNote*vg.Length(len(notes))
	canvas := vgimg.NewWith(vgimg.UseWH(pictureWidth, height), vgimg.UseDPI(pictureDPI))
	dc := draw.New(canvas)
	dc.FillPolygon(color.White, []vg.Point{{}, {X: pictureWidth}, {X: pictureWidth, Y: height}, {Y: height}})
	y := height - margin
	for _, l := range heads {
		say(&dc, title, vg.Point{X: margin, Y: y}, l)
		y -= lineHead
	}
	y -= 3
	for _, row := range p.rows {
		x := margin
		for _, e := range row {
			e.draw(&dc, x, y)
			x += e.width
		}
		y -= lineRow
	}
	top := y - 5
	bottom := margin + lineNote*vg.Length(len(notes))
	p.paint(draw.Crop(dc, margin, -margin, bottom+4, top-height))
	for i, l := range notes {
		say(&dc, small, vg.Point{X: margin, Y: bottom - 2 - lineNote*vg.Length(i)}, l)
	}
	return p.encode(canvas)
}

// encode writes a painted canvas as a PNG in few colours, those of the scenes among them.
func (p plate) encode(canvas *vgimg.Canvas) ([]byte, error) {
	img := image.NewRGBA(canvas.Image().Bounds())
	imagedraw.Draw(img, img.Bounds(), canvas.Image(), image.Point{}, imagedraw.Src)
	colours := 64
	fixed := color.Palette{color.White, ink, soft, hair}
	for _, s := range p.scenes {
		if s.Bare {
			colours = 24 // level lines are grey, and their many edges are what costs
		}
		for _, l := range s.Legend() {
			fixed = append(fixed, rgb(l.Look.Hue, 255))
		}
		for _, l := range s.Layers {
			if l.Name == "" && l.Size > 0 { // dots that no legend names
				fixed = append(fixed, rgb(l.Look.Hue, 255))
			}
		}
	}
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, quantise(img, fixed, colours))
	return b.Bytes(), err
}

// quantise reduces an image to those of a palette and its own most frequent
// colours, up to small differences: with 64 it takes a third of the bytes, and no eye can tell. The
// image is opaque, since it was painted on white.
func quantise(src *image.RGBA, palette color.Palette, colours int) *image.Paletted {
	type bin struct{ r, g, b, n int }
	var bins [4096]bin
	key := func(p []uint8) int { return int(p[0]>>4)<<8 | int(p[1]>>4)<<4 | int(p[2]>>4) }
	for i := 0; i < len(src.Pix); i += 4 {
		p := src.Pix[i : i+4]
		b := &bins[key(p)]
		b.r, b.g, b.b, b.n = b.r+int(p[0]), b.g+int(p[1]), b.b+int(p[2]), b.n+1
	}
	for len(palette) < colours {
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
	out := image.NewPaletted(src.Bounds(), palette)
	nearest := map[[3]uint8]uint8{}
	for i := range out.Pix {
		c := [3]uint8(src.Pix[4*i : 4*i+3])
		k, ok := nearest[c]
		if !ok {
			k = uint8(palette.Index(color.NRGBA{c[0], c[1], c[2], 255}))
			nearest[c] = k
		}
		out.Pix[i] = k
	}
	return out
}
