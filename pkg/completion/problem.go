package completion

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Observed holds the known entries of a Rows×Cols matrix, in any order: Value[k]
// stands in row Row[k] and column Col[k], counted from 0. The entries that package
// datasets reads convert to it.
type Observed struct {
	Rows, Cols int
	Row, Col   []int
	Value      []float64
}

// Config says how a matrix is completed.
type Config struct {
	P      int             // columns of U and V, at most the smaller side of the matrix (MLAM, Section IV-A)
	Lambda float64         // λ of MLAM eq. 13; the papers use 1e-3
	Prior  Prior           // MLAM eq. 12; none when zero
	Start  optimizee.Point // blocks U (Rows×P) and V (Cols×P); when zero, entries uniform on [0, 1) as in the public code
	Seed   uint64          // of the drawn Start
}

// A Prior pulls U and V towards given matrices by WeightU·‖U − Ũ‖² +
// WeightV·‖V − Ṽ‖², as MLAM eq. 12 has it (without ½). A matrix of weight 0 may be
// left out.
type Prior struct {
	U, V             ad.Value
	WeightU, WeightV float64
}

// Problem is the recovery of a matrix R from the entries Ω that are known,
// as a product UVᵀ (MLAM eq. 13),
//
//	F(U, V) = ½‖P_Ω(R − UVᵀ)‖² + (λ/2)(‖U‖² + ‖V‖²),
//
// in blocks U (rows×p) and V (cols×p), plus the [Prior] where there is one. All of F
// is smooth. Each block by itself is a ridge regression for every row, over the
// observed entries of that row: Solve is its exact minimiser (the one of least norm
// where there are several), Lipschitz the largest eigenvalue of the rows' normal
// matrices. Value and Grad cost O(|Ω|p). Data is a *[Data].
//
// A row or column without entries is allowed; all that F says of it is λ and the
// prior, so that its prediction is 0 at the minimum. No entries at all, an entry
// given twice and p above the smaller side are refused.
func Problem(o Observed, c Config) *optimizee.Problem {
	p := &optimizee.Problem{Name: "matrix completion", Traits: map[string]float64{
		"rows": float64(o.Rows), "cols": float64(o.Cols), "p": float64(c.P), "observed": float64(len(o.Value)), "lambda": c.Lambda,
	}}
	if p.Err = errors.Join(o.check(), c.check(o)); p.Err != nil {
		return p
	}
	d := newCompletion(o, c)
	p.Data, p.Start = d, d.Config.Start
	p.Value = func(x optimizee.Point) ad.Value { return d.data(x, "U", true, false).f.Add(d.penalty(x)) }
	p.Grad = func(block string, x optimizee.Point) ad.Value {
		return d.data(x, block, false, true).g.Add(d.pull(block, x))
	}
	p.ValueGrad = func(block string, x optimizee.Point) (ad.Value, ad.Value) {
		t := d.data(x, block, true, true)
		return t.f.Add(d.penalty(x)), t.g.Add(d.pull(block, x))
	}
	p.Lipschitz = d.lipschitz
	p.Solve = func(block string, x optimizee.Point) ad.Value { return d.SolveAt(c.Lambda, block, x) }
	return optimizee.Smooth(p)
}

// penalty is (λ/2)(‖U‖² + ‖V‖²) and the prior; pull is its gradient in one block.
func (c *Data) penalty(x optimizee.Point) ad.Value {
	u, v, prior := x.At("U"), x.At("V"), c.Config.Prior
	f := u.SumSquares().Add(v.SumSquares()).Scale(c.Config.Lambda / 2)
	if prior.WeightU > 0 {
		f = f.Add(u.Sub(prior.U).SumSquares().Scale(prior.WeightU))
	}
	if prior.WeightV > 0 {
		f = f.Add(v.Sub(prior.V).SumSquares().Scale(prior.WeightV))
	}
	return f
}

