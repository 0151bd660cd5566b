package optimizee

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
)

// A Loss says what scores z = Ax cost: f(z) = Σ wᵢ·ℓᵢ(zᵢ) over samples i, one for each row
// of A, with weights wᵢ that are 1 unless [Weights] gives them. Its functions know the
// labels. [Of] makes a problem of it; those of this package have constructors of their
// own, such as [LeastSquares] and [LogisticLoss].
type Loss struct {
	Name            string
	Samples, Scores int  // the shape of z
	Mean            bool // f is the weighted mean in place of the sum

	Each  func(z ad.Value) ad.Value // ℓᵢ(zᵢ) of every sample, Samples×1
	Slope func(z ad.Value) ad.Value // ∇ℓᵢ(zᵢ) of every sample, in the shape of z

	// Curvature is the largest second derivative of any ℓᵢ, +Inf where there is none: then
	// the problem has no Lipschitz constant, and rules that search for a step run.
	Curvature float64

	// Conjugate is ℓᵢ*(s) = sup ⟨s, z⟩ − ℓᵢ(z), +Inf outside of its domain, which holds 0.
	// Certificates are made of it; nil stands for unknown.
	Conjugate func(i int, s []float64) float64

	Err error // why there is no such loss; problems made of it report it

	data, shape string                            // what the samples are, for errors
	target      ad.Value                          // b of least squares, whose certificate has a closed form
	balance     func(s, weight ad.Value) ad.Value // makes columns of s sum to 0 inside of the domain; nil for scaled
}

// A LossOption changes how a loss is made a problem.
type LossOption func(*lossOptions)

type lossOptions struct {
	weights   ad.Value
	intercept bool
}

// Weights gives every sample a weight of at least 0, in a column: a weight of 2 counts as
// the same row twice, one of 0 as no row.
func Weights(w ad.Value) LossOption { return func(o *lossOptions) { o.weights = w } }

// Intercept adds an unknown constant to the scores: x gets one more row, at its end, that
// is added to every row of z. [Problem.Plus] leaves that row out of penalties and
// constraints.
func Intercept() LossOption { return func(o *lossOptions) { o.intercept = true } }

// Of is the smooth problem f(Ax), from x = 0. Its x has a row for each column of A, with
// [Intercept] one more, and a column for each score. L is the Curvature of the loss times
// ‖√W·A‖², with the weights W, over their sum where the loss is a mean.
func Of(loss Loss, a linear.Operator, opts ...LossOption) *Problem {
	p, _ := of(loss, a, opts)
	return p
}

// of is Of with what the problem is made of.
func of(loss Loss, a linear.Operator, opts []LossOption) (*Problem, *model) {
	var o lossOptions
	for _, set := range opts {
		if set != nil {
			set(&o)
		}
	}
	p := &Problem{
		Name:   loss.Name,
		Traits: map[string]float64{"rows": float64(a.Rows), "cols": float64(a.Cols)},
		Err: errors.Join(loss.Err, a.Err,
			check.That(loss.Err != nil || loss.Each != nil && loss.Slope != nil, "the loss %q has no Each or no Slope", loss.Name),
			check.That(a.Err != nil || a.Rows > 0 && a.Cols > 0, "A is %d×%d: it has to have rows and columns", a.Rows, a.Cols),
			check.That(a.Rows == loss.Samples && loss.Scores > 0, "A is %d×%d and %s is %s: %[3]s has to have one row for each row of A",
				a.Rows, a.Cols, cmp.Or(loss.data, "the loss"), cmp.Or(loss.shape, fmt.Sprintf("%d×%d", loss.Samples, loss.Scores))),
			check.Values("A", a.Matrix), sampleWeights(o.weights, a.Rows)),
	}
	if p.Err != nil {
		return p, nil
	}
	m := newModel(loss, a, o)
	p.Start = X(ad.New(m.at.Cols, loss.Scores, nil))
	value := func(z ad.Value) ad.Value { return m.sum(loss.Each(z)) }
	grad := func(z ad.Value) ad.Value { return m.at.Transpose(m.weighted(loss.Slope(z))) }
	p.Value = func(x Point) ad.Value { return value(m.at.Apply(x.X())) }
	p.Grad = func(_ string, x Point) ad.Value { return grad(m.at.Apply(x.X())) }
	p.ValueGrad = func(_ string, x Point) (ad.Value, ad.Value) {
		z := m.at.Apply(x.X())
		return value(z), grad(z)
	}
	if m.lipschitz != nil {
		p.Lipschitz = func(string, Point) float64 { return m.lipschitz() }
	}
	p.part = &part{bound: m.bound, steep: math.IsInf(loss.Curvature, 1)}
	if a.Matrix.IsZero() {
		p.part.check = func() error { return linear.CheckAdjoint(a) }
	}
	if o.intercept {
		p.part.rows = a.Cols
	}
	p.Bound = m.smoothBound(p)
	return p, m
}

