package learned_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

func gauss(seed uint64, r, c int) ad.Value { return adtest.Random(optimizee.Stream(seed), r, c) }

func lasso() *optimizee.Problem { return optimizee.Lasso(gauss(3, 8, 14), gauss(4, 8, 2), 0.3) }

func logistic() *optimizee.Problem {
	return optimizee.Logistic(gauss(5, 6, 4), ad.Col(0, 1, 1, 0, 0, 1), 0.02)
}

// theta draws parameters and sets those of the last layer of the network, whatever
// its name: zero weights, and that bias in every output.
func theta(o learned.Optimizer, bias float64) nn.Params {
	th := o.First(optimizee.Stream(9))
	for _, layer := range []string{"head", "linear_out", "linear"} { // the first that is there is the last layer
		if th.Has(layer + ".weight") {
			w, b := th.At(layer+".weight"), th.At(layer+".bias")
			th.Set(layer+".weight", ad.New(w.R, w.C, nil))
			th.Set(layer+".bias", ad.Full(b.R, b.C, bias))
			break
		}
	}
	return th
}

// points runs a rule and returns what it stepped to.
func points(t *testing.T, r optim.Rule, p *optimizee.Problem, x optimizee.Point, n int) (xs [][]float64) {
	t.Helper()
	s, err := r(p, optimizee.Stream(17))
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		x = s(x)
		xs = append(xs, x.X().Data)
	}
	return xs
}

func equal(t *testing.T, what string, tol float64, got, want [][]float64) {
	t.Helper()
	for k := range want {
		if d := adtest.Distance(got[k], want[k]); !(d <= tol) {
			t.Fatalf("%s: point %d differs by %.2g of its largest entry", what, k+1, d)
		}
	}
}

// TestReductions: with a network whose output is zero, scheme (18) is the classic method
// that it was made from.
func TestReductions(t *testing.T) {
	two := func(o float64) float64 { return 2 / (1 + math.Exp(-o)) }
	soft := math.Log1p // of e^o
	for _, composed := range []bool{false, true} {
		net := learned.Network{Composed: composed}
		for _, p := range []*optimizee.Problem{lasso(), logistic()} {
			slower := optimizee.WithLipschitz(p, p.Lipschitz("x", p.Start)/0.9999)
			ista := points(t, optim.ISTA, slower, p.Start, 30)
			for name, c := range map[string]struct {
				config learned.PAConfig
				bias   float64
				want   [][]float64
			}{
				"P is ISTA": {learned.PAConfig{Learn: "P"}, 0, ista},
				"PA has momentum 1": {
					learned.PAConfig{},
					0,
					points(t, optim.ProxMomentum(0.9999, 1), p, p.Start, 30),
				},
				"A with a bias has constant momentum": {
					learned.PAConfig{Learn: "A"},
					-0.5,
					points(t, optim.ProxMomentum(0.9999, two(-0.5)), p, p.Start, 30),
				},
				"P with a bias has a constant step": {
					learned.PAConfig{Learn: "P"},
					0.25,
					points(t, optim.ProxMomentum(0.9999*two(0.25), 0), p, p.Start, 30),
				},
				"PBA with b = 1 is PA": {
					learned.PAConfig{Learn: "PBA"},
					0,
					points(t, optim.ProxMomentum(0.9999, 1), p, p.Start, 30),
				},
				"PBA12 without biases is PA": {
					learned.PAConfig{Learn: "PBA12"},
					0,
					points(t, optim.ProxMomentum(0.9999, 1), p, p.Start, 30),
				},
				"the logistic maps": {
					learned.LogisticPA, 0,
					points(t, optim.ProxMomentum(0.9999*2*soft(1), 0.3*soft(1)), p, p.Start, 30),
				},
			} {
				c.config.Network = net
				o := learned.PA(c.config)
				equal(t, name+" on "+p.Name, 1e-10, points(t, o.Rule(theta(o, c.bias)), p, p.Start, 30), c.want)
			}
			for _, o := range []learned.Optimizer{learned.DM(learned.DMConfig{Network: net}), learned.RNNprop(learned.RNNpropConfig{Network: net})} {
				for _, x := range points(t, o.Rule(theta(o, 0)), p, p.Start, 3) {
					if !slices.Equal(x, p.Start.X().Data) {
						t.Errorf("%s moves without an output", o.Name)
					}
				}
			}
		}
	}
}

