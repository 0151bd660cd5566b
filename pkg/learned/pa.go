package learned

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// PAConfig says which terms of scheme (18) are learned and how. The zero value is
// L2O-PA as published for LASSO.
type PAConfig struct {
	Learn string // terms that the LSTM gives: "PA" (default), "P", "A", "PBA", "PBA1", "PBA2" or "PBA12"
	Network

	P, A, B Map // from the network's output o to p, a and b; default 2σ(o) for each, as published for LASSO
	Bias    Map // to b₁ and b₂; default o itself

	// PublicBias applies the map of b to b₁ and b₂ too, as the public code does, where
	// its configuration asks for the identity: the biases are then always positive.
	PublicBias bool

	ReturnX bool // step through the proximal points x_k instead of the extrapolated y_k

	// What carries the derivative back in training, beside the point itself: by default the
	// ∇f in the update does, and what the network sees does not.
	Through        bool `json:",omitempty"` // what the network sees does too
	DetachGradient bool `json:",omitempty"` // the ∇f in the update does not, and with it all of the curvature is cut

	// Probe, when set, is shown the terms p, a, b, b1 and b2 of every step.
	Probe func(term string, v ad.Value) `json:"-"`

	said map[string]func(k int) float64 // terms in the place of the network's
}

// A Map turns a network output o into Scale·f(o).
type Map struct {
	F     string  // "2sigmoid", "softplus" or "identity"
	Scale float64 // 0 counts as 1
}

func (m Map) or(f string) Map {
	if m.F == "" {
		m.F = f
	}
	if m.Scale == 0 {
		m.Scale = 1
	}
	return m
}

// apply maps o and multiplies by s.
func (m Map) apply(o ad.Value, s float64) ad.Value {
	switch m.F {
	case "2sigmoid":
		return o.Sigmoid().Scale(2 * m.Scale * s)
	case "softplus":
		return o.Softplus().Scale(m.Scale * s)
	}
	return o.Scale(m.Scale * s)
}

func (m Map) check(term string) error {
	switch m.F {
	case "2sigmoid", "softplus", "identity":
	default:
		return fmt.Errorf("L2O-PA: output map %q of %s: there are 2sigmoid, softplus and identity", m.F, term)
	}
	if !(m.Scale > 0) || math.IsInf(m.Scale, 1) {
		return fmt.Errorf("L2O-PA: the output map of %s has the scale %g: it has to be positive and finite", term, m.Scale)
	}
	return nil
}

// LogisticPA is L2O-PA as published for logistic regression: p = 2 softplus(o)/L,
// a = 0.3 softplus(o).
var LogisticPA = PAConfig{P: Map{"softplus", 2}, A: Map{"softplus", 0.3}, B: Map{F: "identity"}}

// learns are the learned terms of each ablation, in the order of the head's rows.
var learns = map[string][]string{
	"P": {"p"}, "A": {"a"}, "PA": {"p", "a"}, "PBA": {"p", "a", "b"},
	"PBA1": {"p", "a", "b", "b1"}, "PBA2": {"p", "a", "b", "b2"}, "PBA12": {"p", "a", "b", "b1", "b2"},
}

func (c PAConfig) filled() PAConfig {
	c.Network = c.Network.filled()
	if c.Learn == "" {
		c.Learn = "PA"
	}
	c.P, c.A, c.B, c.Bias = c.P.or("2sigmoid"), c.A.or("2sigmoid"), c.B.or("2sigmoid"), c.Bias.or("identity")
	if c.PublicBias {
		c.Bias = c.B
	}
	return c
}

func (c PAConfig) check(rng *rand.Rand) error {
	var unknown error
	if learns[c.Learn] == nil {
		unknown = fmt.Errorf("L2O-PA: no variant learns %q: there are P, A, PA, PBA, PBA1, PBA2 and PBA12", c.Learn)
	}
	for term := range c.said {
		if !slices.Contains(learns["PBA12"], term) {
			unknown = fmt.Errorf("L2O-PA: no term is called %q: there are p, a, b, b1 and b2", term)
		}
	}
	return errors.Join(unknown, c.P.check("p"), c.A.check("a"), c.B.check("b"), c.Bias.check("b₁ and b₂"), c.Network.check("L2O-"+c.Learn, rng))
}

