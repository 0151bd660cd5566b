package main

import (
	"bytes"
	pixels "image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"math"
	"slices"

	"github.com/l2olab/l2o/kernelext/play"
	"github.com/l2olab/l2o/pkg/atomicfile"
)

// writeMovie writes what a playground shows while somebody moves it: the Lasso in two unknowns, whose data b goes around once
// while λ grows and falls.
func writeMovie(file string) error {
	const frames = 40
	p, err := play.Find("lasso2d")
	if err != nil {
		return err
	}
	pictures := make([]pixels.Image, frames)
	for i := range pictures {
		v, turn := p.Start(), 2*math.Pi*float64(i)/frames
		sin, cos := math.Sincos(turn - .55)
		v["b"] = []float64{1.8 * cos, 1.5 * sin}
		v["lambda"] = []float64{math.Round((.5-.45*math.Cos(turn))*50) / 50}
		still, err := p.Picture(v)
		if err != nil {
			return err
		}
		if pictures[i], err = png.Decode(bytes.NewReader(still)); err != nil {
			return err
		}
	}
	movie, err := animate(pictures, 12)
	if err != nil {
		return err
	}
	return atomicfile.Write(file, movie)
}

// animate makes an animated GIF of pictures, each shown for some hundredths of a second. What stays from one
// to the next is left transparent, which packs well.
func animate(pictures []pixels.Image, delay int) ([]byte, error) {
	var box pixels.Rectangle
	opaque := make([]*pixels.RGBA, len(pictures))
	for i, p := range pictures {
		opaque[i] = onWhite(p)
		box = box.Union(opaque[i].Bounds())
	}
	colours, index := palette(opaque)
	movie := gif.GIF{Config: pixels.Config{ColorModel: colours, Width: box.Dx(), Height: box.Dy()}}
	shown := make([]uint8, box.Dx()*box.Dy())
	for _, p := range opaque {
		frame := pixels.NewPaletted(box, colours)
		for y := range box.Dy() {
			for x := range box.Dx() {
				c := color.RGBA{255, 255, 255, 255} // below a picture that is less high than others
				if (pixels.Point{X: x, Y: y}).In(p.Bounds()) {
					c = p.RGBAAt(x, y)
				}
				at, k := y*box.Dx()+x, index(c)
				if k != shown[at] {
					frame.Pix[y*frame.Stride+x], shown[at] = k, k
				}
			}
		}
		movie.Image, movie.Delay, movie.Disposal = append(movie.Image, frame), append(movie.Delay, delay), append(movie.Disposal, gif.DisposalNone)
	}
	var out bytes.Buffer
	err := gif.EncodeAll(&out, &movie)
	return out.Bytes(), err
}

// onWhite is a picture as colours without transparency.
func onWhite(p pixels.Image) *pixels.RGBA {
	q := pixels.NewRGBA(pixels.Rect(0, 0, p.Bounds().Dx(), p.Bounds().Dy()))
	draw.Draw(q, q.Rect, pixels.White, pixels.Point{}, draw.Src)
	draw.Draw(q, q.Rect, p, p.Bounds().Min, draw.Over)
	return q
}

// coarse is a colour with five bits for each of red, green and blue.
func coarse(c color.RGBA) int { return int(c.R>>3)<<10 | int(c.G>>3)<<5 | int(c.B>>3) }

// palette is the transparent colour and the 255 most frequent ones of all pictures, and finds the nearest of them.
func palette(pictures []*pixels.RGBA) (color.Palette, func(color.RGBA) uint8) {
	count, first := map[int]int{}, map[int]color.RGBA{}
	for _, p := range pictures {
		for y := range p.Rect.Dy() {
			for x := range p.Rect.Dx() {
				c := p.RGBAAt(x, y)
				if k := coarse(c); count[k] == 0 || c == (color.RGBA{255, 255, 255, 255}) {
					first[k] = c
				}
				count[coarse(c)]++
			}
		}
	}
	keys := make([]int, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b int) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return a - b
	})
	colours := color.Palette{color.RGBA{}}
	for _, k := range keys[:min(255, len(keys))] {
		colours = append(colours, first[k])
	}
	found := map[int]uint8{}
	return colours, func(c color.RGBA) uint8 {
		k := coarse(c)
		if _, ok := found[k]; !ok {
			found[k] = uint8(1 + colours[1:].Index(c))
		}
		return found[k]
	}
}
