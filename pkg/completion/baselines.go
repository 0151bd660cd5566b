package completion

import (
	"errors"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Constant predicts every entry of a matrix completion by the mean of the observed ones:
// U is the mean and V is 1 in their first columns. It is the least that a method has to
// beat.
func Constant(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
	c, err := optimizee.DataOf[Data](p, "the constant predictor")
	return func(x optimizee.Point) optimizee.Point {
		return x.With("U", first(x.At("U"), c.Mean())).With("V", first(x.At("V"), 1))
	}, errors.Join(err, p.Need("the constant predictor"))
}

// RankOne is ALS from a point of rank 1, U and V zero beside their first columns: it
// stays there, because a column of zeros in one block makes one of least norm, zeros
// again, in the other. It needs Solve, in blocks U and V.
func RankOne(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	flat := func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
		return func(x optimizee.Point) optimizee.Point {
			return x.Map(func(_ string, v ad.Value) ad.Value { return first(v, 1) })
		}, nil
	}
	return optim.From(flat, ALS)(p, rng)
}

// first has s in the first column and is 0 elsewhere.
func first(like ad.Value, s float64) ad.Value {
	v := ad.New(like.R, like.C, nil)
	for i := range v.R {
		v.Data[i*v.C] = s
	}
	return v
}
