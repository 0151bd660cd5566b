package prox

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// None is r = 0.
func None() Regulariser { return entries{}.regulariser("none", nil) }

// L1 is λ‖x‖₁ with the soft threshold for proximal map. ∂r(0) is answered with 0.
func L1(lambda float64) Regulariser {
	return entries{weight: ad.Scalar(lambda)}.regulariser(fmt.Sprintf("%g‖x‖₁", lambda), lambdas(lambda), check.Weight(lambda))
}

// given refuses parameters without numbers, which stand for none.
func given(what string, v ad.Value) error { return check.That(v.Len() > 0, "%s without numbers", what) }

func lambdas(lambda float64) map[string]float64 { return map[string]float64{"lambda": lambda} }

// WeightedL1 is Σ wᵢ|xᵢ|. The weights have the shape of x, or are a column with one for each
// row; an entry of weight 0 is not penalised. Gradients flow into weights.
func WeightedL1(weights ad.Value) Regulariser {
	return entries{weight: weights}.regulariser("‖w⊙x‖₁", nil, given("WeightedL1: weights", weights))
}

// ElasticNet is λ₁‖x‖₁ + λ₂/2·‖x‖² (Zou and Hastie 2005, with half of their λ₂), the soft
// threshold by λ₁ divided by 1 + tλ₂. In scikit-learn's letters λ₁ is n·alpha·l1_ratio and
// λ₂ is n·alpha·(1 − l1_ratio) for a loss ½‖Ax − b‖² over n rows.
func ElasticNet(l1, l2 float64) Regulariser {
	return entries{weight: ad.Scalar(l1), ridge: ad.Scalar(l2)}.regulariser(fmt.Sprintf("%g‖x‖₁ + %g/2‖x‖²", l1, l2),
		map[string]float64{"lambda": l1, "ridge": l2}, check.Weight(l1), check.Weight(l2))
}

// SquaredL2 is λ/2·‖x‖², ridge regression's, with the map v/(1 + tλ).
func SquaredL2(lambda float64) Regulariser {
	return entries{ridge: ad.Scalar(lambda)}.regulariser(fmt.Sprintf("%g/2‖x‖²", lambda), map[string]float64{"ridge": lambda}, check.Weight(lambda))
}

// Linear is ⟨c, x⟩, the cost of a linear program; c has the shape of x or is a column for
// every column of x.
func Linear(c ad.Value) Regulariser {
	return entries{slope: c}.regulariser("⟨c, x⟩", nil, given("Linear: c", c))
}

// Huber is λ·Σ h(xᵢ), where h(x) = x²/2 up to |x| = δ, and δ|x| − δ²/2 beyond: the Moreau
// envelope of λδ‖x‖₁.
func Huber(lambda, delta float64) Regulariser {
	r := L1(lambda * delta).Moreau(1 / lambda)
	r.Name = fmt.Sprintf("%g·Huber(%g)", lambda, delta)
	r.Traits = map[string]float64{"lambda": lambda, "delta": delta}
	r.Err = check.Positive("Huber", "λ, δ", lambda, delta)
	return r
}

// L2 is λ times the sum of ‖x‖₂, not squared, over columns: [Group] with one group. All of a
// column is 0 or nothing is.
func L2(lambda float64) Regulariser { return group(fmt.Sprintf("%g‖x‖₂", lambda), lambda, nil) }

// Group is λ·Σ ‖x_g‖₂ over groups g of rows, in every column of x: the ℓ₂,₁ norm of the group
// lasso (Yuan and Lin 2006), whose map shrinks the length of each group by tλ, or sets it to
// 0. Groups are lists of rows that do not overlap; rows that are in none are not penalised.
// [Consecutive] makes them from sizes. Where they differ in size, put √size into the columns
// of A, as Yuan and Lin do.
func Group(lambda float64, rows [][]int) Regulariser {
	r := group(fmt.Sprintf("%g‖x‖₂,₁ of %d groups", lambda, len(rows)), lambda, slices.Clone(rows))
	seen := map[int]bool{}
	for i, g := range rows {
		if len(g) == 0 {
			r.Err = errors.Join(r.Err, fmt.Errorf("Group: group %d is empty", i))
		}
		for _, row := range g {
			if row < 0 || seen[row] {
				r.Err = errors.Join(r.Err, fmt.Errorf("Group: row %d of group %d is negative or in two groups", row, i))
			}
			seen[row] = true
		}
	}
	r.Err = errors.Join(r.Err, check.That(len(rows) > 0, "Group: no groups: for one of all rows there is L2"))
	return r
}

