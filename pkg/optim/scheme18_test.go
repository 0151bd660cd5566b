package optim_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// Sequences for the laws.
func nothing(*optimizee.Problem, int, ad.Value, ad.Value) optim.Terms { return optim.Terms{} }

func everything(p *optimizee.Problem, k int, x, y ad.Value) optim.Terms {
	less := 1 / float64(k+2)
	return optim.Terms{
		P: ad.Scalar(0.8 / p.Lipschitz("x", optimizee.X(y))), A: ad.Scalar(0.6 - less), B: ad.Scalar(1 - less),
		B1: ad.Scalar(0.01 * less), B2: x.Scale(0.02 * less),
	}
}

func layer(k int) (alpha, theta float64) {
	return 0.04 / float64(k%3+1), []float64{0.012, 0.001, 0.05}[k%3] // αλ = 0.012, 0.006, 0.004
}

var stepLISTA = optim.StepLISTATerms(0.3, layer)

// follow returns x_1 … x_n.
func follow(t *testing.T, r optim.Rule, p *optimizee.Problem, n int) (xs [][]float64) {
	t.Helper()
	s, err := r(p, optimizee.Stream(5))
	if err != nil {
		t.Fatal(err)
	}
	x := p.Start
	for range n {
		x = s(x)
		xs = append(xs, x.X().Data)
	}
	return xs
}

// steps is a rule without memory but for the count of its steps.
func steps(f func(k int, x ad.Value) ad.Value, p *optimizee.Problem, n int) (xs [][]float64) {
	x := p.Start.X()
	for k := range n {
		x = f(k, x)
		xs = append(xs, x.Data)
	}
	return xs
}

// TestScheme18Covers: what Appendix C says, to rounding. The other side of each line is
// the method as its paper has it.
func TestScheme18Covers(t *testing.T) {
	const n, lambda = 60, 0.3
	p := lasso()
	grad := func(x ad.Value) ad.Value { return p.Grad("x", optimizee.X(x)) }
	metric := func(k int) ad.Value { // positive, different for every entry and step
		m, l := gauss(uint64(100+k), 14, 2), p.Lipschitz("x", p.Start)
		return m.Sigmoid().Scale(1.2 / l)
	}
	for name, c := range map[string]struct {
		p     *optimizee.Problem
		terms optim.Sequence
		want  [][]float64
	}{
		"ISTA on Lasso":                {p, nothing, follow(t, optim.ISTA, p, n)},
		"ISTA on logistic regression":  {logistic(), nothing, follow(t, optim.ISTA, logistic(), n)},
		"FISTA on Lasso":               {p, optim.FISTATerms, follow(t, optim.FISTA, p, n)},
		"FISTA on logistic regression": {logistic(), optim.FISTATerms, follow(t, optim.FISTA, logistic(), n)},
		"proximal gradient, diagonal metric": {p, optim.MetricTerms(metric), steps(func(k int, x ad.Value) ad.Value {
			m := metric(k)
			return p.Prox("x", x.Sub(m.Mul(grad(x))), m)
		}, p, n)},
		"Step-LISTA": {p, stepLISTA, steps(func(k int, x ad.Value) ad.Value {
			alpha, theta := layer(k)
			return prox.Soft(x.Sub(grad(x).Scale(alpha)), ad.Scalar(theta))
		}, p, n)},
		"a step that only ends in a threshold": {p, func(p *optimizee.Problem, _ int, x, _ ad.Value) optim.Terms {
			v := x.Sub(grad(x).Scale(0.03))
			return optim.Terms{P: ad.Scalar(0.03), B1: optim.BiasTo(v, x.Tanh().Sub(grad(x).Scale(0.02)), 0.03*lambda, 0.02)}
		}, steps(func(_ int, x ad.Value) ad.Value {
			return prox.Soft(x.Tanh().Sub(grad(x).Scale(0.02)), ad.Scalar(0.02))
		}, p, n)},
	} {
		got := follow(t, optim.Scheme18(c.terms), c.p, n)
		worst := 0.0
		for k := range c.want {
			worst = max(worst, adtest.Distance(got[k], c.want[k]))
		}
		t.Logf("%s: within %.1g over %d steps", name, worst, n)
		if !(worst <= 1e-12) {
			t.Errorf("%s is not scheme (18) with its terms: off by %.2g", name, worst)
		}
	}
}

