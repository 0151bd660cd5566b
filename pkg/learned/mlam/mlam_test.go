package mlam_test

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/weights"
)

// drawn is a first θ.
func drawn(o learned.Optimizer) nn.Params {
	th := nn.NewParams()
	o.Init(th, optimizee.Stream(21))
	return th
}

// path runs a rule from Start.
func path(t *testing.T, r optim.Rule, p *optimizee.Problem, n int) (xs []optimizee.Point) {
	t.Helper()
	s, err := r(p, optimizee.Stream(17))
	if err != nil {
		t.Fatal(err)
	}
	for k, x := range optim.Steps(s, p.Start) {
		if xs = append(xs, x); k == n {
			break
		}
	}
	return xs
}

func apart(a, b optimizee.Point) (d float64) {
	for _, name := range b.Blocks() {
		d = max(d, adtest.Distance(a.At(name).Data, b.At(name).Data))
	}
	return d
}

func along(t *testing.T, what string, tol float64, got, want []optimizee.Point) {
	t.Helper()
	for k := range want {
		if d := apart(got[k], want[k]); !(d <= tol) {
			t.Fatalf("%s: point %d is off by %.2g", what, k, d)
		}
	}
}

// TestMLAMReductions: a network whose output is zero leaves the classic method.
func TestMLAMReductions(t *testing.T) {
	factorised, clustered := factors.Draw(optimizee.Stream(3)), mixtures.Draw(optimizee.Stream(4))
	stay := func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
		return func(x optimizee.Point) optimizee.Point { return x }, nil
	}
	descent := optim.Alternate(optim.On("U", optim.Repeat(4, optim.ProxMomentum(1, 0))), optim.On("V", optim.Repeat(4, optim.ProxMomentum(1, 0))))
	em := optim.Alternate(optim.On("pi", optim.Exact), optim.On("mu", optim.Exact))
	for name, c := range map[string]struct {
		config mlam.Config
		p      *optimizee.Problem
		want   optim.Rule
	}{
		"additive":            {mlam.Config{}, factorised, stay},
		"correction":          {mlam.Config{Wiring: learned.Wiring{Output: learned.Correction}, Inner: 4}, factorised, descent},
		"pa":                  {mlam.Config{Wiring: learned.Wiring{Output: learned.Along, Input: learned.Gradient}, Inner: 4}, factorised, descent},
		"curvature and pa":    {mlam.Config{Wiring: learned.Wiring{Output: learned.Along, Input: learned.Curvature}, Inner: 4}, factorised, descent},
		"ALS":                 {mlam.Config{Wiring: learned.Wiring{Output: learned.Along, Input: learned.Displacement}, Inner: 1}, factorised, completion.ALS},
		"ALS, V first":        {mlam.Config{Wiring: learned.Wiring{Output: learned.Along, Input: learned.Displacement}, Inner: 1, Blocks: []string{"V", "U"}}, factorised, optim.Alternate(optim.On("V", optim.Exact), optim.On("U", optim.Exact))},
		"EM in turn":          {mlam.Config{Wiring: learned.Wiring{Input: learned.Displacement, Output: learned.Correction}, Inner: 1, Blocks: []string{"pi", "mu"}}, clustered, em},
		"one block, mu alone": {mlam.Config{Wiring: learned.Wiring{Input: learned.Displacement, Output: learned.Correction}, Inner: 2, Blocks: []string{"mu"}}, clustered, optim.On("mu", optim.Repeat(2, optim.Exact))},
	} {
		c.config.ZeroHead = true
		o := mlam.MLAM(c.config)
		along(t, name, 1e-10, path(t, o.Rule(drawn(o)), c.p, 8), path(t, c.want, c.p, 8))
	}
	mixed := mlam.Mixture
	mixed.Inner = 1
	o := mlam.MLAM(mixed)
	along(t, "MixtureMLAM is EM at first", 1e-10, path(t, o.Rule(drawn(o)), clustered, 5), path(t, em, clustered, 5))
}

