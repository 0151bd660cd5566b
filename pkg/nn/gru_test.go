package nn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/internal/par/partest"
	"github.com/l2olab/l2o/pkg/internal/tiles"
	"github.com/l2olab/l2o/pkg/nn"
)

// gruLoss is a loss over three steps of a GRU as a function of its input, the first state,
// a bias from above, and all parameters.
func gruLoss(g nn.GRU, names []string, probe ad.Value) adtest.Func {
	return func(xs ...ad.Value) ad.Value {
		th := nn.NewParams()
		for i, n := range names {
			th.Set(n, xs[3+i])
		}
		loss, h := ad.Scalar(0), xs[1]
		for range 3 {
			h = g.Step(th, xs[0], h, xs[2])
			loss = loss.Add(h.Mul(probe).Sum())
		}
		return loss
	}
}

// TestGRU: its gradient is that of finite differences, in both conventions.
func TestGRU(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for _, g := range []nn.GRU{{In: 3, Hidden: 4}, {In: 3, Hidden: 4, ResetBefore: true}, {In: 1, Hidden: 1}, {In: 1, Hidden: 1, ResetBefore: true}} {
		th := nn.NewParams()
		g.Init(th, rng)
		xs := []ad.Value{adtest.Random(rng, 5, g.In), adtest.Random(rng, 5, g.Hidden), adtest.Random(rng, 1, 3*g.Hidden)}
		for _, n := range th.Names() {
			xs = append(xs, th.At(n))
		}
		adtest.Check(t, 1e-7, gruLoss(g, th.Names(), adtest.Random(rng, 5, g.Hidden)), xs...)
	}
}

// TestGRUConventions: with a reset gate that is open they are one.
func TestGRUConventions(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	after, before := nn.GRU{In: 2, Hidden: 3}, nn.GRU{In: 2, Hidden: 3, ResetBefore: true}
	th := nn.NewParams()
	after.Init(th, rng)
	step := func(g nn.GRU, open float64) []float64 {
		bias := ad.Row(open, open, open, 0, 0, 0, 0, 0, 0)
		if g.ResetBefore {
			bias = bias.Add(th.At("bias_hh"))
		}
		return g.Step(th, ad.New(1, 2, []float64{0.3, -0.2}), ad.Row(1, -1, 2), bias).Data
	}
	if d := adtest.Distance(step(before, 50), step(after, 50)); !(d <= 1e-14) {
		t.Errorf("with r = 1 they differ by %.2g", d)
	}
	if d := adtest.Distance(step(before, 0), step(after, 0)); d < 1e-3 {
		t.Errorf("the two conventions differ by %.2g alone", d)
	}
}

// TestGRUGolden holds it against PyTorch's GRUCell, and the other convention against its
// equations in PyTorch.
func TestGRUGolden(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "gru.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]struct {
		Params map[string][][]float64
		X, H   [][]float64
		Steps  [][][]float64
		Loss   float64
		Grads  map[string][][]float64
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for name, before := range map[string]bool{"reset after the product": false, "reset before the product": true} {
		g, ok := golden[name]
		if !ok {
			t.Fatalf("%s is not there", name)
		}
		var tape ad.Tape
		th := nn.NewParams()
		for n, v := range g.Params {
			th.Set(n, tape.Watch(ad.FromLists(v)))
		}
		x, first := ad.FromLists(g.X), tape.Watch(ad.FromLists(g.H))
		h, loss := first, ad.Scalar(0)
		for k, want := range g.Steps {
			h = nn.GRU{In: x.C, Hidden: h.C, ResetBefore: before}.Step(th, x, h, ad.Value{})
			if d := adtest.Distance(h.Data, slices.Concat(want...)); !(d <= 1e-12) {
				t.Errorf("%s: step %d differs by %.2g", name, k+1, d)
			}
			loss = loss.Add(h.SumSquares())
		}
		if !(math.Abs(loss.Item()-g.Loss) <= 1e-12*g.Loss) {
			t.Errorf("%s: loss %.15g, want %.15g", name, loss.Item(), g.Loss)
		}
		loss.Backward()
		for n, want := range g.Grads {
			v := first
			if n != "h" {
				v = th.At(n)
			}
			if d := adtest.Distance(v.Grad(), slices.Concat(want...)); !(d <= 1e-11) {
				t.Errorf("%s: the gradient of %s differs by %.2g", name, n, d)
			}
		}
	}
}

func TestGRURefuses(t *testing.T) {
	g, th := nn.GRU{In: 2, Hidden: 3}, nn.NewParams()
	g.Init(th, rand.New(rand.NewPCG(1, 1)))
	for name, f := range map[string]func(){
		"input 4×1":  func() { g.Step(th, ad.New(4, 1, nil), ad.New(4, 3, nil), ad.Value{}) },
		"state 3×3":  func() { g.Step(th, ad.New(4, 2, nil), ad.New(3, 3, nil), ad.Value{}) },
		"bias 1×3; ": func() { g.Step(th, ad.New(4, 2, nil), ad.New(4, 3, nil), ad.New(1, 3, nil)) },
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, name) {
					t.Errorf("panic %q, want %q", said, name)
				}
			}()
			f()
		}()
	}
}

// TestByTiles: what is computed again, tile by tile, has the values and gradients of one
// tape, and the same bits for any number of cores.
func TestByTiles(t *testing.T) {
	defer func(l, r int) { tiles.Least, tiles.Rows = l, r }(tiles.Least, tiles.Rows)
	tiles.Rows = 8
	rng := rand.New(rand.NewPCG(10, 1))
	g, th := nn.GRU{In: 2, Hidden: 4}, nn.NewParams()
	g.Init(th, rng)
	x, h, bias := adtest.Random(rng, 333, 2), adtest.Random(rng, 333, 4), adtest.Random(rng, 1, 12)
	step := nn.Rowwise(func(th nn.Params, rows, shared []ad.Value) ad.Value {
		return g.Step(th, rows[0], rows[1], shared[0])
	})
	run := func(least, procs int) (all []float64) {
		tiles.Least = least
		partest.Delayed(procs, func() {
			var tape ad.Tape
			live, s, b := th.Watch(&tape), tape.Watch(h), tape.Watch(bias)
			y := s
			for range 3 {
				y = step.ByTiles(live, []ad.Value{x, y}, []ad.Value{b}, 100)
			}
			y.SumSquares().Backward()
			all = slices.Concat(y.Data, s.Grad(), b.Grad())
			for _, n := range live.Names() {
				all = append(all, live.At(n).Grad()...)
			}
		})
		return all
	}
	want, one := run(math.MaxInt, 1), run(0, 1)
	if d := adtest.Distance(one, want); !(d <= 1e-12) {
		t.Errorf("by tiles it differs by %.2g", d)
	}
	for _, procs := range []int{2, 5} {
		if !slices.Equal(run(0, procs), one) {
			t.Errorf("other bits on %d processors", procs)
		}
	}
	tiles.Least = 0
	if y := step.ByTiles(th, []ad.Value{x, h}, []ad.Value{bias}, 100); y.Recorded() {
		t.Error("constants are recorded")
	}
}
