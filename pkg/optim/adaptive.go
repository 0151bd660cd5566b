package optim

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/spare"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// AdamConfig holds Adam's hyper-parameters. Zero fields take the defaults of
// Kingma and Ba (2015), who found them good over a wide range; optimizee.Nought is a 0.
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

// moments are Adam's running means of the gradient and its square, which are changed in
// place: nobody else sees them.
type moments struct {
	AdamConfig
	m, v optimizee.Point
	k    float64
}

// direction takes in a gradient and returns m̂/(√v̂ + ε).
func (a *moments) direction(g optimizee.Point) optimizee.Point {
	if g = g.Detach(); a.m.IsZero() {
		a.m, a.v = g.Scale(0), g.Scale(0)
	}
	a.k++
	fix1, fix2 := 1/(1-math.Pow(a.Beta1, a.k)), 1/(1-math.Pow(a.Beta2, a.k))
	return g.Map(func(b string, g ad.Value) ad.Value {
		d, m, v := ad.New(g.R, g.C, spare.Take(g.Len())), a.m.At(b).Data, a.v.At(b).Data
		average(m, a.Beta1, g.Data)
		averageSquares(v, a.Beta2, g.Data)
		for i := range d.Data {
			d.Data[i] = m[i] * fix1 / (math.Sqrt(v[i]*fix2) + a.Eps)
		}
		return d
	})
}

// average moves the running mean m of decay β on by g. The conversions keep compilers from
// leaving out a rounding.
func average(m []float64, beta float64, g []float64) {
	for i, x := range g[:len(m)] {
		m[i] = float64(m[i]*beta) + float64(x*(1-beta))
	}
}

// averageSquares is average of g².
func averageSquares(v []float64, beta float64, g []float64) {
	for i, x := range g[:len(v)] {
		v[i] = float64(v[i]*beta) + float64(float64(x*x)*(1-beta))
	}
}

// moved is x − s·d, for a d that nobody else reads. It takes back the gradient g too.
func moved(p *optimizee.Problem, x optimizee.Point, s float64, d, g optimizee.Point) optimizee.Point {
	by := d.Scale(s)
	next := x.Sub(by)
	next.Recycle(by)
	p.Recycle(next.X(), g.X())
	return next
}

// Adam is x⁺ = x − lr·m̂/(√v̂ + ε) with bias-corrected moments of the subgradient
// (Kingma and Ba 2015, Algorithm 1). It needs Subgrad, or Grad where F is smooth.
func Adam(c AdamConfig) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		a := moments{AdamConfig: c.filled()}
		return func(x optimizee.Point) optimizee.Point {
			g := p.Subgradient(x)
			d := a.direction(g)
			next := moved(p, x, a.LR, d, g)
			next.Recycle(d)
			return next
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
			g, last := p.Subgradient(x), d
			if !last.IsZero() {
				lr = max(lr+h*g.Dot(last), 1e-8)
			}
			d = a.direction(g)
			d.Recycle(last)
			return moved(p, x, lr, d, g)
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
			if v.IsZero() {
				v = g.Detach().Map(func(_ string, g ad.Value) ad.Value { return g.Square().Scale(0) })
			}
			d := g.Map(func(b string, g ad.Value) ad.Value {
				averageSquares(v.At(b).Data, rho, g.Data)
				square := v.At(b).Sqrt()
				root := square.Shift(1e-8)
				d := g.Div(root)
				ad.Recycle(d, square, root)
				return d
			})
			next := moved(p, x, lr, d, g)
			next.Recycle(d)
			return next
		}, errors.Join(check.Positive("RMSProp", "lr", lr), check.Decay("RMSProp", "ρ", rho), p.Need("RMSProp", "Subgrad"))
	}
}
