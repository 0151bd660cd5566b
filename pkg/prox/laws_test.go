package prox_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// A row is a regulariser under test on n×k values.
type row struct {
	r    prox.Regulariser
	n, k int
	set  func(s float64) prox.Regulariser // the set s times as large, for sets
	twin twin
	tol  float64 // of laws, and near of the twin: larger for maps by an inner solver
	near float64
	flat bool // a tape is refused
}

func table() map[string]row {
	rng := rand.New(rand.NewPCG(7, 0))
	draw := func(r, c int) ad.Value { return adtest.Random(rng, r, c) }
	weights, ends, c6, a, C := draw(6, 1).Abs(), draw(6, 2).Abs(), draw(6, 1), draw(6, 1), draw(3, 6)
	lo, hi := ends.Cols(0, 1).Neg(), ends.Cols(1, 2)
	weights.Data[2] = 0
	x0, m, b := draw(6, 2), draw(4, 6), draw(4, 2)
	wide, tall := linear.Dense(m), linear.Dense(draw(9, 6))
	free := wide // an operator without its matrix
	free.Matrix = ad.Value{}
	gs := prox.Consecutive(1, 2, 3)
	some := [][]int{{5, 0}, {2, 3}}
	sets := func(t twin, f func(s float64) prox.Regulariser) row { return row{r: f(1), set: f, twin: t} }
	abs := func(w float64) twin { return anywhere(func(_ int, x float64) float64 { return w * math.Abs(x) }) }
	elastic := func(l1, l2 float64) twin {
		return anywhere(func(_ int, x float64) float64 { return l1*math.Abs(x) + l2/2*x*x })
	}
	between := func(lo, hi float64) twin { return each(zero, always(lo), always(hi)) }
	norms := func(lambda float64, groups [][]int) twin {
		return shortened(func(l float64) float64 { return lambda * l }, groups)
	}
	squares := func(a, b ad.Value) twin {
		return descended(func(x ad.Value) ad.Value { return a.TMatMul(a.MatMul(x).Sub(b)) }, a.SumSquares().Item())
	}
	sum := func(a, b prox.Regulariser) row { return row{r: prox.Sum(a, b), twin: alternated(a, b)} }
	one := prox.Consecutive(6)
	bt := draw(9, 1)
	ct, dt := C.T(), C.MatMul(x0).T()
	twice, both := ct.Beside(ct).T(), dt.Beside(dt).T()
	envelope := prox.Group(.5, gs).Moreau(.7)
	t := map[string]row{
		"none": {r: prox.None(), twin: anywhere(zero)},
		"l1":   {r: prox.L1(.4), twin: abs(.4)}, "no l1": {r: prox.L1(0), twin: anywhere(zero)},
		"weighted l1": {r: prox.WeightedL1(weights), twin: anywhere(func(i int, x float64) float64 { return weights.Data[i] * math.Abs(x) })},
		"elastic net": {r: prox.ElasticNet(.3, .7), twin: elastic(.3, .7)}, "ridge": {r: prox.SquaredL2(.6), twin: elastic(0, .6)},
		"linear": {r: prox.Linear(c6), twin: anywhere(func(i int, x float64) float64 { return c6.Data[i] * x })},
		"huber": {r: prox.Huber(.5, .8), twin: anywhere(func(_ int, x float64) float64 {
			if math.Abs(x) <= .8 {
				return .5 * x * x / 2
			}
			return .5 * .8 * (math.Abs(x) - .4)
		})},
		"l2": {r: prox.L2(.9), twin: norms(.9, one)}, "group": {r: prox.Group(.5, gs), twin: norms(.5, gs)},
		"some groups": {r: prox.Group(.5, some), twin: norms(.5, some)},
		"linf":        {r: prox.LInf(.8), twin: levelled(capped, func(tau float64, _ []float64) float64 { return .8 * tau })},
		"nuclear":     {r: prox.Nuclear(.7, 2, 3), twin: shrunk(.7, 2, 3)}, "nuclear, tall": {r: prox.Nuclear(.7, 3, 2), twin: shrunk(.7, 3, 2)},
		"nuclear, square": {r: prox.Nuclear(.7, 3, 3), n: 9, k: 1, twin: shrunk(.7, 3, 3)},
		"variation":       {r: prox.TotalVariation(.3, 6, 1), twin: dual(.3, 6, 1)},
		"image":           {r: prox.TotalVariation(.3, 3, 4), n: 12, k: 1, twin: dual(.3, 3, 4), tol: 3e-4, near: 1e-4, flat: true},
		"nonnegative":     sets(between(0, 50), func(float64) prox.Regulariser { return prox.NonNegative() }),
		"box":             sets(between(-.5, .2), func(s float64) prox.Regulariser { return prox.Box(-.5*s, .2*s) }),
		"bounds": sets(each(zero, func(i int) float64 { return lo.Data[i] }, func(i int) float64 { return hi.Data[i] }),
			func(s float64) prox.Regulariser { return prox.BoxEach(lo.Scale(s), hi.Scale(s)) }),
		"point":              sets(func(ad.Value, float64) ad.Value { return x0 }, func(s float64) prox.Regulariser { return prox.Equal(x0.Scale(s)) }),
		"simplex":            sets(bisected(above, 2, -50), func(s float64) prox.Regulariser { return prox.Simplex(2 * s) }),
		"l2 ball":            sets(shortened(func(l float64) float64 { return 1e4 * max(l-.9, 0) }, one), func(s float64) prox.Regulariser { return prox.L2Ball(.9 * s) }),
		"l1 ball":            sets(bisected(soft, 1.1, 0), func(s float64) prox.Regulariser { return prox.L1Ball(1.1 * s) }),
		"halfspace":          sets(kaczmarz(a.T(), ad.Row(-.5), true), func(s float64) prox.Regulariser { return prox.Halfspace(a, -.5*s) }),
		"affine":             sets(kaczmarz(C, C.MatMul(x0), false), func(s float64) prox.Regulariser { return prox.Affine(C, C.MatMul(x0).Scale(s)) }),
		"affine, twice":      sets(kaczmarz(twice, both, false), func(s float64) prox.Regulariser { return prox.Affine(twice, both.Scale(s)) }),
		"wide least squares": {r: prox.SquaredDistance(wide, b), twin: squares(m, b)}, "tall least squares": {r: prox.SquaredDistance(tall, bt), twin: squares(tall.Matrix, bt)},
		"operator": {r: prox.SquaredDistance(free, b), twin: squares(m, b)},

		"translated": {r: prox.L1(.4).Translate(c6), twin: anywhere(func(i int, x float64) float64 { return .4 * math.Abs(x-c6.Data[i]) })},
		"scaled":     {r: prox.ElasticNet(.3, .7).Scale(1.5), twin: elastic(.45, 1.05)},
		"stretched":  {r: prox.LInf(.5).Stretch(-2), twin: levelled(capped, func(tau float64, _ []float64) float64 { return tau })},
		"translated simplex": sets(func(v ad.Value, t float64) ad.Value { return bisected(above, 1, -50)(v.Sub(c6), t).Add(c6) },
			func(s float64) prox.Regulariser { return prox.Simplex(s).Translate(c6.Scale(s)) }),
		"envelope": {r: envelope, twin: descended(envelope.Subgrad, 1/.7)},
		"distance": {r: prox.Box(-.1, .2).Moreau(.3), twin: anywhere(func(_ int, x float64) float64 {
			d := max(-.1-x, x-.2, 0)
			return d * d / .6
		})},
		"rows":           {r: prox.L1(.4).Rows(1, 6), twin: anywhere(func(i int, x float64) float64 { return .4 * math.Abs(x) * min(float64(i), 1) })},
		"rows of groups": {r: prox.Group(.4, prox.Consecutive(2, 3)).Rows(0, 5), twin: norms(.4, prox.Consecutive(2, 3))},
		"rows of a simplex": {
			r: prox.Simplex(1).Rows(2, 5), set: func(s float64) prox.Regulariser { return prox.Simplex(s).Rows(2, 5) },
			twin: byColumn(func(v []float64, t float64) []float64 {
				return append(append(append([]float64(nil), v[:2]...), bisected(above, 1, -50)(ad.Col(v[2:5]...), t).Data...), v[5])
			}),
		},

		"nonnegative l1": sum(prox.L1(.3), prox.NonNegative()), "l1 in a box": sum(prox.Box(-.3, .8), prox.L1(.2)),
		"l1 in a box without 0": sum(prox.L1(.2), prox.Box(.3, .8)), "two boxes": sum(prox.Box(-1, .3), prox.BoxEach(lo, hi)),
		"box with a slope": sum(prox.Linear(c6), prox.Box(-1, 1)),
		"four terms": {
			r:    prox.Sum(prox.Linear(c6), prox.SquaredL2(.5), prox.L1(.1), prox.NonNegative()),
			twin: each(func(i int, x float64) float64 { return (c6.Data[i]+.1)*x + .25*x*x }, always(0), always(50)),
		},
		"sparse group": sum(prox.Group(.3, gs), prox.L1(.2)), "nonnegative group": sum(prox.NonNegative(), prox.Group(.3, gs)),
		"weighted group": {
			r:    prox.Sum(prox.Group(.3, some), prox.WeightedL1(weights), prox.SquaredL2(.4), prox.Linear(c6)),
			twin: alternated(prox.Group(.3, some), prox.Sum(prox.WeightedL1(weights), prox.SquaredL2(.4), prox.Linear(c6))),
		},
		"l1 in a ball": sum(prox.L2Ball(1), prox.L1(.2)), "nuclear and ridge": sum(prox.Nuclear(.3, 2, 3), prox.SquaredL2(.5)),
		"simplex and ridge": {r: prox.Sum(prox.Simplex(1), prox.SquaredL2(.5), prox.Linear(c6)), twin: alternated(prox.Simplex(1), prox.Sum(prox.SquaredL2(.5), prox.Linear(c6)))},
		"huber in a box":    sum(prox.Huber(.5, .4), prox.Box(-1, .5)), "variation and ridge": sum(prox.TotalVariation(.3, 6, 1), prox.SquaredL2(.5)),
		"fused lasso": sum(prox.L1(.2), prox.TotalVariation(.3, 6, 1)), "variation in a box": sum(prox.TotalVariation(.3, 6, 1), prox.Box(-.2, .5)),
	}
	for name, w := range t {
		if w.n == 0 {
			w.n, w.k = 6, 2
		}
		w.tol, w.near = max(w.tol, 1e-10), max(w.near, 1e-7)
		t[name] = w
	}
	return t
}