func (c *Data) pull(block string, x optimizee.Point) ad.Value {
	v, g := x.At(block), x.At(block).Scale(c.Config.Lambda)
	if to, weight := c.Config.Prior.of(block); weight > 0 {
		g = g.Add(v.Sub(to).Scale(2 * weight))
	}
	return g
}

func (p Prior) of(block string) (to ad.Value, weight float64) {
	if block == "U" {
		return p.U, p.WeightU
	}
	return p.V, p.WeightV
}

// Data is what a [Problem] was made from.
type Data struct {
	Observed
	Config Config

	byRow, byCol entries
}

func newCompletion(o Observed, c Config) *Data {
	if c.Start.IsZero() {
		rng := optimizee.Stream(c.Seed)
		c.Start = optimizee.Point{}.Plus("U", optimizee.Uniform(rng, o.Rows, c.P)).Plus("V", optimizee.Uniform(rng, o.Cols, c.P))
	}
	d := &Data{Observed: o, Config: c}
	d.byRow, d.byCol = o.sorted()
	return d
}

// WithTruth returns the completion p with the whole matrix R as block "R" of its Truth,
// where it is known: what [RMSE] measures against.
func WithTruth(p *optimizee.Problem, r ad.Value) *optimizee.Problem {
	q := *p
	q.Truth = optimizee.Point{}.Plus("R", r)
	if c, err := optimizee.DataOf[Data](p, "a true matrix"); err != nil {
		q.Err = cmp.Or(p.Err, err)
	} else {
		q.Err = errors.Join(
			check.That(r.R == c.Rows && r.C == c.Cols, "the truth is %s: it has to be %d×%d", r.Shape(), c.Rows, c.Cols),
			check.Values("the truth", r))
	}
	return &q
}

// RMSE is the papers' measure ‖R − UVᵀ‖/‖R‖ over all entries of the truth of a
// completion, observed or not. It is NaN where the truth is not known.
func RMSE(p *optimizee.Problem, x optimizee.Point) float64 { return relative(p, x, true) }

// HiddenRMSE is RMSE over the entries that were not observed: 0 when there are none, NaN without
// a truth.
func HiddenRMSE(p *optimizee.Problem, x optimizee.Point) float64 { return relative(p, x, false) }

func relative(p *optimizee.Problem, x optimizee.Point, observed bool) float64 {
	c, ok := p.Data.(*Data)
	if !ok || p.Truth.IsZero() {
		return math.NaN()
	}
	truth := p.Truth.At("R")
	weight := ad.Full(c.Rows, c.Cols, 1)
	if !observed {
		for k, i := range c.Row {
			weight.Data[i*c.Cols+c.Col[k]] = 0
		}
	}
	off := x.At("U").Detach().MatMulT(x.At("V").Detach()).Sub(truth)
	size := truth.Mul(weight).SumSquares().Item()
	if size == 0 {
		return 0
	}
	return math.Sqrt(off.Mul(weight).SumSquares().Item() / size)
}

// Mean is the mean of the values, 0 when there are none.
func (o Observed) Mean() float64 {
	var s float64
	for _, v := range o.Value {
		s += v
	}
	return s / float64(max(1, len(o.Value)))
}

// RMS is the root of the mean square of UVᵀ − r over these entries, in the units of
// the values: the error on entries that a completion has not seen. It is 0 when there
// are none.
func (o Observed) RMS(x optimizee.Point) float64 {
	u, v := x.At("U"), x.At("V")
	if u.R != o.Rows || v.R != o.Cols || u.C != v.C {
		panic(fmt.Sprintf("completion: RMS: U is %s and V is %s for a %d×%d matrix", u.Shape(), v.Shape(), o.Rows, o.Cols))
	}
	var s float64
	for k, r := range o.Value {
		e := kern.ShortDot(u.Data[o.Row[k]*u.C:][:u.C], v.Data[o.Col[k]*v.C:][:v.C]) - r
		s += e * e
	}
	return math.Sqrt(s / float64(max(1, len(o.Value))))
}

