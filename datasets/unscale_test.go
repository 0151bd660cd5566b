package datasets

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// A linear model of standardised features says the same in the units of the file, after one
// Standardize or two, for units far apart and a feature that is constant.
func TestUnscale(t *testing.T) {
	tab := Table{Rows: 5, Cols: 4, X: []float64{
		1, 2e150, 7, -3e-9,
		2, 1e150, 7, 1e-9,
		4, -5e150, 7, 2e-9,
		-1, 3e150, 7, 5e-9,
		1e3, 9e149, 7, 1e-9,
	}}
	w, c := []float64{0.5, -2, 3, 1.5}, 0.25
	score := func(t Table, i int, w []float64, c float64) float64 {
		for j, v := range t.Row(i) {
			c += w[j] * v
		}
		return c
	}
	once := Standardize(tab)
	for _, s := range []Table{once, Standardize(once), tab} {
		back, c0 := s.Unscale(w, c)
		for i := range tab.Rows {
			if got, want := score(tab, i, back, c0), score(s, i, w, c); !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
				t.Errorf("sample %d: %g in the units of the file, %g standardised", i, got, want)
			}
		}
	}
	if tab.Std != nil || once.Mean[2] != 7 || once.Std[2] != 1 || !(math.Abs(once.Mean[0]-201.2) <= 1e-12*201) {
		t.Errorf("μ = %g, σ = %g", once.Mean, once.Std)
	}
	if u := UnitRows(once); u.Std != nil {
		t.Error("samples of length 1 keep the units of others")
	}
	if !slices.Equal(w, []float64{0.5, -2, 3, 1.5}) {
		t.Error("Unscale changed its argument")
	}
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, "3 coefficients for a table of 4 features") {
			t.Errorf("too few coefficients: %s", r)
		}
	}()
	once.Unscale(w[:3], c)
}
