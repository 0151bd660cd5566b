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
	q := &optimizee.Problem{Name: p.Name, Start: start, Traits: p.Traits, Data: p.Data, Err: p.Err}
	of := func(b string) string { // p's name of a block
		if len(p.Start.Blocks()) == 1 {
			return "x"
		}
		return b
	}
	if p.Value != nil {
		q.Value = func(x optimizee.Point) ad.Value { told("Value"); return p.Value(to(x)) }
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
