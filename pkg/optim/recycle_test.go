package optim_test

import (
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/spare"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Problems whose oracles keep nothing, large enough for vectors to be recycled.
func forgetful() map[string]*optimizee.Problem {
	y := gauss(6, 90, 1)
	for i, v := range y.Data {
		if y.Data[i] = 0; v > 0 {
			y.Data[i] = 1
		}
	}
	return map[string]*optimizee.Problem{
		"lasso":         optimizee.Lasso(gauss(3, 70, 140), gauss(4, 70, 1), 0.3),
		"logistic":      optimizee.Logistic(gauss(5, 90, 80), y, 0.01),
		"published":     optimizee.PublishedL(optimizee.Logistic(gauss(5, 90, 80), y, 0.01)),
		"logistic loss": optimizee.Smooth(optimizee.LogisticLoss(linear.Dense(gauss(5, 90, 80)), y)),
		"quadratic":     optimizee.Quadratic(gauss(1, 120, 80), gauss(2, 120, 1)),
	}
}

func recyclers() map[string]optim.Rule {
	adam := optim.AdamConfig{LR: 0.01}
	return map[string]optim.Rule{
		"GD": optim.GD(optim.InverseLipschitz), "GD, line search": optim.GD(optim.LineSearch(1)),
		"heavy ball": optim.HeavyBall(optim.Fixed(1e-3), 0.5), "NAG": optim.NAG(optim.InverseLipschitz),
		"subgradient": optim.Subgradient(0.01), "Adam": optim.Adam(adam), "AdamHD": optim.AdamHD(adam, 1e-5), "RMSProp": optim.RMSProp(0.01, 0.9),
		"ISTA": optim.ISTA, "FISTA": optim.FISTA, "FISTA restart": optim.FISTARestart, "ProxMomentum": optim.ProxMomentum(1, 0.5),
		"Backtracking": optim.Backtracking(1e-3),
		"alternating":  optim.Alternate(optim.FISTA, optim.ISTA), "guarded": optim.Guard(optim.FISTA, optim.ISTA), "repeated": optim.Repeat(3, optim.FISTA),
		"others after the first": optim.Then(optim.FISTA, 7, optim.ProxMomentum(1, 0.3)),
	}
}

// keeping is p with oracles that keep all that they see and give, with a copy.
func keeping(p *optimizee.Problem) (*optimizee.Problem, *kept) {
	q, k := *p, &kept{}
	q.Value = func(x optimizee.Point) ad.Value { k.add(x.X()); return p.Value(x) }
	q.Grad = func(b string, x optimizee.Point) ad.Value { return k.add(p.Grad(b, x), x.X()) }
	if p.Subgrad != nil {
		q.Subgrad = func(b string, x optimizee.Point) ad.Value { return k.add(p.Subgrad(b, x), x.X()) }
	}
	q.ValueGrad = func(b string, x optimizee.Point) (ad.Value, ad.Value) {
		f, g := p.ValueGrad(b, x)
		return f, k.add(g, x.X())
	}
	q.Prox = func(b string, v, step ad.Value) ad.Value { return k.add(p.Prox(b, v, step), v) }
	q.Lipschitz = func(b string, x optimizee.Point) float64 { k.add(x.X()); return p.Lipschitz(b, x) }
	return &q, k
}

type kept struct{ values, copies []ad.Value }

func (k *kept) add(vs ...ad.Value) ad.Value {
	for _, v := range vs {
		k.values, k.copies = append(k.values, v), append(k.copies, ad.New(v.R, v.C, slices.Clone(v.Data)))
	}
	return vs[0]
}

// changed counts the values that are no longer what they were.
func (k *kept) changed() (n int) {
	for i, v := range k.values {
		if !slices.Equal(v.Data, k.copies[i].Data) {
			n++
		}
	}
	return n
}

// Whatever a step recycles, the points that it returned stay what they were, and so does
// all that oracles of one's own keep; and the run is the same, to the bit, as without
// recycling. The second time what was recycled reads as NaN.
func TestRecyclingShowsNowhere(t *testing.T) {
	defer spare.Poison.Store(false)
	for _, poison := range []bool{false, true} {
		spare.Poison.Store(poison)
		for name, p := range forgetful() {
			if !p.Forgets(p.Start.X()) {
				t.Errorf("%s recycles nothing", name)
			}
			for rule, r := range recyclers() {
				var points, same kept
				walk := func(p *optimizee.Problem, to *kept) bool {
					step, err := r(p, nil)
					if err != nil {
						return false
					}
					for k, x := range optim.Steps(step, p.Start) {
						if to.add(x.X()); k == 25 {
							break
						}
					}
					return true
				}
				if !walk(p, &points) {
					continue // GD on a problem with an r
				}
				q, seen := keeping(p)
				if walk(q, &same); q.Forgets(q.Start.X()) {
					t.Fatal("oracles that keep what they see pass for those that do not")
				}
				if points.changed()+same.changed() > 0 {
					t.Errorf("%s on %s, poison %v: %d returned points changed", rule, name, poison, points.changed()+same.changed())
				}
				if seen.changed() > 0 {
					t.Errorf("%s on %s, poison %v: %d values that an oracle kept changed", rule, name, poison, seen.changed())
				}
				for k, v := range points.copies {
					if !slices.Equal(v.Data, same.copies[k].Data) {
						t.Errorf("%s on %s, poison %v: step %d differs from a run that recycles nothing", rule, name, poison, k)
						break
					}
				}
			}
		}
	}
}

// A step size of one's own may keep the gradient that it is shown.
func TestStepSizesMayKeepGradients(t *testing.T) {
	spare.Poison.Store(true)
	defer spare.Poison.Store(false)
	p := forgetful()["quadratic"]
	var k kept
	own := optim.Fixed(1e-3)
	own.At = func(_ *optimizee.Problem, x, g optimizee.Point) float64 { k.add(x.X(), g.X()); return 1e-3 }
	for name, r := range map[string]optim.Rule{"GD": optim.GD(own), "NAG": optim.NAG(own), "heavy ball": optim.HeavyBall(own, 0.5)} {
		if k = (kept{}); true {
			run(t, p, r, 20)
		}
		if len(k.values) != 40 || k.changed() > 0 {
			t.Errorf("%s: %d of %d values changed", name, k.changed(), len(k.values))
		}
	}
}

func TestKeepsLast(t *testing.T) {
	begin := func(optimizee.Point) optim.Step { return func(x optimizee.Point) optimizee.Point { return x } }
	ends := 0
	step := optim.RememberLast(begin, func() { ends++ })
	if !optim.KeepsLast(step) || !optim.KeepsLast(optim.RememberLast(begin, nil)) {
		t.Error("RememberLast makes steps that are not known")
	}
	if unseen := optim.RememberUnseen(begin); !optim.KeepsLast(unseen) || !optim.Unseen(unseen) || optim.Unseen(step) {
		t.Error("RememberUnseen makes steps that are not known, or are taken for others")
	}
	wrapped := optim.Step(func(x optimizee.Point) optimizee.Point { return step(x) })
	for name, s := range map[string]optim.Step{"a wrapped step": wrapped, "a step that remembers": optim.Remember(begin), "no step": nil} {
		if optim.KeepsLast(s) {
			t.Errorf("%s passes for one that keeps only its last point", name)
		}
	}
	x := optimizee.X(ad.Scalar(1))
	if step(x); ends > 0 {
		t.Error("a step ended its run")
	}
	optim.Finish(wrapped)
	optim.Finish(nil)
	if wrapped(x); ends > 0 {
		t.Error("Finish ended a run that somebody else may go on with")
	}
	optim.Finish(step)
	defer func() {
		if recover() == nil || ends != 1 {
			t.Errorf("a run that ended %d times takes another step", ends)
		}
	}()
	step(x)
}
