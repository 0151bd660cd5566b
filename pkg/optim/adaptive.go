package optim

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// AdamConfig holds Adam's hyper-parameters. Zero fields take the defaults of
// Kingma and Ba (2015), who found them good over a wide range.
type AdamConfig struct {
	LR           float64 // step size; default 1e-3
	Beta1, Beta2 float64 // decay of the two moments; defaults 0.9 and 0.999
	Eps          float64 // added to √v̂; default 1e-8
}

func (c AdamConfig) filled() AdamConfig {
	return AdamConfig{cmp.Or(c.LR, 1e-3), cmp.Or(c.Beta1, 0.9), cmp.Or(c.Beta2, 0.999), cmp.Or(c.Eps, 1e-8)}
}

func (c AdamConfig) check(rule string) error {
	return errors.Join(check.Positive(rule, "LR, Eps", c.LR, c.Eps), check.Decay(rule, "Beta1, Beta2", c.Beta1, c.Beta2))
}

// moments are Adam's running means of the gradient and its square.
type moments struct {
	AdamConfig
	m, v optimizee.Point
	k    float64
}

// direction takes in a gradient and returns m̂/(√v̂ + ε).
func (a *moments) direction(g optimizee.Point) optimizee.Point {
	g = g.Detach()
	if a.m.IsZero() {
		a.m, a.v = g.Scale(0), g.Scale(0)
	}
	square := func(_ string, v ad.Value) ad.Value { return v.Square() }
	a.k++
	a.m = a.m.Scale(a.Beta1).Add(g.Scale(1 - a.Beta1))
	a.v = a.v.Scale(a.Beta2).Add(g.Map(square).Scale(1 - a.Beta2))
	mhat, vhat := a.m.Scale(1/(1-math.Pow(a.Beta1, a.k))), a.v.Scale(1/(1-math.Pow(a.Beta2, a.k)))
	return mhat.Map(func(b string, m ad.Value) ad.Value { return m.Div(vhat.At(b).Sqrt().Shift(a.Eps)) })
}

// Adam is x⁺ = x − lr·m̂/(√v̂ + ε) with bias-corrected moments of the subgradient
// (Kingma and Ba 2015, Algorithm 1). It needs Subgrad, or Grad where F is smooth.
func Adam(c AdamConfig) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		a := moments{AdamConfig: c.filled()}
		return func(x optimizee.Point) optimizee.Point {
			return x.Sub(a.direction(p.Subgradient(x)).Scale(a.LR))
		}, errors.Join(a.check("Adam"), p.Need("Adam", "Subgrad"))
	}
}

// AdamHD is Adam that learns its step size as it goes: from the second step on
// lr ← max(lr + h⟨g_t, d_{t−1}⟩, 1e-8), where d is the last direction m̂/(√v̂ + ε) and
// the step was x − lr·d (hypergradient descent, Baydin et al. 2018, Algorithm 5). The
// step size belongs to the instance. It needs Subgrad, or Grad where F is smooth.
func AdamHD(c AdamConfig, h float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		a := moments{AdamConfig: c.filled()}
		lr := a.LR
		var d optimizee.Point
		return func(x optimizee.Point) optimizee.Point {
			g := p.Subgradient(x)
			if !d.IsZero() {
				lr = max(lr+h*g.Dot(d), 1e-8)
			}
			d = a.direction(g)
			return x.Sub(d.Scale(lr))
		}, errors.Join(a.check("AdamHD"), check.Finite("AdamHD", "h", h), p.Need("AdamHD", "Subgrad"))
	}
}

// RMSProp is x⁺ = x − lr·g/(√v + ε) with v the running mean of g², decay ρ
// (Tieleman and Hinton 2012; ρ = 0.9 is their choice, ε = 1e-8 here). It needs
// Subgrad, or Grad where F is smooth.
func RMSProp(lr, rho float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		var v optimizee.Point
		return func(x optimizee.Point) optimizee.Point {
			g := p.Subgradient(x)
			gg := g.Detach().Map(func(_ string, g ad.Value) ad.Value { return g.Square() })
			if v.IsZero() {
				v = gg.Scale(0)
			}
			v = v.Scale(rho).Add(gg.Scale(1 - rho))
			return x.Sub(g.Map(func(b string, g ad.Value) ad.Value { return g.Div(v.At(b).Sqrt().Shift(1e-8)) }).Scale(lr))
		}, errors.Join(check.Positive("RMSProp", "lr", lr), check.Decay("RMSProp", "ρ", rho), p.Need("RMSProp", "Subgrad"))
	}
}