// TestScheme18IsPA: played back, the terms that a network gave are L2O-PA and its
// ablations again; the public code adds b₁.
func TestScheme18IsPA(t *testing.T) {
	for _, p := range []*optimizee.Problem{lasso(), logistic()} {
		for _, learn := range learned.Variants() {
			var seen []optim.Terms
			var now optim.Terms
			c := learned.PAConfig{Learn: learn, ReturnX: true, Probe: func(term string, v ad.Value) {
				switch term {
				case "a":
					now.A = v
				case "b":
					now.B = v
				case "b1":
					now.B1 = v.Neg()
				case "b2":
					now.B2 = v
				case "p": // the last of a step
					now.P = v
					seen, now = append(seen, now), optim.Terms{}
				}
			}}
			th := nn.NewParams()
			o := learned.PA(c)
			o.Init(th, optimizee.Stream(8))
			want := follow(t, o.Rule(th), p, 20)
			got := follow(t, optim.Scheme18(func(_ *optimizee.Problem, k int, _, _ ad.Value) optim.Terms { return seen[k] }), p, 20)
			for k := range want {
				if d := adtest.Distance(got[k], want[k]); !(d <= 1e-12) {
					t.Fatalf("L2O-%s on %s: point %d differs by %.2g", learn, p.Name, k+1, d)
				}
			}
		}
	}
}

// TestBiasTo: S_t(v − b₁) is S_θ(w), also where θ is the smaller threshold.
func TestBiasTo(t *testing.T) {
	v, w := gauss(31, 40, 1), gauss(32, 40, 1)
	for _, c := range [][2]float64{{0.3, 0.3}, {0.3, 0.9}, {0.9, 0.3}, {0.5, 0}, {0, 0.5}} {
		got := prox.Soft(v.Sub(optim.BiasTo(v, w, c[0], c[1])), ad.Scalar(c[0]))
		if d := adtest.Distance(got.Data, prox.Soft(w, ad.Scalar(c[1])).Data); !(d <= 1e-14) {
			t.Errorf("t = %g, θ = %g: off by %.2g", c[0], c[1], d)
		}
	}
	if b := optim.BiasTo(v, v, 0.4, 0.4); !(b.Norm1().Item() <= 1e-14) {
		t.Errorf("between equal steps the bias is %v", b)
	}
}

// TestFISTATerms: the momenta of Beck and Teboulle.
func TestFISTATerms(t *testing.T) {
	for k := range 5 {
		got := optim.FISTATerms(nil, k, ad.Value{}, ad.Value{}).A.Item()
		if want := momentum(k + 1); !(math.Abs(got-want) <= 1e-15) {
			t.Errorf("a_%d is %g, want %g", k, got, want)
		}
	}
}

// TestWithStep: a step s/L, and the step of the public code's logistic problems undone.
func TestWithStep(t *testing.T) {
	p := lasso()
	same := func(what string, got, want [][]float64) {
		t.Helper()
		for k := range want {
			if d := adtest.Distance(got[k], want[k]); !(d <= 1e-12) {
				t.Fatalf("%s: point %d differs by %.2g", what, k+1, d)
			}
		}
	}
	same("ISTA", follow(t, optim.WithStep(0.7, optim.ISTA), p, 20), follow(t, optim.ProxMomentum(0.7, 0), p, 20))
	slow := optimizee.WithLipschitz(p, 50*p.Lipschitz("x", p.Start))
	same("FISTA", follow(t, optim.WithStep(50, optim.FISTA), slow, 20), follow(t, optim.FISTA, p, 20))
	asked, counted := 0, *p
	counted.Lipschitz = func(b string, x optimizee.Point) float64 { asked++; return p.Lipschitz(b, x) }
	same("held", follow(t, optim.HoldLipschitz(optim.Repeat(5, optim.ISTA)), &counted, 4), follow(t, optim.Repeat(5, optim.ISTA), p, 4))
	if asked != 4 {
		t.Errorf("four steps of an inner loop ask for L %d times", asked)
	}
}

// TestScheme18OneStep: a p with an entry for each of x needs a proximal map that takes it.
func TestScheme18OneStep(t *testing.T) {
	p := optimizee.Norm1Spec{N: 3}.Draw(optimizee.Stream(1))
	follow(t, optim.Scheme18(nothing), p, 3)
	defer func() {
		said := fmt.Sprint(recover())
		for _, want := range []string{"scheme (18) on 1-norm", "one step for all entries", "p is 3×1", "1×1 P"} {
			if !strings.Contains(said, want) {
				t.Errorf("said %q, want %q", said, want)
			}
		}
	}()
	follow(t, optim.Scheme18(optim.MetricTerms(func(int) ad.Value { return ad.Full(3, 1, 0.1) })), p, 1)
	t.Error("it runs")
}
