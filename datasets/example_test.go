package datasets_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/datasets"
)

func ExampleReadCSV() {
	_, err := datasets.ReadCSV("testdata/people.csv", datasets.CSVOptions{Label: "adult", Positive: "yes"})
	fmt.Println(err)
	t, err := datasets.ReadCSV("testdata/people.csv", datasets.CSVOptions{Label: "class", Positive: "yes"})
	fmt.Println(t, err)
	// Output:
	// datasets: testdata/people.csv: there is no column "adult"; there are: age, height, class
	// people: 2 samples × 2 features, 1 labelled 1 <nil>
}

func ExampleIonosphereStandIn() {
	t := datasets.IonosphereStandIn(1)
	fmt.Println(t)
	fmt.Println(t.StandIn, t.Source)
	// Output:
	// Ionosphere stand-in (synthetic): 351 samples × 34 features, 225 labelled 1
	// true datasets.IonosphereStandIn(1)
}

// Patches as the L2O-PA paper takes them from photographs.
func ExamplePatches() {
	images := datasets.BSDS500StandIn(1) // datasets.BSDS500OrStandIn(ctx) where there may be real ones
	patches, err := datasets.Patches(images, 1000, 8, rand.New(rand.NewPCG(1, 0)))
	fmt.Println(patches, err)
	patches = datasets.NormalizePatches(patches)
	var sum float64
	for _, v := range patches.Row(0) {
		sum += v
	}
	fmt.Println(math.Abs(sum) < 1e-12)
	// Output:
	// 8×8 patches of BSDS500 stand-in (synthetic): 1000 samples × 64 features <nil>
	// true
}

func ExamplePerClass() {
	digits := datasets.MNISTStandIn(1) // datasets.MNISTTestOrStandIn(ctx) where there may be the real ones
	some, err := datasets.PerClass(digits, 100, rand.New(rand.NewPCG(1, 0)))
	fmt.Println(some, err)
	// Output:
	// MNIST test images stand-in (synthetic), 100 of each class: 1000 samples × 784 features, 10 classes <nil>
}
