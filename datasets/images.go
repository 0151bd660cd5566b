package datasets

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// An Image is a gray image with values in [0, 1].
type Image struct {
	Name       string
	Rows, Cols int
	Pix        []float64 // Rows×Cols, row after row from the upper left
}

// At returns the pixel in a row and a column.
func (m Image) At(row, col int) float64 {
	if uint(row) >= uint(m.Rows) || uint(col) >= uint(m.Cols) {
		panic(fmt.Sprintf("datasets: Image.At: pixel (%d, %d) of an image of %d×%d", row, col, m.Rows, m.Cols))
	}
	return m.Pix[row*m.Cols+col]
}

// Images are gray images, perhaps of different sizes.
type Images struct {
	Name    string // for titles and captions; a stand-in says here that it is one
	StandIn bool   // synthetic images in the place of real ones
	All     []Image
	Source  string // where they are from: a path, or the generator and its seed
}

// String describes the images in one line.
func (m Images) String() string {
	if len(m.All) == 0 {
		return m.Name + ": no images"
	}
	rows, cols := m.All[0].Rows, m.All[0].Cols
	return fmt.Sprintf("%s: %d images, the first of %d×%d pixels", m.Name, len(m.All), rows, cols)
}

// Slice returns the images from ≤ i < to under the same name: to take the patches of
// one experiment from some and those of another from the rest.
func (m Images) Slice(from, to int) Images {
	if from < 0 || to < from || to > len(m.All) {
		panic(fmt.Sprintf("datasets: Images.Slice: %d ≤ i < %d of %d images", from, to, len(m.All)))
	}
	m.All = m.All[from:to:to]
	return m
}

// Patches draws n patches of size×size pixels: an image and the upper left corner in
// it, both uniformly, with replacement. A row of the table is a patch, row after row;
// there are no labels.
func Patches(from Images, n, size int, rng *rand.Rand) (Table, error) {
	if n <= 0 || size <= 0 || len(from.All) == 0 {
		return Table{}, fmt.Errorf("datasets: Patches: %d patches of %d×%d pixels from %d images: all have to be positive", n, size, size, len(from.All))
	}
	if rng == nil {
		return Table{}, errors.New("datasets: Patches: rng is nil: what is drawn needs a source of randomness")
	}
	if size > math.MaxInt32 || n > math.MaxInt/8/size/size {
		return Table{}, fmt.Errorf("datasets: Patches: %d patches of %d×%[2]d pixels fit in no memory", n, size)
	}
	for _, m := range from.All {
		if len(m.Pix) != m.Rows*m.Cols {
			return Table{}, fmt.Errorf("datasets: Patches: image %q says %d×%d pixels and holds %d", m.Name, m.Rows, m.Cols, len(m.Pix))
		}
		if m.Rows < size || m.Cols < size {
			return Table{}, fmt.Errorf("datasets: Patches: image %q has %d×%d pixels, less than a patch of %d×%d", m.Name, m.Rows, m.Cols, size, size)
		}
	}
	t := Table{
		Name: fmt.Sprintf("%d×%d patches of %s", size, size, from.Name), StandIn: from.StandIn, Source: from.Source,
		Rows: n, Cols: size * size, Columns: numbered(size * size), X: make([]float64, 0, n*size*size),
	}
	for range n {
		m := from.All[rng.IntN(len(from.All))]
		top, left := rng.IntN(m.Rows-size+1), rng.IntN(m.Cols-size+1)
		for r := top; r < top+size; r++ {
			t.X = append(t.X, m.Pix[r*m.Cols+left:r*m.Cols+left+size]...)
		}
	}
	return t, nil
}

// NormalizePatches returns a copy of t in which every sample v was stretched to
// [0, 1) and then had its mean μ taken away, as the public code of the L2O-PA paper
// treats its image patches:
//
//	v ← u − μ(u),   u = (v − min v)/(max v − min v + 10⁻³)
//
// The 10⁻³ keeps the noise of a flat patch small; a constant one becomes 0.
func NormalizePatches(t Table) Table {
	t.mustHold("NormalizePatches")
	out := t
	out.X = slices.Clone(t.X)
	if t.Cols == 0 {
		return out
	}
	for i := range t.Rows {
		v := out.Row(i)
		lo, hi := slices.Min(v), slices.Max(v)
		var mean float64
		for j := range v {
			v[j] = (v[j] - lo) / (hi - lo + 1e-3)
			mean += v[j] / float64(len(v))
		}
		for j := range v {
			v[j] -= mean
		}
	}
	return out
}

// Shrink returns images of fewer pixels: each is the mean of a square of by×by. The
// samples have to be square images, row after row, in one plane or in three planes one
// after the other, as [MNISTTest] and [CIFAR10] give them.
func Shrink(t Table, by int) (Table, error) {
	planes, side := 1, int(math.Round(math.Sqrt(float64(t.Cols))))
	if side*side != t.Cols {
		planes, side = 3, int(math.Round(math.Sqrt(float64(t.Cols)/3)))
	}
	if planes*side*side != t.Cols || side == 0 {
		return Table{}, fmt.Errorf("datasets: Shrink: %s: %d features are no square image, nor three", t.Name, t.Cols)
	}
	if by < 1 || side%by != 0 {
		return Table{}, fmt.Errorf("datasets: Shrink: %s: images of %d×%d do not fall into squares of %d×%[4]d", t.Name, side, side, by)
	}
	small := side / by
	out := t
	out.Cols, out.Columns = planes*small*small, numbered(planes*small*small)
	out.X = make([]float64, t.Rows*out.Cols)
	for i := range t.Rows {
		to := out.Row(i)
		for j, v := range t.Row(i) {
			plane, row, col := j/(side*side), j/side%side/by, j%side/by
			to[(plane*small+row)*small+col] += v / float64(by*by)
		}
	}
	return out, nil
}
