package learned_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// torchCase is a case of testdata/golden/modelfree.py.
type torchCase struct {
	Kind        string
	OutputScale float64 `json:"output_scale"`
	GradScale   float64 `json:"grad_scale"`
	Hidden      int
	Alpha, Loss float64
	A, X        [][]float64
	B, C, X0    []float64
	Params      map[string][]float64
	Grads       map[string][]float64
}

func (c torchCase) optimizer(composed bool) learned.Optimizer {
	net := learned.Network{Hidden: c.Hidden, ZeroState: true, Composed: composed}
	if c.Kind == "rnnprop" {
		return learned.RNNprop(learned.RNNpropConfig{Network: net, OutputScale: c.OutputScale})
	}
	return learned.OriginalDM(learned.OriginalDMConfig{Network: net, Raw: c.Kind == "raw", OutputScale: c.OutputScale, GradScale: c.GradScale})
}

// TestAgainstTorch holds two steps of L2O-DM of 2016, with both inputs, and of RNNprop against an
// independent implementation: iterates, loss and the gradient of the segment.
func TestAgainstTorch(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "golden", "modelfree.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []torchCase
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) != 3 {
		t.Fatal(len(cases), err)
	}
	column := func(v []float64) ad.Value { return ad.New(len(v), 1, v) }
	for _, c := range cases {
		p := optimizee.Rastrigin(ad.FromLists(c.A), column(c.B), column(c.C), c.Alpha)
		p.Start = optimizee.X(column(c.X0))
		for _, form := range []struct {
			name     string
			composed bool
			tol      float64
		}{{"float64", true, 1e-9}, {"fused", false, 1e-5}} {
			t.Run(c.Kind+"/"+form.name, func(t *testing.T) {
				o, th := c.optimizer(form.composed), nn.NewParams()
				o.Init(th, optimizee.Stream(1))
				if n := len(th.Names()); n != len(c.Params) {
					t.Fatalf("%d parameters, there are %d", n, len(c.Params))
				}
				for _, n := range th.Names() {
					v := th.At(n)
					th.Set(n, ad.New(v.R, v.C, c.Params[n]))
				}
				var tape ad.Tape
				live := th.Watch(&tape)
				step, err := o.Rule(live)(p, nil)
				if err != nil {
					t.Fatal(err)
				}
				loss := ad.Scalar(0)
				for k, x := range optim.Steps(step, p.Start) {
					if k > 0 {
						if d := adtest.Distance(x.X().Data, c.X[k-1]); !(d <= form.tol) {
							t.Errorf("x after %d steps differs by %.2g", k, d)
						}
						loss = loss.AddScaled(1/float64(len(c.X)), p.Value(x))
					}
					if k == len(c.X) {
						break
					}
				}
				if d := math.Abs(loss.Item()-c.Loss) / math.Abs(c.Loss); !(d <= form.tol) {
					t.Errorf("the loss %g differs by %.2g", loss.Item(), d)
				}
				loss.Backward()
				for _, n := range th.Names() {
					if d := adtest.Distance(live.At(n).Grad(), c.Grads[n]); !(d <= 10*form.tol) {
						t.Errorf("the gradient of %s differs by %.2g of its largest entry", n, d)
					}
				}
			})
		}
	}
}
