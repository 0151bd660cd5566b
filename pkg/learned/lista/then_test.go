package lista_test

import (
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// TestThen: FISTA starts afresh where the layers end, and again after a foreign point.
func TestThen(t *testing.T) {
	p := listaFamily.Draw(optimizee.Stream(1))
	o := lista.ALISTA(listaNet)
	alista := o.Rule(first(o))
	for _, x := range []optimizee.Point{p.Start, optimizee.X(gauss(6, 20, 4))} {
		layers := points(t, alista, p, x, 6)
		end := optimizee.X(gauss(1, 20, 4))
		copy(end.X().Data, layers[5])
		want := append(layers, points(t, optim.FISTA, p, end, 5)...)
		equal(t, "ALISTA, then FISTA", 0, points(t, optim.Then(alista, 6, optim.FISTA), p, x, 11), want)
	}
	s, err := optim.Then(alista, 6, optim.FISTA)(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		s(p.Start)
	}
	equal(t, "from a foreign point", 0, [][]float64{s(p.Start).X().Data}, points(t, alista, p, p.Start, 1))
	if _, err := optim.Then(alista, -1, optim.FISTA)(p, nil); err == nil || !strings.Contains(err.Error(), "-1 steps") {
		t.Error(err)
	}
	broken := *p
	broken.Grad = nil
	if _, err := optim.Then(alista, 6, optim.FISTA)(&broken, nil); err == nil || !strings.Contains(err.Error(), "FISTA needs the Grad oracle") {
		t.Error(err)
	}
}