// TestForeignPoint: L2O-PA forgets its momentum there, while the network goes on.
func TestForeignPoint(t *testing.T) {
	o, p := learned.PA(learned.PAConfig{}), lasso()
	s, err := o.Rule(theta(o, 0))(p, optimizee.Stream(1))
	if err != nil {
		t.Fatal(err)
	}
	s(s(s(p.Start)))
	x := optimizee.X(gauss(8, 14, 2))
	want := points(t, optim.ProxMomentum(0.9999, 1), p, x, 10)
	var got [][]float64
	for range 10 {
		x = s(x)
		got = append(got, x.X().Data)
	}
	equal(t, "from a foreign point", 1e-10, got, want)
}

// TestProbe: it sees the terms of every step, and they make the step.
func TestProbe(t *testing.T) {
	terms := map[string][]string{
		"P": {"p"}, "A": {"a", "p"}, "PA": {"a", "p"}, "PBA": {"a", "b", "p"}, "PBA1": {"a", "b", "b1", "p"},
		"PBA2": {"a", "b", "b2", "p"}, "PBA12": {"a", "b", "b1", "b2", "p"},
	}
	if got := learned.Variants(); len(got) != len(terms) {
		t.Errorf("variants %q", got)
	}
	p := lasso()
	for learn, want := range terms {
		var seen []map[string]ad.Value
		step := map[string]ad.Value{}
		c := learned.PAConfig{Learn: learn, Probe: func(term string, v ad.Value) {
			if step[term] = v; term == "p" { // the last of a step
				seen = append(seen, step)
				step = map[string]ad.Value{}
			}
		}}
		th := learned.PA(c).First(optimizee.Stream(2))
		ys := points(t, learned.PA(c).Rule(th), p, p.Start, 5)
		c.ReturnX, c.Probe = true, nil
		xs := points(t, learned.PA(c).Rule(th), p, p.Start, 5)
		if len(seen) != 5 {
			t.Fatalf("%s: the probe saw %d steps", learn, len(seen))
		}
		before := ad.New(14, 2, nil)
		for k, terms := range seen {
			var names []string
			for name, v := range terms {
				if names = append(names, name); v.Recorded() || v.Len() != 1 && v.Len() != 28 || !v.IsFinite() {
					t.Errorf("%s: %s is %v", learn, name, v)
				}
			}
			if slices.Sort(names); !slices.Equal(names, want) {
				t.Errorf("%s: the probe saw %q, want %q", learn, names, want)
			}
			// y_{k+1} = x_{k+1} + a(x_{k+1} − x_k) + b₂
			x := ad.New(14, 2, xs[k])
			y := x
			if a, ok := terms["a"]; ok {
				y = x.Add(a.Mul(x.Sub(before)))
			}
			if b, ok := terms["b2"]; ok {
				y = y.Add(b)
			}
			if d := adtest.Distance(y.Data, ys[k]); !(d <= 1e-12) {
				t.Errorf("%s: y of step %d is not made of x, a and b₂ of the run that returns x: off by %.2g", learn, k, d)
			}
			before = x
		}
	}
}

// TestMaps reads the maps off the biases of the head.
func TestMaps(t *testing.T) {
	p := lasso()
	s := 0.9999 / p.Lipschitz("x", p.Start)
	const o = 0.5
	two, softplus := 2/(1+math.Exp(-o)), math.Log1p(math.Exp(o))
	for name, c := range map[string]struct {
		config learned.PAConfig
		want   map[string]float64
	}{
		"lasso":       {learned.PAConfig{}, map[string]float64{"p": s * two, "a": two, "b": two, "b1": o, "b2": o}},
		"public bias": {learned.PAConfig{PublicBias: true}, map[string]float64{"p": s * two, "a": two, "b": two, "b1": two, "b2": two}},
		"logistic":    {learned.LogisticPA, map[string]float64{"p": 2 * s * softplus, "a": 0.3 * softplus, "b": o, "b1": o, "b2": o}},
	} {
		got := map[string]float64{}
		c.config.Learn, c.config.Probe = "PBA12", func(term string, v ad.Value) { got[term] = v.At(3, 1) }
		opt := learned.PA(c.config)
		points(t, opt.Rule(theta(opt, o)), p, p.Start, 1)
		for term, want := range c.want {
			if !(math.Abs(got[term]-want) <= 1e-7*want) {
				t.Errorf("%s: %s is %g, want %g", name, term, got[term], want)
			}
		}
	}
}

