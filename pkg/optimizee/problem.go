package optimizee

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
)

// A Problem is a set of oracles for F = f + r. Value and Start are always there;
// any other oracle may be nil, which says "cannot answer". A problem with one
// block calls it "x".
type Problem struct {
	Name  string
	Start Point // where a run begins when nothing else is said
	Truth Point // what the data were made from, or a point known to be the solution; zero where it is unknown, and seen by no oracle

	Value     func(x Point) ad.Value                         // F(x) = f(x) + r(x), 1×1; +Inf outside of a constraint
	Grad      func(block string, x Point) ad.Value           // ∇f, of the smooth part, in the block's shape
	ValueGrad func(block string, x Point) (F, grad ad.Value) // both at once where they share work
	Subgrad   func(block string, x Point) ad.Value           // ∇f + an element of ∂r
	Prox      func(block string, v, step ad.Value) ad.Value  // of step·r; step is 1×1 or, unless OneStep, one per entry
	Residual  func(x Point) ad.Value                         // Ax − b of a least-squares f
	Lipschitz func(block string, x Point) float64            // L of the block's gradient
	Solve     func(block string, x Point) ad.Value           // the exact minimiser over one block
	SolveAll  func(x Point) Point                            // all blocks from one pass over the data, where Solve of each would share it (mixture.EM)
	Bound     func(x Point) float64                          // a lower bound on min F, from a dual point made of x

	Smooth func(x Point) ad.Value // f(x) by itself, where F is not smooth

	OneStep   bool   // Prox takes one step for all entries, because with one for each there is no closed form
	Terms     []Term // the parts of r by themselves, F = f + Σ rᵢ(Kᵢx), for rules that split F; see Plus
	OnlyTerms bool   // f is 0: F is the sum of its Terms; see Zero

	Traits map[string]float64 // facts that tell families apart, such as rows, cols, lambda
	Data   any                // what the oracles were made from, such as *completion.Data, for rules and measures that know the kind (DataOf); a view of one block has none
	Err    error              // why the data make no problem; Check and every rule report it

	smoothF bool  // F has no part r, as Smooth declares
	part    *part // what Plus knows of a smooth part, nil for nothing
	made    *made // what Forgets knows, nil for nothing
}

// oracles lists what can be asked for by name, in the order of the fields.
func (p *Problem) oracles() []oracle {
	return []oracle{
		{"Value", p.Value != nil},
		{"Grad", p.Grad != nil},
		{"ValueGrad", p.ValueGrad != nil},
		{"Subgrad", p.Subgrad != nil || p.smoothGrad()},
		{"Prox", p.Prox != nil},
		{"ProxEach", p.Prox != nil && !p.OneStep},
		{"Residual", p.Residual != nil},
		{"Lipschitz", p.Lipschitz != nil},
		{"Solve", p.Solve != nil},
		{"SolveAll", p.SolveAll != nil},
		{"Bound", p.Bound != nil},
		{"Smooth", p.smooth() != nil},
		{"Terms", len(p.Terms) > 0},
	}
}

// smooth is f by itself as far as p has it.
func (p *Problem) smooth() func(x Point) ad.Value {
	if p.Smooth == nil && p.smoothGrad() {
		return p.Value
	}
	return p.Smooth
}

type oracle struct {
	name string
	have bool
}

// smoothGrad reports whether Grad is the gradient of all of F, as far as the problem
// shows: it names no part r.
func (p *Problem) smoothGrad() bool { return p.Grad != nil && p.Prox == nil && len(p.Terms) == 0 }

// remedy says what a caller can do about a missing oracle.
var remedy = map[string]string{
	"Grad":      "give the gradient of the smooth part as a formula",
	"Prox":      "if F is smooth, optimizee.Smooth adds the identity",
	"ProxEach":  "its proximal map takes one step for all entries, so a rule with one for each cannot run",
	"Lipschitz": "optimizee.EstimateLipschitz adds an estimate",
	"Solve":     "only problems with a closed-form block minimiser have one",
	"Smooth":    "make it as a smooth part and Plus, which knows both",
	"Terms":     "make it of its parts, as optimizee.LeastSquares(A, b).Plus(r)",
	"Subgrad":   "give ∇f plus an element of ∂r",
}

// remedy is what to do about an oracle that is missing from p.
func (p *Problem) remedy(oracle string) string {
	switch i := slices.IndexFunc(p.Terms, func(t Term) bool { return t.Subgrad == nil }); {
	case oracle == "Subgrad" && i >= 0:
		return fmt.Sprintf("its term %s is a constraint and has no subgradient, so take a rule that goes by Prox", p.Terms[i].Name)
	case oracle == "Lipschitz" && p.part != nil && p.part.steep:
		return "its curvature has no bound, so take optim.FISTABacktracking or optim.Backtracking, which search for their steps; optimizee.EstimateLipschitz is local, the curvature at one point, and steps made of it may diverge"
	case oracle == "Prox" && len(p.Terms) == 1 && p.Terms[0].K.IsZero():
		return fmt.Sprintf("its term %s has none: set it, or take a rule that goes by Subgrad", p.Terms[0].Name)
	case oracle == "Prox" && len(p.Terms) > 0:
		return "only F with a single term without an operator has one, and rules that split F go through Terms"
	}
	return remedy[oracle]
}

