package lista_test

import (
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// TestNought: a 0 that is meant is one, where a 0 that is not stands for a default.
func TestNought(t *testing.T) {
	end := func(o learned.Optimizer, p *optimizee.Problem) []float64 {
		t.Helper()
		_, x, err := optim.Minimize(p, o.Rule(o.First(optimizee.Stream(1))), 3, optimizee.Stream(2))
		if err != nil {
			t.Fatal(err)
		}
		return x.X().Data
	}
	d := sparse.DrawDictionary(6, 9, 1)
	p := sparse.Recovery{Dictionary: d, Nonzeros: 2, Columns: 3}.Draw(optimizee.Stream(3))
	plain := lista.Config{Dictionary: d, Layers: 3, NoSelection: true}
	none, bare := plain, plain
	none.NoSelection, none.Pass = false, optimizee.Nought
	bare.Lambda = optimizee.Nought
	if !slices.Equal(end(lista.CPSS(none), p), end(lista.CPSS(plain), p)) {
		t.Error("a Pass of 0 lets entries pass")
	}
	if x := end(lista.CP(bare), p); slices.Contains(x, 0) || slices.Equal(x, end(lista.CP(plain), p)) {
		t.Error("a Lambda of 0 shrinks")
	}
	q := optimizee.SmallLasso.Draw(optimizee.Stream(4))
	zero, still := learned.Network{Hidden: 3, ZeroState: true}, learned.Network{Hidden: 3, StateScale: optimizee.Nought}
	for name, of := range map[string]func(n learned.Network) learned.Optimizer{
		"PA": func(n learned.Network) learned.Optimizer { return learned.PA(learned.PAConfig{Network: n}) },
		"DM": func(n learned.Network) learned.Optimizer { return learned.DM(learned.DMConfig{Network: n}) },
	} {
		if !slices.Equal(end(of(zero), q), end(of(still), q)) {
			t.Errorf("%s: states of scale 0 are not zero", name)
		}
	}
	if blind := learned.DM(learned.DMConfig{Network: zero, GradScale: optimizee.Nought}); slices.Equal(end(blind, q), end(learned.DM(learned.DMConfig{Network: zero}), q)) {
		t.Error("a GradScale of 0 is one")
	}
}