// algorithm1 is the loop of the paper by hand, in float64: raw gradients, sums, and the
// loss of so many outer steps.
func algorithm1(p *optimizee.Problem, th nn.Params, hidden, inner, outer int) (optimizee.Point, ad.Value) {
	lstm, loss := nn.LSTM{In: 1, Hidden: hidden, Layers: 2, Composed: true}, ad.Scalar(0)
	u, v := p.Start.At("U"), p.Start.At("V")
	stateU, stateV := lstm.Zero(u.Len()), lstm.Zero(v.Len())
	say := func(block string, x, g ad.Value, s *nn.State) ad.Value {
		own := th.Sub(block)
		h := lstm.Step(own.Sub("lstm"), g.Detach().Reshape(x.Len(), 1), s)
		return h.MatMulT(own.At("linear.weight")).Add(own.At("linear.bias")).Reshape(x.R, x.C)
	}
	at := func() optimizee.Point { return optimizee.Point{}.Plus("U", u).Plus("V", v) }
	for range outer {
		for range inner {
			u = u.Add(say("U", u, p.Grad("U", at()), &stateU))
		}
		for range inner {
			v = v.Add(say("V", v, p.Grad("V", at()), &stateV))
		}
		loss = loss.Add(p.Value(at()).Log().Scale(1 / float64(outer)))
	}
	return at(), loss
}

// TestMLAMGradient holds whole loops, fused and composed, against Algorithm 1 by hand:
// points, loss and the gradient of every parameter.
func TestMLAMGradient(t *testing.T) {
	const inner, outer = 3, 4
	p := factors.Draw(optimizee.Stream(5))
	literal := mlam.Config{Wiring: learned.Wiring{Network: learned.Network{Hidden: 5}, Input: learned.Gradient, OutputScale: 1}, Inner: inner}
	start := drawn(mlam.MLAM(literal))
	run := func(f func(th nn.Params) (optimizee.Point, ad.Value)) (optimizee.Point, float64, map[string][]float64) {
		var tape ad.Tape
		th := start.Watch(&tape)
		x, loss := f(th)
		loss.Backward()
		grads := map[string][]float64{}
		for _, n := range th.Names() {
			grads[n] = slices.Clone(th.At(n).Grad())
		}
		return x.Detach(), loss.Item(), grads
	}
	wantX, wantLoss, want := run(func(th nn.Params) (optimizee.Point, ad.Value) { return algorithm1(p, th, 5, inner, outer) })
	for name, tol := range map[string]float64{"composed": 1e-11, "fused": 2e-5} {
		c := literal
		c.Composed = name == "composed"
		x, loss, grads := run(func(th nn.Params) (optimizee.Point, ad.Value) {
			step, err := mlam.MLAM(c).Rule(th)(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			x, loss := p.Start, ad.Scalar(0)
			for k := range outer {
				x = step(x)
				loss = loss.Add(learned.LogObjective.At(k+1, p, x).Scale(1. / outer))
			}
			return x, loss
		})
		if d := apart(x, wantX); !(d <= tol) || !(math.Abs(loss-wantLoss) <= tol) {
			t.Errorf("%s: the point is off by %.2g, the loss is %g and should be %g", name, d, loss, wantLoss)
		}
		for n, g := range grads {
			if d := adtest.Distance(g, want[n]); !(d <= tol) {
				t.Errorf("%s: the gradient of %s is off by %.2g of its largest entry", name, n, d)
			}
		}
	}
	// differentiated through what is seen, it is the one of finite differences
	full := mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: learned.Network{Hidden: 2, Layers: 1, Composed: true}, Through: true}, Inner: 2})
	th := drawn(full)
	var values []ad.Value
	for _, n := range th.Names() {
		values = append(values, th.At(n))
	}
	adtest.Check(t, 1e-6, func(xs ...ad.Value) ad.Value {
		live := th.Clone()
		for i, n := range th.Names() {
			live.Set(n, xs[i])
		}
		step, err := full.Rule(live)(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p.Value(step(step(p.Start))).Log()
	}, values...)
}

