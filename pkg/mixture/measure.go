package mixture

import (
	"math"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// ClusteringError is the share of points whose most probable component is not the one
// that drew them, under the matching of components that makes it smallest. It is NaN where
// nobody knows what drew the points.
func ClusteringError(p *optimizee.Problem, x optimizee.Point) float64 {
	m, ok := p.Data.(*Data)
	if !ok || m.Config.Labels == nil {
		return math.NaN()
	}
	classes := m.Config.K
	for _, l := range m.Config.Labels {
		classes = max(classes, l+1)
	}
	loss := make([][]float64, classes) // minus the points that a component shares with a class
	for k := range loss {
		loss[k] = make([]float64, classes)
	}
	labels := m.Labels(x)
	for g, k := range labels {
		loss[k][m.Config.Labels[g]]--
	}
	right := 0.0
	for k, class := range assignment(loss) {
		right -= loss[k][class]
	}
	return 1 - right/float64(len(labels))
}

// MeansFound counts the true means that have a fitted one within a distance. It is NaN
// without a Truth.
func MeansFound(within float64) func(p *optimizee.Problem, x optimizee.Point) float64 {
	return func(p *optimizee.Problem, x optimizee.Point) float64 {
		if p.Truth.IsZero() {
			return math.NaN()
		}
		truth, mu, found := p.Truth.At("mu"), x.At("mu"), 0.0
		for j := range truth.R {
			nearest := math.Inf(1)
			for k := range mu.R {
				var d float64
				for c := range truth.C {
					d += math.Pow(truth.At(j, c)-mu.At(k, c), 2)
				}
				nearest = min(nearest, math.Sqrt(d))
			}
			if nearest < within {
				found++
			}
		}
		return found
	}
}

// assignment gives each row of a square matrix a column of its own so that the sum is
// smallest: the Hungarian method with potentials, row by row along a shortest path.
func assignment(cost [][]float64) []int {
	n := len(cost)
	u, v := make([]float64, n+1), make([]float64, n+1)
	row, way := make([]int, n+1), make([]int, n+1) // of each column, counted from 1; 0 for none
	for i := 1; i <= n; i++ {
		row[0] = i
		least, used := make([]float64, n+1), make([]bool, n+1)
		for j := range least {
			least[j] = math.Inf(1)
		}
		j := 0
		for row[j] != 0 {
			used[j] = true
			next, delta := 0, math.Inf(1)
			for c := 1; c <= n; c++ {
				if used[c] {
					continue
				}
				if slack := cost[row[j]-1][c-1] - u[row[j]] - v[c]; slack < least[c] {
					least[c], way[c] = slack, j
				}
				if least[c] < delta {
					next, delta = c, least[c]
				}
			}
			for c := range used {
				if used[c] {
					u[row[c]], v[c] = u[row[c]]+delta, v[c]-delta
				} else {
					least[c] -= delta
				}
			}
			j = next
		}
		for j != 0 {
			row[j], j = row[way[j]], way[j]
		}
	}
	column := make([]int, n)
	for j := 1; j <= n; j++ {
		column[row[j]-1] = j - 1
	}
	return column
}
