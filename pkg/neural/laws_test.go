package neural_test

import (
	"flag"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

// family draws small problems of Gaussian samples.
func family(a neural.Activation, sizes ...int) neural.Family {
	y := ad.New(40, 1, nil)
	for i := range y.Data {
		y.Data[i] = float64(i % sizes[len(sizes)-1])
	}
	return neural.Family{
		Network: neural.MLP{Sizes: sizes, Activation: a}, Samples: adtest.Random(optimizee.Stream(1), 40, sizes[0]), Labels: y,
		Name: "Gaussian samples", Batch: 12, Scale: 0.5,
	}
}

// TestLaws is the table of networks as problems.
func TestLaws(t *testing.T) {
	var report problemtest.Report
	strided := neural.ConvNet{Height: 5, Width: 4, Channels: 1, Layers: []neural.Conv{{Size: 2, Filters: 2, Stride: 2}}, Pool: 2, Scores: 2, ReLULogits: true}
	tiny := neural.ConvNet{Height: 4, Width: 4, Channels: 1, Layers: []neural.Conv{{Size: 2, Filters: 1, Stride: 1}, {Size: 1, Filters: 2, Stride: 1}}, Pool: 2, Scores: 2}
	for _, f := range []neural.Family{family(neural.Sigmoid, 5, 4, 3), family(neural.ReLU, 5, 4, 3), family(neural.Sigmoid, 4, 3, 3, 2), family(neural.ReLU, 3, 2), images(tiny), images(strided)} {
		if _, conv := f.Network.(neural.ConvNet); conv {
			f.Batch = 4
		}
		p := f.Draw(optimizee.Stream(6)) // no unit within a finite difference of its kink
		x := optimizee.X(adtest.Random(optimizee.Stream(6), f.Weights(), 1))
		t.Run(f.String(), func(t *testing.T) {
			report = append(report, problemtest.Run(t, p, problemtest.Named(p.Name), problemtest.At(p.Start, x), problemtest.NotConvex())...)
		})
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}

// A network without a hidden layer is softmax regression, with a row of biases.
func TestNoHiddenLayer(t *testing.T) {
	f := family(neural.Sigmoid, 5, 3)
	p := f.Draw(optimizee.Stream(4))
	d := p.Data.(*neural.Data)
	want := optimizee.Softmax(d.Samples.Beside(ad.Full(f.Batch, 1, 1)), d.Labels, 3, 0)
	x := p.Start.X() // W_1 row by row, then b_1: the rows of softmax regression
	if got, w := p.Value(p.Start).Item(), want.Value(optimizee.X(x.Reshape(6, 3))).Item(); math.Abs(got-w) > 1e-12 {
		t.Errorf("F is %g, and of softmax regression %g", got, w)
	}
	if d := adtest.Distance(p.Grad("x", p.Start).Data, want.Grad("x", optimizee.X(x.Reshape(6, 3))).Data); d > 1e-12 {
		t.Errorf("the gradient is off by %.2g", d)
	}
}

// The network of the papers learns to tell the images of a minibatch apart.
func TestPaperMLP(t *testing.T) {
	images := datasets.MNISTStandIn(1)
	f := neural.Family{
		Network: neural.PaperMLP, Samples: ad.New(images.Rows, images.Cols, images.X), Labels: ad.New(images.Rows, 1, images.Y),
		Name: images.Name, Batch: 128, Scale: 0.01,
	}
	p := f.Draw(optimizee.Stream(4))
	if n := p.Start.X().Len(); n != 15910 {
		t.Fatalf("%d weights", n)
	}
	if d, ok := p.Data.(interface{ Tensors() []int }); !ok || !slices.Equal(d.Tensors(), []int{15680, 20, 200, 10}) {
		t.Error("the data do not tell the tensors")
	}
	values, _, err := optim.Minimize(p, optim.Adam(optim.AdamConfig{LR: 0.03}), 60, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(values[0]-math.Log(10)) > 0.05 || values[60] > 0.3 {
		t.Errorf("F falls from %g to %g", values[0], values[60])
	}
}

func TestRefuses(t *testing.T) {
	good := family(neural.Sigmoid, 5, 4, 3)
	mlp := func(a neural.Activation, sizes ...int) neural.MLP { return neural.MLP{Sizes: sizes, Activation: a} }
	for want, edit := range map[string]func(f *neural.Family){
		`Activation is "tanh"`:           func(f *neural.Family) { f.Network = mlp("tanh", 5, 3) },
		"there have to be inputs":        func(f *neural.Family) { f.Network = mlp(neural.ReLU, 5) },
		"a layer of 0 units":             func(f *neural.Family) { f.Network = mlp(neural.ReLU, 5, 0, 3) },
		"1 classes":                      func(f *neural.Family) { f.Network = mlp(neural.ReLU, 5, 4, 1) },
		"the network has 4 inputs":       func(f *neural.Family) { f.Network = mlp(neural.ReLU, 4, 4, 3) },
		"whole numbers from 0 to 1":      func(f *neural.Family) { f.Network = mlp(neural.ReLU, 5, 4, 2) },
		"a minibatch of 0 samples":       func(f *neural.Family) { f.Batch = 0 },
		"labels of 39×1":                 func(f *neural.Family) { f.Labels = ad.New(39, 1, nil) },
		"Scale is NaN":                   func(f *neural.Family) { f.Scale = math.NaN() },
		"has to be one of each, and one": func(f *neural.Family) { f.Samples = ad.Value{} },
	} {
		f := good
		edit(&f)
		if err := f.Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	p := good.Draw(optimizee.Stream(1))
	if err := neural.Problem(good.Network, ad.New(3, 1, nil), p.Data.(*neural.Data).Samples, p.Data.(*neural.Data).Labels).Err; err == nil {
		t.Error("a start of three weights was taken")
	}
}
