package lista_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// adaLISTA has three layers that differ and matrices away from I.
func adaLISTA() (learned.Optimizer, nn.Params) {
	o := lista.AdaLISTA(lista.AdaLISTAConfig{Rows: 8, Layers: 3, First: 0.05})
	th := o.First(nil)
	for i, name := range th.Names() {
		v := th.At(name)
		th.Set(name, v.Add(gauss(uint64(50+i), v.R, v.C).Scale(0.01)))
	}
	return o, th
}

// The first θ is ISTA with the step and threshold that are given, for whatever A.
func TestAdaLISTAStartsAsISTA(t *testing.T) {
	for seed := range uint64(3) {
		p := optimizee.Lasso(gauss(60+seed, 8, 14), gauss(70+seed, 8, 2), 0.3)
		q := optimizee.WithLipschitz(p, 1/0.05)
		o := lista.AdaLISTA(lista.AdaLISTAConfig{Rows: 8, First: 0.05})
		th := o.First(nil)
		for k := range 10 {
			th.Set(fmt.Sprintf("layer%d.theta", k+1), ad.Scalar(0.05*0.3))
		}
		equal(t, "Ada-LISTA", 1e-12, points(t, o.Rule(th), p, p.Start, 30), points(t, optim.ISTA, q, q.Start, 30))
	}
}

// Against the formula with A at hand, past the last layer, and as scheme (18).
func TestAdaLISTAByHand(t *testing.T) {
	const lambda, n = 0.3, 8
	A, b := gauss(3, 8, 14), gauss(4, 8, 2)
	p := optimizee.Lasso(A, b, lambda)
	o, th := adaLISTA()
	W1A, W2b := th.At("W1").MatMul(A), th.At("W2").MatMul(b)
	layer := func(k int) nn.Params { return th.Sub(fmt.Sprint("layer", 1+min(k, 2))) }
	w := func(k int, x ad.Value) ad.Value {
		return x.Sub(W1A.TMatMul(W1A.MatMul(x)).Sub(A.TMatMul(W2b)).Scale(layer(k).At("gamma").Item()))
	}
	var want [][]float64
	x := p.Start.X()
	for k := range n {
		x = prox.Soft(w(k, x), layer(k).At("theta"))
		want = append(want, x.Data)
	}
	equal(t, "Ada-LISTA", 1e-12, points(t, o.Rule(th), p, p.Start, n), want)

	covered := optim.Scheme18(func(p *optimizee.Problem, k int, x, _ ad.Value) optim.Terms {
		P := layer(k).At("gamma")
		v := x.Sub(P.Mul(p.Grad("x", optimizee.X(x))))
		return optim.Terms{P: P, B1: optim.BiasTo(v, w(k, x), P.Item()*lambda, layer(k).At("theta").Item())}
	})
	equal(t, "scheme (18)", 1e-12, points(t, covered, p, p.Start, n), want)
}

// The gradients of a supervised loss by all parameters, against finite differences.
func TestAdaLISTAGradient(t *testing.T) {
	o, th := adaLISTA()
	p, truth := optimizee.Lasso(gauss(3, 8, 14), gauss(4, 8, 2), 0.3), gauss(5, 14, 2)
	var at []ad.Value
	for _, name := range th.Names() {
		at = append(at, th.At(name))
	}
	loss := func(vs ...ad.Value) ad.Value {
		live := nn.NewParams()
		for i, name := range th.Names() {
			live.Set(name, vs[i])
		}
		s, err := o.Rule(live)(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s(s(s(p.Start))).X().Sub(truth).SumSquares()
	}
	_, gs := adtest.Gradients(loss, at...)
	for i, name := range th.Names() {
		d := gauss(uint64(80+i), at[i].R, at[i].C).Scale(1e-4) // so short that no entry crosses its threshold
		num, noise := adtest.Difference(func(h float64) float64 {
			moved := append([]ad.Value{}, at...)
			moved[i] = at[i].Add(d.Scale(h))
			return loss(moved...).Item()
		}, 1)
		got := ad.New(d.R, d.C, gs[i]).Dot(d).Item()
		if !(math.Abs(got-num) <= 1e-6*math.Abs(num)+noise) || num == 0 {
			t.Errorf("%s: the derivative is %.8g on the tape, %.8g by differences", name, got, num)
		}
	}
}

// Gradient descent on the distance to the minimisers, a new A for each instance, brings
// unseen problems nearer to theirs.
func TestAdaLISTALearns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for a second: leave out -short")
	}
	spec := optimizee.LassoSpec{Rows: 10, Cols: 20, Nonzeros: 2, Lambda: 0.1}
	o := lista.AdaLISTA(lista.AdaLISTAConfig{Rows: 10, Layers: 4})
	th := o.First(nil)
	var tape ad.Tape
	// loss of n problems from first on, by θ as it is on the tape
	loss := func(th nn.Params, first, n uint64) ad.Value {
		sum := ad.Scalar(0)
		for i := first; i < first+n; i++ {
			p := spec.Draw(optimizee.Stream(7, i))
			_, best, err := optim.Minimize(p, optim.FISTARestart, 300, nil)
			if err != nil {
				t.Fatal(err)
			}
			s, err := o.Rule(th)(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			sum = sum.Add(s(s(s(s(p.Start)))).Sub(best).X().SumSquares().Scale(1 / float64(n)))
		}
		return sum
	}
	before := loss(th, 1e6, 20).Item()
	for batch := range uint64(60) {
		tape.Reset()
		live := th.Watch(&tape)
		loss(live, 16*batch, 16).Backward()
		for _, name := range th.Names() {
			v := live.At(name)
			th.Set(name, v.Detach().Sub(ad.New(v.R, v.C, append([]float64{}, v.Grad()...)).Scale(0.02)))
		}
	}
	after := loss(th, 1e6, 20).Item()
	t.Logf("‖x − x*‖² on fresh problems from %.4g to %.4g", before, after)
	if !(after < 0.8*before) {
		t.Errorf("training takes ‖x − x*‖² from %.4g to %.4g", before, after)
	}
}

func TestAdaLISTARefuses(t *testing.T) {
	for want, c := range map[string]struct {
		c lista.AdaLISTAConfig
		p *optimizee.Problem
	}{
		"10 layers for an A of 0 rows": {lista.AdaLISTAConfig{}, lasso()},
		"-1 layers":                    {lista.AdaLISTAConfig{Rows: 8, Layers: -1}, lasso()},
		"First is -1":                  {lista.AdaLISTAConfig{Rows: 8, First: -1}, lasso()},
		"made for an A of 9 rows, and that of lasso has 8":    {lista.AdaLISTAConfig{Rows: 9}, lasso()},
		"Ada-LISTA needs the Residual oracle, which logistic": {lista.AdaLISTAConfig{Rows: 6}, logistic()},
	} {
		o := lista.AdaLISTA(c.c)
		th := o.First(nil)
		if _, err := o.Rule(th)(c.p, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
