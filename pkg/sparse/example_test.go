package sparse_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/sparse"
)

// The dictionary of image patches as the L2O-PA paper makes it.
func ExampleKSVD() {
	images := datasets.BSDS500StandIn(1)
	patches, err := datasets.Patches(images, 1000, 8, rand.New(rand.NewPCG(1, 0)))
	if err != nil {
		fmt.Println(err)
		return
	}
	patches = datasets.NormalizePatches(patches)
	signals := ad.New(patches.Rows, patches.Cols, patches.X).T()
	learned, err := sparse.KSVD(signals, sparse.PaperKSVD, rand.New(rand.NewPCG(2, 0)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(learned.D.Shape(), "dictionary,", len(learned.Errors), "iterations")
	fmt.Println("better than the first:", learned.Errors[9] < 0.8*learned.Errors[0])
	// Output:
	// 64×128 dictionary, 10 iterations
	// better than the first: true
}

// Two atoms make up the signal, and the pursuit finds which.
func ExampleOMP() {
	d := ad.Eye(3)
	fmt.Println(sparse.OMP(d, ad.Col(0, -2, 0.5), 2))
	// Output:
	// 3×1
	// [ 0 ]
	// [ -2 ]
	// [ 0.5 ]
}
