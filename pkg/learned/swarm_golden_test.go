package learned

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// TestSwarmGolden compares two steps of L2O-Swarm and the entropy, with their gradients,
// with testdata/golden/swarm.py.
func TestSwarmGolden(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "golden", "swarm.json"))
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Hidden       int
		Scale, Alpha float64
		A, Start     [][]float64
		B, C         []float64
		Params       map[string][]float64
		X            [][][]float64
		F            [][]float64
		Loss         float64
		Grads        map[string][]float64
		Entropy      struct {
			Points, Samples, ByPoints [][]float64
			Values, ByValues          []float64
			H                         float64
		}
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	near := func(what string, tol float64, got, want []float64) {
		t.Helper()
		if d := adtest.Distance(got, want); !(d <= tol) {
			t.Errorf("%s differs by %.2g of its largest entry", what, d)
		}
	}
	for _, form := range []struct {
		name     string
		composed bool
		tol      float64
	}{{"float64", true, 1e-11}, {"fused", false, 1e-4}} {
		t.Run(form.name, func(t *testing.T) {
			p := optimizee.Population(optimizee.Rastrigin(ad.FromLists(g.A), ad.Col(g.B...), ad.Col(g.C...), g.Alpha), ad.FromLists(g.Start).T())
			o := Swarm(SwarmConfig{Network: Network{Hidden: g.Hidden, Composed: form.composed}, Dim: len(g.A), OutputScale: g.Scale})
			th := o.First(stream(1))
			for name, v := range g.Params {
				at := th.At(name)
				th.Set(name, ad.New(at.R, at.C, v))
			}
			if len(th.Names()) != len(g.Params) {
				t.Errorf("parameters %q, and %d in the file", th.Names(), len(g.Params))
			}
			var tape ad.Tape
			live := th.Watch(&tape)
			step, err := o.Rule(live)(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			x, loss := p.Start, ad.Scalar(0)
			for k, want := range g.X {
				x = step(x)
				near("x", form.tol, x.X().T().Data, ad.FromLists(want).Data)
				near("F", form.tol, p.Data.(*optimizee.PopulationData).Each(x).Data, g.F[k])
				loss = loss.Add(p.Value(x).Scale(1. / float64(len(g.X))))
			}
			near("loss", form.tol, loss.Data, []float64{g.Loss})
			loss.Backward()
			for name, want := range g.Grads {
				near("the gradient of "+name, form.tol, live.At(name).Grad(), want)
			}
		})
	}
	e, c := g.Entropy, EntropyConfig{}.filled()
	h, by := adtest.Gradients(func(v ...ad.Value) ad.Value {
		return c.entropy(ad.FromLists(e.Samples), v[0], v[1])
	}, ad.FromLists(e.Points), ad.Col(e.Values...))
	if !(math.Abs(h-e.H) <= 1e-12) {
		t.Errorf("entropy %.15g, want %.15g", h, e.H)
	}
	near("its gradient by the points", 1e-10, by[0], ad.FromLists(e.ByPoints).Data)
	near("its gradient by the values", 1e-10, by[1], e.ByValues)
}
