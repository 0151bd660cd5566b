package optimtest

import (
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// watched calls told before every question.
func watched(p *optimizee.Problem, told func(oracle string)) *optimizee.Problem {
	return mapped(p, told, p.Start, func(x optimizee.Point) optimizee.Point { return x }, func(_ string, v ad.Value) ad.Value { return v })
}

// beside puts an idle block in front of p's, which is now called "y".
func beside(p *optimizee.Problem) *optimizee.Problem {
	start := optimizee.Point{}.Plus("idle", ad.Scalar(1)).Plus("y", p.Start.X())
	return mapped(p, func(string) {}, start,
		func(x optimizee.Point) optimizee.Point { return optimizee.X(x.At("y")) },
		func(block string, v ad.Value) ad.Value {
			if block == "idle" {
				return ad.Scalar(0)
			}
			return v
		})
}

// permuted is p with its rows in another order, and the way back.
func permuted(p *optimizee.Problem) (q *optimizee.Problem, back func(ad.Value) ad.Value) {
	n := p.Start.X().R
	m := ad.New(n, n, nil)
	for i, j := range stream(1).Perm(n) {
		m.Data[i*n+j] = 1
	}
	q = mapped(p, func(string) {}, optimizee.X(m.TMatMul(p.Start.X())),
		func(x optimizee.Point) optimizee.Point { return optimizee.X(m.MatMul(x.X())) },
		func(_ string, v ad.Value) ad.Value { return m.TMatMul(v) })
	if prox := q.Prox; prox != nil { // mapped back already; its arguments are not points
		q.Prox = func(b string, v, step ad.Value) ad.Value {
			if step.Len() > 1 {
				step = m.MatMul(step)
			}
			return prox(b, m.MatMul(v), step)
		}
	}
	return q, m.MatMul
}

// mapped asks p about other points: to maps a point to one of p, from maps an answer
// in the shape of p's block back.
func mapped(p *optimizee.Problem, told func(oracle string), start optimizee.Point, to func(x optimizee.Point) optimizee.Point, from func(block string, v ad.Value) ad.Value) *optimizee.Problem {
	c := *p
	q := &c
	q.Start, q.Truth, q.SolveAll, q.Terms, q.OnlyTerms = start, optimizee.Point{}, nil, nil, false
	if len(start.Blocks()) == 1 {
		q.OnlyTerms = p.OnlyTerms
		for _, t := range p.Terms {
			q.Terms = append(q.Terms, mappedTerm(t, told, to, from))
		}
	}
	of := func(b string) string { // p's name of a block
		if len(p.Start.Blocks()) == 1 {
			return "x"
		}
		return b
	}
	if p.Value != nil {
		q.Value = func(x optimizee.Point) ad.Value { told("Value"); return p.Value(to(x)) }
	}
	if p.Smooth != nil {
		q.Smooth = func(x optimizee.Point) ad.Value { told("Smooth"); return p.Smooth(to(x)) }
	}
	if p.Grad != nil {
		q.Grad = func(b string, x optimizee.Point) ad.Value { told("Grad"); return from(b, p.Grad(of(b), to(x))) }
	}
	if p.ValueGrad != nil {
		q.ValueGrad = func(b string, x optimizee.Point) (ad.Value, ad.Value) {
			told("ValueGrad")
			f, g := p.ValueGrad(of(b), to(x))
			return f, from(b, g)
		}
	}
	if p.Subgrad != nil {
		q.Subgrad = func(b string, x optimizee.Point) ad.Value { told("Subgrad"); return from(b, p.Subgrad(of(b), to(x))) }
	}
	if p.Prox != nil {
		q.Prox = func(b string, v, step ad.Value) ad.Value { told("Prox"); return from(b, p.Prox(of(b), v, step)) }
	}
	if p.Residual != nil {
		q.Residual = func(x optimizee.Point) ad.Value { told("Residual"); return p.Residual(to(x)) }
	}
	if p.Lipschitz != nil {
		q.Lipschitz = func(b string, x optimizee.Point) float64 { told("Lipschitz"); return p.Lipschitz(of(b), to(x)) }
	}
	if p.Solve != nil {
		q.Solve = func(b string, x optimizee.Point) ad.Value { told("Solve"); return from(b, p.Solve(of(b), to(x))) }
	}
	if p.Bound != nil {
		q.Bound = func(x optimizee.Point) float64 { told("Bound"); return p.Bound(to(x)) }
	}
	return q
}

// mappedTerm asks a term of p about other points, as mapped does: an operator takes the
// way to them and back, and without one the proximal map does.
func mappedTerm(t optimizee.Term, told func(oracle string), to func(x optimizee.Point) optimizee.Point, from func(block string, v ad.Value) ad.Value) optimizee.Term {
	q := t
	there := func(v ad.Value) ad.Value { return to(optimizee.X(v)).X() }
	back := func(v ad.Value) ad.Value { return from("x", v) }
	if k := t.K; !k.IsZero() {
		q.K.Matrix = ad.Value{}
		q.K.Forward = func(dst, x []float64) { copy(dst, k.Apply(to(optimizee.X(ad.New(len(x), 1, x))).X()).Data) }
		q.K.Adjoint = func(dst, y []float64) { copy(dst, from("x", k.Transpose(ad.New(len(y), 1, y))).Data) }
		there = func(v ad.Value) ad.Value { return v }
		back = there
	}
	q.Value = func(x ad.Value) ad.Value { told("Value of a term"); return t.Value(there(x)) }
	q.Prox = func(v, step ad.Value) ad.Value { told("Prox of a term"); return back(t.Prox(there(v), step)) }
	return q
}
