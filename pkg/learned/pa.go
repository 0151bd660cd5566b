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

	// ReturnX steps through the proximal points x_k instead of the extrapolated y_k, as is
	// done anyway where the problem says that it is Constrained.
	ReturnX bool

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
	Scale float64 // default 1; to go without a term leave it out of Learn
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

// apply maps o, which nobody else reads, and multiplies by s.
func (m Map) apply(o ad.Value, s float64) ad.Value {
	f := o
	switch m.F {
	case "2sigmoid":
		f, s = o.Sigmoid(), 2*m.Scale*s
	case "softplus":
		f, s = o.Softplus(), m.Scale*s
	default:
		s *= m.Scale
	}
	v := f.Scale(s)
	if ad.Recycle(v, o); m.F != "identity" {
		ad.Recycle(v, f)
	}
	return v
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

// takes reports that p has one step for all entries where the network gives one for each.
func (c PAConfig) takes(p *optimizee.Problem) error {
	if p.Err != nil || !p.OneStep || c.said["p"] != nil || !slices.Contains(learns[c.Learn], "p") {
		return nil
	}
	return fmt.Errorf(`%w; PAConfig{Learn: "A"} has one step, and can`, p.Need("L2O-"+c.Learn, "ProxEach"))
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
// y_k, and x_k where a term of F is a constraint, which y_k may violate: set ReturnX where
// a constraint is no term but hidden in Value. Runs start from random memories, so two runs
// on one problem differ unless their streams agree.
//
// It needs Grad, Prox and Lipschitz; where p is learned it has an entry for each coordinate,
// which not every proximal map takes (ProxEach). The variant "A" runs on all of them.
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
				if err := errors.Join(c.check(rng), p.NeedOne("L2O-"+c.Learn, "Grad", "Prox", "Lipschitz"), c.takes(p)); err != nil {
					return nil, err
				}
				r := &paRun{PAConfig: c, p: p, learned: learned, raw: make([]ad.Value, len(learned))}
				r.ReturnX = c.ReturnX || p.Constrained()
				var state nn.State
				r.network = func(g, y ad.Value) ad.Value {
					if state.IsZero() {
						state = c.first(net.LSTM, y.Len(), rng)
					}
					in := rows(g).Beside(rows(y))
					o := net.Step(th, in, &state)
					ad.Recycle(o, in)
					return o
				}
				return optim.RememberLast(func(x0 optimizee.Point) optim.Step {
					r.x, r.y, r.k = x0.X(), x0.X(), 0
					return r.step
				}, state.Release), nil
			}
		},
	}
}

// paRun is one run of scheme (18).
type paRun struct {
	PAConfig
	p       *optimizee.Problem
	network func(g, y ad.Value) ad.Value
	learned []string   // what the columns of its output are
	raw     []ad.Value // these columns
	x, y    ad.Value   // x_k and y_k
	k       int
}

func (r *paRun) step(optimizee.Point) optimizee.Point {
	p, x, y := r.p, r.x, r.y
	at := optimizee.X(y)
	s := 0.9999 / p.Lipschitz("x", at)
	g := p.Grad("x", at)
	r.ask(g, y)
	grad := g
	if r.DetachGradient {
		g = g.Detach()
	}

	P, ok := r.term("p", r.P, s)
	if !ok {
		P = ad.Scalar(s)
	}
	v := y.SubMul(P, g)
	if B, ok := r.term("b", r.B, 1); ok {
		v = r.balanced(v, x, P, B)
	}
	if b1, ok := r.term("b1", r.Bias, 1); ok {
		v = v.Add(b1)
	}
	next := p.Prox("x", v, P)
	r.y = next
	if A, ok := r.term("a", r.A, 1); ok {
		move := next.Sub(x)
		r.y = next.AddMul(A, move)
		r.recycle(move, A)
	}
	if b2, ok := r.term("b2", r.Bias, 1); ok {
		r.y = r.y.Add(b2)
	}
	r.show("p", P)
	r.k++
	r.x = next
	r.leave(x, y, grad, v, P)
	if r.ReturnX {
		return optimizee.X(next)
	}
	return optimizee.X(r.y)
}

// ask shows the network where the run is.
func (r *paRun) ask(g, y ad.Value) {
	if !r.Through {
		g, y = g.Detach(), y.Detach()
	}
	o := r.network(g, y)
	for i := range r.raw {
		r.raw[i] = o.Cols(i, i+1).Reshape(y.R, y.C)
	}
	ad.Recycle(r.raw[0], o)
}

// balanced is b⊙ŷ + (1−b)⊙x̂ with the ŷ of v.
func (r *paRun) balanced(v, x, P, B ad.Value) ad.Value {
	xhat := x.SubMul(P, r.p.Grad("x", optimizee.X(x)))
	return xhat.AddMul(B, v.Sub(xhat))
}

// leave takes back what a step from x and y was made of, unless somebody listens. One of x
// and y was returned by the step before it, and belongs to the caller.
func (r *paRun) leave(x, y, g, v, P ad.Value) {
	if r.Probe != nil {
		return
	}
	if r.p.Recycle(r.x, g, v, P); x.Same(y) {
		return
	}
	if r.ReturnX {
		x = y
	}
	r.p.Recycle(r.x, x)
}

// recycle takes back what oracles were not shown, unless somebody listens.
func (r *paRun) recycle(private ...ad.Value) {
	if r.Probe == nil {
		ad.Recycle(r.y, private...)
	}
}

// term is a term in units of s, if it is said or learned. p is shown last.
func (r *paRun) term(name string, m Map, s float64) (v ad.Value, ok bool) {
	i := slices.Index(r.learned, name)
	if ok = i >= 0; ok {
		v = m.apply(r.raw[i], s)
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
