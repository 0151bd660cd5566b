package learned

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// TestScaleGolden holds points, losses and gradients of two segments against an
// independent implementation, testdata/golden/scale.py.
func TestScaleGolden(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "golden", "scale.json"))
	if err != nil {
		t.Fatal(err)
	}
	type segment struct {
		Loss   float64
		Points [][]float64
		Grads  map[string][][]float64
	}
	var g struct {
		Params    map[string][][]float64
		A, Rates  [][]float64
		B, X      []float64
		Last, All []segment
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	theta := nn.NewParams()
	for n, v := range g.Params {
		theta.Set(n, ad.FromLists(v))
	}
	p := optimizee.Quadratic(ad.FromLists(g.A), ad.Col(g.B...))
	p.Start = optimizee.X(ad.Col(g.X...))
	for name, segments := range map[string][]segment{"the last tensor": g.Last, "all tensors": g.All} {
		c := ScaleConfig{Parameter: 3, Tensor: 4, Global: 2, Tensors: []int{3, 2}, AllTensors: name == "all tensors"}
		c.given = func(tensor, _ int) ad.Value { return ad.Col(g.Rates[tensor]...) }
		o := Scale(c)
		if err := nn.Match(theta, o.First(stream(1))); err != nil {
			t.Fatal(err)
		}
		var tape ad.Tape
		th := theta.Clone()
		step, err := o.Rule(th)(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		x := p.Start
		for s, want := range segments {
			tape.Reset()
			for _, n := range th.Names() {
				th.Set(n, tape.Watch(theta.At(n)))
			}
			loss := ad.Scalar(0)
			for k, point := range want.Points {
				x = step(x)
				if d := adtest.Distance(x.X().Data, point); !(d <= 1e-12) {
					t.Errorf("%s: segment %d: point %d differs by %.2g", name, s, k+1, d)
				}
				loss = loss.Add(p.Value(x).Scale(1 / float64(len(want.Points))))
			}
			if d := math.Abs(loss.Item() - want.Loss); !(d <= 1e-12*want.Loss) {
				t.Errorf("%s: segment %d: loss %.14g, want %.14g", name, s, loss.Item(), want.Loss)
			}
			loss.Backward()
			for n, v := range want.Grads {
				if d := adtest.Distance(th.At(n).Grad(), slices.Concat(v...)); !(d <= 1e-9) {
					t.Errorf("%s: segment %d: the gradient of %s differs by %.2g of its largest entry", name, s, n, d)
				}
			}
		}
	}
}

// TestClippedRates: values stay within ±33, and the derivative is that without bounds.
func TestClippedRates(t *testing.T) {
	var tape ad.Tape
	v := tape.Watch(ad.Col(-40, -33, 1, 33.5))
	c := clipped(v)
	if want := []float64{-33, -33, 1, 33}; !slices.Equal(c.Data, want) {
		t.Errorf("%v, want %v", c.Data, want)
	}
	c.Sum().Backward()
	if !slices.Equal(v.Grad(), []float64{1, 1, 1, 1}) {
		t.Errorf("gradient %v", v.Grad())
	}
}

// TestScaleTensors: a network tells its tensors, blocks are tensors of their own, and a step
// has the size of its learning rate in each of them, in the root of the mean of squares.
func TestScaleTensors(t *testing.T) {
	net := neural.MLP{Sizes: []int{4, 3, 2}, Activation: neural.Sigmoid}
	w, y := optimizee.Gaussian(stream(1), 7, 4), ad.Col(0, 1, 1, 0, 1, 0, 0)
	one := neural.Problem(net, optimizee.X(optimizee.Gaussian(stream(2), net.Weights(), 1)).X(), w, y)
	lengths, from := net.Tensors(), 0
	blocks, names := optimizee.Point{}, []string{"W1", "b1", "W2", "b2"}
	for i, n := range lengths {
		blocks = blocks.Plus(names[i], one.Start.X().Reshape(1, net.Weights()).Cols(from, from+n).Reshape(n, 1))
		from += n
	}
	whole := func(x optimizee.Point) optimizee.Point {
		row := x.At("W1").Reshape(1, lengths[0])
		for i, n := range lengths[1:] {
			row = row.Beside(x.At(names[i+1]).Reshape(1, n))
		}
		return optimizee.X(row.Reshape(net.Weights(), 1))
	}
	several := &optimizee.Problem{Name: "in blocks", Start: blocks}
	several.Value = func(x optimizee.Point) ad.Value { return one.Value(whole(x)) }
	several.Subgrad = func(block string, x optimizee.Point) ad.Value {
		i := slices.Index(names, block)
		from := 0
		for _, n := range lengths[:i] {
			from += n
		}
		return one.Grad("x", whole(x)).Reshape(1, net.Weights()).Cols(from, from+lengths[i]).Reshape(lengths[i], 1)
	}
	o := Scale(ScaleConfig{MinRate: 1e-2})
	th := o.First(stream(3))
	run := func(o Optimizer, p *optimizee.Problem, n int) optimizee.Point {
		_, x, err := optim.Minimize(p, o.Rule(th), n, stream(4))
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	a, b := run(o, one, 5).X(), whole(run(o, several, 5)).X()
	if d := adtest.Distance(a.Data, b.Data); !(d <= 1e-12) {
		t.Errorf("in blocks it differs by %.2g", d)
	}
	if d := adtest.Distance(a.Data, run(Scale(ScaleConfig{MinRate: 1e-2, Tensors: []int{net.Weights()}}), one, 5).X().Data); d < 1e-6 {
		t.Errorf("as one tensor it differs by %.2g alone", d)
	}
	first := run(o, several, 1).Sub(blocks)
	for _, n := range names {
		v := first.At(n)
		size := math.Sqrt(v.SumSquares().Item() / float64(v.Len()))
		if want := 1e-2 * math.Exp(-1); !(math.Abs(size-want) <= 1e-9) {
			t.Errorf("the first step of %s has the size %g, want %g", n, size, want)
		}
	}
	if _, err := Scale(ScaleConfig{MinRate: 1e-2, Tensors: lengths}).Rule(th)(several, nil); err == nil || !strings.Contains(err.Error(), "without Tensors each block is one") {
		t.Errorf("tensors of several blocks: %v", err)
	}
}
