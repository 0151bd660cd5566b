package ad_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
)

// windows have every stride, size and number of channels, and images that they do not cover.
var windows = []ad.Window{
	{H: 1, W: 1, C: 1, Size: 1, Stride: 1},
	{H: 4, W: 5, C: 2, Size: 3, Stride: 1},
	{H: 5, W: 4, C: 3, Size: 2, Stride: 2},
	{H: 6, W: 6, C: 1, Size: 2, Stride: 3},
	{H: 3, W: 3, C: 2, Size: 3, Stride: 2},
}

// gathered is the windows of images as rows: images times a matrix of zeros and ones.
func gathered(w ad.Window, x ad.Value) ad.Value {
	rows, cols := w.Out()
	seen := w.Size * w.Size * w.C
	pick := ad.New(w.H*w.W*w.C, rows*cols*seen, nil)
	for i := range rows {
		for j := range cols {
			for u := range w.Size {
				for v := range w.Size {
					for c := range w.C {
						from := ((i*w.Stride+u)*w.W+j*w.Stride+v)*w.C + c
						to := (i*cols+j)*seen + (u*w.Size+v)*w.C + c
						pick.Data[from*pick.C+to] = 1
					}
				}
			}
		}
	}
	return x.MatMul(pick).Reshape(x.R*rows*cols, seen)
}

// convComposed is Conv made of products.
func convComposed(w ad.Window, x, k ad.Value) ad.Value {
	rows, cols := w.Out()
	return gathered(w, x).MatMul(k).Reshape(x.R, rows*cols*k.C)
}

// poolComposed is MaxPool made of max(a, b) = a + ReLU(b − a).
func poolComposed(w ad.Window, x ad.Value) ad.Value {
	p := gathered(w, x)
	best := p.Cols(0, w.C)
	for from := w.C; from < p.C; from += w.C {
		best = best.Add(p.Cols(from, from+w.C).Sub(best).ReLU())
	}
	rows, cols := w.Out()
	return best.Reshape(x.R, rows*cols*w.C)
}

// standardiseComposed is Standardise made of sums.
func standardiseComposed(v ad.Value, eps float64) (xhat, s ad.Value) {
	mean := func(v ad.Value) ad.Value { return ad.Full(1, v.R, 1/float64(v.R)).MatMul(v) }
	d := v.Sub(mean(v))
	s = ad.Scalar(1).Div(mean(d.Square()).Shift(eps).Sqrt())
	return d.Mul(s), s
}

func entropyComposed(v, y ad.Value) ad.Value {
	return v.LogSumExp().Sum().Sub(v.Dot(y)).Scale(1 / float64(v.R))
}

// apart draws images whose numbers are no closer than a finite difference.
func apart(rng *rand.Rand, r, c int) ad.Value {
	x := ad.New(r, c, nil)
	for i, k := range rng.Perm(x.Len()) {
		x.Data[i] = float64(k)/10 - 1
	}
	return x
}

// Convolutions of few images and of so many that they are cut into tiles and sums.
func TestConv(t *testing.T) {
	for i, w := range windows {
		for _, m := range []int{1, 3, 20} {
			rng := rand.New(rand.NewPCG(uint64(i), uint64(m)))
			rows, cols := w.Out()
			const f = 3
			x, k := adtest.Random(rng, m, w.H*w.W*w.C), adtest.Random(rng, w.Size*w.Size*w.C, f)
			g := adtest.Random(rng, m, rows*cols*f)
			fused := func(xs ...ad.Value) ad.Value { return w.Conv(xs[0], xs[1]).Dot(g) }
			adtest.Equal(t, 1e-12, fused, func(xs ...ad.Value) ad.Value { return convComposed(w, xs[0], xs[1]).Dot(g) }, x, k)
			_, tape := adtest.Gradients(fused, x, k)
			for j, formula := range []ad.Value{w.ConvImageGrad(g, k), w.ConvKernelGrad(x, g)} {
				if d := adtest.Distance(formula.Data, tape[j]); d > 1e-12 {
					t.Errorf("%v, %d images: formula %d and the tape differ by %.2g", w, m, j, d)
				}
			}
			if m > 3 {
				continue
			}
			adtest.Check(t, 1e-7, fused, x, k)
			a, b := adtest.Random(rng, x.R, x.C), adtest.Random(rng, k.R, k.C)
			adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value { return w.ConvImageGrad(xs[0], xs[1]).Dot(a) }, g, k)
			adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value { return w.ConvKernelGrad(xs[0], xs[1]).Dot(b) }, x, g)
		}
	}
}

