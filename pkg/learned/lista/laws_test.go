package lista_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optim/optimtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

// TestListaLaws is the table of the LISTA line: each at its first parameters, moved a
// little, so that no layer is like the other.
func TestListaLaws(t *testing.T) {
	const theirs = "the matrices belong to the coordinates"
	rng := optimizee.Stream(8)
	var report problemtest.Report
	for _, c := range []struct {
		o       learned.Optimizer
		ordered string
	}{
		{lista.LISTA(listaNet), theirs},
		{lista.CP(listaNet), theirs},
		{lista.CPSS(listaNet), theirs},
		{lista.TiLISTA(listaNet), theirs},
		{lista.ALISTA(listaNet), theirs},
		{lista.StepLISTA(listaNet), ""},
		{lista.LFISTA(listaNet), theirs},
		{lista.LAMP(listaNet), theirs},
		{lista.GLISTA(listaNet), theirs},
		{lista.HyperLISTA(listaNet), theirs},
	} {
		th := first(c.o).Map(func(name string, v ad.Value) ad.Value {
			if strings.HasSuffix(name, ".a") || strings.HasSuffix(name, ".c") {
				v = ad.Scalar(0.3) // gates wide open make kinks at almost every point
			}
			noise := ad.New(v.R, v.C, nil)
			for i := range noise.Data {
				noise.Data[i] = 1 + 0.05*rng.NormFloat64()
			}
			return v.Mul(noise)
		})
		t.Run(c.o.Name, func(t *testing.T) {
			report = append(report, optimtest.Run(t, optimtest.Case{Name: c.o.Name, Rule: c.o.Rule(th), Ordered: c.ordered},
				listaFamily.Draw(optimizee.Stream(3)))...)
		})
	}
	ada := lista.AdaLISTA(lista.AdaLISTAConfig{Rows: 8, First: 0.02})
	t.Run("Ada-LISTA", func(t *testing.T) {
		report = append(report, optimtest.Run(t, optimtest.Case{Name: "Ada-LISTA", Rule: ada.Rule(first(ada))}, lasso())...)
	})
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