// Need returns an error that names the first of these oracles that p does not have, and
// p.Err where p is invalid.
func (p *Problem) Need(rule string, oracles ...string) error {
	if p == nil {
		return fmt.Errorf("%s: %w", rule, errNone)
	}
	if p.Err != nil {
		return fmt.Errorf("%s: %w", p.Name, p.Err)
	}
	for _, want := range append([]string{"Value"}, oracles...) {
		i := slices.IndexFunc(p.oracles(), func(o oracle) bool { return o.name == want })
		if i < 0 {
			panic(fmt.Sprintf("optimizee: Need: %q is no oracle", want))
		}
		if !p.oracles()[i].have {
			text := fmt.Sprintf("%s needs the %s oracle, which %s does not have", rule, want, p.Name)
			if r := p.remedy(want); r != "" {
				text += ": " + r
			}
			return errors.New(text)
		}
	}
	return nil
}

// NeedSmooth is Need for rules that take Grad for the gradient of all of F: a part r would
// be ignored without a word.
func (p *Problem) NeedSmooth(rule string, oracles ...string) error {
	if err := p.Need(rule, append([]string{"Grad"}, oracles...)...); err != nil {
		return err
	}
	if p.smoothGrad() || p.smoothF {
		return nil
	}
	part := "a Prox"
	if len(p.Terms) > 0 {
		part = "the term " + p.Terms[0].Name
	}
	return fmt.Errorf("%s minimises smooth F, and %s has %s, which it would ignore: take optim.FISTA, optim.FISTABacktracking, a rule that splits F or one for subgradients; optimizee.Smooth declares that F has no part r", rule, p.Name, part)
}

var errNone = errors.New("there is no problem: it is nil")

// orNone is p, or where that is nil a problem that says so.
func (p *Problem) orNone() *Problem {
	if p == nil {
		return &Problem{Name: "no problem", Err: errNone}
	}
	return p
}

// NeedOne is Need for rules that work on problems of the one block "x".
func (p *Problem) NeedOne(rule string, oracles ...string) error {
	if err := p.Need(rule, oracles...); err != nil {
		return err
	}
	if b := p.Start.Blocks(); len(b) != 1 || b[0] != "x" {
		return fmt.Errorf("%s works on the one block \"x\", and %s has blocks %q: wrap the rule in optim.On or optim.Alternate", rule, p.Name, b)
	}
	return nil
}

// Check evaluates p at Start and reports the first thing that is wrong with it:
// p.Err, a missing Value or Start, numbers that are not finite, shapes that do
// not fit, an operator without a matrix whose Adjoint is not its adjoint at a random pair,
// a ValueGrad or Bound that is of another F than Value and Grad.
// Minimize, Race and training call it before they begin.
func (p *Problem) Check() (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case string: // as package ad panics when shapes do not fit
			err = fmt.Errorf("%s cannot be evaluated at Start: %s; do the sizes of the data and of Start match?", p.Name, r)
		default:
			panic(r)
		}
	}()
	if err := p.Need("every rule"); err != nil {
		return err
	}
	if p.Start.IsZero() {
		return fmt.Errorf("%s has no Start: set it to a point such as optimizee.X(ad.New(n, 1, nil))", p.Name)
	}
	if !p.Start.IsFinite() {
		return fmt.Errorf("%s: Start holds NaN or Inf", p.Name)
	}
	if !p.Truth.IsZero() && !p.Truth.IsFinite() {
		return fmt.Errorf("%s: Truth holds NaN or Inf", p.Name)
	}
	switch f := p.Value(p.Start); {
	case f.Len() != 1:
		return fmt.Errorf("%s: Value returns a %s value; it has to be 1×1, a sum over all instances", p.Name, f.Shape())
	case math.IsInf(f.Item(), 1) && p.Prox == nil && p.Constrained(): // nobody can project it
	case !f.IsFinite():
		return fmt.Errorf("%s: Value is %g at Start: look for NaN or Inf in the data, or choose another Start", p.Name, f.Item())
	}
	for _, b := range p.Start.Blocks() {
		if err := errors.Join(p.checkGradient("Grad", p.Grad, b), p.checkGradient("Subgrad", p.Subgrad, b), p.checkProx(b)); err != nil {
			return err
		}
		if p.Lipschitz != nil {
			if l := p.Lipschitz(b, p.Start); !(l > 0) || math.IsInf(l, 0) {
				return fmt.Errorf("%s: the Lipschitz constant of block %q is %g; it has to be positive and finite (is a data matrix all zeros?)", p.Name, b, l)
			}
		}
	}
	return errors.Join(p.checkOperators(), p.checkStale())
}

func (p *Problem) checkGradient(name string, grad func(string, Point) ad.Value, block string) error {
	if grad == nil {
		return nil
	}
	g, x := grad(block, p.Start), p.Start.At(block)
	return errors.Join(
		check.That(g.R == x.R && g.C == x.C, "%s: %s of block %q is %s and the block %s: they have to agree", p.Name, name, block, g.Shape(), x.Shape()),
		check.That(g.IsFinite(), "%s: %s of block %q is not finite at Start: look for NaN or Inf in the data", p.Name, name, block))
}

