package ad

import "github.com/l2olab/l2o/pkg/internal/kern"

// CrossEntropy is the mean cross-entropy of the softmax of the rows of v, the scores of m
// samples, to the rows of y of the same shape, which are probabilities: of a label a 1 among
// zeros.
//
//	(1/m) Σ_i [ln Σ_c exp v_ic − Σ_c y_ic·v_ic]
func (v Value) CrossEntropy(y Value) Value {
	sameShape("CrossEntropy", v, y)
	lse := v.Detach().LogSumExp()
	share := 1 / float64(v.R)
	out := lse.Sum().Sub(v.Detach().Dot(y.Detach())).Scale(share)
	t := TapeOf(v, y)
	if t == nil {
		return out
	}
	return t.push(out, []Value{v, y}, func(g []float64, acc [][]float64) {
		if acc[0] != nil {
			p := v.softmax(lse)
			for i, p := range p.Data {
				acc[0][i] += g[0] * (share * (p - y.Data[i]))
			}
		}
		axpy(-g[0]*share, v.Data, acc[1])
	})
}

// CrossEntropyGrad is the gradient of [Value.CrossEntropy] in v, (softmax(v) − y)/m.
func (v Value) CrossEntropyGrad(y Value) Value {
	sameShape("CrossEntropyGrad", v, y)
	share := 1 / float64(v.R)
	p, out := v.softmax(v.Detach().LogSumExp()), blank(v.R, v.C)
	for i, p := range p.Data {
		out.Data[i] = share * (p - y.Data[i])
	}
	t := TapeOf(v, y)
	if t == nil {
		return out
	}
	return t.push(out, []Value{v, y}, func(g []float64, acc [][]float64) {
		if to := acc[0]; to != nil { // the Hessian of ln Σ exp: diag(p) − ppᵀ in each row
			for i := 0; i < len(to); i += p.C {
				row := p.Data[i : i+p.C]
				along := 0.0
				for j, p := range row {
					along += p * g[i+j]
				}
				for j, p := range row {
					to[i+j] += share * (p * (g[i+j] - along))
				}
			}
		}
		axpy(-share, g, acc[1])
	})
}

// softmax is exp(v − lse), a constant.
func (v Value) softmax(lse Value) Value {
	p := blank(v.R, v.C)
	for i, x := range v.Data {
		p.Data[i] = x - lse.Data[i/v.C]
	}
	kern.Exp64(p.Data, p.Data)
	return p
}
