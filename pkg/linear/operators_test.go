package linear_test

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
)

// TestBlur compares with the sum that defines the convolution.
func TestBlur(t *testing.T) {
	for _, s := range [][4]int{{1, 1, 1, 1}, {1, 8, 1, 3}, {8, 1, 4, 1}, {6, 5, 3, 3}, {5, 6, 2, 4}, {3, 4, 7, 9}, {13, 17, 5, 5}} {
		h, w, k := s[0], s[1], gauss(1, s[2], s[3])
		x := gauss(2, h*w, 1)
		want := ad.New(h*w, 1, nil)
		for i := range h {
			for j := range w {
				for u := range k.R {
					for v := range k.C {
						from := (i-u+k.R/2+10*h)%h*w + (j-v+k.C/2+10*w)%w
						want.Data[i*w+j] += k.At(u, v) * x.Data[from]
					}
				}
			}
		}
		if d := adtest.Distance(linear.Blur(h, w, k).Apply(x).Data, want.Data); !(d <= 1e-13) {
			t.Errorf("%v: %.3g from the direct convolution", s, d)
		}
	}
	g := linear.Gaussian(9, 4)
	if math.Abs(g.Sum().Item()-1) > 1e-15 || math.Abs(g.At(4, 6)/g.At(4, 4)-math.Exp(-4./32)) > 1e-15 {
		t.Errorf("a Gaussian kernel of the sum %g", g.Sum().Item())
	}
	if n := linear.Blur(32, 30, g).Norm(); math.Abs(n-1) > 1e-14 {
		t.Errorf("the norm of a mean is %g", n)
	}
	if d := adtest.Distance(linear.Blur(4, 6, ad.Scalar(1)).Apply(gauss(3, 24, 1)).Data, gauss(3, 24, 1).Data); d > 1e-15 {
		t.Errorf("a kernel of one pixel changes an image by %g", d)
	}
}

func TestSparse(t *testing.T) {
	rows, cols, i, j, v := triplets(1, 20, 9, 150)
	dense := ad.New(rows, cols, nil)
	for k := range v {
		dense.Data[i[k]*cols+j[k]] += v[k]
	}
	a := linear.Triplets(rows, cols, i, j, v)
	if d := adtest.Distance(formed(a).Data, dense.Data); d != 0 {
		t.Errorf("a sparse matrix is %.3g from the dense one", d)
	}
	ptr, col, val := []int{0}, []int{}, []float64{} // its rows, in the wrong order inside of them
	for r := range rows {
		for c := cols - 1; c >= 0; c-- {
			if x := dense.At(r, c); x != 0 {
				col, val = append(col, c), append(val, x)
			}
		}
		ptr = append(ptr, len(val))
	}
	b := linear.CSR(rows, cols, ptr, col, val)
	if x := gauss(2, cols, 1); !equal(a.Apply(x), b.Apply(x)) || a.Norm() != b.Norm() {
		t.Error("rows and triplets give different matrices")
	}
	y := a.Apply(gauss(3, cols, 1))
	v[0], val[0] = 100, 100
	if !equal(y, a.Apply(gauss(3, cols, 1))) || !equal(y, b.Apply(gauss(3, cols, 1))) {
		t.Error("a sparse matrix changes with the caller's numbers")
	}
	if n := linear.Triplets(2, 2, []int{0, 0, 1}, []int{0, 0, 1}, []float64{1, 2, -1}); n.Norm() < 3 || n.Bound() > 3.5 {
		t.Errorf("3 from two entries: norm %g, bound %g", n.Norm(), n.Bound())
	}
}