func (p *Problem) checkProx(block string) error {
	x := p.Start.At(block)
	try := func(name string, prox func(v, step ad.Value) ad.Value) error {
		v := prox(x, ad.Scalar(1))
		return errors.Join(
			check.That(v.R == x.R && v.C == x.C, "%s: %s of block %q is %s and the block %s: they have to agree", p.Name, name, block, v.Shape(), x.Shape()),
			check.That(v.IsFinite(), "%s: %s of block %q with step 1 is not finite at Start: prox.Check finds more", p.Name, name, block))
	}
	if p.Prox == nil {
		return nil
	}
	return try("Prox", func(v, step ad.Value) ad.Value { return p.Prox(block, v, step) })
}

// checkOperators holds operators that are a pair of functions against each other.
func (p *Problem) checkOperators() error {
	var errs []error
	if p.part != nil && p.part.check != nil {
		errs = append(errs, p.part.check())
	}
	for _, t := range p.Terms {
		if !t.K.IsZero() && t.K.Matrix.IsZero() {
			errs = append(errs, linear.CheckAdjoint(t.K))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s: %w (linear.Check finds more)", p.Name, err)
	}
	return nil
}

// String names the problem, its blocks and the oracles that it has.
func (p *Problem) String() string {
	if p == nil {
		return errNone.Error()
	}
	var have []string
	for _, o := range p.oracles() {
		if o.have && o.name != "ProxEach" && o.name != "Smooth" && o.name != "Terms" {
			have = append(have, o.name)
		}
	}
	var blocks []string
	for _, b := range p.Start.Blocks() {
		blocks = append(blocks, b+" "+p.Start.At(b).Shape())
	}
	return fmt.Sprintf("%s (%s): %s", p.Name, strings.Join(blocks, ", "), strings.Join(have, " "))
}

// ValueAndGrad returns F and the block's ∇f: ValueGrad where p has it, else both by
// themselves.
func (p *Problem) ValueAndGrad(block string, x Point) (F, grad ad.Value) {
	if p.ValueGrad != nil {
		return p.ValueGrad(block, x)
	}
	return p.Value(x), p.Grad(block, x)
}

// Gradient returns ∇f in all blocks.
func (p *Problem) Gradient(x Point) Point {
	return x.Map(func(b string, _ ad.Value) ad.Value { return p.Grad(b, x) })
}

// Subgradient returns an element of ∂F in all blocks: Subgrad, or Grad where the
// problem names no non-smooth part.
func (p *Problem) Subgradient(x Point) Point {
	sub := p.subgrad()
	return x.Map(func(b string, _ ad.Value) ad.Value { return sub(b, x) })
}

// On shows one block of p as a problem in "x", the others held at *at. The view
// must not be asked anything before *at is set.
func (p *Problem) On(block string, at *Point) *Problem {
	p = p.orNone()
	full := func(x Point) Point { return at.With(block, x.X()) }
	q := &Problem{Name: p.Name + "." + block, Err: p.Err, OneStep: p.OneStep, smoothF: p.smoothF}
	if slices.Contains(p.Start.Blocks(), block) {
		q.Start = X(p.Start.At(block))
	} else if q.Err == nil {
		q.Err = fmt.Errorf("there is no block %q among %q", block, p.Start.Blocks())
	}
	if slices.Contains(p.Truth.Blocks(), block) {
		q.Truth = X(p.Truth.At(block))
	}
	if p.Value != nil {
		q.Value = func(x Point) ad.Value { return p.Value(full(x)) }
	}
	if p.Smooth != nil {
		q.Smooth = func(x Point) ad.Value { return p.Smooth(full(x)) }
	}
	if p.Grad != nil {
		q.Grad = func(_ string, x Point) ad.Value { return p.Grad(block, full(x)) }
	}
	if p.ValueGrad != nil {
		q.ValueGrad = func(_ string, x Point) (ad.Value, ad.Value) { return p.ValueGrad(block, full(x)) }
	}
	if p.Subgrad != nil {
		q.Subgrad = func(_ string, x Point) ad.Value { return p.Subgrad(block, full(x)) }
	}
	if p.Prox != nil {
		q.Prox = func(_ string, v, step ad.Value) ad.Value { return p.Prox(block, v, step) }
	}
	if p.Residual != nil {
		q.Residual = func(x Point) ad.Value { return p.Residual(full(x)) }
	}
	if p.Lipschitz != nil {
		q.Lipschitz = func(_ string, x Point) float64 { return p.Lipschitz(block, full(x)) }
	}
	if p.Solve != nil {
		q.Solve = func(_ string, x Point) ad.Value { return p.Solve(block, full(x)) }
	}
	if len(p.Start.Blocks()) == 1 {
		q.Terms, q.OnlyTerms = p.Terms, p.OnlyTerms // of a problem of one block, "x"
	}
	return q
}