// TestMLAMTwins: in every wiring the fused networks and their composed twins give one
// gradient of two segments' losses, the second one going on from the first.
func TestMLAMTwins(t *testing.T) {
	factorised, clustered := factors.Draw(optimizee.Stream(5)), mixtures.Draw(optimizee.Stream(5))
	small := learned.Network{Hidden: 5}
	for name, c := range map[string]struct {
		p      *optimizee.Problem
		config mlam.Config
	}{
		"default":    {factorised, mlam.Config{}},
		"through":    {factorised, mlam.Config{Wiring: learned.Wiring{Through: true}}},
		"curvature":  {factorised, mlam.Config{Wiring: learned.Wiring{Input: learned.Curvature, Output: learned.Correction, Through: true}}},
		"pa":         {factorised, mlam.Config{Wiring: learned.Wiring{Output: learned.Along}}},
		"as printed": {factorised, mlam.Config{Wiring: learned.Wiring{Input: learned.Gradient, OutputScale: 1}, Redraw: true, Reset: true}},
		"EM":         {clustered, mlam.Config{Wiring: learned.Wiring{Input: learned.Displacement, Output: learned.Correction, Through: true}, Blocks: []string{"pi", "mu"}}},
	} {
		c.config.Network, c.config.Inner = small, 3
		start := drawn(mlam.MLAM(c.config))
		segments := func(composed bool) (losses []float64, grads []map[string][]float64) {
			c := c
			c.config.Composed = composed
			live := start.Clone()
			step, err := mlam.MLAM(c.config).Rule(live)(c.p, optimizee.Stream(3))
			if err != nil {
				t.Fatal(err)
			}
			var tape ad.Tape
			x := c.p.Start
			for range 2 {
				for _, n := range start.Names() {
					live.Set(n, tape.Watch(start.At(n)))
				}
				loss := ad.Scalar(0)
				for range 3 {
					x = step(x)
					loss = loss.Add(c.p.Value(x).Log())
				}
				loss.Backward()
				g := map[string][]float64{}
				for _, n := range live.Names() {
					g[n] = slices.Clone(live.At(n).Grad())
				}
				losses, grads = append(losses, loss.Item()), append(grads, g)
				tape.Reset()
			}
			return losses, grads
		}
		losses, grads := segments(false)
		wantLosses, want := segments(true)
		for s := range want {
			if !(math.Abs(losses[s]-wantLosses[s]) <= 1e-4) {
				t.Errorf("%s: the loss of segment %d is %.8g, composed %.8g", name, s+1, losses[s], wantLosses[s])
			}
			for n, g := range grads[s] {
				if d := adtest.Distance(g, want[s][n]); !(d <= 1e-3) {
					t.Errorf("%s: in segment %d the gradient of %s is off by %.2g", name, s+1, n, d)
				}
			}
		}
	}
}

// TestRedraw: each inner loop begins at numbers of its own, inside of the first point's.
func TestRedraw(t *testing.T) {
	p := factors.Draw(optimizee.Stream(9))
	o := mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: mlamNet, ZeroHead: true}, Inner: 1, Redraw: true})
	xs := path(t, o.Rule(drawn(o)), p, 3)
	for _, b := range []string{"U", "V"} {
		lo, hi := slices.Min(p.Start.At(b).Data), slices.Max(p.Start.At(b).Data)
		for k, x := range xs[1:] {
			if d := x.At(b).Data; slices.Min(d) < lo || slices.Max(d) > hi || slices.Equal(d, xs[k].At(b).Data) {
				t.Errorf("%s of step %d is %v, outside of [%g, %g] or not new", b, k+1, x.At(b), lo, hi)
			}
		}
	}
	o = mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: mlamNet, Input: learned.Gradient, ZeroHead: true}, Blocks: []string{"pi", "mu"}, Redraw: true})
	q := mixtures.Draw(optimizee.Stream(9))
	if x := path(t, o.Rule(drawn(o)), q, 1)[1]; !slices.Equal(x.At("pi").Data, q.Start.At("pi").Data) {
		t.Errorf("weights that start equal are redrawn as %v", x.At("pi"))
	}
}

// TestMLAMSizes: the sizes of the papers and of the public code.
func TestMLAMSizes(t *testing.T) {
	lstm := func(in, h int) int { return 4*h*(in+h+2) + 4*h*(2*h+2) + h + 1 }
	for _, c := range []struct {
		o    learned.Optimizer
		want int
	}{
		{mlam.MLAM(mlam.Config{}), 2 * lstm(2, 20)},
		{mlam.MLAM(mlam.Paper), 2 * lstm(1, 500)},
		{mlam.MLAM(mlam.GSO), 2 * lstm(1, 500)},
		{mlam.Rows(mlam.RowsConfig{}), 2 * (5*50 + 50 + 50*50 + 50 + 50*5 + 5)},
	} {
		if got := drawn(c.o).Count(); got != c.want {
			t.Errorf("%s has %d parameters, want %d", c.o.Name, got, c.want)
		}
	}
}

