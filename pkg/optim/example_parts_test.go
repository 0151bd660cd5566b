package optim_test

import (
	"fmt"
	"log"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// Problems made of parts, F = f + r, in at most twelve lines each.

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// The elastic net of a CSV file, with an intercept that is not penalised. In the letters of
// scikit-learn alpha is (2000 + 100)/442, and l1_ratio is 2000/(2000 + 100).
func Example_elasticNet() {
	t, err := datasets.ReadCSV("testdata/composites/diabetes.csv", datasets.CSVOptions{Label: "progression"})
	check(err)
	t = datasets.Standardize(t)
	a, b := linear.Dense(ad.New(t.Rows, t.Cols, t.X)), ad.Col(t.Y...)
	p := optimizee.LeastSquares(a, b, optimizee.Intercept()).Plus(prox.ElasticNet(2000, 100))
	values, x, err := optim.Minimize(p, optim.FISTARestart, 300, nil)
	check(err)
	for j, name := range append(t.Columns, "intercept") {
		fmt.Printf("%s %.3f  ", name, x.X().At(j, 0))
	}
	fmt.Printf("F = %.3f\n", values[300])
	// Output:
	// age 0.000  sex -2.143  bmi 20.318  bp 10.216  s1 0.000  s2 0.000  s3 -7.509  s4 0.631  s5 17.780  s6 2.372  intercept 152.133  F = 851769.437
}

// The group lasso: columns of A come in threes, and a group is in the model or is not.
func Example_groupLasso() {
	t, err := datasets.ReadCSV("testdata/composites/groups.csv", datasets.CSVOptions{Label: "b"})
	check(err)
	p := optimizee.LeastSquares(linear.Dense(ad.New(t.Rows, t.Cols, t.X)), ad.Col(t.Y...)).
		Plus(prox.Group(6, prox.Consecutive(3, 3, 3, 3, 3, 3, 3, 3)))
	_, x, err := optim.Minimize(p, optim.FISTARestart, 300, nil)
	check(err)
	for g := range 8 {
		fmt.Printf("%.3f ", floats.Norm(x.X().Data[3*g:3*g+3], 2))
	}
	// Output:
	// 0.000 2.192 0.000 0.000 0.000 2.217 0.000 0.000
}

// Non-negative least squares.
func Example_nonNegative() {
	t, err := datasets.ReadCSV("testdata/composites/nonnegative.csv", datasets.CSVOptions{Label: "b"})
	check(err)
	p := optimizee.LeastSquares(linear.Dense(ad.New(t.Rows, t.Cols, t.X)), ad.Col(t.Y...)).Plus(prox.NonNegative())
	values, x, err := optim.Minimize(p, optim.FISTARestart, 1000, nil)
	check(err)
	fmt.Printf("x = %.3f\nF = %.6f\n", x.X().Data, values[1000])
	// Output:
	// x = [0.000 0.000 0.000 0.282 0.687 0.000 0.000 0.390 1.458 0.000 0.024 0.192]
	// F = 2.648147
}

// A quadratic over a box: the share of each of three assets, at most half.
func Example_box() {
	risk := ad.New(3, 3, []float64{0.10, 0.02, 0.01, 0.02, 0.06, 0.02, 0.01, 0.02, 0.03})
	gain := ad.Col(0.07, 0.03, 0.01)
	p := optimizee.QuadraticForm(linear.Dense(risk), gain.Scale(-1)).Plus(prox.Box(0, 0.5))
	values, x, err := optim.Minimize(p, optim.FISTARestart, 200, nil)
	check(err)
	fmt.Printf("x = %.4f, F = %.6f\n", x.X().Data, values[200])
	// Output:
	// x = [0.5000 0.3333 0.0000], F = -0.025833
}

// Completion by the nuclear norm: of the table of 1·1 to 4·5 thirteen entries are known.
func Example_nuclearNorm() {
	known, b := []int{0, 1, 3, 5, 7, 8, 9, 11, 12, 14, 16, 18, 19}, ad.Col(1, 2, 4, 2, 6, 8, 10, 6, 9, 15, 8, 16, 20)
	p := optimizee.LeastSquares(linear.Mask(4*5, known), b).Plus(prox.Nuclear(0.01, 4, 5))
	_, x, err := optim.Minimize(p, optim.FISTARestart, 2000, nil)
	check(err)
	for i := range 4 {
		fmt.Printf("%5.2f\n", x.X().Data[5*i:5*i+5])
	}
	// Output:
	// [ 1.00  2.00  3.00  4.00  5.00]
	// [ 2.00  4.00  6.00  8.00 10.00]
	// [ 3.00  6.00  8.99 12.00 15.00]
	// [ 3.99  8.00 11.99 15.99 19.99]
}

// An image of 256×256 pixels, blurred and noisy, is restored as one that has few wavelets.
func Example_deblur() {
	picture, blur, wavelets := ad.New(256*256, 1, nil), linear.Blur(256, 256, linear.Gaussian(9, 1.5)), linear.Wavelet(256, 256, 5, linear.Haar)
	for i := range picture.Data { // black and white rings
		picture.Data[i] = float64(int(math.Hypot(float64(i/256-128), float64(i%256-128))) / 32 % 2)
	}
	seen := blur.Apply(picture).AddScaled(0.01, optimizee.Gaussian(optimizee.Stream(1), 256*256, 1))
	p := optimizee.LeastSquares(linear.Compose(blur, wavelets.T()), seen).Plus(prox.L1(1e-3))
	_, c, err := optim.Minimize(p, optim.FISTARestart, 40, nil)
	check(err)
	psnr := func(v ad.Value) float64 { return 10 * math.Log10(256*256/v.Sub(picture).SumSquares().Item()) }
	fmt.Printf("from %.1f dB to %.1f dB\n", psnr(seen), psnr(wavelets.Transpose(c.X())))
	// Output: from 19.4 dB to 21.8 dB
}
