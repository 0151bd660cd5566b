package optimizee

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// LogisticLoss is the mean over the m rows of A, with z = Ax,
//
//	(1/m) Σ [ln(1 + eᶻ) − yz],
//
// for labels y of 0 or 1 (m×1). L = ‖A‖²/(4m).
func LogisticLoss(a linear.Operator, y ad.Value, opts ...LossOption) *Problem {
	p, m := of(crossEntropy(y), a, opts)
	if p.Err != nil || m.at.Matrix.IsZero() || !m.root.IsZero() {
		return p
	}
	l := &logit{w: m.at.Matrix, y: y}
	p.part.fused = l.fused
	p.Value = func(x Point) ad.Value { f, _ := l.valueGrad(x.X(), true, false); return f }
	p.Grad = func(_ string, x Point) ad.Value { _, g := l.valueGrad(x.X(), false, true); return g }
	p.ValueGrad = func(_ string, x Point) (ad.Value, ad.Value) { return l.valueGrad(x.X(), true, true) }
	p.keepsNothing(nil)
	return p
}

// Logistic is ℓ1-regularised logistic regression, the mean over the m rows w of W
//
//	F(x) = (1/m) Σ [ln(1 + e^⟨w,x⟩) − y⟨w,x⟩] + λ‖x‖₁,
//
// with labels y of 0 or 1 (m×1). L = ‖W‖₂²/(4m). Bound is the dual value
// −(1/m) Σ [q ln q + (1−q) ln(1−q)] at q = y + t(σ(Wx) − y), with t ≤ 1 such that
// ‖Wᵀ(q−y)/m‖∞ ≤ λ.
//
// The public code of the L2O-PA paper takes ‖W‖₂ for L, which makes every step of
// its baselines far too small: [PublishedL] is that setting.
func Logistic(w, y ad.Value, lambda float64) *Problem {
	p := LogisticLoss(linear.Dense(w), y).Plus(prox.L1(lambda))
	p.Name, p.Data = "logistic", &LogisticData{w, y, lambda}
	return p
}

// LogisticSpec is the family of the L2O-PA paper: W with independent N(0,1)
// entries, new for each instance; a label is 1 where ⟨w, x*⟩ ≥ 0, without noise;
// x* with exactly Nonzeros entries, N(0,1), at random places. A Correlation between any
// two features, which the paper does not have, comes from a part that they share:
// w_ij = √(1−ρ)·z_ij + √ρ·z_i.
type LogisticSpec struct {
	Rows, Cols, Nonzeros int
	Lambda               float64
	Correlation          float64 // ρ, at least 0 and below 1
}

// PaperLogistic is the setting of the L2O-PA paper; SmallLogistic is ours for
// quick looks.
var (
	PaperLogistic = LogisticSpec{Rows: 1000, Cols: 50, Nonzeros: 20, Lambda: 0.1}
	SmallLogistic = LogisticSpec{Rows: 100, Cols: 20, Nonzeros: 8, Lambda: 0.02}
)

// Draw draws a problem.
func (s LogisticSpec) Draw(rng *rand.Rand) *Problem {
	if err := errors.Join(
		check.Source("a family", "problems", rng),
		check.That(s.Rows > 0 && s.Cols > 0, "%d×%d: Rows and Cols have to be positive", s.Rows, s.Cols),
		check.That(s.Nonzeros >= 0 && s.Nonzeros <= s.Cols, "%d nonzeros among %d entries", s.Nonzeros, s.Cols),
		check.Decay("logistic", "Correlation", s.Correlation)); err != nil {
		return &Problem{Name: "logistic", Err: err}
	}
	w := Gaussian(rng, s.Rows, s.Cols)
	if s.Correlation > 0 {
		w = w.Scale(math.Sqrt(1 - s.Correlation)).Add(Gaussian(rng, s.Rows, 1).Scale(math.Sqrt(s.Correlation)))
	}
	x := sparse(rng, s.Cols, s.Nonzeros)
	y := w.MatMul(x)
	for i, v := range y.Data {
		y.Data[i] = 0
		if v >= 0 {
			y.Data[i] = 1
		}
	}
	p := Logistic(w, y, s.Lambda)
	p.Truth = X(x)
	return p
}

// String describes the family.
func (s LogisticSpec) String() string {
	text := fmt.Sprintf("logistic %d×%d, %d nonzeros, λ = %g", s.Rows, s.Cols, s.Nonzeros, s.Lambda)
	if s.Correlation != 0 {
		text += fmt.Sprintf(", correlation %g", s.Correlation)
	}
	return text
}

// PublishedL returns a problem made by [Logistic] or [Softmax] with L = ‖W‖₂, which the
// public code of the L2O-PA paper takes, in place of ‖W‖₂²/(4m) or ‖W‖₂²/(2m). The loss is
// a mean, so that is too large by 4m/‖W‖₂, about a hundred times for 1000×50 Gaussian
// entries, and so many times too small are the steps 1/L of ISTA and FISTA. The trait
// "public step" tells the problems apart, so that weights say where they were trained.
func PublishedL(p *Problem) *Problem {
	p = p.orNone()
	q := *p
	var share float64 // of ‖W‖₂²/m
	switch p.Data.(type) {
	case *LogisticData:
		share = 4
	case *SoftmaxData:
		share = 2
	default:
		q.Err = errors.Join(p.Err, errors.New("the published step is one of logistic regression, and this is no problem made by Logistic or Softmax"))
		return &q
	}
	q.Traits = maps.Clone(p.Traits)
	q.Traits["public step"] = 1
	q.Lipschitz = func(block string, x Point) float64 {
		return math.Sqrt(share * p.Traits["rows"] * p.Lipschitz(block, x)) // ‖W‖₂ again
	}
	q.keepsWhat(p)
	return &q
}

// Published is the family of the same problems with the published step; see
// [PublishedL].
func (s LogisticSpec) Published() Family {
	return Changed(s, "L = ‖W‖₂ as in the public code", PublishedL)
}