func TestMaxPool(t *testing.T) {
	for i, w := range windows {
		rng := rand.New(rand.NewPCG(uint64(i), 9))
		rows, cols := w.Out()
		x, g := apart(rng, 3, w.H*w.W*w.C), adtest.Random(rng, 3, rows*cols*w.C)
		fused := func(xs ...ad.Value) ad.Value {
			y, _ := w.MaxPool(xs[0])
			return y.Dot(g)
		}
		adtest.Equal(t, 1e-12, fused, func(xs ...ad.Value) ad.Value { return poolComposed(w, xs[0]).Dot(g) }, x)
		adtest.Check(t, 1e-8, fused, x)
		_, tape := adtest.Gradients(fused, x)
		_, at := w.MaxPool(x)
		if d := adtest.Distance(at.Grad(g).Data, tape[0]); d != 0 {
			t.Errorf("%v: formula and tape differ by %.2g", w, d)
		}
		a := adtest.Random(rng, x.R, x.C)
		adtest.Check(t, 1e-8, func(xs ...ad.Value) ad.Value { return at.Grad(xs[0]).Dot(a) }, g)
	}
	w := ad.Window{H: 2, W: 2, C: 1, Size: 2, Stride: 1}
	if y, _ := w.MaxPool(ad.Row(1, math.NaN(), 3, 2)); !math.IsNaN(y.Item()) {
		t.Errorf("the largest of numbers with a NaN is %g", y.Item())
	}
	_, at := w.MaxPool(ad.Row(0, 5, 5, 5))
	if g := at.Grad(ad.Scalar(1)); !slices.Equal(g.Data, []float64{0, 1, 0, 0}) {
		t.Errorf("of equal maxima the first gets the gradient: %v", g)
	}
}

func TestStandardise(t *testing.T) {
	for i, shape := range [][2]int{{1, 1}, {2, 3}, {7, 2}, {40, 5}} {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		v, g := adtest.Random(rng, shape[0], shape[1]).Scale(3).Shift(2), adtest.Random(rng, shape[0], shape[1])
		scale := adtest.Random(rng, 1, shape[1])
		sum := func(of func(v ad.Value, eps float64) (xhat, s ad.Value)) adtest.Func {
			return func(xs ...ad.Value) ad.Value {
				xhat, s := of(xs[0], 1e-3)
				return xhat.Dot(g).Add(s.Dot(scale))
			}
		}
		fused := sum(ad.Value.Standardise)
		adtest.Equal(t, 1e-10, fused, sum(standardiseComposed), v)
		adtest.Check(t, 1e-7, fused, v)
		_, tape := adtest.Gradients(func(xs ...ad.Value) ad.Value {
			xhat, _ := xs[0].Standardise(1e-3)
			return xhat.Dot(g)
		}, v)
		xhat, s := v.Standardise(1e-3)
		if d := adtest.Distance(ad.StandardiseGrad(xhat, s, g).Data, tape[0]); d > 1e-12 {
			t.Errorf("%v: formula and tape differ by %.2g", shape, d)
		}
		w := adtest.Random(rng, shape[0], shape[1])
		adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value { return ad.StandardiseGrad(xs[0], xs[1], xs[2]).Dot(w) }, xhat, s, g)
		adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value { return ad.StandardiseGrad(xs[0], xs[1], xs[2]).Dot(w) }, xhat, s.Scale(0), g)
	}
}