// Consecutive lists the rows of groups that follow each other, of these sizes.
func Consecutive(sizes ...int) [][]int {
	var rows [][]int
	next := 0
	for _, size := range sizes {
		var g []int
		for range size {
			g = append(g, next)
			next++
		}
		rows = append(rows, g)
	}
	return rows
}

func group(name string, lambda float64, gs groups) Regulariser {
	dual := func(u ad.Value) float64 {
		rest := ad.New(u.R, u.C, slices.Clone(u.Data)) // what no group takes has to be 0
		var top float64
		gs.each(u, func(at []int) {
			top = max(top, norm(u.Data, at))
			for _, k := range at {
				rest.Data[k] = 0
			}
		})
		if largest(rest) != 0 {
			return math.Inf(1) * largest(rest)
		}
		return top
	}
	return Regulariser{
		Name:  name,
		Value: func(x ad.Value) ad.Value { return x.Dot(gs.units(x)).Scale(lambda) },
		Prox: func(v, step ad.Value) ad.Value { // (1 − tλ/‖v‖)⁺·v
			radius := step.Scale(lambda)
			beyond := gs.beyond(v, radius.Item())
			gs.outside(v, beyond)
			return where(beyond, v.Sub(radius.Mul(gs.units(v))), v.Scale(0))
		},
		Subgrad:   func(x ad.Value) ad.Value { return gs.units(x).Scale(lambda) },
		Conjugate: func(u ad.Value) float64 { return domain(dual(u), lambda) },
		Reach:     func(u ad.Value) float64 { return ratio(lambda, dual(u)) },
		OneStep:   true, radial: true,
		Traits: lambdas(lambda), Err: check.Weight(lambda),
	}.checked()
}

// LInf is λ times the sum of max|xᵢ| over columns. What its map takes away is the projection
// onto the ℓ₁ ball of radius tλ.
func LInf(lambda float64) Regulariser {
	dual := func(u ad.Value) float64 { return largest(columnSums(u.Detach().Abs())) }
	return Regulariser{
		Name:      fmt.Sprintf("%g‖x‖∞", lambda),
		Value:     func(x ad.Value) ad.Value { return x.Dot(tops(x)).Scale(lambda) },
		Prox:      func(v, step ad.Value) ad.Value { return v.Sub(l1Ball(v, step.Scale(lambda))) },
		Subgrad:   func(x ad.Value) ad.Value { return tops(x).Scale(lambda) },
		Conjugate: func(u ad.Value) float64 { return domain(dual(u), lambda) },
		Reach:     func(u ad.Value) float64 { return ratio(lambda, dual(u)) },
		OneStep:   true, Traits: lambdas(lambda), Err: check.Weight(lambda),
	}.checked()
}

// tops has the sign of the first entry of largest size in each column, and is 0 elsewhere.
func tops(x ad.Value) ad.Value {
	out := ad.New(x.R, x.C, nil)
	for j := range x.C {
		top := j
		for k := j; k < x.Len(); k += x.C {
			if a := math.Abs(x.Data[k]); a > math.Abs(x.Data[top]) || a != a {
				top = k
			}
		}
		if x.R > 0 {
			out.Data[top] = math.Copysign(1, x.Data[top])
		}
	}
	return out
}

// columnSums is a row.
func columnSums(x ad.Value) ad.Value {
	out := ad.New(1, x.C, nil)
	for k, v := range x.Data {
		out.Data[k%x.C] += v
	}
	return out
}
