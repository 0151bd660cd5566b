package ad

import "fmt"

// A Window is a square that moves over images. An image of H×W pixels with C channels is one
// row of a value, pixel after pixel from the upper left, and the channels of a pixel side by
// side: m images are an m×(H·W·C) value (NHWC). So the pixels of all images, with the channels
// as columns, are the same numbers reshaped to (m·H·W)×C, which is free of charge. Windows lie
// inside of the image (VALID: no padding), Stride pixels from one to the next.
type Window struct {
	H, W, C int // height, width and channels of an image
	Size    int // the window has Size×Size pixels
	Stride  int
}

// Out returns how many windows there are, one below the other and side by side:
// ⌊(H − Size)/Stride⌋ + 1 and the same of W; 0 and 0 where the window does not fit.
func (w Window) Out() (rows, cols int) {
	if w.Size < 1 || w.Stride < 1 || w.Size > w.H || w.Size > w.W {
		return 0, 0
	}
	return (w.H-w.Size)/w.Stride + 1, (w.W-w.Size)/w.Stride + 1
}

// String writes the window as 3×3 on 28×28×1 images with stride 1.
func (w Window) String() string {
	return fmt.Sprintf("%d×%d on %d×%d×%d images with stride %d", w.Size, w.Size, w.H, w.W, w.C, w.Stride)
}

func (w Window) pixels() int { return w.H * w.W * w.C }        // numbers of an image
func (w Window) seen() int   { return w.Size * w.Size * w.C }  // numbers in a window
func (w Window) places() int { r, c := w.Out(); return r * c } // windows on an image

// need panics unless the window fits and x holds images, or with no x what comes of them.
func (w Window) need(op string, x Value, numbers int) {
	if w.C < 1 || w.places() < 1 {
		panic(fmt.Sprintf("ad: %s: no window of %v", op, w))
	}
	if x.C != numbers {
		panic(fmt.Sprintf("ad: %s: %s for a window of %v: want %d columns", op, x.Shape(), w, numbers))
	}
}

// together is how many images of so many numbers make a tile: some 256 kB.
func together(numbers int) int { return max(1, (1<<15)/max(1, numbers)) }