// TestDefaults: the zero configuration and the one that spells it out are one optimizer.
func TestDefaults(t *testing.T) {
	net := learned.Network{Hidden: 20, Layers: 2, StateScale: 1}
	two := learned.Map{F: "2sigmoid", Scale: 1}
	for name, pair := range map[string][2]learned.Optimizer{
		"PA": {learned.PA(learned.PAConfig{}), learned.PA(learned.PAConfig{
			Learn: "PA", Network: net, P: two, A: two, B: two, Bias: learned.Map{F: "identity", Scale: 1},
		})},
		"DM":        {learned.DM(learned.DMConfig{}), learned.DM(learned.DMConfig{Network: net, OutputScale: 0.1, GradScale: 1})},
		"DM 2016":   {learned.OriginalDM(learned.OriginalDMConfig{}), learned.OriginalDM(learned.OriginalDMConfig{Network: net, OutputScale: 0.01, GradScale: 1})},
		"L2O-Scale": {learned.Scale(learned.ScaleConfig{}), learned.Scale(learned.ScaleConfig{Parameter: 10, Tensor: 20, Global: 20, MinRate: 1e-6, MaxRate: 1e-2})},
		"RNNprop":   {learned.RNNprop(learned.RNNpropConfig{}), learned.RNNprop(learned.RNNpropConfig{Network: net, Beta: 0.95, OutputScale: 0.1})},
	} {
		if !reflect.DeepEqual(pair[0].Config, pair[1].Config) {
			t.Errorf("%s: %+v and %+v", name, pair[0].Config, pair[1].Config)
		}
		th, p := nn.NewParams(), lasso()
		pair[0].Init(th, optimizee.Stream(1))
		equal(t, name, 0, points(t, pair[0].Rule(th), p, p.Start, 5), points(t, pair[1].Rule(th), p, p.Start, 5))
	}
	th := nn.NewParams()
	learned.PA(learned.PAConfig{Learn: "PBA12"}).Init(th, optimizee.Stream(1))
	if th.Count() != 5805 { // as in the public code
		t.Errorf("%d parameters", th.Count())
	}
}

// TestLogAndSign: what a network sees is what the formula gives, for gradients of very
// different sizes.
func TestLogAndSign(t *testing.T) {
	for g, want := range map[float64][2]float64{
		1:     {math.Log(1+0x1p-23) / 5, 1},
		-20:   {math.Log(20+0x1p-23) / 5, -1},
		1e-3:  {-1, 1e-3 * math.Exp(5)},
		-1e-9: {-1, -1e-9 * math.Exp(5)},
		0:     {-1, 0},
	} {
		if size, sign := learned.LogSign(ad.Scalar(g)); math.Abs(size-want[0]) > 1e-15 || math.Abs(sign-want[1]) > 1e-15 {
			t.Errorf("g = %g is seen as (%g, %g), want %v", g, size, sign, want)
		}
	}
}

// TestScales: what RNNprop sees has no scale, and GradScale is a factor of F for L2O-DM.
func TestScales(t *testing.T) {
	p := lasso()
	times := func(s float64) *optimizee.Problem {
		q := *p
		q.Subgrad = func(b string, x optimizee.Point) ad.Value { return p.Subgrad(b, x).Scale(s) }
		return &q
	}
	rnn := learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{Composed: true}})
	th := rnn.First(optimizee.Stream(1))
	equal(t, "RNNprop", 1e-6, points(t, rnn.Rule(th), times(64), p.Start, 10), points(t, rnn.Rule(th), p, p.Start, 10))

	dm, scaled := learned.DM(learned.DMConfig{}), learned.DM(learned.DMConfig{GradScale: 1. / 64})
	th = dm.First(optimizee.Stream(1))
	equal(t, "L2O-DM", 0, points(t, scaled.Rule(th), p, p.Start, 10), points(t, dm.Rule(th), times(1./64), p.Start, 10))

	for _, raw := range []bool{false, true} {
		dm, scaled = learned.OriginalDM(learned.OriginalDMConfig{Raw: raw}), learned.OriginalDM(learned.OriginalDMConfig{Raw: raw, GradScale: 1. / 64})
		th = dm.First(optimizee.Stream(1))
		equal(t, dm.Name, 0, points(t, scaled.Rule(th), p, p.Start, 10), points(t, dm.Rule(th), times(1./64), p.Start, 10))
	}
}