// Split holds out a share of the entries at random: at least one where there are two,
// never all.
func (o Observed) Split(share float64, rng *rand.Rand) (kept, held Observed) {
	n := len(o.Value)
	if rng == nil || len(o.Row) != n || len(o.Col) != n {
		panic(fmt.Sprintf("completion: Split of %d values in %d rows and %d columns: each entry has one of each, and there has to be a *rand.Rand", n, len(o.Row), len(o.Col)))
	}
	out := min(max(1, int(math.Round(share*float64(n)))), n-1)
	kept, held = Observed{Rows: o.Rows, Cols: o.Cols}, Observed{Rows: o.Rows, Cols: o.Cols}
	for at, k := range rng.Perm(n) {
		to := &kept
		if at < out {
			to = &held
		}
		to.Row, to.Col, to.Value = append(to.Row, o.Row[k]), append(to.Col, o.Col[k]), append(to.Value, o.Value[k])
	}
	return kept, held
}

func (o Observed) check() error {
	n := len(o.Value)
	if err := errors.Join(
		check.That(o.Rows > 0 && o.Cols > 0 && o.Rows <= 1<<40 && o.Cols <= 1<<40, "a %d×%d matrix: it has to have rows and columns, and to fit into memory", o.Rows, o.Cols),
		check.That(len(o.Row) == n && len(o.Col) == n, "%d rows, %d columns and %d values: every entry has one of each", len(o.Row), len(o.Col), n),
		check.That(n > 0, "no entry is observed: there is nothing to complete the matrix from")); err != nil {
		return err
	}
	for k, v := range o.Value {
		i, j := o.Row[k], o.Col[k]
		switch {
		case i < 0 || i >= o.Rows || j < 0 || j >= o.Cols:
			return fmt.Errorf("entry %d is in row %d, column %d of a %d×%d matrix: they count from 0", k, i, j, o.Rows, o.Cols)
		case !check.IsFinite(v):
			return fmt.Errorf("the entry in row %d, column %d is %g: leave it out, and it counts as not observed", i, j, v)
		}
	}
	byRow, _ := o.sorted()
	for i := range o.Rows {
		at := byRow.at[byRow.start[i]:byRow.start[i+1]]
		for k := 1; k < len(at); k++ {
			if at[k] == at[k-1] {
				return fmt.Errorf("the entry in row %d, column %d is given twice: keep one, or their mean", i, at[k])
			}
		}
	}
	return nil
}

func (c Config) check(o Observed) error {
	errs := []error{
		check.That(c.P >= 1 && c.P <= min(o.Rows, o.Cols), "p = %d columns of U and V for a %d×%d matrix: it has to be at least 1 and at most the smaller side", c.P, o.Rows, o.Cols),
		check.Weight(c.Lambda), check.Weight(c.Prior.WeightU), check.Weight(c.Prior.WeightV),
	}
	shaped := func(what string, v ad.Value, r, k int) {
		errs = append(errs, check.That(v.R == r && v.C == k, "%s is %s: it has to be %d×%d", what, v.Shape(), r, k), check.Values(what, v))
	}
	if c.Prior.WeightU > 0 {
		shaped("the prior of U", c.Prior.U, o.Rows, c.P)
	}
	if c.Prior.WeightV > 0 {
		shaped("the prior of V", c.Prior.V, o.Cols, c.P)
	}
	if !c.Start.IsZero() {
		if b := c.Start.Blocks(); len(b) != 2 || b[0] != "U" || b[1] != "V" {
			return errors.Join(append(errs, fmt.Errorf("the start has blocks %q: they have to be U and V", b))...)
		}
		shaped("the start's U", c.Start.At("U"), o.Rows, c.P)
		shaped("the start's V", c.Start.At("V"), o.Cols, c.P)
	}
	return errors.Join(errs...)
}
