package lista

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// Config says which network of the LISTA line is meant: a classic iteration whose
// steps are layers with parameters of their own. All of them are made for one
// dictionary A of m×n and see instances as columns of one problem. Zero fields take
// the published values; optimizee.Nought is a 0.
//
// Parameters of layer k are called "layer<k>.…", k from 1; names without that prefix
// belong to all layers. After the last layer a run goes on with that layer; a point
// from elsewhere starts at layer 1.
type Config struct {
	Rule       string // the network, set by the function that makes it
	Dictionary *sparse.Dictionary
	Layers     int     // K; default 16
	Lambda     float64 // first thresholds are Lambda/L with L = ‖A‖₂²; default 0.4, as in the Primer's code

	Pass        float64 // support selection passes min(Pass·k, MaxPass) per cent of the entries in layer k unshrunk; default 1.2
	MaxPass     float64 // default 13
	NoSelection bool    // shrink all of them
	FixedPass   bool    // HyperLISTA: Pass and MaxPass instead of its formula

	PlainStart bool    // first matrices W = A, as LISTA-CP has in the Primer's code and AMP has, instead of A/L
	Gate       float64 // GLISTA: first a and c; default 5, as in the Primer's code, from where training takes long; 0.5 is a mild start
	FreeInput  bool    // LISTA: a matrix W₁ for each layer, as in the talk, instead of one that all share
	Single     bool    // products with A and with the matrices in float32; thresholds, steps and all else stay float64
}

func (u Config) filled(rule string) Config {
	u.Rule = rule
	u.Layers, u.Lambda = cmp.Or(u.Layers, 16), cmp.Or(u.Lambda, 0.4)
	u.Gate = cmp.Or(u.Gate, 5)
	u.Pass, u.MaxPass = cmp.Or(u.Pass, 1.2), cmp.Or(u.MaxPass, 13)
	return u
}

// err reports settings that make no network.
func (u Config) err() error {
	err := u.Dictionary.Err()
	if err != nil {
		err = fmt.Errorf("%s: %w", u.Rule, err)
	}
	share := func(name string, x float64) error {
		return check.That(x >= 0 && x <= 100, "%s: %s is %g: it is a percentage, from 0 to 100", u.Rule, name, x)
	}
	return errors.Join(err,
		check.That(u.Layers > 0, "%s: %d layers: it needs at least one", u.Rule, u.Layers),
		check.That(u.Lambda >= 0 && !math.IsInf(u.Lambda, 1), "%s: Lambda is %g: a first threshold may not be negative and has to be finite", u.Rule, u.Lambda),
		check.Finite(u.Rule, "Gate", u.Gate), share("Pass", u.Pass), share("MaxPass", u.MaxPass))
}

// fits reports in which way a problem does not belong to the dictionary.
func (u Config) fits(p *optimizee.Problem) error {
	d := u.Dictionary
	if x := p.Start.X(); x.R != d.Cols() {
		hint := ""
		if d.Rows() > d.Cols() {
			hint = "; it has fewer atoms than rows: is it transposed?"
		}
		return fmt.Errorf("%s was made for a dictionary of %d×%d, and %s starts from %s: it needs a row for each of the %d atoms%s", u.Rule, d.Rows(), d.Cols(), p.Name, x.Shape(), d.Cols(), hint)
	}
	if rows, ok := p.Traits["rows"]; ok && int(rows) != d.Rows() {
		return fmt.Errorf("%s was made for a dictionary of %d×%d, and that of %s has %g rows", u.Rule, d.Rows(), d.Cols(), p.Name, rows)
	}
	if other, ok := p.Traits["dictionary"]; ok && u.Single && other != d.Fingerprint() {
		return fmt.Errorf("%s multiplies in float32 with its own dictionary (fingerprint %.0f), and %s has another one (%.0f): train one for this dictionary, or leave Single out of Unrolled", u.Rule, d.Fingerprint(), p.Name, other)
	}
	return nil
}

// layerName is the prefix of the parameters of layer k.
func layerName(k int) string { return fmt.Sprint("layer", k) }

// A layer takes one step. It is made for each run, so what it remembers of the layer
// before lives in its closure.
type layer func(k int, x ad.Value) ad.Value

// A network is what makes the rules of the LISTA line differ.
type network struct {
	init    func(th nn.Params)
	begin   func(r *unrolling) layer // the layers of a run
	ready   func(th nn.Params) error // why no run can start, beyond settings that make no network; nil for nothing
	oracles []string                 // what the layers ask for; nil for Residual, where b comes from
	keeps   bool                     // layers remember points before the last one
}

func (u Config) optimizer(net network) learned.Optimizer {
	if net.oracles == nil {
		net.oracles = []string{"Residual"}
	}
	if net.ready == nil {
		net.ready = func(nn.Params) error { return nil }
	}
	minus := u.constant(func() ad.Value { return u.Dictionary.A().Neg() })
	return learned.Optimizer{
		Name:   u.Rule,
		Config: u,
		Init: func(th nn.Params, _ *rand.Rand) {
			if u.err() == nil { // else the rule says what is wrong
				net.init(th)
			}
		},
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
				if u.Dictionary != nil && p.NeedOne(u.Rule) == nil { // it is drawn for a problem of its size alone
					if err := u.fits(p); err != nil {
						return nil, err
					}
				}
				if err := errors.Join(u.err(), p.NeedOne(u.Rule, net.oracles...)); err != nil {
					return nil, err
				}
				if err := net.ready(th); err != nil {
					return nil, err
				}
				r := &unrolling{Config: u, p: p, th: th, minusA: minus}
				begin := func(optimizee.Point) optim.Step {
					k, next := 0, net.begin(r)
					return func(x optimizee.Point) optimizee.Point {
						k = min(k+1, u.Layers)
						return optimizee.X(next(k, x.X()))
					}
				}
				if u.Single && !net.keeps && slices.Equal(net.oracles, []string{"Residual"}) { // which is asked at 0
					return optim.RememberUnseen(begin), nil
				}
				return optim.Remember(begin), nil
			}
		},
	}
}

