package mixture

import (
	"errors"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// RandomPoints is a start for Gaussian mixtures (see [optim.From]): equal weights, and as
// means K different points, drawn from the rng at every step. Estimated covariances begin
// as [Data.Point] says.
func RandomPoints(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	return seeding("random points", p, rng, func(x ad.Value, k int) []int { return rng.Perm(x.R)[:k] })
}

// KMeansPP is a start for Gaussian mixtures (see [optim.From]): equal weights, and as means K
// points drawn one after the other from the rng, the first uniformly and each next one
// with probability in proportion to its squared distance from the nearest drawn so far
// (k-means++, Arthur and Vassilvitskii 2007, Section 2.2). Estimated covariances begin as
// [Data.Point] says.
func KMeansPP(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	return seeding("k-means++", p, rng, func(x ad.Value, k int) []int { return kmeansPP(x, k, rng) })
}

func seeding(name string, p *optimizee.Problem, rng *rand.Rand, draw func(x ad.Value, k int) []int) (optim.Step, error) {
	m, err := optimizee.DataOf[Data](p, name)
	return func(optimizee.Point) optimizee.Point {
		k, d := m.Config.K, m.X.C
		mu := ad.New(k, d, nil)
		for i, g := range draw(m.X, k) {
			copy(mu.Data[i*d:][:d], m.X.Data[g*d:])
		}
		return m.Point(ad.Full(k, 1, 1/float64(k)), mu)
	}, errors.Join(err, check.Source(name, "its points", rng))
}

// kmeansPP draws the places of k points. Where all points are at distance 0 it draws
// uniformly.
func kmeansPP(x ad.Value, k int, rng *rand.Rand) []int {
	nearest := make([]float64, x.R)
	for g := range nearest {
		nearest[g] = math.Inf(1)
	}
	chosen := []int{rng.IntN(x.R)}
	for len(chosen) < k {
		c := x.Data[chosen[len(chosen)-1]*x.C:][:x.C]
		var total float64
		for g := range nearest {
			nearest[g] = min(nearest[g], distance(x.Data[g*x.C:][:x.C], c))
			total += nearest[g]
		}
		if !(total > 0) {
			chosen = append(chosen, rng.IntN(x.R))
			continue
		}
		u, next := total*rng.Float64(), -1
		for g, d2 := range nearest {
			if d2 > 0 { // never a point that is there already
				if next = g; u < d2 {
					break
				}
				u -= d2
			}
		}
		chosen = append(chosen, next)
	}
	return chosen
}
