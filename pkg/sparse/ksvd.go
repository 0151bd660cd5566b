package sparse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/par"
)

// A KSVDConfig says which dictionary to learn.
type KSVDConfig struct {
	Atoms      int // n
	Nonzeros   int // atoms in the code of a signal, at most
	Iterations int // rounds of coding and updating

	// PowerSteps is the number of power iterations in the rank-1 fit of an atom; 0
	// counts as 1. One is the approximate K-SVD of Rubinstein, Zibulevsky and Elad
	// (2008); with many an atom is the singular vector of Aharon, Elad and Bruckstein
	// (2006).
	PowerSteps int
}

// PaperKSVD is the setting of the L2O-PA paper's public code for 8×8 patches: 128 atoms,
// 6 nonzeros (a tenth of 64), 10 iterations of one power step. That code updates an
// atom from the signals with a positive coefficient alone; here all that use it count.
var PaperKSVD = KSVDConfig{Atoms: 128, Nonzeros: 6, Iterations: 10, PowerSteps: 1}

// Atoms are a learned dictionary with the record of its training.
type Atoms struct {
	D        ad.Value  // m×n, columns of length 1
	X        ad.Value  // n×N, the codes of the signals that it was learned from
	Errors   []float64 // ‖Y − DX‖_F/‖Y‖_F after each iteration
	Replaced int       // atoms that no signal used and another took the place of
}

// KSVD is [KSVDContext] without an end.
func KSVD(y ad.Value, c KSVDConfig, rng *rand.Rand) (Atoms, error) {
	return KSVDContext(context.Background(), y, c, rng)
}

// KSVDContext learns a dictionary for the columns of y (Aharon, Elad and Bruckstein 2006). From
// atoms with random directions it alternates:
//
//   - each signal is coded by [OMP], which is greedy and so may do worse than before,
//     though hardly ever for the signals as a whole;
//   - each atom d with its coefficients g, over the signals that use it, becomes the
//     best rank-1 fit of what the others leave of them: E ≈ gdᵀ, ‖d‖₂ = 1, signals as
//     rows of E; this never adds to the error;
//   - an atom that no signal uses becomes the signal that is represented worst.
//
// It is an error when a size is not positive, there are more nonzeros than rows or atoms,
// or y holds nothing but zeros, or NaN or Inf, and when ctx ends.
func KSVDContext(ctx context.Context, y ad.Value, c KSVDConfig, rng *rand.Rand) (Atoms, error) {
	var out Atoms
	if err := par.Until(ctx, func() (err error) { out, err = c.learn(ctx, y, rng); return err }); err != nil {
		return Atoms{}, fmt.Errorf("sparse: KSVD: %w", err)
	}
	return out, nil
}

func (c KSVDConfig) learn(ctx context.Context, y ad.Value, rng *rand.Rand) (Atoms, error) {
	size := math.Sqrt(y.Detach().SumSquares().Item())
	if err := errors.Join(c.check(y, size), check.Source("it", "its first atoms", rng)); err != nil {
		return Atoms{}, err
	}
	l := &learner{KSVDConfig: c, y: y.Detach().T(), atoms: ad.New(c.Atoms, y.R, nil), codes: make([][]term, y.C)}
	l.rest = make([]float64, l.y.Len())
	for k := range c.Atoms {
		random(l.atom(k), rng)
	}
	out := Atoms{}
	for range c.Iterations {
		l.code()
		if err := ctx.Err(); err != nil {
			return Atoms{}, err
		}
		out.Replaced += l.update(rng)
		out.Errors = append(out.Errors, floats.Norm(l.rest, 2)/size)
	}
	out.D, out.X = l.atoms.T(), ad.New(c.Atoms, y.C, nil)
	for i, code := range l.codes {
		for _, t := range code {
			out.X.Data[t.atom*y.C+i] = t.coef
		}
	}
	return out, nil
}

func (c KSVDConfig) check(y ad.Value, size float64) error {
	switch {
	case c.Atoms <= 0 || c.Nonzeros <= 0 || c.Iterations <= 0 || c.PowerSteps < 0:
		return fmt.Errorf("%d atoms, %d nonzeros, %d iterations, %d power steps: all have to be positive", c.Atoms, c.Nonzeros, c.Iterations, c.PowerSteps)
	case c.Nonzeros > min(c.Atoms, y.R):
		return fmt.Errorf("%d nonzeros with %d atoms of %d entries: there cannot be more than either", c.Nonzeros, c.Atoms, y.R)
	case size == 0:
		return errors.New("there are no signals, or all of them are 0")
	case !check.IsFinite(size):
		return errors.New("the signals hold NaN or Inf, or numbers whose squares overflow")
	}
	return nil
}