// TestWavelet: WᵀW = WWᵀ = I, as many vanishing moments as the name says, and one level of
// Haar by hand.
func TestWavelet(t *testing.T) {
	for name, wave := range waves {
		for _, s := range [][3]int{{16, 16, 4}, {8, 4, 2}, {32, 1, 5}, {1, 6, 1}} {
			m := formed(linear.Wavelet(s[0], s[1], s[2], wave))
			for _, gram := range []ad.Value{m.TMatMul(m), m.MatMulT(m)} {
				if d := adtest.Distance(gram.Data, ad.Eye(m.R).Data); !(d <= 1e-13) {
					t.Errorf("%s %v is %.3g from orthonormal", name, s, d)
				}
			}
		}
		x := ad.New(64, 1, nil)
		for p := range int(wave) + 1 {
			for i := range x.Data {
				x.Data[i] = math.Pow(float64(i)/64, float64(p))
			}
			detail := linear.Wavelet(64, 1, 1, wave).Apply(x).Data[32+int(wave) : 64-int(wave)] // what does not see the jump at the edge
			if top := floats.Norm(detail, inf); (p < int(wave)) != (top < 1e-14) {
				t.Errorf("%s: details of a polynomial of degree %d go up to %g", name, p, top)
			}
		}
	}
	got := linear.Wavelet(2, 4, 1, linear.Haar).Apply(ad.Col(1, 2, 3, 4, 5, 6, 7, 8))
	if want := ad.Col(7, 11, -1, -1, -4, -4, 0, 0); adtest.Distance(got.Data, want.Data) > 1e-15 { // means, details of columns above and of rows below
		t.Errorf("Haar: %v", got)
	}
}

// TestPyWavelets compares with coefficients of PyWavelets 1.8, in its order of places:
// coeffs_to_array(wavedec2(x, "db2", mode="periodization", level=2))[0], and wavedec.
func TestPyWavelets(t *testing.T) {
	image := ad.Col(1, 4, 9, 16, 2, 3, 5, 7, 1, 1, 2, 3, 8, 6, 4, 0)
	for name, c := range map[string]struct {
		w       linear.Operator
		x, want ad.Value
	}{
		"db2": {linear.Wavelet(4, 4, 2, linear.DB2), image, ad.Col(
			18.000000000000004, 1.6339745962155623, -2.317867492503029, 6.567867492503029,
			-7.946152422706634, -1.475480947161671, -0.5122595264191641, 0.26225952641916467,
			0.3292468245269454, 0.933892896287468, -0.12411980560475211, 0.5212341226347257,
			1.1217150697963971, -3.3848547906108095, 3.003284930203603, -10.40039924723358)},
		"db4": {linear.Wavelet(4, 4, 1, linear.DB4), image, ad.Col(
			4.239536483817766, 7.602352206832036, -1.6775837727178473, -0.7921121242590163,
			18.610934014352708, 5.547177294997493, 5.250140908842918, 1.2195549881339454,
			-1.209047383509417, 6.031421393446448, -3.275526724935895, -0.7458355181812961,
			-5.5733926088625445, -0.24898140107448463, -2.4674507030034465, -0.511187053879362)},
		"db3 of a signal": {linear.Wavelet(8, 1, 3, linear.DB3), ad.Col(3, 1, 4, 1, 5, 9, 2, 6), ad.Col(
			10.960155108391485, 4.219753891270695, -1.8651444720764183, 0.09307122642390114,
			2.613085149208611, 0.23162113738436477, -4.969846476771142, 0.0038198466185243862)},
	} {
		if d := adtest.Distance(c.w.Apply(c.x).Data, c.want.Data); !(d <= 1e-11) { // its coefficients have 12 digits
			t.Errorf("%s: %.3g apart", name, d)
		}
	}
}

func TestDifferences(t *testing.T) {
	if got := linear.Difference(4).Apply(ad.Col(1, 4, 9, 16)); !equal(got, ad.Col(3, 5, 7)) {
		t.Errorf("differences %v", got)
	}
	if got := linear.Gradient(2, 3).Apply(ad.Col(1, 2, 4, 8, 16, 32)); !equal(got, ad.Col(1, 2, 0, 8, 16, 0, 7, 14, 28, 0, 0, 0)) {
		t.Errorf("gradient %v", got)
	}
}

func equal(x, y ad.Value) bool { return slices.Equal(x.Data, y.Data) }

