package sparse

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Coding is the family of Lasso problems that code signals with one dictionary:
// ½‖Dx − y‖² + λ‖x‖₁ for each column y of Signals. D stays, so that its spectral norm is
// found once for all of them.
type Coding struct {
	Name       string   // of the problems
	Dictionary ad.Value // D, m×n
	Signals    ad.Value // m×N
	Lambda     float64

	norm func() float64
}

// NewCoding returns the family. What is wrong with the data is the Err of its problems.
func NewCoding(name string, dictionary, signals ad.Value, lambda float64) *Coding {
	return &Coding{name, dictionary, signals, lambda, sync.OnceValue(func() float64 { return linear.SpectralNorm(dictionary) })}
}

// Len returns the number of signals.
func (c *Coding) Len() int { return c.Signals.C }

// At returns the problem of signal i, 0 ≤ i < Len.
func (c *Coding) At(i int) *optimizee.Problem {
	p := optimizee.Lasso(c.Dictionary, c.Signals.Cols(i, i+1), c.Lambda)
	p.Name = c.Name
	p.Lipschitz = func(string, optimizee.Point) float64 { return c.norm() * c.norm() }
	return p
}

// Draw draws a signal at random.
func (c *Coding) Draw(rng *rand.Rand) *optimizee.Problem {
	if err := errors.Join(
		check.Source("a family", "problems", rng),
		check.That(c.Len() > 0, "there are no signals: they are %s", c.Signals.Shape())); err != nil {
		return &optimizee.Problem{Name: c.Name, Err: err}
	}
	return c.At(rng.IntN(c.Len()))
}

// String describes the family.
func (c *Coding) String() string {
	return fmt.Sprintf("%s: lasso %s, %d signals, λ = %g", c.Name, c.Dictionary.Shape(), c.Len(), c.Lambda)
}
