package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// BSDS500StandIn returns twenty synthetic images of 481×321 pixels in place of
// [BSDS500], made of what natural images are mostly made of, objects that hide each
// other (the dead-leaves model of Lee, Mumford and Huang 2001): discs of
// independent brightness, shading and fine texture whose radii have a density ∝ 1/r³,
// which makes the statistics the same at every scale.
// They show how methods behave on patches with edges; they say nothing about the real
// ones.
func BSDS500StandIn(seed uint64) Images {
	const count, rows, cols, leaves = 20, 321, 481, 4000
	const smallest, largest = 3.0, 150.0
	rng := rand.New(rand.NewPCG(seed, 0x62736473))
	out := Images{Name: "BSDS500 stand-in (synthetic)", StandIn: true, Source: fmt.Sprintf("datasets.BSDS500StandIn(%d)", seed)}
	for i := range count {
		m := Image{Name: fmt.Sprintf("leaves %d", i+1), Rows: rows, Cols: cols, Pix: make([]float64, rows*cols)}
		for range leaves {
			// the inverse of the distribution function of 1/r³ between the two radii
			r := math.Pow(smallest, -2) - rng.Float64()*(math.Pow(smallest, -2)-math.Pow(largest, -2))
			r = 1 / math.Sqrt(r)
			leaf(m, rng, rng.Float64()*rows, rng.Float64()*cols, r)
		}
		out.All = append(out.All, m)
	}
	return out
}

// leaf paints a disc over what is there.
func leaf(m Image, rng *rand.Rand, y, x, r float64) {
	gray, texture := rng.Float64(), 0.03*rng.Float64()
	dy, dx := 0.2*rng.NormFloat64()/r, 0.2*rng.NormFloat64()/r // the shading across it
	for i := int(max(0, y-r)); i < int(min(float64(m.Rows), y+r+1)); i++ {
		for j := int(max(0, x-r)); j < int(min(float64(m.Cols), x+r+1)); j++ {
			u, v := float64(i)-y, float64(j)-x
			if u*u+v*v <= r*r {
				m.Pix[i*m.Cols+j] = clip(gray+u*dy+v*dx+texture*rng.NormFloat64(), 0, 1)
			}
		}
	}
}

// strokes are the seven segments of a digital clock, from (x, y) to (x, y), and clock
// the segments of each digit.
var (
	strokes = [7][4]float64{
		{0, 0, 1, 0}, {1, 0, 1, 1}, {1, 1, 1, 2}, {0, 2, 1, 2}, {0, 1, 0, 2}, {0, 0, 0, 1}, {0, 1, 1, 1},
	}
	clock = [10]string{"012345", "12", "01643", "01623", "5612", "05623", "056234", "012", "0123456", "012356"}
)

// MNISTStandIn returns 10,000 synthetic images of 28×28 pixels in place of
// [MNISTTest], 1,000 of each class: the digits of a digital clock, slanted, shifted,
// scaled and drawn with pens of different width. They show how methods behave on
// sparse, correlated features; they say nothing about the real ones.
func MNISTStandIn(seed uint64) Table {
	return clocks("MNIST test images", "datasets.MNISTStandIn", seed, 0x6d6e6973)
}

// MNISTTrainStandIn returns 10,000 other images of the kind of [MNISTStandIn] in place of the
// 60,000 of [MNISTTrain].
func MNISTTrainStandIn(seed uint64) Table {
	return clocks("MNIST training images", "datasets.MNISTTrainStandIn", seed, 0x7472616e)
}

// clocks draws them from a stream of their own.
func clocks(name, generator string, seed, stream uint64) Table {
	const rows, side = 10_000, 28
	rng := rand.New(rand.NewPCG(seed, stream))
	t := standIn(name, generator, seed, rows, side*side)
	for i, k := range rng.Perm(rows) {
		digit := k % 10
		t.Y[i] = float64(digit)
		drawDigit(t.Row(i), side, digit, rng)
	}
	return t
}

func drawDigit(pix []float64, side, digit int, rng *rand.Rand) {
	slant, pen, ink := 0.3*rng.NormFloat64(), 1.2+0.8*rng.Float64(), 0.7+0.3*rng.Float64()
	width, height := 7+3*rng.Float64(), 7+2*rng.Float64() // of one stroke, in pixels
	left, top := float64(side)/2+rng.NormFloat64(), float64(side)/2+rng.NormFloat64()
	place := func(x, y float64) (float64, float64) {
		return left + width*(x-0.5) - slant*height*(y-1), top + height*(y-1)
	}
	for _, s := range clock[digit] {
		at := strokes[s-'0']
		ax, ay := place(at[0], at[1])
		bx, by := place(at[2], at[3])
		reach := func(a, b float64) (from, to int) { // the pixels that the pen touches
			return int(max(0, min(a, b)-pen-0.5)), int(min(float64(side), max(a, b)+pen+2))
		}
		y0, y1 := reach(ay, by)
		x0, x1 := reach(ax, bx)
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				u, v := float64(x)-ax, float64(y)-ay
				along := clip((u*(bx-ax)+v*(by-ay))/((bx-ax)*(bx-ax)+(by-ay)*(by-ay)), 0, 1)
				away := math.Hypot(u-along*(bx-ax), v-along*(by-ay))
				pix[y*side+x] = max(pix[y*side+x], ink*clip(pen+0.5-away, 0, 1))
			}
		}
	}
}
