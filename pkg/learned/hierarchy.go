package learned

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// maxLogRate bounds the logarithms of learning rates.
const maxLogRate = 33

// hierarchy is a run of L2O-Scale.
type hierarchy struct {
	ScaleConfig
	p   *optimizee.Problem
	th  nn.Params
	rng *rand.Rand

	tensors []tensor
	global  ad.Value // hidden state of the global level
	fresh   bool     // a path begins here: no averages yet
}

// tensor is what a run remembers of one of them.
type tensor struct {
	block    string
	from, to int

	hidden ad.Value // of its level
	own    ad.Value // of its coordinates, a row for each: see coordinate
	rate   ad.Value // ln η of its coordinates
}

func (t *tensor) n() int { return t.to - t.from }

// of is the tensor's part of its block, as a column.
func (t *tensor) of(x optimizee.Point) ad.Value {
	v := x.At(t.block)
	if t.n() == v.Len() {
		return rows(v)
	}
	return v.Reshape(1, v.Len()).Cols(t.from, t.to).Reshape(t.n(), 1)
}

func (r *hierarchy) step(at optimizee.Point) optimizee.Point {
	g := r.p.Subgradient(at.Detach()).Detach()
	if r.global.IsZero() {
		r.begin()
	}
	sum, count := ad.Scalar(0), 0
	for _, t := range r.tensors {
		sum, count = sum.Add(t.rate.Sum()), count+t.n()
	}
	mean, steps := sum.Scale(1/float64(count)), map[string]ad.Value{}
	for i := range r.tensors {
		t := &r.tensors[i]
		step := r.move(t, t.of(g), t.rate.Sub(mean)).Reshape(1, t.n())
		if before, ok := steps[t.block]; ok {
			step = before.Beside(step)
		}
		steps[t.block] = step
	}
	r.conclude()
	r.fresh = false
	return at.Map(func(block string, x ad.Value) ad.Value { return x.Sub(steps[block].Reshape(x.R, x.C)) })
}

// begin draws the first rates, and takes the first states from θ.
func (r *hierarchy) begin() {
	start := r.th.Sub("start")
	for i := range r.tensors {
		t := &r.tensors[i]
		t.hidden, t.own = start.At("tensor"), ad.Full(t.n(), 1, 1).MatMul(start.At("parameter"))
		if r.given != nil {
			t.rate = r.given(i, t.n())
			continue
		}
		t.rate = ad.Full(t.n(), 1, math.Log(r.MinRate))
		if lo, width := math.Log(r.MinRate)/2, math.Log(r.MaxRate/r.MinRate)/2; width > 0 {
			offset := lo + width*r.rng.Float64()
			for j := range t.rate.Data {
				t.rate.Data[j] = clipRate(offset + lo + width*r.rng.Float64())
			}
		}
	}
	r.global = start.At("global")
}

func clipRate(log float64) float64 { return min(max(log, -maxLogRate), maxLogRate) }

// affine is a linear layer of float64.
func affine(th nn.Params, x ad.Value) ad.Value {
	return x.MatMulT(th.At("weight")).Add(th.At("bias"))
}

// move takes the states of a tensor and of its coordinates on, and returns by how much
// they move.
func (r *hierarchy) move(t *tensor, g, relative ad.Value) ad.Value {
	above := affine(r.th.Sub("tensor_to_parameter"), t.hidden).Add(affine(r.th.Sub("global_to_parameter"), r.global))
	const kept = 40 // numbers for each hidden unit of a row, about
	t.own = r.coordinate().ByTiles(r.th.Sub("parameter"), []ad.Value{g, relative, t.own}, []ad.Value{above}, kept*r.Parameter)

	h, n := r.Parameter, float64(t.n())
	_, cell, _ := r.cells()
	mean := ad.Full(1, t.n(), 1/n).MatMul(t.own).Cols(0, h+seen)
	t.hidden = cell.Step(r.th.Sub("tensor"), mean, t.hidden, affine(r.th.Sub("global_to_tensor"), r.global))

	d, change := t.own.Cols(t.own.C-2, t.own.C-1), t.own.Cols(t.own.C-1, t.own.C)
	log := clipped(t.rate.Add(change))
	unit := d.Div(d.SumSquares().Scale(1 / n).Shift(1e-16).Sqrt())
	t.rate = log.AddMul(r.th.At("rate_momentum").Sigmoid(), t.rate.Sub(log))
	return log.Add(r.th.At("rate_offset")).Exp().Mul(unit)
}

