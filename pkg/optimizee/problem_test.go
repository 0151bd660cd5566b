package optimizee_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// TestRefused: an invalid problem is refused with a message that says what to change.
func TestRefused(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	a, b := gauss(1, 3, 2), gauss(2, 3, 1)
	spoiled := func(x float64) ad.Value { return ad.New(3, 2, []float64{1, 2, 3, 4, 5, x}) }
	user := func(change func(p *optimizee.Problem)) *optimizee.Problem {
		p := ridge(a, b, 0.1)
		change(p)
		return p
	}
	draw := func(f optimizee.Family) *optimizee.Problem { return f.Draw(optimizee.Stream(1)) }
	at := optimizee.X(ad.Col(1, 1))
	for want, p := range map[string]*optimizee.Problem{
		"needs the Value oracle, which ridge does not have":      user(func(p *optimizee.Problem) { p.Value = nil }),
		"ridge has no Start: set it to a point such as":          user(func(p *optimizee.Problem) { p.Start = optimizee.Point{} }),
		"ridge: Start holds NaN or Inf":                          user(func(p *optimizee.Problem) { p.Start = optimizee.X(ad.Col(0, nan)) }),
		"ad: MatMul: 3×2 by 5×1; do the sizes":                   user(func(p *optimizee.Problem) { p.Start = optimizee.X(ad.New(5, 1, nil)) }),
		"ad: Sub: 3×1 by 2×1; do the sizes":                      ridge(a, gauss(1, 2, 1), 0.1),
		"Value returns a 3×1 value; it has to be 1×1":            user(func(p *optimizee.Problem) { p.Value = func(x optimizee.Point) ad.Value { return a.MatMul(x.X()) } }),
		"Value is NaN at Start: look for NaN or Inf in the data": ridge(spoiled(nan), b, 0.1),
		"Grad of block \"x\" is 1×2 and the block 2×1": user(func(p *optimizee.Problem) {
			p.Grad = func(string, optimizee.Point) ad.Value { return ad.New(1, 2, nil) }
		}),
		"Grad of block \"x\" is not finite": user(func(p *optimizee.Problem) {
			p.Grad = func(string, optimizee.Point) ad.Value { return ad.Col(0, inf) }
		}),
		"Subgrad of block \"x\" is 3×1": user(func(p *optimizee.Problem) {
			p.Subgrad = func(string, optimizee.Point) ad.Value { return ad.New(3, 1, nil) }
		}),
		"the Lipschitz constant of block \"x\" is 0":          optimizee.Lasso(ad.New(3, 2, nil), b, 1),
		"a Lipschitz constant has to be positive":             optimizee.WithLipschitz(ridge(a, b, 1), 0),
		"finite, not +Inf":                                    optimizee.WithLipschitz(ridge(a, b, 1), inf),
		"A holds NaN in row 2, column 1: remove or impute it": optimizee.Lasso(spoiled(nan), b, 1),
		"A holds -Inf in row 2":                               optimizee.Quadratic(spoiled(-inf), b),
		"b holds +Inf in row 1, column 0":                     optimizee.Lasso(a, ad.Col(1, inf, 0), 1),
		"A is 3×2 and b is 2×1: b has to have one row":        optimizee.Quadratic(a, ad.Col(1, 2)),
		"A is 3×2 and b is 0×0":                               optimizee.Lasso(a, ad.Value{}, 1),
		"is 0×2: it has to have rows and columns":             optimizee.Lasso(ad.New(0, 2, nil), ad.New(0, 1, nil), 1),
		"λ = -0.1: a regularisation weight has":               optimizee.Lasso(a, b, -0.1),
		"λ = NaN":                                             optimizee.Lasso(a, b, nan),
		"λ = +Inf":                                            optimizee.Logistic(a, ad.Col(0, 1, 1), inf),
		"label 1 is 2: labels have to be 0 or 1":              optimizee.Logistic(a, ad.Col(0, 2, 1), 1),
		"label 0 is -1":                                       optimizee.Logistic(a, ad.Col(-1, 1, 1), 1),
		"label 2 is NaN":                                      optimizee.Logistic(a, ad.Col(0, 1, nan), 1),
		"A is 3×2 and y is 2×1: y has to have one row":        optimizee.Logistic(a, ad.Col(0, 1), 1),
		"y is 3×2: it has to be one column":                   optimizee.Logistic(a, ad.New(3, 2, nil), 1),
		"A holds NaN":                                         optimizee.Logistic(spoiled(nan), ad.Col(0, 1, 1), 1),
		"0×5: Rows and Cols have to be positive":              draw(optimizee.LassoSpec{Cols: 5}),
		"6 nonzeros among 5 entries":                          draw(optimizee.LassoSpec{Rows: 3, Cols: 5, Nonzeros: 6}),
		"-1 nonzeros among 5 entries":                         draw(optimizee.LogisticSpec{Rows: 3, Cols: 5, Nonzeros: -1}),
		"3×0: Rows and Cols have to be positive":              draw(optimizee.QuadraticSpec{Rows: 3}),
		"λ = -1":                                draw(optimizee.LogisticSpec{Rows: 3, Cols: 5, Lambda: -1}),
		"there is no block \"V\" among [\"x\"]": ridge(a, b, 1).On("V", &at),
	} {
		err := p.Check()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if p.Err != nil { // what is known from the data alone, every rule reports
			if err := p.Need("a rule", "Grad"); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Need: error %v, want %q", err, want)
			}
		}
	}
	if err := ridge(a, b, 0.1).Check(); err != nil {
		t.Errorf("a good problem is refused: %v", err)
	}
	// a mistake that is not one of shapes is not dressed up
	defer func() {
		if r := recover(); r == nil {
			t.Error("Check swallowed a panic")
		}
	}()
	var none []ad.Value
	broken := user(func(p *optimizee.Problem) {
		p.Value = func(optimizee.Point) ad.Value { return none[len(none)] }
	})
	_ = broken.Check()
}