// TestMLAMOnDisk: θ and wiring survive a file.
func TestMLAMOnDisk(t *testing.T) {
	p := completion.Family{Rows: 6, Cols: 7, Rank: 5, Observe: 0.5, Lambda: 0.1}
	for _, o := range []learned.Optimizer{
		mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: mlamNet, Input: learned.Curvature, Output: learned.Along}, Blocks: []string{"V", "U"}}),
		mlam.Rows(mlam.RowsConfig{}),
		mlam.MLAM(smallGSO()),
	} {
		th := drawn(o)
		trained, err := weights.NewTrained(o, th, p, weights.Card{Name: "test"})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "mlam.safetensors")
		if err := trained.Save(file); err != nil {
			t.Fatal(err)
		}
		back, err := weights.LoadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		q := p.Draw(optimizee.Stream(1))
		if !reflect.DeepEqual(back.Optimizer.Config, o.Config) {
			t.Errorf("%s: %+v came back as %+v", o.Name, o.Config, back.Optimizer.Config)
		}
		along(t, o.Name, 1e-5, path(t, back.Rule(), q, 3), path(t, o.Rule(th), q, 3)) // θ is float32 on disk
	}
}

func TestMLAMBadSettings(t *testing.T) {
	factorised, clustered := factors.Draw(optimizee.Stream(1)), mixtures.Draw(optimizee.Stream(1))
	built := func(c mlam.Config) optim.Rule { o := mlam.MLAM(c); return o.Rule(drawn(o)) }
	rowwise := func(c mlam.RowsConfig) optim.Rule { o := mlam.Rows(c); return o.Rule(drawn(o)) }
	small := mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: mlamNet}})
	online := func(c mlam.OnlineConfig) optim.Rule { return mlam.Online(small, c).Rule(drawn(small)) }
	means := []string{"pi", "mu"}
	for want, c := range map[string]struct {
		rule optim.Rule
		p    *optimizee.Problem
	}{
		`Input is "log": there are ["rnnprop" "raw"`:                          {built(mlam.Config{Wiring: learned.Wiring{Input: "log"}}), factorised},
		`Output is "product": there are ["additive" "pa"`:                     {built(mlam.Config{Wiring: learned.Wiring{Output: "product"}}), factorised},
		"OutputScale is -1":                                                   {built(mlam.Config{Wiring: learned.Wiring{OutputScale: -1}}), factorised},
		"InputScale is NaN":                                                   {built(mlam.Config{Wiring: learned.Wiring{InputScale: math.NaN()}}), factorised},
		"Beta is 1":                                                           {built(mlam.Config{Wiring: learned.Wiring{Beta: 1}}), factorised},
		"-1 steps of an inner loop":                                           {built(mlam.Config{Inner: -1}), factorised},
		"MLAM: no block to move":                                              {built(mlam.Config{Blocks: []string{}}), factorised},
		`block "U" is named twice`:                                            {built(mlam.Config{Blocks: []string{"U", "U"}}), factorised},
		`works in blocks ["U" "V"], and Gaussian mixture has ["pi`:            {built(mlam.Config{}), clustered},
		"draws its variables anew: give its rule a *rand.Rand":                {built(mlam.Config{Redraw: true}), factorised},
		"needs the Lipschitz oracle, which Gaussian mixture.pi does not have": {built(mlam.Config{Wiring: learned.Wiring{Output: learned.Along}, Blocks: means}), clustered},
		"set P":                                        {rowwise(mlam.RowsConfig{Keep: true}), factorised},
		"row-wise MLP draws its variables":             {rowwise(mlam.RowsConfig{P: 2}), factorised},
		"row-wise MLP: OutputScale is -1":              {rowwise(mlam.RowsConfig{P: 2, Keep: true, OutputScale: -1}), factorised},
		"an update every -2 outer steps":               {online(mlam.OnlineConfig{Update: -2}), factorised},
		"online: LR is -1":                             {online(mlam.OnlineConfig{LR: -1}), factorised},
		"online: Clip is NaN":                          {online(mlam.OnlineConfig{Clip: math.NaN()}), factorised},
		"the weight ω of step 2 is -1":                 {online(mlam.OnlineConfig{Loss: learned.Objective.Weighted(1, -1)}), factorised},
		"all weights ω are 0":                          {online(mlam.OnlineConfig{Loss: learned.LogObjective.Weighted(0)}), factorised},
		"draws its parameters: give its rule a *rand.": {learned.Untrained(mlam.Online(small, mlam.OnlineConfig{})), factorised},
	} {
		if _, err := c.rule(c.p, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	shifted := *factorised
	shifted.Value = func(x optimizee.Point) ad.Value { return factorised.Value(x).Shift(-1e9) }
	if err := learned.LogObjective.CheckOn(&shifted); err == nil || !strings.Contains(err.Error(), "train for learned.Objective") {
		t.Error(err)
	}
}
