package realdata_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/realdata"
	"github.com/l2olab/l2o/pkg/sparse"
)

// dataFolder sets L2O_DATA to a folder with a file, $L2O_DATA or shared/data beside the
// checkout, and skips the test where there is none.
func dataFolder(t *testing.T, name string) {
	t.Helper()
	for _, dir := range []string{os.Getenv("L2O_DATA"), filepath.Join("..", "..", "..", "..", "shared", "data")} {
		if _, err := os.Stat(filepath.Join(dir, name)); dir != "" && err == nil {
			t.Setenv("L2O_DATA", dir)
			return
		}
	}
	const how = "%s is not here: set L2O_DATA to a folder that holds it; the datasets package says where to fetch it"
	if os.Getenv("L2O_REQUIRE") == "1" && os.Getenv("L2O_DATA") != "" {
		t.Fatalf(how, name)
	}
	t.Skipf(how, name)
}

// gap runs FISTA and returns the relative duality gap.
func gap(t *testing.T, p *optimizee.Problem, steps int) float64 {
	t.Helper()
	_, x, err := optim.Minimize(p, optim.FISTA, steps, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := p.Value(x).Item()
	return (f - p.Bound(x)) / f
}

func TestLogistic(t *testing.T) {
	for _, table := range []datasets.Table{datasets.IonosphereStandIn(1), datasets.SpambaseStandIn(1)} {
		p := realdata.Logistic(table, realdata.LogisticLambda)
		if p.Name != "logistic, "+table.Name || p.Traits["rows"] != float64(table.Rows) || p.Traits["cols"] != float64(table.Cols) {
			t.Error(p, p.Traits)
		}
		if g := gap(t, p, 500); !(g < 1e-8) {
			t.Errorf("%s: the relative gap after 500 steps is %.2g", p.Name, g)
		}
		// the scale of a feature does not matter
		scaled := table
		scaled.X = slices.Clone(table.X)
		for i := range scaled.X {
			scaled.X[i] = 8*scaled.X[i] - 2
		}
		x := optimizee.X(p.Start.X().Shift(0.1))
		if a, b := p.Value(x).Item(), realdata.Logistic(scaled, realdata.LogisticLambda).Value(x).Item(); math.Abs(a-b) > 1e-9 {
			t.Errorf("%s: F is %g, with scaled features %g", p.Name, a, b)
		}
		q := optimizee.PublishedL(p)
		if ratio := q.Lipschitz("x", x) / p.Lipschitz("x", x); q.Check() != nil || ratio < 5 {
			t.Errorf("%s: the published L is %.3g times the true one", p.Name, ratio)
		}
	}
	unlabelled := datasets.IonosphereStandIn(1)
	unlabelled.Y = nil
	if err := realdata.Logistic(unlabelled, 0.1).Check(); err == nil || !strings.Contains(err.Error(), "0 labels for 351 samples") {
		t.Error(err)
	}
}

func TestIonosphere(t *testing.T) {
	dataFolder(t, "ionosphere.data")
	table, err := datasets.Ionosphere(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := realdata.Logistic(table, realdata.LogisticLambda)
	if g := gap(t, p, 500); !(g < 1e-8) || p.Name != "logistic, Ionosphere" {
		t.Errorf("%s: the relative gap after 500 steps is %.2g", p.Name, g)
	}
}

func TestSoftmax(t *testing.T) {
	table, err := datasets.PerClass(datasets.MNISTStandIn(1), 20, optimizee.Stream(1))
	if err != nil {
		t.Fatal(err)
	}
	p := realdata.Softmax(table, 1e-2)
	if x := p.Start.X(); x.R != 784 || x.C != 10 || !strings.Contains(p.Name, "stand-in") {
		t.Error(p)
	}
	if l := p.Lipschitz("x", p.Start); !(l > 0.1 && l <= 0.5) {
		t.Errorf("L is %g, want at most 1/2 for samples of length 1", l)
	}
	if g := gap(t, p, 400); !(g < 1e-6) {
		t.Errorf("the relative gap after 400 steps is %.2g", g)
	}
}

func TestMNIST(t *testing.T) {
	dataFolder(t, "t10k-images-idx3-ubyte.gz")
	all, err := datasets.MNISTTest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table, err := datasets.PerClass(all, 50, optimizee.Stream(1))
	if err != nil {
		t.Fatal(err)
	}
	p := realdata.Softmax(table, 1e-2)
	if g := gap(t, p, 400); !(g < 1e-6) {
		t.Errorf("the relative gap after 400 steps is %.2g", g)
	}
}

// holds checks what every coding of patches obeys.
func holds(t *testing.T, c *sparse.Coding, spec realdata.PatchSpec) {
	t.Helper()
	if c.Dictionary.R != 64 || c.Dictionary.C != 128 || c.Signals.R != 64 || c.Len() != spec.Patches || c.Lambda != 0.5 {
		t.Fatal(c)
	}
	for _, s := range c.Dictionary.T().Square().SumRows().Data {
		if math.Abs(s-1) > 1e-12 {
			t.Errorf("an atom has length² %g", s)
		}
	}
	signals := c.Signals.T()
	for i, s := range signals.SumRows().Data {
		if math.Abs(s) > 1e-12 {
			t.Errorf("patch %d has the sum %g", i, s)
		}
	}
	// some are so flat that 0 codes them best; take the first that is not
	for i := range c.Len() {
		if p := c.At(i); p.Bound(p.Start) < 0.99*p.Value(p.Start).Item() {
			if g := gap(t, p, 2000); !(g < 1e-6) {
				t.Errorf("patch %d: the relative gap after 2000 steps is %.2g", i, g)
			}
			return
		}
	}
	t.Error("0 codes every patch best")
}

func TestPatches(t *testing.T) {
	spec := realdata.PaperPatches
	spec.Training = 2000
	images := datasets.BSDS500StandIn(1)
	published, err := spec.Published(images)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, published, spec)
	if published.Name != "lasso, patches of BSDS500 stand-in (synthetic)" {
		t.Error(published.Name)
	}
	heldOut, err := spec.HeldOut(images, images.Slice(10, 20))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, heldOut, spec)
	if !slices.Equal(heldOut.Signals.Data, published.Signals.Data) || slices.Equal(heldOut.Dictionary.Data, published.Dictionary.Data) {
		t.Error("both have to code the same patches, each with its own dictionary")
	}
	again, _ := spec.Published(images)
	spec.Seed = 1
	other, _ := spec.Published(images)
	if !slices.Equal(again.Dictionary.Data, published.Dictionary.Data) || slices.Equal(other.Signals.Data, published.Signals.Data) {
		t.Error("the family has to depend on its seed alone")
	}
	if _, err := spec.Published(datasets.Images{}); err == nil {
		t.Error("no images, and no error")
	}
	if _, err := spec.HeldOut(images, datasets.Images{}); err == nil {
		t.Error("no images to learn from, and no error")
	}
	spec.Dictionary.Nonzeros = 65
	if _, err := spec.Published(images); err == nil || !strings.Contains(err.Error(), "65 nonzeros") {
		t.Error(err)
	}
}

func TestBSDS500(t *testing.T) {
	dataFolder(t, filepath.Join("bsds500-test", "100007.jpg"))
	images, err := datasets.BSDS500(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := realdata.PaperPatches.Published(images)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, c, realdata.PaperPatches)
}

func TestLogisticOrStandIn(t *testing.T) {
	t.Setenv("L2O_DATA", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // downloads nothing
	for _, name := range []string{"ionosphere", "spambase"} {
		p, table, why := realdata.LogisticOrStandIn(ctx, name)
		if err := p.Check(); err != nil || why == nil || !table.StandIn || !strings.Contains(p.Name, "stand-in") || p.Traits["lambda"] != realdata.LogisticLambda {
			t.Errorf("%s: %v, %v, %v", name, p.Name, err, why)
		}
	}
	if p, _, why := realdata.LogisticOrStandIn(ctx, "iris"); why == nil || p.Check() == nil {
		t.Error("there is a data set that nobody knows")
	}
}