// A row that is added to a matrix, or multiplies it, is what a matrix of such rows is.
func TestRows(t *testing.T) {
	adtest.Shapes(8, 11, func(rng *rand.Rand, r, c int) {
		a, b, v, w := adtest.Random(rng, r, c), adtest.Random(rng, 1, c), adtest.Random(rng, 1, c), adtest.Random(rng, r, c)
		repeated := func(row ad.Value) ad.Value { return ad.Full(r, 1, 1).MatMul(row) }
		for name, f := range map[string][2]func(a, b, v ad.Value) ad.Value{
			"Add":    {func(a, b, _ ad.Value) ad.Value { return a.Add(b) }, func(a, b, _ ad.Value) ad.Value { return a.Add(repeated(b)) }},
			"Mul":    {func(a, b, _ ad.Value) ad.Value { return a.Mul(b) }, func(a, b, _ ad.Value) ad.Value { return a.Mul(repeated(b)) }},
			"AddMul": {func(a, b, v ad.Value) ad.Value { return v.AddMul(a, b) }, func(a, b, v ad.Value) ad.Value { return repeated(v).AddMul(a, repeated(b)) }},
		} {
			t.Run(name, func(t *testing.T) {
				of := func(f func(a, b, v ad.Value) ad.Value) adtest.Func {
					return func(xs ...ad.Value) ad.Value { return f(xs[0], xs[1], xs[2]).Dot(w) }
				}
				adtest.Equal(t, 1e-13, of(f[0]), of(f[1]), a, b, v)
				adtest.Check(t, 1e-8, of(f[0]), a, b, v)
			})
		}
	})
}

func TestCrossEntropy(t *testing.T) {
	adtest.Shapes(8, 8, func(rng *rand.Rand, r, c int) {
		v, y := adtest.Random(rng, r, c), ad.New(r, c, nil)
		for i := range r {
			y.Data[i*c+rng.IntN(c)] = 1
		}
		fused := func(xs ...ad.Value) ad.Value { return xs[0].CrossEntropy(xs[1]) }
		adtest.Equal(t, 1e-13, fused, func(xs ...ad.Value) ad.Value { return entropyComposed(xs[0], xs[1]) }, v, y)
		adtest.Check(t, 1e-7, fused, v, y)
		_, tape := adtest.Gradients(fused, v, y)
		if d := adtest.Distance(v.CrossEntropyGrad(y).Data, tape[0]); d > 1e-13 {
			t.Errorf("%d×%d: formula and tape differ by %.2g", r, c, d)
		}
		w := adtest.Random(rng, r, c)
		adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value { return xs[0].CrossEntropyGrad(xs[1]).Dot(w) }, v, y)
	})
	if f := ad.Row(1000, 0).CrossEntropy(ad.Row(0, 1)).Item(); f != 1000 {
		t.Errorf("scores of 1000 and 0: %g", f)
	}
}

func TestWindowMisuse(t *testing.T) {
	w := ad.Window{H: 4, W: 4, C: 2, Size: 3, Stride: 1}
	for want, f := range map[string]func(){
		"no window of 3×3 on 2×4×2":                 func() { v := w; v.H = 2; v.Conv(ad.New(1, 16, nil), ad.New(18, 1, nil)) },
		"no window of 3×3 on 4×4×2 images with str": func() { v := w; v.Stride = 0; v.MaxPool(ad.New(1, 32, nil)) },
		"Conv: 1×31 for a window of 3×3":            func() { w.Conv(ad.New(1, 31, nil), ad.New(18, 1, nil)) },
		"stride 1: 1×32 by 17×1":                    func() { w.Conv(ad.New(1, 32, nil), ad.New(17, 1, nil)) },
		"ConvKernelGrad by":                         func() { w.ConvKernelGrad(ad.New(1, 32, nil), ad.New(1, 5, nil)) },
		"ConvImageGrad: 1×5":                        func() { w.ConvImageGrad(ad.New(1, 5, nil), ad.New(18, 2, nil)) },
		"want 1×8": func() {
			_, at := w.MaxPool(ad.New(1, 32, nil))
			at.Grad(ad.New(1, 7, nil))
		},
		"StandardiseGrad: 1×2 by 4×3": func() { ad.StandardiseGrad(ad.New(4, 3, nil), ad.New(1, 2, nil), ad.New(4, 3, nil)) },
		"CrossEntropy: 1×2 by 2×1":    func() { ad.Row(1, 2).CrossEntropy(ad.Col(1, 2)) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %q, want %q in it", got, want)
				}
			}()
			f()
		}()
	}
}

// The edges of an image, found by the difference of neighbours.
func ExampleWindow_Conv() {
	w := ad.Window{H: 3, W: 4, C: 1, Size: 2, Stride: 1}
	image := ad.Row(
		0, 0, 1, 1,
		0, 0, 1, 1,
		0, 0, 0, 0)
	edge := ad.Col(-1, 1, -1, 1) // the right pixels of a window less the left ones
	rows, cols := w.Out()
	fmt.Println(w.Conv(image, edge).Reshape(rows, cols).Lists())
	// Output: [[0 2 0] [0 1 0]]
}
