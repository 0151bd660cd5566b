package mixture

import (
	"fmt"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Group is a component of a fit with the points that it most probably drew.
type Group struct {
	Weight float64
	Mean   []float64 // D
	Cov    ad.Value  // D×D
	Points ad.Value  // one in each row; none where no point is of it
}

// Groups returns the components at x.
func (m *Data) Groups(x optimizee.Point) []Group {
	d, weights, means := m.X.C, m.Weights(x), m.means(x)
	groups, rows := make([]Group, m.Config.K), make([][]float64, m.Config.K)
	for g, k := range m.Labels(x) {
		rows[k] = append(rows[k], m.X.Data[g*d:][:d]...)
	}
	for k := range groups {
		groups[k] = Group{weights.Data[k], slices.Clone(means.Data[k*d:][:d]), m.Covariance(x, k), ad.New(len(rows[k])/d, d, rows[k])}
	}
	return groups
}

// ByMean shows a mixture with a block for each mean that is free, "mu1", "mu2" and so on
// (1×D), and everything else as in Start: the two coordinates of MLAM Fig. 3.
func ByMean(p *optimizee.Problem) *optimizee.Problem {
	m, err := optimizee.DataOf[Data](p, "a block for each mean")
	if err != nil {
		return &optimizee.Problem{Name: p.Name, Err: err}
	}
	row := map[string]int{}
	var names []string
	for k := range m.Config.K {
		if !slices.Contains(m.Config.FixMu, k) {
			name := fmt.Sprintf("mu%d", len(names)+1)
			names, row[name] = append(names, name), k
		}
	}
	of := func(b string, mu ad.Value) ad.Value { return mu.T().Cols(row[b], row[b]+1).T() }
	split := func(x optimizee.Point) (out optimizee.Point) {
		for _, b := range names {
			out = out.Plus(b, of(b, x.At("mu")))
		}
		return out
	}
	whole := func(x optimizee.Point) optimizee.Point {
		var cols ad.Value
		for k := range m.Config.K {
			col := p.Start.At("mu").T().Cols(k, k+1)
			for _, b := range names {
				if row[b] == k {
					col = x.At(b).T()
				}
			}
			if k == 0 {
				cols = col
			} else {
				cols = cols.Beside(col)
			}
		}
		return p.Start.With("mu", cols.T())
	}
	q := &optimizee.Problem{
		Name: p.Name + " by mean", Start: split(p.Start), Traits: p.Traits, Data: p.Data,
		Value: func(x optimizee.Point) ad.Value { return p.Value(whole(x)) },
		Solve: func(b string, x optimizee.Point) ad.Value { return of(b, p.Solve("mu", whole(x))) },
	}
	if p.Grad != nil {
		q.Grad = func(b string, x optimizee.Point) ad.Value { return of(b, p.Grad("mu", whole(x))) }
	}
	if !p.Truth.IsZero() {
		q.Truth = split(p.Truth)
	}
	return q
}

// Mirror is the mixture of the points −x, from the same start.
func Mirror(p *optimizee.Problem) *optimizee.Problem {
	q := remade(p, "the mirror", func(x ad.Value, _ *Config) ad.Value { return x.Neg() })
	if q.Err == nil && known(p, q) {
		q.Truth = p.Truth.With("mu", p.Truth.At("mu").Neg())
	}
	return q
}

// WithSigma is the mixture with σ²I as the given covariance of component k.
func WithSigma(p *optimizee.Problem, k int, sigma float64) *optimizee.Problem {
	q := remade(p, "another σ", func(x ad.Value, c *Config) ad.Value {
		cov := make([]ad.Value, c.K)
		for i := range cov {
			if cov[i] = ad.Scalar(sigma * sigma); i != k {
				cov[i] = c.Cov[i%len(c.Cov)]
			}
		}
		c.Cov = cov
		return x
	})
	if q.Err == nil && known(p, q) {
		q.Truth = p.Truth
	}
	return q
}

// known reports whether p comes with a truth in the blocks of q, which is a whole mixture
// where p has its means by themselves.
func known(p, q *optimizee.Problem) bool { return slices.Equal(p.Truth.Blocks(), q.Start.Blocks()) }

// remade is p of other points or settings.
func remade(p *optimizee.Problem, what string, change func(x ad.Value, c *Config) ad.Value) *optimizee.Problem {
	m, err := optimizee.DataOf[Data](p, what)
	if err != nil {
		return &optimizee.Problem{Name: p.Name, Err: err}
	}
	c := m.Config
	x := change(m.X, &c)
	return Problem(x, c)
}