// TestCoordinates: instances that lie side by side do not know of each other.
func TestCoordinates(t *testing.T) {
	net := learned.Network{ZeroState: true}
	a, b := gauss(3, 8, 14), gauss(4, 8, 2)
	for _, o := range []learned.Optimizer{
		learned.PA(learned.PAConfig{Network: net}), learned.DM(learned.DMConfig{Network: net}), learned.OriginalDM(learned.OriginalDMConfig{Network: net}), learned.RNNprop(learned.RNNpropConfig{Network: net}),
	} {
		th := o.First(optimizee.Stream(1))
		both := optimizee.Lasso(a, b, 0.3)
		together := points(t, o.Rule(th), both, both.Start, 10)
		for j := range 2 {
			alone := optimizee.Lasso(a, b.Cols(j, j+1), 0.3)
			var got [][]float64
			for _, x := range together {
				got = append(got, ad.New(14, 2, x).Cols(j, j+1).Data)
			}
			equal(t, o.Name, 1e-5, got, points(t, o.Rule(th), alone, alone.Start, 10))
		}
	}
}

func TestBadConfigs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	nan := math.NaN()
	pa := func(c learned.PAConfig) learned.Optimizer { return learned.PA(c) }
	for want, c := range map[string]struct {
		o   learned.Optimizer
		rng *rand.Rand
	}{
		`learns "XYZ": there are P, A, PA, PBA`:                  {pa(learned.PAConfig{Learn: "XYZ"}), rng},
		"L2O-PA starts from random states":                       {pa(learned.PAConfig{}), nil},
		"L2O-DM starts from random states":                       {learned.DM(learned.DMConfig{}), nil},
		"RNNprop starts from random states":                      {learned.RNNprop(learned.RNNpropConfig{}), nil},
		"set ZeroState":                                          {learned.RNNprop(learned.RNNpropConfig{}), nil},
		"states of scale -1 make no network":                     {pa(learned.PAConfig{Network: learned.Network{StateScale: -1}}), rng},
		"states of scale NaN make no network":                    {learned.DM(learned.DMConfig{Network: learned.Network{StateScale: nan}}), rng},
		`output map "tanh" of p`:                                 {pa(learned.PAConfig{P: learned.Map{F: "tanh"}}), rng},
		`output map "relu" of b₁ and b₂`:                         {pa(learned.PAConfig{Bias: learned.Map{F: "relu"}}), rng},
		"the output map of a has the scale -0.3":                 {pa(learned.PAConfig{A: learned.Map{Scale: -0.3}}), rng},
		"OutputScale is -1":                                      {learned.DM(learned.DMConfig{OutputScale: -1}), rng},
		"GradScale is NaN":                                       {learned.DM(learned.DMConfig{GradScale: nan}), rng},
		"GradScale is -1":                                        {learned.OriginalDM(learned.OriginalDMConfig{GradScale: -1}), rng},
		"RNNprop: OutputScale is NaN":                            {learned.RNNprop(learned.RNNpropConfig{OutputScale: nan}), rng},
		"L2O-Scale draws its first learning rates":               {learned.Scale(learned.ScaleConfig{}), nil},
		"set MinRate = MaxRate":                                  {learned.Scale(learned.ScaleConfig{}), nil},
		"MinRate and MaxRate = 0.01 -1: all have to be positive": {learned.Scale(learned.ScaleConfig{MinRate: 0.01, MaxRate: -1}), rng},
		"MinRate 0.1 is above MaxRate 0.01":                      {learned.Scale(learned.ScaleConfig{MinRate: 0.1}), rng},
		"tensors of [3 20], 23 numbers in all, and x of":         {learned.Scale(learned.ScaleConfig{Tensors: []int{3, 20}}), rng},
		"tensors of [-1 29], 28 numbers in all, and x of":        {learned.Scale(learned.ScaleConfig{Tensors: []int{-1, 29}}), rng},
		"Beta is 1: it has to be between":                        {learned.RNNprop(learned.RNNpropConfig{Beta: 1}), rng},
	} {
		th := c.o.First(rng)
		if _, err := c.o.Rule(th)(lasso(), c.rng); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	zero := learned.PA(learned.PAConfig{Network: learned.Network{ZeroState: true}})
	th := zero.First(rng)
	if _, err := zero.Rule(th)(lasso(), nil); err != nil {
		t.Errorf("from zero states no rng is needed: %v", err)
	}
}