// learner is the state of K-SVD. Signals and atoms are rows.
type learner struct {
	KSVDConfig
	y     ad.Value  // N×m
	atoms ad.Value  // n×m
	codes [][]term  // of each signal
	rest  []float64 // N×m, what the codes leave of the signals
	users [][]use   // of each atom
	part  []float64 // E of the current atom
}

// A use is a signal that uses an atom, and the atom's place in its code.
type use struct{ signal, place int }

func (l *learner) atom(k int) []float64 { return row(l.atoms.Data, k, l.y.C) }

// row is row i of a matrix with m columns.
func row(data []float64, i, m int) []float64 { return data[i*m : (i+1)*m] }

// random sets an atom to a uniform direction.
func random(d []float64, rng *rand.Rand) {
	for i := range d {
		d[i] = rng.NormFloat64()
	}
	floats.Scale(1/floats.Norm(d, 2), d)
}

// code codes the signals again.
func (l *learner) code() {
	copy(l.rest, l.y.Data)
	newPursuit(l.atoms, l.Nonzeros).all(l.y, func(i int, code []term) {
		for _, t := range code {
			kern.Axpy64(-t.coef, l.atom(t.atom), row(l.rest, i, l.y.C))
		}
		l.codes[i] = append(l.codes[i][:0], code...)
	})
}

// update fits each atom to the signals that use it, and returns how many had none.
func (l *learner) update(rng *rand.Rand) (replaced int) {
	l.users = make([][]use, l.Atoms)
	for i, code := range l.codes {
		for place, t := range code {
			l.users[t.atom] = append(l.users[t.atom], use{i, place})
		}
	}
	var unused []int
	for k, users := range l.users {
		if len(users) == 0 {
			unused = append(unused, k)
			continue
		}
		l.fit(k, users)
	}
	l.replace(unused, rng)
	return len(unused)
}

// fit replaces gdᵀ of one atom by a better rank-1 fit of E, the users' signals less
// all other atoms: power steps d ← Eᵀg/‖Eᵀg‖, g ← Ed, none of which adds to ‖E − gdᵀ‖.
func (l *learner) fit(k int, users []use) {
	m, d := l.y.C, l.atom(k)
	g := make([]float64, len(users))
	l.part = slices.Grow(l.part[:0], len(users)*m)[:len(users)*m]
	for i, u := range users {
		g[i] = l.codes[u.signal][u.place].coef
		e := row(l.part, i, m)
		copy(e, row(l.rest, u.signal, m))
		kern.Axpy64(g[i], d, e)
	}
	next := make([]float64, m)
	for range max(1, l.PowerSteps) {
		clear(next)
		kern.GemvT64(len(users), m, l.part, g, next)
		length := floats.Norm(next, 2)
		if length == 0 {
			break // E = 0: nothing is left to fit
		}
		floats.ScaleTo(d, 1/length, next)
		clear(g)
		kern.GemvN64(len(users), m, l.part, d, g)
	}
	for i, u := range users {
		l.codes[u.signal][u.place].coef = g[i]
		rest := row(l.rest, u.signal, m)
		copy(rest, row(l.part, i, m))
		kern.Axpy64(-g[i], d, rest)
	}
}

// replace turns the unused atoms into the signals that are represented worst, random
// directions where nothing is left to represent.
func (l *learner) replace(unused []int, rng *rand.Rand) {
	if len(unused) == 0 {
		return
	}
	m := l.y.C
	left, order := make([]float64, l.y.R), make([]int, l.y.R)
	for i := range left {
		left[i] = -floats.Norm(row(l.rest, i, m), 2)
	}
	floats.Argsort(left, order)
	for i, k := range unused {
		d := l.atom(k)
		if i >= len(order) || left[i] == 0 {
			random(d, rng)
			continue
		}
		signal := row(l.y.Data, order[i], m)
		floats.ScaleTo(d, 1/floats.Norm(signal, 2), signal)
	}
}
