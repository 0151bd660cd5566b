package trace

import (
	"math"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// Errors against the Truth of a problem.
var (
	// NMSE is 10·log₁₀(Σ‖x̂ − x*‖²/Σ‖x*‖²) over the instances of all problems, which are the
	// columns of x: [sparse.NMSE] of them all together.
	NMSE = Measure{Name: "NMSE", Unit: "dB", Linear: true, Parts: squares, Scale: func(ratio float64) float64 { return 10 * math.Log10(ratio) }}
	// MeanOfDB is the mean over the instances of their errors in dB, [sparse.Instance.DB]: the
	// convention of the Primer's code.
	MeanOfDB = Measure{Name: "NMSE of an instance", Unit: "dB", Linear: true, Parts: decibels}
	// RMSE is [completion.RMSE] ‖R − UVᵀ‖/‖R‖ of a matrix completion, over all entries.
	RMSE = Measure{Name: "relative error", Of: completion.RMSE}
	// HiddenRMSE is [completion.HiddenRMSE], the same over the entries that are not known.
	HiddenRMSE = Measure{Name: "relative error on hidden entries", Of: completion.HiddenRMSE}
	// ClusteringError is [mixture.ClusteringError], the share of points in a wrong component.
	ClusteringError = Measure{Name: "clustering error", Linear: true, Of: mixture.ClusteringError}
)

// squares are ‖x̂ − x*‖² and ‖x*‖² of each instance, NaN without a truth.
func squares(p *optimizee.Problem, x optimizee.Point) []Part {
	if p.Truth.IsZero() {
		return []Part{{math.NaN(), math.NaN()}}
	}
	parts := make([]Part, x.X().C)
	for j, e := range sparse.Instances(x.X(), p.Truth.X()) {
		parts[j] = Part{e.Squares, e.Total}
	}
	return parts
}

func decibels(p *optimizee.Problem, x optimizee.Point) []Part {
	if p.Truth.IsZero() {
		return []Part{{math.NaN(), 1}}
	}
	parts := make([]Part, x.X().C)
	for j, e := range sparse.Instances(x.X(), p.Truth.X()) {
		parts[j] = Part{e.DB, 1}
	}
	return parts
}
