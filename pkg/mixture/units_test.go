package mixture_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Fits do not depend on the unit of the points.
func TestSelectInUnits(t *testing.T) {
	x := mixture.Family{Points: 120, Dim: 2, Components: 3, Box: 8, Sigma: 1}.Draw(optimizee.Stream(4)).Data.(*mixture.Data).X
	fit := func(x ad.Value, c mixture.Covariance) mixture.Fit {
		best, _, err := mixture.Select(x, mixture.Config{Covariance: c}, mixture.Search{To: 4, Runs: 3}, optimizee.Stream(1))
		if err != nil {
			t.Fatal(err)
		}
		return best
	}
	for _, c := range []mixture.Covariance{mixture.Full, mixture.Tied, mixture.Diagonal, mixture.Spherical} {
		want := fit(x, c)
		for _, k := range []float64{-8, -3, -1, 1, 3, 8} {
			got := fit(x.Scale(math.Pow(10, k)), c)
			shift := float64(x.Len()) * k * math.Ln10 // densities have a unit
			if got.K != want.K || !slices.Equal(got.Labels(), want.Labels()) || !(math.Abs(got.LogLikelihood+shift-want.LogLikelihood) <= 1e-5*math.Abs(want.LogLikelihood)) {
				t.Errorf("%v, points·1e%g: %v, want %v less %g", c, k, got, want, shift)
			}
		}
	}
}

// A covariance that only rounding keeps from being singular is refused, whatever the units
// of its columns are.
func TestSingular(t *testing.T) {
	x := optimizee.Gaussian(optimizee.Stream(1), 20, 3)
	u := []float64{0.1, 0.7, 0.3}
	rank1, apart := ad.New(3, 3, nil), ad.New(3, 3, nil)
	for i := range 3 {
		for j := range 3 {
			rank1.Data[3*i+j] = u[i] * u[j]
		}
		rank1.Data[4*i] *= 1 + 4e-16
		apart.Data[4*i] = math.Pow(1e9, float64(i-1))
	}
	of := func(cov ad.Value) error {
		return mixture.Problem(x, mixture.Config{K: 1, Cov: []ad.Value{cov}}).Err
	}
	if err := of(rank1); err == nil || !strings.Contains(err.Error(), "singular") && !strings.Contains(err.Error(), "not positive definite") {
		t.Errorf("a covariance of rank 1: %v", err)
	}
	if err := of(apart); err != nil {
		t.Errorf("variances from 1e-9 to 1e9: %v", err)
	}
}
