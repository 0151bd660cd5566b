package lista_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// lista is a small setting of the networks of the LISTA line.
var (
	listaDictionary = sparse.DrawDictionary(12, 20, 5)
	listaFamily     = sparse.Recovery{Dictionary: listaDictionary, Lambda: 0.1, Columns: 4}
	listaNet        = lista.Config{Dictionary: listaDictionary, Layers: 6, Lambda: 0.1}
)

// unrolledRules are all of them, by name.
var unrolledRules = map[string]func(lista.Config) learned.Optimizer{
	"LISTA": lista.LISTA, "LISTA-CP": lista.CP, "LISTA-CPSS": lista.CPSS, "TiLISTA": lista.TiLISTA,
	"ALISTA": lista.ALISTA, "Step-LISTA": lista.StepLISTA, "LFISTA": lista.LFISTA, "LAMP": lista.LAMP,
	"GLISTA": lista.GLISTA, "HyperLISTA": lista.HyperLISTA,
}

// first draws the first parameters of o.
func first(o learned.Optimizer) nn.Params {
	return o.First(nil)
}

// amp is approximate message passing (Donoho, Maleki and Montanari 2009) in loops.
func amp(a, b ad.Value, lambda float64, n int) (xs [][]float64) {
	x, v := ad.New(a.C, b.C, nil), ad.New(a.R, b.C, nil)
	for range n {
		nonzero := make([]float64, b.C)
		for i, xi := range x.Data {
			if xi != 0 {
				nonzero[i%b.C]++
			}
		}
		rest := b.Sub(a.MatMul(x))
		length := make([]float64, b.C)
		for i := range v.Data {
			rest.Data[i] += nonzero[i%b.C] / float64(a.R) * v.Data[i]
			length[i%b.C] += rest.Data[i] * rest.Data[i]
		}
		v = rest
		x = x.Add(a.TMatMul(v))
		for i, z := range x.Data {
			t := lambda * math.Sqrt(length[i%b.C]/float64(a.R))
			x.Data[i] = math.Copysign(max(math.Abs(z)-t, 0), z)
		}
		xs = append(xs, slices.Clone(x.Data))
	}
	return xs
}

// TestListaStarts: where the first parameters are those of a classic method, the
// network is that method.
func TestListaStarts(t *testing.T) {
	p := listaFamily.Draw(optimizee.Stream(1))
	elsewhere := optimizee.X(gauss(6, 20, 4))
	plain, free := listaNet, listaNet
	plain.NoSelection = true
	free.FreeInput = true
	for name, c := range map[string]struct {
		o    learned.Optimizer
		want optim.Rule
		n    int
	}{
		"LISTA is ISTA":                             {lista.LISTA(listaNet), optim.ISTA, 9},
		"LISTA with W1 for each layer is ISTA":      {lista.LISTA(free), optim.ISTA, 9},
		"LISTA-CP is ISTA":                          {lista.CP(listaNet), optim.ISTA, 9},
		"LISTA-CPSS without selection is ISTA":      {lista.CPSS(plain), optim.ISTA, 9},
		"TiLISTA without selection is ISTA":         {lista.TiLISTA(plain), optim.ISTA, 9},
		"Step-LISTA is ISTA":                        {lista.StepLISTA(listaNet), optim.ISTA, 9},
		"LFISTA is FISTA for as long as it is deep": {lista.LFISTA(listaNet), optim.FISTA, listaNet.Layers},
	} {
		for _, x := range []optimizee.Point{p.Start, elsewhere} {
			equal(t, name, 1e-12, points(t, c.o.Rule(first(c.o)), p, x, c.n), points(t, c.want, p, x, c.n))
		}
	}
	b := p.Residual(p.Start).Neg()
	ampStart := listaNet
	ampStart.PlainStart, ampStart.Lambda = true, 1.1
	o := lista.LAMP(ampStart)
	equal(t, "LAMP is AMP", 1e-12, points(t, o.Rule(first(o)), p, p.Start, 9), amp(listaDictionary.A(), b, 1.1, 9))

	gated := lista.GLISTA(plain) // with closed gates
	th := first(gated)
	for k := 1; k <= listaNet.Layers; k++ {
		for _, name := range []string{"a", "c"} {
			th.Sub(fmt.Sprint("layer", k)).Set(name, ad.Scalar(0))
		}
	}
	equal(t, "GLISTA with closed gates is ISTA", 1e-12, points(t, gated.Rule(th), p, p.Start, 9), points(t, optim.ISTA, p, p.Start, 9))
}

// TestListaOthers: what starts as no classic method differs from ISTA, for the reason
// that its documentation gives.
func TestListaOthers(t *testing.T) {
	p := listaFamily.Draw(optimizee.Stream(1))
	ista := points(t, optim.ISTA, p, p.Start, 4)
	for _, name := range []string{"LISTA-CPSS", "TiLISTA", "ALISTA", "LAMP", "GLISTA", "HyperLISTA"} {
		u := listaNet
		u.Pass = 10
		o := unrolledRules[name](u)
		if xs := points(t, o.Rule(first(o)), p, p.Start, 4); slices.Equal(xs[3], ista[3]) {
			t.Errorf("%s starts as ISTA", name)
		}
	}
}