func TestLaws(t *testing.T) {
	for name, w := range table() {
		t.Run(name, func(t *testing.T) {
			if w.r.Err != nil {
				t.Fatal(w.r.Err)
			}
			rng := rand.New(rand.NewPCG(3, 0))
			for range 3 {
				for _, err := range []error{definition(w, rng), firm(w, rng), duality(w, rng), steps(w, rng), hostile(w, rng), scales(w, rng), derivatives(w, rng)} {
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// points are where r is finite: proximal points of near and far, and points between them.
func points(w row, rng *rand.Rand) []ad.Value {
	var all []ad.Value
	for i := range 20 {
		size := math.Pow(10, float64(i%4)-1.5)
		all = append(all, w.r.Prox(adtest.Random(rng, w.n, w.k).Scale(size), ad.Scalar(.2)))
		if i > 0 {
			all = append(all, all[2*i-2].AddScaled(rng.Float64(), all[len(all)-1].Sub(all[2*i-2])))
		} else {
			all = append(all, all[0])
		}
	}
	return all
}

// definition: u = (v − p)/t is a subgradient of r at p = prox(v), that is
// r(q) ≥ r(p) + ⟨u, q − p⟩ for every q, which says the same as that p minimises.
func definition(w row, rng *rand.Rand) error {
	others := points(w, rng)
	for i := range 6 {
		v, step := adtest.Random(rng, w.n, w.k).Scale(math.Pow(10, float64(i%3)-1)), .1+2*rng.Float64()
		p := w.r.Prox(v, ad.Scalar(step))
		others := append([]ad.Value{p.Scale(.5), p.Scale(2)}, others...)
		for k := range p.Data { // along one coordinate
			for _, h := range []float64{1e-3, -1e-3, 1, -1} {
				q := p.Scale(1)
				q.Data[k] += h
				others = append(others, q)
			}
		}
		if err := below(w, v.Sub(p).Scale(1/step), p, others); err != nil {
			return fmt.Errorf("prox(v) does not minimise its definition: %w", err)
		}
		if w.r.Subgrad != nil {
			if err := below(w, w.r.Subgrad(p), p, others); err != nil {
				return fmt.Errorf("no subgradient: %w", err)
			}
		}
	}
	return nil
}

func below(w row, u, p ad.Value, others []ad.Value) error {
	at := w.r.Value(p).Item()
	if math.IsInf(at, 0) || at != at {
		return fmt.Errorf("r is %g at %v", at, p)
	}
	for _, q := range others {
		line := u.Dot(q.Sub(p)).Item()
		if r := w.r.Value(q).Item(); !(r >= at+line-w.tol*(1+math.Abs(at)+u.Abs().Dot(q.Abs().Add(p.Abs())).Item())) {
			return fmt.Errorf("r is %g at %v and below its tangent, %g", r, q, at+line)
		}
	}
	return nil
}

// firm: ‖p − q‖² ≤ ⟨p − q, v − w⟩, and a set's map is idempotent.
func firm(w row, rng *rand.Rand) error {
	step := ad.Scalar(.5)
	for range 20 {
		v, z := adtest.Random(rng, w.n, w.k), adtest.Random(rng, w.n, w.k)
		p, q := w.r.Prox(v, step), w.r.Prox(z, step)
		d := p.Sub(q)
		if a, b := d.SumSquares().Item(), d.Dot(v.Sub(z)).Item(); !(a <= b+w.tol) {
			return fmt.Errorf("not firmly nonexpansive: %g > %g", a, b)
		}
		if w.set != nil {
			if e := adtest.Distance(w.r.Prox(p, step).Data, p.Data); !(e <= 1e-14) {
				return fmt.Errorf("the projection moves a point of its set by %g", e)
			}
		}
	}
	return nil
}

// duality: Fenchel–Young, Moreau's identity and Reach.
func duality(w row, rng *rand.Rand) error {
	if w.r.Conjugate == nil {
		return nil
	}
	xs := points(w, rng)
	for range 20 {
		v, step := adtest.Random(rng, w.n, w.k).Scale(2), ad.Scalar(.1+2*rng.Float64())
		p := w.r.Prox(v, step)
		u := v.Sub(p).Div(step)
		dual := w.r.Conjugate(u)
		if gap := w.r.Value(p).Item() + dual - p.Dot(u).Item(); !(math.Abs(gap) <= w.tol*(1+math.Abs(dual))) {
			return fmt.Errorf("Fenchel–Young at prox: r + r* − ⟨x, u⟩ = %g", gap)
		}
		for _, x := range xs {
			if gap := w.r.Value(x).Item() + dual - x.Dot(u).Item(); !(gap >= -w.tol*(1+math.Abs(dual)+x.Abs().Dot(u.Abs()).Item())) {
				return fmt.Errorf("Fenchel–Young: r + r* is below ⟨x, u⟩ by %g", gap)
			}
		}
		z := w.r.ProxConjugate(v, step) // minimises r*(z) + ‖z − v‖²/2t: z is in ∂r at x = (v − z)/t
		if err := below(w, z, v.Sub(z).Div(step), xs); err != nil {
			return fmt.Errorf("ProxConjugate does not minimise: %w", err)
		}
		if w.r.Reach == nil {
			continue
		}
		d := adtest.Random(rng, w.n, w.k)
		t := w.r.Reach(d)
		in, out := w.r.Conjugate(d.Scale(min(t, 1e6)*(1-1e-9))), w.r.Conjugate(d.Scale(t*(1+1e-6)+1e-9))
		if !(t >= 0) || math.IsInf(in, 0) || in != in || (!math.IsInf(t, 1) && !math.IsInf(out, 1)) {
			return fmt.Errorf("Reach is %g, r* is %g below and %g above", t, in, out)
		}
		if t := w.r.Reach(u.Scale(.5)); !(t >= 2*(1-1e-9)) {
			return fmt.Errorf("Reach is %g for half of a point of the domain", t)
		}
	}
	return nil
}

// steps: a step per entry does to each what one for all does, or panics with both shapes;
// columns do not see each other.
func steps(w row, rng *rand.Rand) error {
	v, each := adtest.Random(rng, w.n, w.k), adtest.Random(rng, w.n, w.k).Abs()
	text := panics(func() {
		p := w.r.Prox(v, each)
		for k := range v.Data {
			if one := w.r.Prox(v, ad.Scalar(each.Data[k])); !(math.Abs(one.Data[k]-p.Data[k]) <= 1e-14*(1+math.Abs(p.Data[k]))) {
				panic(fmt.Sprintf("entry %d: %g by a step per entry, %g by one", k, p.Data[k], one.Data[k]))
			}
		}
	})
	if w.r.OneStep == strings.Contains(text, v.Shape()+" takes one step for all entries, not "+each.Shape()) && (w.r.OneStep || text == "") {
		return nil
	}
	return fmt.Errorf("a step per entry, OneStep being %t: %q", w.r.OneStep, text)
}

func panics(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

// hostile: NaN in, NaN out, and nothing hangs.
func hostile(w row, rng *rand.Rand) error {
	v := adtest.Random(rng, w.n, w.k)
	v.Data[rng.IntN(v.Len())] = math.NaN()
	p := w.r.Prox(v, ad.Scalar(1))
	if p.IsFinite() {
		return fmt.Errorf("the map of NaN is %v", p)
	}
	nan := ad.Full(w.n, w.k, math.NaN())
	if r := w.r.Value(nan).Item(); !math.IsNaN(r) && w.r.Name != "none" {
		return fmt.Errorf("r is %g at NaN", r)
	}
	if w.r.Conjugate != nil && w.r.Reach != nil {
		if c, t := w.r.Conjugate(nan), w.r.Reach(nan); !(math.IsNaN(c) || math.IsInf(c, 1)) || t > 0 && w.set == nil {
			return fmt.Errorf("r* is %g at NaN, and its reach %g", c, t)
		}
	}
	return nil
}

// scales: the projection of s·v onto s times the set is s times the projection.
func scales(w row, rng *rand.Rand) error {
	if w.set == nil {
		return nil
	}
	v := adtest.Random(rng, w.n, w.k).Scale(3)
	one := w.r.Prox(v, ad.Scalar(1))
	for _, s := range []float64{1e-8, 1e8} {
		r := w.set(s)
		p := r.Prox(v.Scale(s), ad.Scalar(1))
		if e := adtest.Distance(p.Scale(1/s).Data, one.Data); !(e <= 1e-13) {
			return fmt.Errorf("scaled by %g the projection differs by %g", s, e)
		}
		out := r.Value(p.AddScaled(1e-5, v.Scale(s).Sub(p))).Item() // a little towards v
		if r.Value(p).Item() != 0 || (out == 0 && v.Sub(one).SumSquares().Item() > .1) {
			return fmt.Errorf("scaled by %g a projection is outside, or a point before it inside", s)
		}
	}
	return nil
}

// derivatives on the tape, of the map in v and in the step, of r and of its subgradient.
func derivatives(w row, rng *rand.Rand) error {
	v, to := adtest.Random(rng, w.n, w.k), adtest.Random(rng, w.n, w.k)
	along := func(v ad.Value) ad.Value { return v.Mul(to).Sum() }
	mapped := func(xs ...ad.Value) ad.Value { return along(w.r.Prox(xs[0], xs[1])) }
	if w.flat {
		if text := panics(func() { adtest.Gradients(mapped, v, ad.Scalar(1)) }); !strings.Contains(text, "no gradient flows") {
			return fmt.Errorf("on a tape: %q", text)
		}
		mapped = func(...ad.Value) ad.Value { return ad.Scalar(0) }
	}
	errs := []error{slopes("the map", rng, mapped, v, ad.Scalar(.1+rng.Float64()))}
	if !w.r.OneStep {
		errs = append(errs, slopes("the map by a step per entry", rng, mapped, v, adtest.Random(rng, w.n, w.k).Abs()))
	}
	if w.r.Subgrad != nil {
		errs = append(errs, slopes("r", rng, func(xs ...ad.Value) ad.Value { return w.r.Value(xs[0]) }, v),
			slopes("the subgradient", rng, func(xs ...ad.Value) ad.Value { return along(w.r.Subgrad(xs[0])) }, v))
	}
	return errors.Join(errs...)
}

// slopes compares gradients with differences over 2e-6 in each argument, which hardly ever meet a kink.
func slopes(of string, rng *rand.Rand, f adtest.Func, xs ...ad.Value) error {
	_, grads := adtest.Gradients(f, xs...)
	for i := range 4 * len(xs) {
		i %= len(xs)
		dir, g := adtest.Random(rng, xs[i].R, xs[i].C), ad.New(xs[i].R, xs[i].C, grads[i])
		var ends [2]float64
		for e, h := range []float64{1e-6, -1e-6} {
			moved := slices.Clone(xs)
			moved[i] = xs[i].AddScaled(h, dir)
			ends[e] = f(moved...).Item()
		}
		want, got := (ends[0]-ends[1])/2e-6, g.Dot(dir).Item()
		if !(math.Abs(got-want) <= 1e-6*(1+math.Abs(want))) {
			return fmt.Errorf("the slope of %s in argument %d is %.9g, by differences %.9g", of, i, got, want)
		}
	}
	return nil
}