func TestNeed(t *testing.T) {
	p := ridge(gauss(1, 3, 2), gauss(2, 3, 1), 0.1)
	for oracle, want := range map[string]string{
		"Prox":      "ISTA needs the Prox oracle, which ridge does not have: if F is smooth, optimizee.Smooth adds the identity",
		"Lipschitz": "ISTA needs the Lipschitz oracle, which ridge does not have: optimizee.EstimateLipschitz adds an estimate",
		"Solve":     "ISTA needs the Solve oracle, which ridge does not have: only problems with a closed-form block minimiser have one",
		"Residual":  "ISTA needs the Residual oracle, which ridge does not have",
		"Bound":     "ISTA needs the Bound oracle, which ridge does not have",
		"ValueGrad": "ISTA needs the ValueGrad oracle, which ridge does not have",
	} {
		if err := p.Need("ISTA", "Grad", oracle); err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := p.NeedOne("Adam", "Grad", "Subgrad"); err != nil { // Grad is the gradient of all of F here
		t.Error(err)
	}
	p.Prox = func(_ string, v, _ ad.Value) ad.Value { return v } // from here on there is an r
	if err := p.Need("Adam", "Subgrad"); err == nil || !strings.Contains(err.Error(), "give ∇f plus an element of ∂r") {
		t.Errorf("error %v", err)
	}
	p.Start = optimizee.Point{}.Plus("U", ad.Scalar(1)).Plus("V", ad.Scalar(1))
	if err := p.NeedOne("ISTA", "Grad"); err == nil || !strings.Contains(err.Error(), `ridge has blocks ["U" "V"]: wrap the rule in optim.On`) {
		t.Errorf("error %v", err)
	}
	if want := "ridge (U 1×1, V 1×1): Value Grad Prox"; p.String() != want {
		t.Errorf("%q, want %q", p, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("Need takes an oracle that is none")
		}
	}()
	_ = p.Need("ISTA", "Gradient")
}

func TestPoint(t *testing.T) {
	u, v := ad.Col(1, 2), ad.Row(3, 4)
	p := optimizee.Point{}.Plus("U", u).Plus("V", v)
	if !p.X().Same(u) || !p.At("V").Same(v) || strings.Join(p.Blocks(), " ") != "U V" {
		t.Error("the blocks are not where they were put")
	}
	q := p.With("V", ad.Row(5, 6))
	if !p.At("V").Same(v) || q.At("V").At(0, 1) != 6 || !q.At("U").Same(u) {
		t.Error("With changed the point, or another block")
	}
	if got := p.Dot(q); got != 1+4+15+24 {
		t.Errorf("inner product %g", got)
	}
	if got := q.Sub(p).Scale(2).Add(p).At("V").Data; got[0] != 7 || got[1] != 8 {
		t.Errorf("p + 2(q − p) is %v", got)
	}
	if !p.Same(p.Detach()) || p.Same(q) || p.Same(p.Scale(1)) || (optimizee.Point{}).Same(optimizee.Point{}) || !(optimizee.Point{}).IsZero() || p.IsZero() {
		t.Error("Same means the very same iterate")
	}
	if !p.IsFinite() || p.With("U", ad.Col(0, math.Inf(1))).IsFinite() {
		t.Error("IsFinite")
	}
	for want, f := range map[string]func(){
		`block "U" is there already`:           func() { p.Plus("U", u) },
		`no block "W" among ["U" "V"]`:         func() { p.At("W") },
		`no block "x" among`:                   func() { p.With("x", u) },
		`points of blocks ["U" "V"] and ["x"]`: func() { p.Add(optimizee.X(u)) },
		"this point has no blocks":             func() { optimizee.Point{}.X() },
	} {
		func() {
			defer func() {
				if r, ok := recover().(string); !ok || !strings.Contains(r, want) {
					t.Errorf("panic %q, want %q", r, want)
				}
			}()
			f()
		}()
	}
}

// TestFamilies: the instances are what their specification says, and equal for equal streams.
func TestFamilies(t *testing.T) {
	lasso := optimizee.PaperLasso.Draw(optimizee.Stream(3))
	if lasso.Traits["rows"] != 250 || lasso.Traits["cols"] != 500 || lasso.Traits["lambda"] != 0.1 || lasso.Start.X().Shape() != "500×1" {
		t.Errorf("%v, start %s", lasso.Traits, lasso.Start.X().Shape())
	}
	// ∇f(eᵢ) − ∇f(0) is the i-th column of AᵀA: ones on its diagonal say unit columns
	zero := optimizee.X(ad.New(500, 1, nil))
	g := lasso.Grad("x", zero)
	for i := range 5 {
		e := ad.New(500, 1, nil)
		e.Data[i] = 1
		if d := lasso.Grad("x", optimizee.X(e)).Sub(g).At(i, 0); !(math.Abs(d-1) < 1e-12) {
			t.Errorf("column %d has length² %g", i, d)
		}
	}
	again := optimizee.PaperLasso.Draw(optimizee.Stream(3)).Grad("x", zero)
	other := optimizee.PaperLasso.Draw(optimizee.Stream(4)).Grad("x", zero)
	if again.Sub(g).Norm1().Item() != 0 || other.Sub(g).Norm1().Item() == 0 {
		t.Error("a stream is not the problem")
	}
	// with more rows than columns and λ = 0 the minimiser is x*: exactly so many nonzeros
	tall := optimizee.LassoSpec{Rows: 40, Cols: 12, Nonzeros: 5}.Draw(optimizee.Stream(8))
	star, nonzeros := tall.Start, 0
	for range 2000 {
		star = star.Sub(tall.Gradient(star).Scale(1 / tall.Lipschitz("x", star)))
	}
	for _, v := range star.X().Data {
		if math.Abs(v) > 1e-6 {
			nonzeros++
		}
	}
	if f := tall.Value(star).Item(); nonzeros != 5 || !(f < 1e-12) {
		t.Errorf("x* has %d nonzeros, and Ax* − b leaves %g", nonzeros, f)
	}
	logistic := optimizee.PaperLogistic.Draw(optimizee.Stream(3))
	if f := logistic.Value(logistic.Start).Item(); math.Abs(f-math.Ln2) > 1e-12 {
		t.Errorf("at zero the mean loss is %g, not ln 2", f)
	}
	// labels without noise: some direction separates them, so without r the loss goes to 0
	free := optimizee.LogisticSpec{Rows: 30, Cols: 5, Nonzeros: 5}.Draw(optimizee.Stream(1))
	x := free.Start
	for range 3000 {
		x = x.Sub(free.Gradient(x).Scale(20))
	}
	if f := free.Value(x).Item(); !(f < 0.02) {
		t.Errorf("separable classes leave a loss of %g", f)
	}
	for want, got := range map[string]string{
		"lasso 250×500, 50 nonzeros, λ = 0.1":   optimizee.PaperLasso.String(),
		"logistic 100×20, 8 nonzeros, λ = 0.02": optimizee.SmallLogistic.String(),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestExtremes: the corners of the formulas.
func TestExtremes(t *testing.T) {
	// logits of ±1e4 neither overflow nor lose the loss
	p := optimizee.Logistic(ad.Col(1, 1), ad.Col(1, 0), 0)
	if f := p.Value(optimizee.X(ad.Scalar(1e4))).Item(); f != 5000 {
		t.Errorf("F = %g, want 5000", f)
	}
	// a feature that is always 0, and no regularisation: 0/0 in the dual scaling
	w := ad.New(2, 2, []float64{1, 0, -1, 0})
	if b := optimizee.Logistic(w, ad.Col(1, 0), 0).Bound(optimizee.X(ad.New(2, 1, nil))); b != 0 {
		t.Errorf("bound %g, want 0", b)
	}
	// a tall matrix without full column rank: there is no single minimiser
	flat := optimizee.Quadratic(ad.New(3, 2, []float64{1, 2, 2, 4, 3, 6}), ad.Col(1, 0, 0))
	if x := flat.Solve("x", flat.Start); x.IsFinite() {
		t.Errorf("a singular problem is solved by %v", x.Data)
	}
	if b := flat.Bound(optimizee.X(ad.Col(1, 1))); b != 0 {
		t.Errorf("bound %g of a singular problem", b)
	}
	// in one number strong convexity knows the minimum from every point
	one := optimizee.Quadratic(ad.Col(1, 2), ad.Col(3, 1))
	for _, x := range []float64{-5, 0, 1, 40} {
		if b := one.Bound(optimizee.X(ad.Scalar(x))); math.Abs(b-2.5) > 1e-10 {
			t.Errorf("bound %g at %g, want 2.5", b, x)
		}
	}
	// at a perfect fit the dual point of the Lasso is 0/0
	if b := optimizee.Lasso(ad.Eye(2), ad.Col(0, 0), 1).Bound(optimizee.X(ad.Col(0, 0))); b != 0 {
		t.Errorf("bound %g, want 0", b)
	}
}

// The truth of a problem stays with it in every wrapper, and On shows its block.
func TestTruth(t *testing.T) {
	p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	if p.Truth.X().R != 40 || p.Value(p.Truth).Item() >= p.Value(p.Start).Item() {
		t.Errorf("F is %v at the truth and %v at the start", p.Value(p.Truth), p.Value(p.Start))
	}
	counted, _ := optimizee.Count(p)
	for what, q := range map[string]*optimizee.Problem{
		"Count": counted, "WithLipschitz": optimizee.WithLipschitz(p, 1), "Smooth": optimizee.Smooth(p),
		"EstimateLipschitz": optimizee.EstimateLipschitz(p), "On": p.On("x", new(optimizee.Point)), "Only": optimizee.Only(p).Draw(nil),
	} {
		if q.Truth.IsZero() || !q.Truth.X().Same(p.Truth.X()) {
			t.Errorf("%s loses the truth", what)
		}
	}
	p.Truth = optimizee.X(ad.Col(math.NaN()))
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "Truth holds NaN") {
		t.Error(err)
	}
}

// A copy with another Value and Grad has a ValueGrad and a Bound that are of another F.
func TestStale(t *testing.T) {
	p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	for what, change := range map[string]func(q *optimizee.Problem){
		"twice F":      func(q *optimizee.Problem) { *q = renewed(p, 2, 0) },
		"another λ":    func(q *optimizee.Problem) { *q = renewed(p, 1, 1) },
		"a tenth of F": func(q *optimizee.Problem) { *q = renewed(p, 0.1, 0); q.ValueGrad = nil },
	} {
		q := *p
		if change(&q); what == "a tenth of F" {
			for l := p.Lipschitz("x", p.Start); q.Value(q.Start).Item() > p.Bound(q.Start)/2; { // until the bound is tight
				q.Start = optimizee.X(p.Prox("x", q.Start.X().AddScaled(-1/l, p.Grad("x", q.Start)), ad.Scalar(1/l)))
			}
		}
		if err := q.Check(); err == nil || !strings.Contains(err.Error(), "are of different F") {
			t.Errorf("%s: %v", what, err)
		}
		q.ValueGrad, q.Bound = nil, nil
		if err := q.Check(); err != nil {
			t.Errorf("%s, with nothing stale: %v", what, err)
		}
	}
}

// renewed is c·F + more·‖x‖₁ as far as Value and Grad go.
func renewed(p *optimizee.Problem, c, more float64) optimizee.Problem {
	q := *p
	q.Value = func(x optimizee.Point) ad.Value { return p.Value(x).Scale(c).Add(x.X().Norm1().Scale(more)) }
	q.Grad = func(b string, x optimizee.Point) ad.Value { return p.Grad(b, x).Scale(c) }
	return q
}

// A norm goes over all blocks, also where squares leave the range of numbers.
func TestNorm(t *testing.T) {
	p := optimizee.X(ad.Col(3, 0)).Plus("y", ad.Col(4))
	for _, scale := range []float64{1, 1e-200, 1e200} {
		if got, want := p.Scale(scale).Norm(), 5*scale; !(math.Abs(got-want) <= 1e-15*want) {
			t.Errorf("the norm is %g, want %g", got, want)
		}
	}
	if got := p.Scale(math.NaN()).Norm(); !math.IsNaN(got) {
		t.Errorf("the norm of NaN is %g", got)
	}
}
