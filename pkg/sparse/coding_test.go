package sparse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// All signals of a coding share the dictionary.
func ExampleCoding() {
	dictionary := ad.New(2, 3, []float64{1, 0, 0.6, 0, 1, 0.8})
	family := sparse.NewCoding("points", dictionary, ad.New(2, 2, []float64{1, 3, 0.2, 4}), 0.1)
	fmt.Println(family)
	for i := range family.Len() {
		_, x, err := optim.Minimize(family.At(i), optim.FISTA, 500, nil)
		fmt.Printf("%.2f %v\n", x.X().Data, err)
	}
	// Output:
	// points: lasso 2×3, 2 signals, λ = 0.1
	// [0.79 0.00 0.19] <nil>
	// [0.00 0.00 4.90] <nil>
}

// A problem of a coding is the Lasso of that column, with the one spectral norm.
func TestCoding(t *testing.T) {
	d, y := gauss(31, 6, 12), gauss(32, 6, 5)
	c := sparse.NewCoding("coding", d, y, 0.2)
	if got := c.String(); got != "coding: lasso 6×12, 5 signals, λ = 0.2" || c.Len() != 5 {
		t.Error(got)
	}
	x := optimizee.X(gauss(33, 12, 1))
	for i := range c.Len() {
		p, want := c.At(i), optimizee.Lasso(d, y.Cols(i, i+1), 0.2)
		if p.Value(x).Item() != want.Value(x).Item() || p.Lipschitz("x", x) != want.Lipschitz("x", x) || p.Name != "coding" {
			t.Errorf("problem %d differs from the Lasso of its signal", i)
		}
	}
	seen := map[float64]bool{}
	for k := range uint64(100) {
		f := c.Draw(optimizee.Stream(1, k)).Value(x).Item()
		if f != c.Draw(optimizee.Stream(1, k)).Value(x).Item() {
			t.Error("equal streams have to give equal problems")
		}
		seen[f] = true
	}
	if len(seen) != 5 {
		t.Errorf("100 draws gave %d of 5 signals", len(seen))
	}
	if err := sparse.NewCoding("coding", d, ad.New(6, 0, nil), 0.2).Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), "there are no signals") {
		t.Error(err)
	}
	if err := sparse.NewCoding("coding", d, gauss(34, 5, 2), 0.2).At(1).Check(); err == nil || !strings.Contains(err.Error(), "A is 6×12 and b is 5×1") {
		t.Error(err)
	}
}
