package play

import (
	"math"
	"math/cmplx"
	"sync"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// curvatures of the quadratic of momentum, from L = 1 down to 1/50.
func curvatures() []float64 {
	h := make([]float64, 20)
	for i := range h {
		h[i] = math.Pow(50, -float64(i)/19)
	}
	return h
}

// roots are those of z² − (1+a)(1−ph)z + a(1−ph): along a direction of curvature h, what
// is left of the distance after k steps of length p with momentum a is made of their powers.
func roots(p, a, h float64) (z1, z2 complex128) {
	c := 1 - p*h
	s := cmplx.Sqrt(complex((1+a)*(1+a)*c*c-4*a*c, 0))
	return (complex((1+a)*c, 0) + s) / 2, (complex((1+a)*c, 0) - s) / 2
}

// slowest is the largest modulus of the roots over all curvatures.
func slowest(p, a float64, hs []float64) (rate, at float64) {
	for _, h := range hs {
		z1, z2 := roots(p, a, h)
		if r := max(cmplx.Abs(z1), cmplx.Abs(z2)); r > rate {
			rate, at = r, h
		}
	}
	return rate, at
}

// momentum moves a constant step and a constant momentum, on a quadratic with curvatures from
// 1/50 to L = 1.
func momentum() Playground {
	const steps = 80
	hs := curvatures()
	pa, aa := axis("step p × L", .1, 2.4), axis("momentum a", 0, 1)
	rates := sync.OnceValue(func() [][]float64 {
		v := make([][]float64, 32)
		for i := range v {
			v[i] = make([]float64, 48)
			for j := range v[i] {
				rate, _ := slowest(pa.Lo+(pa.Hi-pa.Lo)*(float64(j)+.5)/48, (float64(i)+.5)/32, hs)
				v[i][j] = min(rate, 1.1)
			}
		}
		return v
	})
	limit := sync.OnceValue(func() (pts draw.Points) {
		for i := range 61 {
			a := float64(i) / 60
			pts = append(pts, [2]float64{2 * (1 + a) / (1 + 2*a), a})
		}
		return pts
	})
	ones := make([]float64, len(hs))
	for i := range ones {
		ones[i] = 1
	}
	problem := sync.OnceValue(func() *optimizee.Problem {
		return from(optimizee.QuadraticForm(linear.Diagonal(hs), ad.New(len(hs), 1, nil)).Plus(prox.None()), ones...)
	})
	return Playground{
		Name:  "momentum",
		Title: "How much momentum, and how long a step?",
		How:   "Drag the pair of step and momentum. Dark is fast; beyond the line, some direction grows. The circle is for the roots of all directions: the one farthest from 0 is the slowest, and outside of the circle it grows.",
		Controls: []Control{
			Drag("pa", "step and momentum", 0, draw.Vermilion, 1, .75),
		},
		Draw: func(v Values) Scene {
			p, a := v.At("pa")
			rate, slow := slowest(p, a, hs)
			field := chart("How fast is the slowest direction?", pa, aa, draw.Layer{Name: "the limit", Look: draw.Look{Hue: draw.Crimson}, Width: 2.5, Pts: limit()})
			field.Bare, field.Cells = true, &draw.Cells{V: rates(), Colour: axis("", .7, 1.1), Scale: draw.Amounts}
			var circle, left, right draw.Points
			for i := range 91 {
				sin, cos := math.Sincos(2 * math.Pi * float64(i) / 90)
				circle = append(circle, [2]float64{cos, sin})
			}
			for _, h := range hs {
				z1, z2 := roots(p, a, h)
				left, right = append(left, [2]float64{real(z1), imag(z1)}), append(right, [2]float64{real(z2), imag(z2)})
			}
			plan := plane("Roots, one pair for each direction", axis("", -1.3, 1.3), axis("", -1.3, 1.3),
				line("", draw.Look{Hue: draw.Grey}, circle), dots("", draw.Blue, 6, append(left, right...)))
			f := logAxis("F", -8, 2)
			way := run(problem(), optim.ProxMomentum(p, a), steps, nil)
			gap := chart("F, step by step", axis("step k", 0, steps), f,
				curve("momentum", f, values(problem(), way, 0)),
				curve("FISTA", f, values(problem(), run(problem(), optim.FISTA, steps, nil), 0)))
			says := sentence("p = %v/L, a = %v: in the long run each step leaves %v of the slowest direction, that of curvature %v·L.", p, a, rate, slow)
			if rate >= 1 {
				says = sentence("p = %v/L, a = %v: the direction of curvature %v·L grows, by %v in each step.", p, a, slow, rate)
			}
			return Scene{Panels: []*draw.Scene{field, plan, gap}, Says: says}
		},
	}
}