// clipped are logarithms of rates within their bounds. To the tape it is the identity.
func clipped(log ad.Value) ad.Value {
	var over ad.Value
	for i, v := range log.Data {
		if c := clipRate(v); c != v {
			if over.IsZero() {
				over = ad.New(log.R, log.C, nil)
			}
			over.Data[i] = c - v
		}
	}
	if over.IsZero() {
		return log
	}
	return log.Add(over)
}

// conclude takes the global level on.
func (r *hierarchy) conclude() {
	n := len(r.tensors)
	sees := r.tensors[n-1].hidden
	if r.AllTensors {
		sees = r.tensors[0].hidden
		for _, t := range r.tensors[1:] {
			sees = sees.Add(t.hidden)
		}
		sees = sees.Scale(1 / float64(n))
	}
	_, _, cell := r.cells()
	r.global = cell.Step(r.th.Sub("global"), sees, r.global, ad.Value{})
}

// coordinate is the level of single coordinates. Of g, of ln η relative to the mean, and of
// what it gave before it makes a row
//
//	h, what the network saw, m_1 … m_4, v_1 … v_4, β, γ, d, the change of ln η
//
// All coordinates share the bias that the levels above give.
func (r *hierarchy) coordinate() nn.Rowwise {
	cell, _, _ := r.cells()
	h, fresh := r.Parameter, r.fresh
	return func(th nn.Params, rows, shared []ad.Value) ad.Value {
		g, relative, own := rows[0], rows[1], rows[2]
		m := g.Mul(ad.Full(1, timeScales, 1))
		v := m.Square().Shift(1e-12)
		if !fresh {
			part := func(from, n int) ad.Value { return own.Cols(h+seen+from, h+seen+from+n) }
			beta := part(2*timeScales, 1)
			betas := beta
			for range timeScales - 1 {
				beta = beta.Sqrt()
				betas = betas.Beside(beta)
			}
			m = m.AddMul(betas, part(0, timeScales).Sub(m))
			v = m.Square().Shift(1e-12)
			v = v.AddMul(part(2*timeScales+1, 1), part(timeScales, timeScales).Sub(v))
		}
		scaled := asinh(m.Div(v.Shift(1e-16).Sqrt()))
		logs := v.Shift(1e-16).Log()
		in := beside(scaled, scaled.Cols(0, timeScales-1).Mul(scaled.Cols(1, timeScales)),
			logs.Sub(logs.SumRows().Scale(1./timeScales)), relative)
		state := cell.Step(th, in, own.Cols(0, h), shared[0])
		beta, gamma := affine(th.Sub("average_decay"), state).Sigmoid(), affine(th.Sub("square_decay"), state).Sigmoid()
		d := state.MatMulT(th.At("direction.weight")).Add(scaled.MatMulT(th.At("shortcut.weight")))
		return beside(state, in, m, v, beta, gamma, d, affine(th.Sub("rate"), state))
	}
}

// beside are the columns of all of them, as one operation: eight of two copy four times as much.
func beside(vs ...ad.Value) ad.Value {
	width := 0
	for _, v := range vs {
		width += v.C
	}
	out := ad.New(vs[0].R, width, nil)
	each := func(f func(i, from int, v ad.Value)) {
		from := 0
		for i, v := range vs {
			f(i, from, v)
			from += v.C
		}
	}
	each(func(_, from int, v ad.Value) {
		for r := range v.R {
			copy(out.Data[r*width+from:], v.Data[r*v.C:(r+1)*v.C])
		}
	})
	return ad.Record(out, vs, func(g []float64, acc [][]float64) {
		each(func(i, from int, v ad.Value) {
			if acc[i] == nil {
				return
			}
			for r := range v.R {
				for c := range v.C {
					acc[i][r*v.C+c] += g[r*width+from+c]
				}
			}
		})
	})
}

func asinh(x ad.Value) ad.Value { return x.Add(x.Square().Shift(1).Sqrt()).Log() }
