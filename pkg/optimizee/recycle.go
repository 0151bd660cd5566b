package optimizee

import (
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/closure"
)

// Recycle hands the memory of temporaries, which the step to result was made of, to values
// to come, as [ad.Recycle] does: of those that oracles of p gave or were shown, and that
// nobody reads again. Oracles of one's own may keep what they see, a cache or a record of a
// run does, and a value never becomes invalid. So it happens only where p is ½‖Ax − b‖² or
// a logistic loss of a stored matrix, by itself or plus a separable r, at a column x, and
// every oracle is still the one that this package made; everywhere else it does nothing.
func (p *Problem) Recycle(result ad.Value, temporaries ...ad.Value) {
	if p.Forgets(result) {
		ad.Recycle(result, temporaries...)
	}
}

// Recycle hands the memory of points, which the step to p was made of, to values to come,
// block by block as [ad.Recycle] does: of points that the caller made and showed to nobody,
// and that nobody reads again.
func (p Point) Recycle(temporaries ...Point) {
	for _, q := range temporaries {
		for i, v := range q.vals {
			ad.Recycle(p.vals[i], v)
		}
	}
}

// Forgets reports whether it is known that no oracle of p keeps a value like x that it is
// shown or gives.
func (p *Problem) Forgets(x ad.Value) bool {
	return p.made != nil && p.made.oracles == p.ids() && p.part != nil && p.part.fused != nil && p.part.fused(x) &&
		(p.made.of == nil || p.made.of.Forgets(x))
}

// made is what is known of oracles that keep nothing.
type made struct {
	oracles oracleIDs
	of      *Problem // that they ask, nil for none
}

// oracleIDs tell whether oracles are still the same.
type oracleIDs [10]closure.ID

func (p *Problem) ids() oracleIDs {
	return oracleIDs{
		closure.Of(&p.Value), closure.Of(&p.Grad), closure.Of(&p.ValueGrad), closure.Of(&p.Subgrad), closure.Of(&p.Prox),
		closure.Of(&p.Residual), closure.Of(&p.Lipschitz), closure.Of(&p.Solve), closure.Of(&p.Bound), closure.Of(&p.Smooth),
	}
}

// keepsNothing declares that the oracles of p, which ask those of another problem or of
// none, keep no value.
func (p *Problem) keepsNothing(of *Problem) { p.made = &made{p.ids(), of} }

// keepsWhat declares that p, made of q, keeps no more than q does.
func (p *Problem) keepsWhat(q *Problem) {
	if p.made = nil; q.made != nil {
		p.keepsNothing(q)
	}
}