// A model is f(Ax + β) and what its certificate is made of.
type model struct {
	loss      Loss
	a, at     linear.Operator // A without the intercept and with it
	scaled    linear.Operator // √W·A with the intercept
	intercept bool
	weight    ad.Value       // of each sample, divided by the sum for a mean
	root      ad.Value       // √w of each sample, the zero Value where all are 1
	lipschitz func() float64 // L and µ of f; nil for unknown
	convexity func() float64
}

func newModel(loss Loss, a linear.Operator, o lossOptions) *model {
	m := &model{loss: loss, a: a, at: a, intercept: o.intercept, weight: ad.Full(a.Rows, 1, 1)}
	total := 1.
	if !o.weights.IsZero() {
		m.weight = o.weights.Detach()
		if slices.ContainsFunc(m.weight.Data, func(w float64) bool { return w != 1 }) {
			m.root = m.weight.Sqrt()
		}
	}
	if loss.Mean {
		total = floats.Sum(m.weight.Data)
		m.weight = m.weight.Scale(1 / total)
	}
	if o.intercept {
		m.at = withColumn(a, ad.Full(a.Rows, 1, 1))
	}
	m.scaled = withRows(m.at, m.root)
	if c := loss.Curvature; !math.IsInf(c, 1) && m.scaled.Norm != nil {
		m.lipschitz = sync.OnceValue(func() float64 { norm := m.scaled.Norm(); return norm * norm * c / total })
	}
	if a := m.scaled.Matrix; !loss.target.IsZero() && !a.IsZero() {
		m.convexity = sync.OnceValue(func() float64 { s := smallest(a); return s * s })
	}
	return m
}

// sum is Σ wℓ.
func (m *model) sum(each ad.Value) ad.Value {
	if each.R <= many || each.Recorded() {
		return each.Dot(m.weight)
	}
	sum := sumOf(each.R)
	for i, l := range each.Data {
		sum.add(l * m.weight.Data[i])
	}
	return ad.Scalar(sum.value())
}

// weighted is s with each row times its weight.
func (m *model) weighted(s ad.Value) ad.Value {
	switch w := m.weight.Data[0]; {
	case !m.root.IsZero():
		return s.Mul(m.weight)
	case w != 1:
		return s.Scale(w)
	}
	return s
}

// withRows is A with each row times a number; the zero Value stands for 1.
func withRows(a linear.Operator, times ad.Value) linear.Operator {
	switch {
	case times.IsZero():
		return a
	case !a.Matrix.IsZero():
		return linear.Dense(a.Matrix.Mul(times))
	}
	return linear.Compose(linear.Diagonal(times.Data), a)
}

// withColumn is [A c].
func withColumn(a linear.Operator, c ad.Value) linear.Operator {
	if !a.Matrix.IsZero() {
		return linear.Dense(a.Matrix.Beside(c)) // one matrix, for the fused operations
	}
	return linear.Beside(a, linear.Dense(c))
}

// sampleWeights checks weights of m samples; none are fine.
func sampleWeights(w ad.Value, m int) error {
	if w.IsZero() {
		return nil
	}
	if w.R != m || w.C != 1 {
		return fmt.Errorf("weights are %s: they have to be one column with a weight for each of %d rows", w.Shape(), m)
	}
	var sum float64
	for i, v := range w.Data {
		if !(v >= 0) || math.IsInf(v, 1) {
			return fmt.Errorf("weight %d is %g: weights have to be finite and at least 0", i, v)
		}
		sum += v
	}
	return check.That(sum > 0, "all weights are 0")
}
