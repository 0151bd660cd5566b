package mixture_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// iris are Fisher's 150 flowers, and their species.
func iris(t testing.TB) (x ad.Value, species []float64) {
	t.Helper()
	table, err := datasets.ReadCSV("testdata/iris.csv", datasets.CSVOptions{Label: "species"})
	if err != nil {
		t.Fatal(err)
	}
	return ad.New(table.Rows, table.Cols, table.X), table.Y
}

// TestIris compares with scikit-learn from the same start: testdata/iris.py makes the
// numbers.
func TestIris(t *testing.T) {
	x, _ := iris(t)
	data, err := os.ReadFile("testdata/iris.json")
	if err != nil {
		t.Fatal(err)
	}
	var peer struct {
		Floor float64
		Cases []struct {
			Covariance       string
			K                int
			Rows             []int
			Cov, First       []float64
			Iterations       int
			Converged        bool
			Loglik, BIC, AIC float64
		}
	}
	if err := json.Unmarshal(data, &peer); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]mixture.Covariance{"full": mixture.Full, "tied": mixture.Tied, "diag": mixture.Diagonal, "spherical": mixture.Spherical}
	var worst float64
	for _, c := range peer.Cases {
		config := mixture.Config{K: c.K, Covariance: kinds[c.Covariance], Floor: peer.Floor}
		p := mixture.Problem(x, config)
		m := p.Data.(*mixture.Data)
		mu := ad.New(c.K, x.C, nil)
		for k, g := range c.Rows {
			copy(mu.Data[k*x.C:][:x.C], x.Data[g*x.C:])
		}
		start := p.Start.With("mu", mu)
		cov := start.At("cov")
		config.Start = start.With("cov", ad.New(cov.R, cov.C, c.Cov))
		p = mixture.Problem(x, config)
		f, end, err := optim.Minimize(p, mixture.EM, c.Iterations, nil)
		if err != nil {
			t.Fatal(err)
		}
		n := float64(x.R)
		near := func(what string, got, want float64) {
			worst = max(worst, math.Abs(got-want))
			if !(math.Abs(got-want) <= 1e-8) {
				t.Errorf("%s, K = %d: %s is %.12g, scikit-learn has %.12g", c.Covariance, c.K, what, got, want)
			}
		}
		for i, want := range c.First {
			if i < c.Iterations {
				near("the log-likelihood of an early step", -n*f[i+1], want)
			}
		}
		loglik := -n * p.Value(end).Item()
		near("the log-likelihood at the end", loglik, c.Loglik)
		near("BIC", float64(m.Parameters())*math.Log(n)-2*loglik, c.BIC)
		near("AIC", float64(m.Parameters())*2-2*loglik, c.AIC)
		near("the log-likelihood of the twin", -n*m.ComposedValue(end).Item(), c.Loglik)
		if !c.Converged {
			t.Errorf("%s, K = %d: scikit-learn has not converged", c.Covariance, c.K)
		}
	}
	if len(peer.Cases) != 24 {
		t.Errorf("%d cases", len(peer.Cases))
	}
	t.Logf("largest difference of any number: %.2g", worst)
}

// BIC takes two clusters of the irises for full covariances, because two of the species
// overlap; that is known of this table.
func TestSelectIris(t *testing.T) {
	x, species := iris(t)
	best, all, err := mixture.Select(x, mixture.Config{Covariance: mixture.Full}, mixture.Search{To: 6}, optimizee.Stream(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		t.Log(f, f.Steps)
	}
	if best.K != 2 || len(all) != 6 || math.Abs(best.BIC-574.0178) > 1e-3 {
		t.Errorf("best %v of %d", best, len(all))
	}
	labels := best.Labels()
	for g, s := range species {
		if (labels[g] == labels[0]) != (s == species[0]) {
			t.Errorf("flower %d of species %g is in cluster %d", g, s, labels[g])
		}
	}
}
