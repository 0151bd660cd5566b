package realdata_test

import (
	"fmt"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/realdata"
)

// The step from a table to a problem. In your own code take the real one where it is to be
// had: table, err := datasets.IonosphereOrStandIn(ctx).
func ExampleLogistic() {
	p := realdata.Logistic(datasets.IonosphereStandIn(1), realdata.LogisticLambda)
	_, x, err := optim.Minimize(p, optim.FISTA, 300, nil)
	fmt.Println(p, err)
	fmt.Println("certified:", p.Value(x).Item()-p.Bound(x) < 1e-9)
	// Output:
	// logistic, Ionosphere stand-in (synthetic) (x 34×1): Value Grad ValueGrad Subgrad Prox Lipschitz Bound <nil>
	// certified: true
}

// Ten classes of images, with λ so small that weights remain.
func ExampleSoftmax() {
	digits, err := datasets.PerClass(datasets.MNISTStandIn(1), 10, optimizee.Stream(1))
	fmt.Println(realdata.Softmax(digits, 1e-3), err)
	// Output:
	// softmax, MNIST test images stand-in (synthetic), 10 of each class (x 784×10): Value Grad ValueGrad Subgrad Prox Lipschitz Bound <nil>
}

// Patches as published and with a dictionary from other images. The first line of a
// notebook is images, err := datasets.BSDS500OrStandIn(ctx).
func ExamplePatchSpec() {
	images := datasets.BSDS500StandIn(1)
	test, rest := images.Slice(0, 10), images.Slice(10, 20)
	published, err := realdata.PaperPatches.Published(test)
	fmt.Println(published, err)
	heldOut, err := realdata.PaperPatches.HeldOut(test, rest) // the same patches
	fmt.Println(heldOut.Dictionary.Shape(), err)
	// Output:
	// lasso, patches of BSDS500 stand-in (synthetic): lasso 64×128, 1000 signals, λ = 0.5 <nil>
	// 64×128 <nil>
}
