package neural_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/internal/spare"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// small is a network for images of 7×6 pixels with two channels.
var small = neural.ConvNet{Height: 7, Width: 6, Channels: 2, Layers: []neural.Conv{{Size: 3, Filters: 2, Stride: 1}, {Size: 2, Filters: 3, Stride: 1}}, Pool: 2, Scores: 3}

// images are a family of small images for a network.
func images(n neural.Network) neural.Family {
	f := family(neural.Sigmoid, n.Inputs(), n.Classes())
	f.Network = n
	return f
}

// Loss and gradient are those of PyTorch (testdata/convnet.py).
func TestConvNetGolden(t *testing.T) {
	var golden struct {
		Cases []struct {
			Height, Width, Channels int
			Layers                  [][3]int
			Pool, Scores            int
			ReLU                    bool
			Images, Labels, X, Grad []float64
			Loss                    float64
		}
	}
	content, err := os.ReadFile(filepath.Join("testdata", "convnet.json"))
	if err == nil {
		err = json.Unmarshal(content, &golden)
	}
	if err != nil || len(golden.Cases) == 0 {
		t.Fatal(err, len(golden.Cases))
	}
	for _, c := range golden.Cases {
		n := neural.ConvNet{Height: c.Height, Width: c.Width, Channels: c.Channels, Pool: c.Pool, Scores: c.Scores, ReLULogits: c.ReLU}
		for _, l := range c.Layers {
			n.Layers = append(n.Layers, neural.Conv{Size: l[0], Filters: l[1], Stride: l[2]})
		}
		m := len(c.Labels)
		p := neural.Problem(n, ad.New(len(c.X), 1, c.X), ad.New(m, len(c.Images)/m, c.Images), ad.New(m, 1, c.Labels))
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		if f := p.Value(p.Start).Item(); math.Abs(f-c.Loss) > 1e-12 {
			t.Errorf("%v: F is %.15g, and by PyTorch %.15g", n, f, c.Loss)
		}
		if d := adtest.Distance(p.Grad("x", p.Start).Data, c.Grad); d > 1e-12 {
			t.Errorf("%v: the gradient differs from that of PyTorch by %.2g", n, d)
		}
	}
}

// The formula of back-propagation is the gradient that a tape takes through the scores.
func TestBackPropagation(t *testing.T) {
	for _, n := range []neural.Network{neural.MLP{Sizes: []int{5, 4, 3, 3}, Activation: neural.Sigmoid}, neural.MLP{Sizes: []int{5, 4, 3}, Activation: neural.ReLU}, small} {
		p := images(n).Draw(optimizee.Stream(6))
		w := p.Data.(*neural.Data).Samples
		d := adtest.Random(optimizee.Stream(7), w.R, n.Classes())
		_, tape := adtest.Gradients(func(xs ...ad.Value) ad.Value {
			z, _ := n.Forward(xs[0], w)
			return z.Dot(d)
		}, p.Start.X())
		_, back := n.Forward(p.Start.X(), w)
		if off := adtest.Distance(back(d).Data, tape[0]); off > 1e-12 {
			t.Errorf("%v: formula and tape differ by %.2g", n, off)
		}
	}
}

// A training of an optimizer records one node for F at its point, whatever the network is made
// of, and none for a gradient at a constant.
func TestGraphIsNotRecorded(t *testing.T) {
	for _, fresh := range []bool{false, true} {
		f := images(small)
		f.Fresh = fresh
		p := f.Draw(optimizee.Stream(6))
		var tape ad.Tape
		x := optimizee.X(tape.Watch(p.Start.X()))
		before := tape.Len()
		p.Grad("x", x.Detach())
		if p.Value(x); tape.Len() != before+1 {
			t.Errorf("fresh %v: %d nodes were recorded for F", fresh, tape.Len()-before)
		}
	}
}

// What the way back recycles is read by nobody, also where it is recorded.
func TestRecyclingShowsNowhere(t *testing.T) {
	defer spare.Poison.Store(false)
	p := images(small).Draw(optimizee.Stream(6))
	through := func() (float64, []float64) {
		f, g := adtest.Gradients(func(xs ...ad.Value) ad.Value {
			x := xs[0].AddScaled(-0.1, p.Grad("x", optimizee.X(xs[0])))
			return p.Value(optimizee.X(x)).Add(p.Grad("x", optimizee.X(x)).SumSquares())
		}, p.Start.X())
		return f, append(g[0], p.Grad("x", p.Start).Data...)
	}
	f, g := through()
	spare.Poison.Store(true)
	if again, h := through(); again != f || adtest.Distance(h, g) != 0 {
		t.Errorf("F is %g and with recycled memory poisoned %g; gradients differ by %.2g", f, again, adtest.Distance(h, g))
	}
}

// The networks of the Primer have the weights that their layers need, and Adam fits them
// to images that they can tell apart.
func TestPaperConvNet(t *testing.T) {
	const coded, written = 3*3*16 + 3*16 + 5*5*16*32 + 3*32 + 512*10 + 10, 3*3*16 + 3*16 + 5*5*16*32 + 3*32 + 32*10 + 10
	if n := neural.CodedConvNet.Weights(); n != coded {
		t.Errorf("%v has %d weights, want %d", neural.CodedConvNet, n, coded)
	}
	if n := neural.PaperConvNet.Weights(); n != written {
		t.Errorf("%v has %d weights, want %d", neural.PaperConvNet, n, written)
	}
	if d := small.Tensors(); !slices.Equal(d, []int{36, 2, 2, 2, 24, 3, 3, 3, 9, 3}) {
		t.Errorf("%v has tensors of %v", small, d)
	}
	digits := datasets.MNISTStandIn(1)
	for _, n := range []neural.ConvNet{neural.CodedConvNet, neural.PaperConvNet} {
		n.ReLULogits = false // of a class whose scores are all cut off no sample would learn
		f := neural.Family{
			Network: n, Samples: ad.New(digits.Rows, digits.Cols, digits.X), Labels: ad.New(digits.Rows, 1, digits.Y),
			Name: digits.Name, Batch: 16, Scale: 0.01,
		}
		p := f.Draw(optimizee.Stream(4))
		values, _, err := optim.Minimize(p, optim.Adam(optim.AdamConfig{LR: 0.01}), 20, nil)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(values[0]-math.Log(10)) > 0.2 || values[20] > 0.3 {
			t.Errorf("%v: F falls from %g to %g", n, values[0], values[20])
		}
	}
}

func TestConvNetRefuses(t *testing.T) {
	for want, edit := range map[string]func(n *neural.ConvNet){
		"images of 0×6×2":           func(n *neural.ConvNet) { n.Height = 0 },
		"no Layers":                 func(n *neural.ConvNet) { n.Layers = nil },
		"a maximum over 0×0 pixels": func(n *neural.ConvNet) { n.Pool = 0 },
		"1 classes":                 func(n *neural.ConvNet) { n.Scores = 1 },
		"layer 1 has 0 filters":     func(n *neural.ConvNet) { n.Layers = []neural.Conv{{Size: 3, Stride: 1}} },
		"layer 2: filters of 3×3 pixels do not fit into the 2×2": func(n *neural.ConvNet) { n.Layers = []neural.Conv{{3, 2, 1}, {3, 2, 1}} },
	} {
		n := small
		edit(&n)
		f := images(small)
		f.Network = n
		if err := f.Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := (neural.Family{}).Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), "no Network") {
		t.Errorf("a family without a network: %v", err)
	}
}
