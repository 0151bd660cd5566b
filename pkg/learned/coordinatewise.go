package learned

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// An Input is what a network sees of a coordinate. With the subgradient g of the block
// and its constant L it is one of
type Input string

// The inputs.
const (
	Gradient     Input = "raw"               // g
	GradientAndX Input = "raw and x"         // g and x, as L2O-DM does
	Normalised   Input = "rnnprop"           // g/√v̂ and m̂/√v̂, with bias-corrected moments of g
	Embedded     Input = "rnnprop, embedded" // the same, through a linear layer and ELU, as RNNprop does
	LogAndSign   Input = "log and sign"      // how large g is, and its direction: (max(ln(|g| + ε)/k, −1), clip(eᵏg, −1, 1)), k = 5, ε = 2⁻²³ (Andrychowicz et al. 2016, Appendix A)
	Curvature    Input = "curvature"         // g/L
	Displacement Input = "solve"             // Solve(x) − x: the step of ALS, or of EM
)

// An Output is how what a network gives moves a coordinate x. With its numbers o (and q),
// the scale s, the point x⁻ before x, and the direction d = −g/L, or d = Solve(x) − x for
// a network that sees that, the next x is one of
type Output string

// The outputs.
const (
	Additive   Output = "additive"   // x + s·o
	ELU        Output = "elu"        // x + s·ELU(o), as in L2O-DM
	Tanh       Output = "tanh"       // x − s·tanh(o), as in RNNprop
	Along      Output = "pa"         // x + 2σ(o)⊙d + tanh(q)⊙(x − x⁻), like scheme (18) of L2O-PA
	Correction Output = "correction" // x + d + s·o
)

// A Wiring says how a small network that all coordinates of a block share moves each of
// them: what it sees, what it is, and what its output does. L2O-DM, RNNprop and the
// blocks of MLAM are made of it; any input goes with any output.
type Wiring struct {
	Name string // in errors and figures
	Network

	Input      Input   // default Normalised
	InputScale float64 // of the gradient or displacement that the network sees; default 1
	Beta       float64 // decay of both moments of g; default 0.95, optimizee.Nought for none

	Output      Output  // default Additive
	OutputScale float64 // s; default 0.1

	Through  bool // in training the derivative passes through what is seen of the problem too, instead of through the sums alone
	ZeroHead bool // the last layer starts at zero, so that training begins at a block that stands still (or at the classic step)

	inputScale string // its name in errors, where that is another
}

func (w Wiring) filled() Wiring {
	w.Name, w.Network = cmp.Or(w.Name, "coordinate-wise network"), w.Network.filled()
	w.Input, w.InputScale, w.Beta = cmp.Or(w.Input, Normalised), cmp.Or(w.InputScale, 1), cmp.Or(w.Beta, 0.95)
	w.Output, w.OutputScale = cmp.Or(w.Output, Additive), cmp.Or(w.OutputScale, 0.1)
	return w
}

func (w Wiring) check(rng *rand.Rand) error {
	return errors.Join(w.Network.check(w.Name, rng),
		check.OneOf(w.Name, "Input", w.Input, Normalised, Gradient, LogAndSign, Curvature, Displacement, GradientAndX, Embedded),
		check.OneOf(w.Name, "Output", w.Output, Additive, Along, Correction, ELU, Tanh),
		check.Positive(w.Name, cmp.Or(w.inputScale, "InputScale"), w.InputScale),
		check.Positive(w.Name, "OutputScale", w.OutputScale), check.Inside(w.Name, "Beta", w.Beta))
}

// oracles are those that the wiring asks.
func (w Wiring) oracles() []string {
	switch {
	case w.Input == Displacement:
		return []string{"Solve"}
	case w.curved():
		return []string{"Subgrad", "Lipschitz"}
	}
	return []string{"Subgrad"}
}

// directed reports whether the block moves along d.
func (w Wiring) directed() bool { return w.Output == Along || w.Output == Correction }

// curved reports whether gradients are divided by L.
func (w Wiring) curved() bool {
	return w.Input == Curvature || w.Input != Displacement && w.directed()
}

