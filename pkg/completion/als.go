package completion

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// ALS is alternating least squares: U at its exact minimiser for the V that is there,
// then V for that U. F never rises. It needs Solve, in blocks U and V.
func ALS(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	return optim.Alternate(optim.On("U", optim.Exact), optim.On("V", optim.Exact))(p, rng)
}

// sweep is a step of ALS with a λ of its own.
func sweep(c *Data, lambda float64, x optimizee.Point) optimizee.Point {
	x = x.With("U", c.SolveAt(lambda, "U", x))
	return x.With("V", c.SolveAt(lambda, "V", x))
}

// LoweredConfig says how [ALSLowered] lowers λ.
type LoweredConfig struct {
	From float64 // λ of the first sweep; default a tenth of the largest singular value of the observed entries, above which the minimum is 0
	To   float64 // λ from the last of Over sweeps on; default the problem's, or 1e-6·From where that is 0
	Over int     // sweeps, at least 2; default 50: 20 are enough for factors above 0, not for Gaussian ones
}

// ALSLowered is alternating least squares with λ lowered from sweep to sweep, in even
// factors: sweep k of n has λ = From·(To/From)^((k−1)/(n−1)). At a large λ only the
// strongest directions of R survive, at a smaller one the next join them: a way around
// the poor minima that ALS with a small λ ends in. F of the problem has its own λ and
// may rise on the way. It needs a matrix completion; optimizee.Count does not see its
// solves, because they are not the problem's.
func ALSLowered(l LoweredConfig) optim.Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
		c, err := optimizee.DataOf[Data](p, "ALS with λ lowered")
		if err != nil {
			return nil, err
		}
		l.Over = cmp.Or(l.Over, 50)
		given := func(lambda float64) bool { return lambda == 0 || lambda >= 1e-300 && check.IsFinite(lambda) }
		if !given(l.From) || !given(l.To) || l.Over < 2 {
			return nil, fmt.Errorf("completion: ALS with λ lowered: from %g to %g over %d sweeps: both λ have to be positive and finite, or 0 for their defaults, since even factors lead to no 0, and there have to be two sweeps", l.From, l.To, l.Over)
		}
		filled := l
		return optim.Remember(func(optimizee.Point) optim.Step {
			if filled.From == 0 {
				filled.From = largest(c.Observed) / 10
			}
			filled.To = cmp.Or(filled.To, c.Config.Lambda, 1e-6*filled.From)
			k := 0
			return func(x optimizee.Point) optimizee.Point {
				lambda := filled.From * math.Pow(filled.To/filled.From, float64(k)/float64(l.Over-1))
				k = min(k+1, l.Over-1)
				return sweep(c, lambda, x)
			}
		}), p.Need("ALS with λ lowered")
	}
}

// largest is the largest singular value of the matrix that is 0 where nothing is
// observed, by thirty steps of the power method.
func largest(o Observed) (sigma float64) {
	unit := floats.Norm(o.Value, math.Inf(1))
	if unit == 0 {
		return 1 // a matrix of zeros: any λ will do
	}
	unit = math.Ldexp(1, math.Ilogb(unit)) // in which squares stay in the range
	v, u := make([]float64, o.Cols), make([]float64, o.Rows)
	for j := range v {
		v[j] = 1 + float64(j%7)/7 // no special direction
	}
	for range 30 {
		clear(u)
		for k, r := range o.Value {
			u[o.Row[k]] += r / unit * v[o.Col[k]]
		}
		clear(v)
		for k, r := range o.Value {
			v[o.Col[k]] += r / unit * u[o.Row[k]]
		}
		s := math.Sqrt(kern.ShortDot(v, v))
		for j := range v {
			v[j] /= s
		}
		sigma = unit * math.Sqrt(s)
	}
	return sigma
}

// HeldOutConfig says how [ALSHeldOut] chooses λ.
type HeldOutConfig struct {
	Lambdas []float64 // to choose from, falling; default 10, 3, 1, …, 0.001, half a decade apart, in the unit of the entries: see [ALSHeldOut]
	Share   float64   // of the observed entries that are held out; default 0.1
	Sweeps  int       // of ALS at every λ; default 10
	Cold    bool      // every λ starts from the first point; by default from where the λ before it ended
}