// Operators that there cannot be say why.
func TestErrors(t *testing.T) {
	nan, eye := math.NaN(), linear.Identity(3)
	for want, a := range map[string]linear.Operator{
		"the matrix is 0×3":               linear.Dense(ad.New(0, 3, nil)),
		"the identity is 0×0":             linear.Identity(0),
		"the diagonal holds NaN":          linear.Diagonal([]float64{1, nan}),
		"a mask is 0×4":                   linear.Mask(4, nil),
		"keeps entry 4 (":                 linear.Mask(4, []int{1, 4}),
		"keeps entry 1 twice":             linear.Mask(4, []int{1, 2, 1}),
		"there have to be at least 2":     linear.Difference(1),
		"at least 2 pixels":               linear.Gradient(1, 1),
		"an image is 0×5":                 linear.Gradient(0, 5),
		"an image is 3×0":                 linear.Blur(3, 0, ad.Scalar(1)),
		"the kernel of a blur is 0×0":     linear.Blur(3, 3, linear.Gaussian(0, 1)),
		"the kernel of a blur holds NaN":  linear.Blur(3, 3, linear.Gaussian(3, 0)),
		"divisible by 8":                  linear.Wavelet(12, 16, 3, linear.Haar),
		"-1 levels":                       linear.Wavelet(8, 8, -1, linear.Haar),
		"no wavelet 5":                    linear.Wavelet(8, 8, 1, 5),
		"as many":                         linear.Triplets(3, 3, []int{1}, nil, []float64{1}),
		"in row 3, column 0":              linear.Triplets(3, 3, []int{3}, []int{0}, []float64{1}),
		"holds +Inf in row 1, column 2":   linear.Triplets(3, 3, []int{1}, []int{2}, []float64{inf}),
		"a sparse matrix is 0×3":          linear.Triplets(0, 3, nil, nil, nil),
		"ptr has to hold 3 numbers":       linear.CSR(2, 3, []int{0, 1}, []int{0}, []float64{1}),
		"row 0 goes from entry 0 to":      linear.CSR(2, 3, []int{0, 2, 1}, []int{0}, []float64{1}),
		"takes 3 numbers and the other":   linear.Compose(eye, linear.Identity(4)),
		"equal numbers of columns":        linear.Stack(eye, linear.Identity(4)),
		"equal numbers of rows":           linear.Beside(eye, linear.Identity(4)),
		"there is no operator":            linear.Beside(),
		"operator 2 of 2 is empty":        linear.Stack(eye, linear.Operator{}),
		"Scale: s is NaN":                 eye.Scale(nan),
		"a pair of functions is -1×4":     linear.Func(-1, 4, eye.Forward, eye.Adjoint),
		"one takes 3 numbers and":         linear.Compose(linear.Compose(eye, linear.Identity(4)).Scale(2).T(), eye),
		"keeps entry 9 (number 0 of its ": linear.Stack(linear.Mask(4, []int{9}), linear.Identity(4)),
	} {
		if a.Err == nil || !strings.Contains(a.Err.Error(), want) {
			t.Errorf("%s: %v", want, a.Err)
		}
		if a.IsZero() {
			t.Errorf("%s: an operator with an error passes for none", want)
		}
	}
	for want, f := range map[string]func(){
		"a 4×2 value":               func() { eye.Apply(ad.New(4, 2, nil)) },
		"a 1×3 value":               func() { eye.Transpose(ad.New(1, 3, nil)) },
		"no such operator: a mask ": func() { linear.Mask(4, nil).Apply(ad.New(4, 1, nil)) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) {
					t.Errorf("%s: panic %q", want, got)
				}
			}()
			f()
		}()
	}
}

// Operators may be called from several goroutines at once, and give the same bits.
func TestConcurrent(t *testing.T) {
	a := linear.Stack(linear.Compose(linear.Wavelet(16, 16, 2, linear.DB4), linear.Blur(16, 16, gauss(1, 5, 5))), sparse(2, 9, 256, 300))
	x, y := gauss(3, a.Cols, 1), gauss(4, a.Rows, 1)
	ax, aty := a.Apply(x), a.Transpose(y)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 5 {
				if !equal(a.Apply(x), ax) || !equal(a.Transpose(y), aty) || a.Norm() > a.Bound() {
					t.Error("another goroutine changes results")
				}
			}
		})
	}
	wait.Wait()
}
