package lista_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// With the analytic W a network of a given W is ALISTA.
func TestFixedW(t *testing.T) {
	W, err := sparse.AnalyticWeights(listaDictionary.A())
	if err != nil {
		t.Fatal(err)
	}
	p, th := listaFamily.Draw(optimizee.Stream(3)), lista.Geometric(6, 0.9, 0.2, 0.7)
	equal(t, "analytic W", 0, points(t, lista.FixedW(listaNet, W).Rule(th), p, p.Start, 8), points(t, lista.ALISTA(listaNet).Rule(th), p, p.Start, 8))
	if _, err := lista.FixedW(listaNet, W.T()).Rule(th)(p, nil); err == nil || !strings.Contains(err.Error(), "W is 20×12") {
		t.Error(err)
	}
}

func TestEachAndGaps(t *testing.T) {
	th := lista.Geometric(3, 0.5, 2, 0.1)
	if got := lista.Each(th, "theta"); len(got) != 3 || math.Abs(got[2]-0.02) > 1e-15 || !slices.Equal(lista.Each(th, "alpha"), []float64{0.5, 0.5, 0.5}) {
		t.Errorf("θ %v, α %v", got, lista.Each(th, "alpha"))
	}
	u := listaNet
	for _, u.FreeInput = range []bool{false, true} {
		th := first(lista.LISTA(u)) // ISTA is coupled
		gaps := lista.Gaps(th, listaDictionary.A())
		if len(gaps) != 5 || !(slices.Max(gaps) <= 1e-12) {
			t.Errorf("gaps of ISTA %v", gaps)
		}
		th.Set("layer3.W2", th.At("layer3.W2").Add(ad.Eye(20).Scale(0.25)))
		if gaps = lista.Gaps(th, listaDictionary.A()); math.Abs(gaps[1]-0.25) > 1e-9 || gaps[2] > 1e-12 {
			t.Errorf("a gap of 1/4 in layer 3: %v", gaps)
		}
	}
}