// ALSHeldOut is alternating least squares with the λ that predicts best. In its first
// step it holds out a random share of the observed entries, runs ALS on the others at
// one λ after the other, each from where the last one ended, and keeps the λ with the
// smallest error on what was held out; then it goes the same way on all entries, down
// to that λ, where it stays. Where fewer than 20 entries are held out, it holds out others
// too, one share after the other, until there are so many in all. λ has the unit of the
// entries: the default ones are multiplied by a power of ten, 1 for entries with a root mean
// square between 0.4 and 4, so that metres and centimetres give the same. The first step
// costs as much as up to 2·len(Lambdas)·Sweeps others, and more where there are few
// entries. F of the problem has its own λ and may rise. It
// needs a matrix completion; optimizee.Count does not see its solves, because they are
// not the problem's.
func ALSHeldOut(h HeldOutConfig) optim.Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		const name = "ALS with λ chosen"
		c, err := optimizee.DataOf[Data](p, name)
		if err != nil {
			return nil, err
		}
		h := h.filled(c.Value)
		if !(h.Share > 0 && h.Share < 1) || h.Sweeps < 1 || len(h.Lambdas) == 0 {
			return nil, fmt.Errorf("completion: %s: a share of %g is held out, %d sweeps for each of %d λ: the share has to lie between 0 and 1, and there have to be sweeps and λ", name, h.Share, h.Sweeps, len(h.Lambdas))
		}
		if len(c.Value) < 2 {
			return nil, fmt.Errorf("completion: %s: one entry is observed: there has to be one to fit and one to hold out", name)
		}
		lambda := math.NaN()
		return func(x optimizee.Point) optimizee.Point {
			if math.IsNaN(lambda) {
				lambda = h.choose(c, x, rng)
				h.path(c, x, func(l float64, at optimizee.Point) bool {
					x = at
					return l != lambda
				})
				return x
			}
			return sweep(c, lambda, x)
		}, errors.Join(check.Positive(name, "Lambdas", h.Lambdas...), check.Source(name, "the entries that it holds out", rng), p.Need(name))
	}
}

// choose is the λ with the smallest error on entries that are held out.
func (h HeldOutConfig) choose(c *Data, x optimizee.Point, rng *rand.Rand) float64 {
	errs := make([]float64, len(h.Lambdas))
	for n := 0; n < enough; {
		kept, held := c.Split(h.Share, rng)
		n += len(held.Value)
		fit := c.Config
		fit.Start = x.Detach()
		q, i := Problem(kept, fit).Data.(*Data), 0 // as valid as c
		h.path(q, x, func(_ float64, at optimizee.Point) bool {
			errs[i] += math.Pow(held.RMS(at), 2) * float64(len(held.Value))
			i++
			return true
		})
	}
	best, least := 0, math.Inf(1)
	for i, e := range errs {
		if e < least { // false for NaN
			best, least = i, e
		}
	}
	return h.Lambdas[best]
}

// enough entries that are held out tell λ apart.
const enough = 20

func (h HeldOutConfig) filled(entries []float64) HeldOutConfig {
	if h.Lambdas == nil {
		for _, l := range []float64{10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001} {
			h.Lambdas = append(h.Lambdas, l*unitOf(entries))
		}
	}
	h.Share, h.Sweeps = cmp.Or(h.Share, 0.1), cmp.Or(h.Sweeps, 10)
	return h
}

// unitOf is the power of ten in units of which the root mean square of the entries lies
// between 0.4 and 4, as that of ratings up to 5 and of products of uniform factors does; 1
// where there are none or all are 0.
func unitOf(entries []float64) float64 {
	rms := floats.Norm(entries, 2) / math.Sqrt(float64(len(entries)))
	if !(rms > 0) {
		return 1
	}
	return math.Pow(10, math.Floor(math.Log10(rms/0.4)))
}

// path shows the end of the sweeps at each λ to see, until that says false.
func (h HeldOutConfig) path(c *Data, x optimizee.Point, see func(lambda float64, at optimizee.Point) bool) {
	at := x
	for _, lambda := range h.Lambdas {
		if h.Cold {
			at = x
		}
		for range h.Sweeps {
			at = sweep(c, lambda, at)
		}
		if !see(lambda, at) {
			return
		}
	}
}
