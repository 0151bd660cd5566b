package linear

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Check tests a user's operator at random vectors, and says what is wrong with it:
// functions that are missing or leave entries of dst unwritten, or that write in x, a map
// that is not linear, an adjoint for which ⟨Ax, y⟩ = ⟨x, Aᵀy⟩ does not hold to 1e-10 of
// ‖Ax‖‖y‖ or ‖x‖‖Aᵀy‖, and a Norm or a Bound that some ‖Ax‖/‖x‖ exceeds.
func Check(a Operator) error {
	switch {
	case a.Err != nil:
		return a.Err
	case a.Forward == nil || a.Adjoint == nil:
		return errors.New("an operator needs both functions, Forward and Adjoint")
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 4 {
		if err := a.checkAt(normal(rng, a.Cols), normal(rng, a.Cols), normal(rng, a.Rows)); err != nil {
			return a.named(err)
		}
	}
	return nil
}

// CheckAdjoint is the part of [Check] that Problem.Check of package optimizee asks of every
// operator without a matrix: whether Adjoint belongs to Forward, at one random pair.
func CheckAdjoint(a Operator) error {
	if a.Err != nil || a.Forward == nil || a.Adjoint == nil {
		return Check(a)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := normal(rng, a.Cols), normal(rng, a.Rows)
	ax, err := image("Forward", a.Forward, x, a.Rows)
	aty, err2 := image("Adjoint", a.Adjoint, y, a.Cols)
	if err := cmp.Or(err, err2); err != nil {
		return a.named(err)
	}
	return a.named(adjoint(x, y, ax, aty))
}

// named is an error that says of which operator it is.
func (a Operator) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s of %d×%d: %w", a.Name, a.Rows, a.Cols, err)
}

// adjoint is an error unless ⟨Ax, y⟩ = ⟨x, Aᵀy⟩.
func adjoint(x, y, ax, aty []float64) error {
	left, right := floats.Dot(ax, y), floats.Dot(x, aty)
	if scale := floats.Norm(ax, 2)*floats.Norm(y, 2) + floats.Norm(x, 2)*floats.Norm(aty, 2); !(math.Abs(left-right) <= 1e-10*scale) {
		return fmt.Errorf("⟨Ax, y⟩ is %.4g and ⟨x, Aᵀy⟩ is %.4g: Adjoint is not the adjoint of Forward", left, right)
	}
	return nil
}

func (a Operator) checkAt(x, z, y []float64) error {
	ax, err := image("Forward", a.Forward, x, a.Rows)
	az, err2 := image("Forward", a.Forward, z, a.Rows)
	aty, err3 := image("Adjoint", a.Adjoint, y, a.Cols)
	if err := cmp.Or(err, err2, err3); err != nil {
		return err
	}
	floats.AddScaled(z, 2, x)
	floats.AddScaled(az, 2, ax)
	sum, err := image("Forward", a.Forward, z, a.Rows)
	if err != nil {
		return err
	}
	if d, scale := floats.Distance(sum, az, 2), floats.Norm(az, 2)+2*floats.Norm(ax, 2); !(d <= 1e-10*scale) {
		return fmt.Errorf("A(z + 2x) and Az + 2Ax differ by %.3g of their size: it is not linear", d/scale)
	}
	if err := adjoint(x, y, ax, aty); err != nil {
		return err
	}
	return a.exceeded(max(floats.Norm(ax, 2)/floats.Norm(x, 2), floats.Norm(aty, 2)/floats.Norm(y, 2)))
}

// normal draws n numbers.
func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// image returns f(x) out of two different pieces of memory.
func image(name string, f func(dst, x []float64), x []float64, n int) ([]float64, error) {
	was := slices.Clone(x)
	first, second := make([]float64, n), make([]float64, n)
	for i := range second {
		second[i] = 1e3 + float64(i)
	}
	f(first, x)
	f(second, x)
	switch {
	case !slices.Equal(was, x):
		return nil, fmt.Errorf("%s writes in its argument", name)
	case floats.HasNaN(first):
		return nil, fmt.Errorf("%s of finite numbers gives NaN", name)
	case !slices.Equal(first, second):
		return nil, fmt.Errorf("%s gives different results for the same x: it has to write every entry of dst, whatever was in it", name)
	}
	return first, nil
}

// exceeded returns an error if ratio, ‖Ax‖/‖x‖ of some x, is above the norm of a.
func (a Operator) exceeded(ratio float64) error {
	for i, f := range []func() float64{a.Norm, a.Bound} {
		if f != nil && !(ratio <= f()*(1+1e-10)) {
			return fmt.Errorf("%s is %.6g, and ‖Ax‖/‖x‖ is %.6g at a random x", []string{"Norm", "Bound"}[i], f(), ratio)
		}
	}
	return nil
}