func TestListaCounts(t *testing.T) {
	const m, n, K = 12, 20, 6
	for name, want := range map[string]int{
		"LISTA": K*(n*n+1) + m*n, "LISTA-CP": K * (m*n + 1), "LISTA-CPSS": K * (m*n + 1), "TiLISTA": m*n + 2*K,
		"ALISTA": 2 * K, "Step-LISTA": K, "LFISTA": K*(2*n*n+1) - 2*n*n + m*n, "LAMP": K * (m*n + 1),
		"GLISTA": K * (m*n + n + 3), "HyperLISTA": 3,
	} {
		if got := first(unrolledRules[name](listaNet)).Count(); got != want {
			t.Errorf("%s has %d parameters, want %d", name, got, want)
		}
	}
}

func TestListaRefuses(t *testing.T) {
	p := listaFamily.Draw(optimizee.Stream(1))
	with := func(change func(u *lista.Config)) lista.Config {
		u := listaNet
		change(&u)
		return u
	}
	dependent := gauss(3, 12, 20)
	copy(dependent.Data[:20], dependent.Data[20:40])
	other := sparse.Recovery{Dictionary: sparse.DrawDictionary(12, 20, 6)}.Draw(optimizee.Stream(1))
	wide := sparse.Recovery{Dictionary: sparse.DrawDictionary(12, 21, 6)}.Draw(optimizee.Stream(1))
	tall := sparse.Recovery{Dictionary: sparse.DrawDictionary(13, 20, 6)}.Draw(optimizee.Stream(1))
	for want, c := range map[string]struct {
		u     lista.Config
		p     *optimizee.Problem
		rules string // those concerned; "" for all
	}{
		"there is no dictionary: make one":               {with(func(u *lista.Config) { u.Dictionary = nil }), p, ""},
		"a dictionary of 0×3":                            {with(func(u *lista.Config) { u.Dictionary = sparse.DrawDictionary(0, 3, 1) }), p, ""},
		"-1 layers":                                      {with(func(u *lista.Config) { u.Layers = -1 }), p, ""},
		"a first threshold may not be negative":          {with(func(u *lista.Config) { u.Lambda = -0.1 }), p, ""},
		"Pass is 101: it is a percentage":                {with(func(u *lista.Config) { u.Pass = 101 }), p, ""},
		"MaxPass is -1: it is a percentage":              {with(func(u *lista.Config) { u.MaxPass = -1 }), p, ""},
		"Pass is NaN: it is a percentage":                {with(func(u *lista.Config) { u.Pass = math.NaN() }), p, ""},
		"a row for each of the 20 atoms":                 {listaNet, wide, ""},
		"made for a dictionary of 12×20, and that of":    {listaNet, tall, ""},
		"leave Single out of Unrolled":                   {with(func(u *lista.Config) { u.Single = true }), other, ""},
		"fewer atoms than rows: is it transposed?":       {with(func(u *lista.Config) { u.Dictionary = sparse.NewDictionary(gauss(3, 20, 12)) }), p, "ALISTA HyperLISTA"},
		"the analytic weights need a dictionary of full": {with(func(u *lista.Config) { u.Dictionary = sparse.NewDictionary(dependent) }), p, "ALISTA HyperLISTA"},
	} {
		for name, of := range unrolledRules {
			if c.rules != "" && !strings.Contains(c.rules, name) || c.rules != "" && name == "LISTA" {
				continue
			}
			o := of(c.u)
			if _, err := o.Rule(first(o))(c.p, nil); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) && c.rules == "" {
				t.Errorf("%s: error %v, want %q", name, err, want)
			}
		}
	}
	o := lista.HyperLISTA(listaNet)
	th := first(o)
	th.Set("c1", ad.Scalar(-1))
	if _, err := o.Rule(th)(p, nil); err == nil || !strings.Contains(err.Error(), "c1 is -1") {
		t.Error(err)
	}
	bad := listaFamily.Of(gauss(1, 11, 4)) // a row is missing
	if _, err := lista.LISTA(listaNet).Rule(first(lista.LISTA(listaNet)))(bad, nil); err == nil || !strings.Contains(err.Error(), "b has to have one row for each row of A") {
		t.Error(err)
	}
}

// TestListaSingle: float32 inside of the products changes the points and the gradients
// in the seventh digit.
func TestListaSingle(t *testing.T) {
	p := listaFamily.Draw(optimizee.Stream(1))
	truth := p.Truth
	single := listaNet
	single.Single = true
	for name, of := range unrolledRules {
		run := func(u lista.Config) (xs [][]float64, grads []float64) {
			o := of(u)
			th := first(o)
			var tape ad.Tape
			live := th.Watch(&tape)
			s, err := o.Rule(live)(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			x := p.Start
			for range u.Layers {
				x = s(x)
				xs = append(xs, x.X().Data)
			}
			x.X().Sub(truth.X()).SumSquares().Backward()
			for _, n := range live.Names() {
				grads = append(grads, live.At(n).Grad()...)
			}
			return xs, grads
		}
		want, wantGrad := run(listaNet)
		got, gotGrad := run(single)
		equal(t, name, 3e-5, got, want)
		equal(t, name+", gradient", 3e-4, [][]float64{gotGrad}, [][]float64{wantGrad})
		if same := slices.Equal(got[5], want[5]); same != (name == "Step-LISTA") {
			t.Errorf("%s: the same points in float32 and float64: %v", name, same)
		}
	}
}
