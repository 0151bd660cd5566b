package optimizee

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/prox"
)

// An inner point is an s for which u = −Aᵀs is inside of a cone that is the domain of r*,
// such as u ≤ 0 for x ≥ 0. Any other point gets into the cone by a multiple of it.
type inner struct{ s, u ad.Value }

// inner looks for an inner point: the shortest s in the convex hull of the columns of A,
// which has Aᵀs > 0 where any s has, with both signs. Nil says that it found none.
func (m *model) inner(r prox.Regulariser) *inner {
	if m.loss.target.IsZero() && m.loss.Scores > 1 || m.a.Norm == nil {
		return nil // the scores of softmax may not all move by one s
	}
	s := m.shortest()
	for _, s := range []ad.Value{s, s.Neg()} {
		in := &inner{s, m.a.Transpose(s).Detach().Neg()}
		room := 1e-9 * in.u.Norm1().Item() / float64(in.u.R)
		far := func(d float64) bool {
			return math.IsInf(r.Reach(in.times(in.u.Shift(d), 1, m.loss.Scores, [2]int{0, m.loss.Scores})), 1)
		}
		if room > 0 && far(room) && far(-room) {
			return in
		}
	}
	return nil
}

// shortest is the minimiser of ½‖Ay‖² over the simplex, or an earlier iterate s = Ay with
// all entries of Aᵀs well above 0, by projected gradient steps with momentum. With an
// intercept the columns of A are centred first.
func (m *model) shortest() (s ad.Value) {
	simplex, l := prox.Simplex(1), m.a.Norm()*m.a.Norm()
	y := ad.Full(m.a.Cols, 1, 1/float64(m.a.Cols))
	z, step := y, ad.Scalar(1/l)
	for k := range 2000 {
		if s = m.a.Apply(z).Detach(); m.intercept {
			s = s.Shift(-floats.Sum(s.Data) / float64(s.R))
		}
		g := m.a.Transpose(s).Detach()
		if floats.Min(g.Data) > s.SumSquares().Item()/2 {
			break
		}
		next := simplex.Prox(z.AddScaled(-1/l, g), step)
		z = next.AddScaled(float64(k)/float64(k+3), next.Sub(y))
		y = next
	}
	return s
}

// times is e·v in the columns of a group and 0 in the others.
func (*inner) times(v ad.Value, e float64, columns int, g [2]int) ad.Value {
	on := ad.New(1, columns, nil)
	for j := g[0]; j < g[1]; j++ {
		on.Data[j] = e
	}
	return v.Mul(on)
}

// least is the smallest e, to some digits, for which u + e·(the inner point) is in the
// cone.
func (in *inner) least(r prox.Regulariser, u ad.Value, g [2]int) float64 {
	inside := func(e float64) bool { return r.Reach(u.Add(in.times(in.u, e, u.C, g))) > 0 }
	lo, hi := 0., 1e-16*u.Norm1().Item()/in.u.Norm1().Item()
	for range 400 { // from the smallest e that could matter
		if inside(hi) {
			break
		}
		lo, hi = hi, 2*hi
	}
	for range 30 {
		if mid := (lo + hi) / 2; inside(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// balanced is s with columns that sum to 0, in the domain of f* where s is.
func (m *model) balanced(s ad.Value) ad.Value {
	if m.loss.balance != nil {
		return m.loss.balance(s, m.weight)
	}
	return scaled(s)
}

// scaled makes the columns of s sum to 0 by a factor below 1 on their positive or their
// negative entries, which keeps every entry between 0 and where it was.
func scaled(s ad.Value) ad.Value {
	out := ad.New(s.R, s.C, nil)
	for j := range s.C {
		var up, down float64
		for i := range s.R {
			up, down = up+max(s.At(i, j), 0), down-min(s.At(i, j), 0)
		}
		for i := range s.R {
			switch v := s.At(i, j); {
			case v > 0 && up > down:
				out.Data[i*s.C+j] = v * (down / up)
			case v < 0 && down > up:
				out.Data[i*s.C+j] = v * (up / down)
			default:
				out.Data[i*s.C+j] = v
			}
		}
	}
	return out
}

// centred takes the weighted mean of s/w from it.
func centred(s, weight ad.Value) ad.Value {
	total := floats.Sum(weight.Data)
	mean := ad.New(1, s.C, nil)
	for i := range s.R {
		floats.AddScaled(mean.Data, 1/total, s.Data[i*s.C:(i+1)*s.C])
	}
	return s.Sub(weight.Mul(mean))
}

// stationary makes the columns of a slope of softmax sum to 0 by a factor for the samples
// of each label. The rows of s sum to 0 and only the entries of their labels are negative,
// so that Σ over samples with label d is row d of the generator of a Markov chain, and the
// factors are its stationary distribution, over its largest entry. It is computed without
// subtractions (Grassmann, Taksar and Heyman 1985).
func stationary(s, y ad.Value) ad.Value {
	k := s.C
	rate := ad.New(k, k, nil)
	for i, d := range y.Data {
		floats.Add(rate.Data[int(d)*k:(int(d)+1)*k], s.Data[i*k:(i+1)*k])
	}
	at := func(i, j int) *float64 { return &rate.Data[i*k+j] }
	for n := k - 1; n > 0; n-- {
		out := floats.Sum(rate.Data[n*k : n*k+n])
		for i := range n {
			if *at(i, n) /= out; out == 0 {
				return s.Scale(0) // nothing leaves class n: there are no samples of it
			}
			for j := range n {
				*at(i, j) += *at(i, n) * *at(n, j)
			}
		}
	}
	share := make([]float64, k)
	share[0] = 1
	for n := 1; n < k; n++ {
		for i := range n {
			share[n] += share[i] * *at(i, n)
		}
	}
	floats.Scale(1/floats.Max(share), share)
	each := ad.New(s.R, 1, nil)
	for i, d := range y.Data {
		each.Data[i] = share[int(d)]
	}
	return s.Mul(each)
}