// build is the network, and the linear layer in front of it, which only one input has.
func (w Wiring) build() (in nn.Linear, net nn.Recurrent) {
	out := dense{"linear", 1}
	if w.Output == Along {
		out.out = 2
	}
	switch w.Input {
	case Embedded:
		out.name = "linear_out"
		return nn.Linear{In: 2, Out: w.Hidden, Composed: w.Composed}, w.Network.build(w.Hidden, out)
	case Normalised, GradientAndX, LogAndSign:
		return in, w.Network.build(2, out)
	default:
		return in, w.Network.build(1, out)
	}
}

// CoordinateWise is the rule that a wiring makes, on a problem of one block: optim.On
// shows it one of several. With an Output along d, a network that gives nothing leaves the
// classic method: gradient steps 1/L, or exact ones. It needs Subgrad, or Grad where F is
// smooth; Lipschitz for d = −g/L and for Curvature; and Solve alone for Displacement,
// which is a constant to the tape where it is no formula.
func CoordinateWise(w Wiring) Optimizer {
	w = w.filled()
	in, net := w.build()
	return Optimizer{
		Name:   w.Name,
		Config: w,
		Init: func(th nn.Params, rng *rand.Rand) {
			if w.Input == Embedded {
				in.Init(th.Sub("linear_in"), rng)
			}
			if net.Init(th, rng); w.ZeroHead {
				head := th.Sub(net.Head.Names[0])
				for _, n := range head.Names() {
					head.Set(n, ad.New(head.At(n).R, head.At(n).C, nil))
				}
			}
		},
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				if err := errors.Join(w.check(rng), p.NeedOne(w.Name, w.oracles()...)); err != nil {
					return nil, err
				}
				r := &coordinates{Wiring: w, p: p, th: th, in: in, net: net, rng: rng}
				return optim.Remember(func(optimizee.Point) optim.Step {
					r.before = ad.Value{}
					return r.step
				}), nil
			}
		},
	}
}

// coordinates is a run of a coordinate-wise rule.
type coordinates struct {
	Wiring
	p   *optimizee.Problem
	th  nn.Params
	in  nn.Linear
	net nn.Recurrent
	rng *rand.Rand

	state  nn.State
	m, v   ad.Value // moments, of so many gradients
	k      float64
	before ad.Value // x⁻
}

func (r *coordinates) step(at optimizee.Point) optimizee.Point {
	x, from := at.X(), at
	if !r.directed() && !r.Through { // what is seen is used in no other way
		from = at.Detach()
	}
	var d, g ad.Value
	if r.Input == Displacement {
		d = r.p.Solve("x", from).Sub(from.X())
	} else if g = r.p.Subgradient(from).X(); r.curved() {
		d = g.Scale(-1 / r.p.Lipschitz("x", at.Detach()))
	}
	if r.state.IsZero() {
		r.state = r.first(r.net.LSTM, x.Len(), r.rng)
	}
	var next ad.Value
	if in := r.seen(d, g); r.local() {
		next = r.net.Replay(move{r}, r.th, x, in)
	} else {
		next = r.moved(x, d, r.network(r.th, x, in))
	}
	r.before = x
	return optimizee.X(next)
}

// seen is what the network sees of the problem, a row for each coordinate.
func (r *coordinates) seen(d, g ad.Value) ad.Value {
	if !r.Through {
		d, g = d.Detach(), g.Detach()
	}
	switch r.Input {
	case Displacement:
		return rows(d).Scale(r.InputScale)
	case Curvature:
		return rows(d).Scale(-r.InputScale)
	case Gradient, GradientAndX:
		return rows(g).Scale(r.InputScale)
	case LogAndSign:
		return logAndSign(rows(g).Scale(r.InputScale))
	default:
		return r.normalised(rows(g))
	}
}

