package lista_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// TestAnalyticWeights: W is feasible, no feasible change lowers ‖WᵀA‖, projected
// gradients end there too, and its coherence is below that of A.
func TestAnalyticWeights(t *testing.T) {
	a := sparse.DrawDictionary(20, 40, 3).A()
	w, err := sparse.AnalyticWeights(a)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range w.Mul(a).T().SumRows().Data {
		if math.Abs(x-1) > 1e-12 {
			t.Errorf("w_%dᵀa_%d is %g", i, i, x)
		}
	}
	energy := func(w ad.Value) float64 { return w.TMatMul(a).SumSquares().Item() }
	// project puts v onto the directions that keep w_iᵀa_i
	project := func(v ad.Value) ad.Value {
		along := v.Mul(a).T().SumRows().T().Div(a.Square().T().SumRows().T())
		return v.Sub(a.Mul(along))
	}
	for i := range uint64(20) {
		d := project(gauss(i, 20, 40)).Scale(1e-2)
		if !(energy(w.Add(d)) > energy(w)) {
			t.Errorf("a feasible change lowers ‖WᵀA‖² from %g to %g", energy(w), energy(w.Add(d)))
		}
	}
	v := a
	for range 3000 {
		v = v.Sub(project(a.MatMul(a.TMatMul(v))).Scale(0.1))
	}
	if d := adtest.Distance(v.Data, w.Data); !(d < 1e-8) {
		t.Errorf("projected gradients end %.2g away", d)
	}
	if own, best := sparse.Coherence(a, a), sparse.Coherence(w, a); !(best < own) {
		t.Errorf("coherence %g of W and A, %g of A itself", best, own)
	}
}

// TestCoherence compares with the definition in loops; the scale of W does not matter.
func TestCoherence(t *testing.T) {
	a, w := gauss(1, 5, 7), gauss(2, 5, 7)
	dot := func(i, j int) (s float64) {
		for k := range 5 {
			s += w.At(k, i) * a.At(k, j)
		}
		return s
	}
	var want, squares float64
	for i := range 7 {
		for j := range 7 {
			if i != j {
				w := math.Abs(dot(i, j) / dot(i, i))
				want, squares = max(want, w), squares+w*w
			}
		}
	}
	if got := sparse.Coherence(w.Scale(-3), a); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("coherence %g, want %g", got, want)
	}
	if got, want := sparse.Crosstalk(w.Scale(-3), a), math.Sqrt(squares/42); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("crosstalk %g, want %g", got, want)
	}
}

// TestHyperLISTA compares three layers with the formulas in loops.
func TestHyperLISTA(t *testing.T) {
	u := listaNet
	o := lista.HyperLISTA(u)
	th := first(o)
	p := listaFamily.Draw(optimizee.Stream(4))
	got := points(t, o.Rule(th), p, p.Start, 3)

	a, b := listaDictionary.A(), p.Residual(p.Start).Neg()
	w, err := sparse.AnalyticWeights(a)
	if err != nil {
		t.Fatal(err)
	}
	mu := sparse.Coherence(w, a)
	// A⁺ = Aᵀ(AAᵀ)⁻¹ has the rows of Wᵀ, each scaled; AA⁺ = I fixes the scale of all of them
	gram := a.MatMulT(a)
	c1, c2, c3 := th.At("c1").Item(), th.At("c2").Item(), th.At("c3").Item()
	for j := range b.C {
		x, before := ad.New(20, 1, nil), ad.New(20, 1, nil)
		size := func(r ad.Value) float64 { return a.TMatMul(solve(gram, r)).Norm1().Item() }
		bj := b.Cols(j, j+1)
		for k := range 3 {
			rest := bj.Sub(a.MatMul(x))
			left := size(rest)
			theta := c1 * mu * left
			beta := 0.
			for _, v := range x.Data {
				if v != 0 {
					beta += c2 * mu
				}
			}
			z := x.Add(w.TMatMul(rest)).Add(x.Sub(before).Scale(beta))
			count := int(math.Round(min(max(c3*math.Log(size(bj)/left), 0), 20)))
			sizes := slices.Clone(z.Abs().Data)
			slices.Sort(sizes)
			slices.Reverse(sizes)
			before, x = x, ad.New(20, 1, slices.Clone(z.Data))
			for i, v := range z.Data {
				if m := math.Abs(v); count < 20 && !(m > sizes[count] && m > theta) || count == 20 && m <= theta {
					x.Data[i] = math.Copysign(max(m-theta, 0), v)
				}
			}
			if d := adtest.Distance(ad.New(20, b.C, got[k]).Cols(j, j+1).Data, x.Data); !(d < 1e-9) {
				t.Fatalf("instance %d after %d layers differs by %.2g", j, k+1, d)
			}
		}
	}
}

// solve solves Gx = r for a positive definite G by conjugate gradients.
func solve(g, r ad.Value) ad.Value {
	x := ad.New(r.R, 1, nil)
	p := r
	for range 4 * r.R {
		rr := r.SumSquares().Item()
		if rr < 1e-30 {
			break
		}
		gp := g.MatMul(p)
		step := rr / p.Dot(gp).Item()
		x, r = x.Add(p.Scale(step)), r.Sub(gp.Scale(step))
		p = r.Add(p.Scale(r.SumSquares().Item() / rr))
	}
	return x
}

// TestHyperPass: FixedPass takes the counts of the other networks, whatever c3 is.
func TestHyperPass(t *testing.T) {
	p := listaFamily.Draw(optimizee.Stream(4))
	run := func(fixed bool, c3 float64) [][]float64 {
		u := listaNet
		u.FixedPass, u.Pass = fixed, 10
		o := lista.HyperLISTA(u)
		th := first(o)
		th.Set("c3", ad.Scalar(c3))
		return points(t, o.Rule(th), p, p.Start, 4)
	}
	equal(t, "fixed counts", 0, run(true, 1), run(true, 20))
	if slices.Equal(run(false, 1)[3], run(false, 20)[3]) {
		t.Error("c3 has no effect on the formula")
	}
}

// TestUnrolledConfig: the settings come back from JSON as the same network.
func TestUnrolledConfig(t *testing.T) {
	p := listaFamily.Draw(optimizee.Stream(4))
	for name, of := range unrolledRules {
		o := of(listaNet)
		data, err := json.Marshal(o.Config)
		if err != nil {
			t.Fatal(err)
		}
		var u lista.Config
		if err := json.Unmarshal(data, &u); err != nil {
			t.Fatal(err)
		}
		back, err := lista.Unroll(u)
		if err != nil || back.Name != name {
			t.Fatalf("%s comes back as %s, %v", name, back.Name, err)
		}
		equal(t, name, 0, points(t, back.Rule(first(back)), p, p.Start, 3), points(t, o.Rule(first(o)), p, p.Start, 3))
	}
	if _, err := lista.Unroll(lista.Config{Rule: "MISTA"}); err == nil {
		t.Error("a rule that is not there is made")
	}
}