// PA is L2O-PA and its ablations (Liu et al. 2023, scheme 18): a coordinate-wise
// LSTM sees the gradient and the iterate and gives, for each coordinate, the terms of
//
//	x̂ = x_k − p⊙∇f(x_k)   ŷ = y_k − p⊙∇f(y_k)
//	x_{k+1} = prox_{r,p}(b⊙ŷ + (1−b)⊙x̂ + b₁)
//	y_{k+1} = x_{k+1} + a⊙(x_{k+1} − x_k) + b₂
//
// Terms that are not learned are p = s, a = 0, b = 1, b₁ = b₂ = 0, where the base
// step is s = 0.9999/L, and p is s times the map of its output. The network's inputs
// carry no gradient back unless Through is set; the ∇f in the update does. One step returns
// y_k, which may lie outside of a constraint: set ReturnX where r is an indicator. Runs
// start from random memories, so two runs on one problem differ unless their streams agree.
// It needs Grad, Prox and Lipschitz.
func PA(c PAConfig) Optimizer {
	c = c.filled()
	learned := learns[c.Learn]
	net := c.build(2, dense{"linear", c.Hidden}, dense{"head", max(1, len(learned))})
	return Optimizer{
		Name:   "L2O-" + c.Learn,
		Config: c,
		Init:   net.Init,
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				if err := errors.Join(c.check(rng), p.NeedOne("L2O-"+c.Learn, "Grad", "Prox", "Lipschitz")); err != nil {
					return nil, err
				}
				r := &paRun{PAConfig: c, p: p}
				var state nn.State
				r.outputs = func(g, y ad.Value) map[string]ad.Value {
					if state.IsZero() {
						state = c.first(net.LSTM, y.Len(), rng)
					}
					if !c.Through {
						g, y = g.Detach(), y.Detach()
					}
					o := net.Step(th, rows(g).Beside(rows(y)), &state)
					out := map[string]ad.Value{}
					for i, term := range learned {
						out[term] = o.Cols(i, i+1).Reshape(y.R, y.C)
					}
					return out
				}
				return optim.Remember(func(x0 optimizee.Point) optim.Step {
					r.x, r.y, r.k = x0.X(), x0.X(), 0
					return r.step
				}), nil
			}
		},
	}
}

// paRun is one run of scheme (18).
type paRun struct {
	PAConfig
	p       *optimizee.Problem
	outputs func(g, y ad.Value) map[string]ad.Value
	x, y    ad.Value // x_k and y_k
	k       int
}

func (r *paRun) step(optimizee.Point) optimizee.Point {
	p, x, y := r.p, r.x, r.y
	s := 0.9999 / p.Lipschitz("x", optimizee.X(y))
	g := p.Grad("x", optimizee.X(y))
	o := r.outputs(g, y)
	if r.DetachGradient {
		g = g.Detach()
	}

	P, ok := r.term(o, "p", r.P, s)
	if !ok {
		P = ad.Scalar(s)
	}
	v := y.SubMul(P, g)
	if B, ok := r.term(o, "b", r.B, 1); ok {
		xhat := x.SubMul(P, p.Grad("x", optimizee.X(x)))
		v = xhat.AddMul(B, v.Sub(xhat))
	}
	if b1, ok := r.term(o, "b1", r.Bias, 1); ok {
		v = v.Add(b1)
	}
	next := p.Prox("x", v, P)
	r.y = next
	if A, ok := r.term(o, "a", r.A, 1); ok {
		r.y = next.AddMul(A, next.Sub(x))
	}
	if b2, ok := r.term(o, "b2", r.Bias, 1); ok {
		r.y = r.y.Add(b2)
	}
	r.show("p", P)
	r.k++
	if r.x = next; r.ReturnX {
		return optimizee.X(next)
	}
	return optimizee.X(r.y)
}

// term is a term in units of s, if it is said or learned. p is shown last.
func (r *paRun) term(o map[string]ad.Value, name string, m Map, s float64) (v ad.Value, ok bool) {
	raw, ok := o[name]
	if ok {
		v = m.apply(raw, s)
	}
	if say := r.said[name]; say != nil {
		v, ok = ad.Scalar(s*say(r.k)), true
	}
	if ok && name != "p" {
		r.show(name, v)
	}
	return v, ok
}

func (r *paRun) show(term string, v ad.Value) {
	if r.Probe != nil {
		r.Probe(term, v.Detach())
	}
}

// Variants lists the values of PAConfig.Learn, as in Figure 1 of the paper.
func Variants() []string { return strings.Fields("PBA12 PBA1 PBA2 PBA PA P A") }