// logAndSign tells apart gradients of all sizes from e⁻ᵏ on by their logarithm, and smaller
// ones by their value, so that a network sees neither very large numbers nor very small ones.
func logAndSign(g ad.Value) ad.Value {
	const k, eps = 5, 0x1p-23
	size := g.Abs().Shift(eps).Log().Scale(1. / k)
	sign := g.Scale(math.Exp(k))
	return size.Shift(1).ReLU().Shift(-1).Beside(sign.Shift(1).ReLU().Sub(sign.Shift(-1).ReLU()).Shift(-1))
}

// network is what the network gives, a row for each coordinate.
func (r *coordinates) network(th nn.Params, x, in ad.Value) ad.Value {
	if r.Input == Embedded {
		return r.net.Replay(embedded{r.in, r.net, &r.state}, th, ad.Value{}, in)
	}
	if r.Input == GradientAndX {
		in = in.Beside(rows(x))
	}
	return r.net.Step(th, in, &r.state)
}

// normalised is g and m̂ over √v̂.
func (r *coordinates) normalised(g ad.Value) ad.Value {
	m, root := r.moments(g)
	return g.Div(root).Beside(m.Div(root)).Scale(r.InputScale)
}

// moments takes in a gradient and returns m̂ and √v̂, the bias-corrected means of Adam. The
// two forms round differently, and only the second has a slope of the root where g = 0.
func (r *coordinates) moments(g ad.Value) (m, root ad.Value) {
	if r.k == 0 {
		r.m, r.v = g.Scale(0), g.Scale(0)
	}
	r.k++
	fix, b := 1/(1-math.Pow(r.Beta, r.k)), r.Beta
	if r.Input == Embedded {
		r.m, r.v = r.m.Scale(b).Add(g.Scale(1-b)), r.v.Scale(b).Add(g.Square().Scale(1-b))
		return r.m.Scale(fix), r.v.Scale(fix).Sqrt().Shift(1e-8)
	}
	r.m, r.v = r.m.Scale(b).AddScaled(1-b, g), r.v.Scale(b).AddScaled(1-b, g.Square())
	return r.m.Scale(fix), r.v.Scale(fix).Shift(1e-16).Sqrt()
}

// moved is the next x, made of what the network gives.
func (r *coordinates) moved(x, d, o ad.Value) ad.Value {
	out := func(i int) ad.Value { return o.Cols(i, i+1).Reshape(x.R, x.C) }
	switch r.Output {
	case ELU:
		return x.Add(out(0).ELU().Scale(r.OutputScale))
	case Tanh:
		return x.Sub(out(0).Tanh().Scale(r.OutputScale))
	case Correction:
		return x.Add(d).AddScaled(r.OutputScale, out(0))
	case Along:
		next := x.AddMul(out(0).Sigmoid().Scale(2), d)
		if r.before.IsZero() {
			return next
		}
		return next.AddMul(out(1).Tanh(), x.Sub(r.before))
	default: // Additive
		return x.AddScaled(r.OutputScale, out(0))
	}
}

// local reports whether the next x of a coordinate is made of its own x alone, and of a
// constant, while the network sees that x: then many coordinates are replayed with all
// of the step. Where it sees constants, the network alone is.
func (r *coordinates) local() bool {
	return r.Input == GradientAndX && !r.Through && !r.directed()
}

// move is the step of a run where it is local.
type move struct{ *coordinates }

func (r move) Memory() *nn.State { return &r.state }

func (r move) Part(lo, hi int) nn.Local {
	return move{&coordinates{Wiring: r.Wiring, net: r.net, state: r.state.Part(lo, hi)}}
}

func (r move) Step(th nn.Params, x, in ad.Value) ad.Value {
	return r.moved(x, ad.Value{}, r.network(th, x, in))
}

// embedded is a network with a linear layer and ELU before it.
type embedded struct {
	in    nn.Linear
	net   nn.Recurrent
	state *nn.State
}

func (r embedded) Memory() *nn.State { return r.state }

func (r embedded) Part(lo, hi int) nn.Local {
	s := r.state.Part(lo, hi)
	return embedded{r.in, r.net, &s}
}

func (r embedded) Step(th nn.Params, _, in ad.Value) ad.Value {
	return r.net.Step(th, r.in.Apply(th.Sub("linear_in"), in).ELU(), r.state)
}
