package linear_test

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
)

// A bright pixel in a corner of an image becomes a spot that goes on at the other edges.
func ExampleBlur() {
	blur := linear.Blur(3, 4, ad.FromLists([][]float64{{1, 2, 1}, {2, 4, 2}, {1, 2, 1}}).Scale(1./16))
	spot := blur.Apply(ad.Col(160, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).Abs()
	for _, row := range spot.Reshape(3, 4).Lists() {
		fmt.Printf("%2.0f\n", row)
	}
	fmt.Printf("norm %.3g\n", blur.Norm())
	// Output:
	// [40 20  0 20]
	// [20 10  0 10]
	// [20 10  0 10]
	// norm 1
}

// A running sum is a linear map, and no matrix is needed for it. A wrong adjoint is found.
func ExampleFunc() {
	sums := func(dst, x []float64) {
		var s float64
		for i, v := range x {
			s += v
			dst[i] = s
		}
	}
	sumsFromTheEnd := func(dst, y []float64) {
		var s float64
		for i := len(y) - 1; i >= 0; i-- {
			s += y[i]
			dst[i] = s
		}
	}
	a := linear.Func(4, 4, sums, sumsFromTheEnd)
	fmt.Println(a.Apply(ad.Col(1, 2, 3, 4)).Data, linear.Check(a))
	fmt.Println(linear.Check(linear.Func(4, 4, sums, sums)))
	// Output:
	// [1 3 6 10] <nil>
	// function of 4×4: ⟨Ax, y⟩ is 1.159 and ⟨x, Aᵀy⟩ is 0.7966: Adjoint is not the adjoint of Forward
}

// Most of an image is seen through a mask; in wavelets it has few coefficients.
func ExampleCompose() {
	seen := linear.Mask(64*64, []int{0, 10, 2000, 4095})
	a := linear.Compose(seen, linear.Wavelet(64, 64, 3, linear.DB4).T())
	fmt.Println(a.Name, a.Rows, a.Cols, a.Bound())
	// Output: mask∘wavelet 4ᵀ 4 4096 1
}