// unrolling is one run.
type unrolling struct {
	Config
	p      *optimizee.Problem
	th     nn.Params
	minusA func() matrix
	b      ad.Value
	kept   map[string]kept
}

// at is a parameter of layer k.
func (r *unrolling) at(k int, name string) ad.Value { return r.th.Sub(layerName(k)).At(name) }

// input is b, for points of the shape of x.
func (r *unrolling) input(x ad.Value) ad.Value {
	if r.b.IsZero() {
		r.b = r.p.Residual(optimizee.X(ad.New(x.R, x.C, nil))).Neg()
	}
	return r.b
}

// rest is b − Ax.
func (r *unrolling) rest(x ad.Value) ad.Value {
	switch {
	case origin(x):
		return r.input(x)
	case r.Single:
		return r.minusA().MatMulAdd(x, r.input(x))
	}
	return r.p.Residual(optimizee.X(x)).Neg()
}

// origin reports whether x is the constant 0, with which no product has to be taken.
func origin(x ad.Value) bool {
	for _, v := range x.Data {
		if v != 0 {
			return false
		}
	}
	return !x.Recorded()
}

// shrink is S of layer k with support selection.
func (r *unrolling) shrink(k int, z ad.Value) ad.Value {
	x, _ := shrink(z, r.at(k, "theta"), r.pass(k, z))
	return x
}

// correct is S of layer k at c + Wᵀx. x is a temporary of the layer, or b.
func (r *unrolling) correct(k int, W matrix, x, c ad.Value) ad.Value {
	theta := r.at(k, "theta")
	var next ad.Value
	if s, single := W.(ad.Single); single && theta.Len() == 1 && theta.Item() >= 0 && r.pass(k, c) == nil {
		next = s.TMatMulAddSoft(x, c, theta)
	} else {
		next = r.shrink(k, W.TMatMulAdd(x, c))
	}
	if !x.Same(r.b) {
		ad.Recycle(next, x)
	}
	return next
}

// pass is how many entries of each instance pass layer k unshrunk; nil for none.
func (u Config) pass(k int, z ad.Value) []int {
	count := int(math.Round(min(u.Pass*float64(k), u.MaxPass) / 100 * float64(z.R)))
	if u.NoSelection || count == 0 {
		return nil
	}
	counts := make([]int, z.C)
	for j := range counts {
		counts[j] = count
	}
	return counts
}

// ista are the first parameters that all networks here have: the step 1/L and the
// threshold Lambda/L of ISTA.
func (u Config) ista() (A ad.Value, step float64, theta ad.Value) {
	step = 1 / u.Dictionary.Lipschitz()
	return u.Dictionary.A(), step, ad.Scalar(u.Lambda * step)
}

// start is the first W of a layer.
func (u Config) start() ad.Value {
	A, step, _ := u.ista()
	if u.PlainStart {
		step = 1
	}
	return A.Scale(step)
}

// LISTA is ISTA with free matrices (Gregor and LeCun 2010),
//
//	x_{k+1} = S_θ(W₁b + W₂x_k)
//
// with W₂ and θ of each layer, and W₁ shared by all layers unless FreeInput is set.
// There are K(n² + 1) + mn parameters. At the start W₁ = Aᵀ/L, W₂ = I − AᵀA/L and
// θ = λ/L, which is ISTA.
func LISTA(u Config) learned.Optimizer {
	u = u.filled("LISTA")
	return u.optimizer(network{init: func(th nn.Params) {
		A, step, theta := u.ista()
		w1 := A.T().Scale(step)
		w2 := ad.Eye(A.C).Sub(w1.MatMul(A))
		if !u.FreeInput {
			th.Set("W1", w1)
		}
		for k := 1; k <= u.Layers; k++ {
			own := th.Sub(layerName(k))
			if u.FreeInput {
				own.Set("W1", w1)
			}
			own.Set("W2", w2)
			own.Set("theta", theta)
		}
	}, begin: func(r *unrolling) layer {
		return func(k int, x ad.Value) ad.Value {
			W2, theta := r.own(k, "W2"), r.at(k, "theta")
			z := r.code(k, x)
			if !origin(x) {
				z = W2.MatMulAdd(x, z)
			}
			x, _ = shrink(z, theta, nil)
			return x
		}
	}})
}

// code is W₁b. Where all layers share W₁ it is computed once.
func (r *unrolling) code(k int, x ad.Value) ad.Value {
	if r.FreeInput {
		return r.own(k, "W1").MatMulAdd(r.input(x), ad.New(x.R, x.C, nil))
	}
	return r.shared("W1", x)
}

// unrolls are the networks by name.
var unrolls = map[string]func(Config) learned.Optimizer{
	"LISTA": LISTA, "LISTA-CP": CP, "LISTA-CPSS": CPSS, "TiLISTA": TiLISTA, "ALISTA": ALISTA,
	"Step-LISTA": StepLISTA, "LFISTA": LFISTA, "LAMP": LAMP, "GLISTA": GLISTA, "HyperLISTA": HyperLISTA,
}

// Unroll makes the network that u.Rule names, as the function of that name does.
func Unroll(u Config) (learned.Optimizer, error) {
	of, ok := unrolls[u.Rule]
	if !ok {
		return learned.Optimizer{}, fmt.Errorf("lista: there is no network %q; there are %q", u.Rule, slices.Sorted(maps.Keys(unrolls)))
	}
	return of(u), nil
}
