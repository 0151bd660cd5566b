package optimizee_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// own is Rastrigin's own function.
func own(n int) *optimizee.Problem {
	return optimizee.Rastrigin(ad.Eye(n), ad.New(n, 1, nil), ad.Full(n, 1, 1), 10)
}

func TestRastriginsOwn(t *testing.T) {
	for _, n := range []int{1, 2, 10} {
		p := own(n)
		if f := p.Value(p.Start).Item(); f != 0 {
			t.Errorf("n = %d: F(0) = %g", n, f)
		}
		x := optimizee.X(ad.Full(n, 1, 0.5))
		if f, want := p.Value(x).Item(), float64(n)*(0.125+20); math.Abs(f-want) > 1e-12*want {
			t.Errorf("n = %d: F(½, …) = %g, want %g", n, f, want)
		}
		if (p.Solve != nil) != (n <= 2) {
			t.Errorf("n = %d: Solve is there: %v", n, p.Solve != nil)
		}
		if p.Solve != nil {
			if x := p.Solve("x", x); x.SumSquares().Item() > 1e-16 {
				t.Errorf("n = %d: the minimiser is %v", n, x)
			}
		}
		if b := p.Bound(x); b > 0 || b < -1e-9 {
			t.Errorf("n = %d: the bound is %g", n, b)
		}
	}
}

// The global minimum is not above a grid of the whole region, and the bound not above it.
func TestRastriginIsSolved(t *testing.T) {
	mean, lower, solved := 0., 0., 0.
	for i := range uint64(40) {
		for _, n := range []int{1, 2} {
			p := optimizee.RastriginSpec{N: n}.Draw(optimizee.Stream(3, i, uint64(n)))
			if p.Solve == nil {
				continue // A is close to singular
			}
			x := p.Solve("x", p.Start)
			f, bound := p.Value(optimizee.X(x)).Item(), p.Bound(p.Start)
			if bound > f || f-bound > 1e-9*(1+math.Abs(f)) {
				t.Errorf("n = %d, draw %d: F = %.12g, bound %.12g", n, i, f, bound)
			}
			d, err := optimizee.DataOf[optimizee.RastriginData](p, "a test")
			if err != nil {
				t.Fatal(err)
			}
			if n == 2 {
				mean, lower, solved = mean+f, lower+20-10*d.C.Norm1().Item(), solved+1
			}
			if least := onGrid(d, x.Data); least < f-1e-9 {
				t.Errorf("n = %d, draw %d: %.9g on a grid, below the minimum %.9g", n, i, least, f)
			}
		}
	}
	t.Logf("n = 2: the mean minimum of %v problems is %.2f, that of the lower bound αn − α‖c‖₁ is %.2f", solved, mean/solved, lower/solved)
}

// onGrid is the least F, by its formula, on a grid around x, of a step of 0.02.
func onGrid(d *optimizee.RastriginData, x []float64) float64 {
	const reach, step = 200, 0.02
	least, n := math.Inf(1), len(x)
	y := make([]float64, n)
	for r := -reach; r <= reach; r++ {
		for q := -reach; q <= reach && (n > 1 || q == -reach); q++ {
			y[0] = x[0] + float64(r)*step
			if n > 1 {
				y[1] = x[1] + float64(q)*step
			}
			f := d.Alpha * float64(n)
			for i := range n {
				res := -d.B.Data[i]
				for j := range n {
					res += d.A.At(i, j) * y[j]
				}
				f += res*res/2 - d.Alpha*d.C.Data[i]*math.Cos(2*math.Pi*y[i])
			}
			least = min(least, f)
		}
	}
	return least
}

func TestSquareCos(t *testing.T) {
	p := optimizee.SquareCosSpec{N: 3}.Draw(optimizee.Stream(1))
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	rng := optimizee.Stream(1)
	w, v, y := optimizee.Uniform(rng, 3, 3), optimizee.Uniform(rng, 3, 3), optimizee.Uniform(rng, 3, 1)
	x := gauss(2, 3, 1)
	want := w.MatMul(x).Sub(y).SumSquares().Item() - v.MatMul(x.Scale(2*math.Pi).Cos()).Sum().Item()*10 + 30
	if got := p.Value(optimizee.X(x)).Item(); math.Abs(got-want) > 1e-12*math.Abs(want) {
		t.Errorf("F = %g, want %g", got, want)
	}
	for _, fam := range []optimizee.Family{optimizee.SquareCosSpec{}, optimizee.RastriginSpec{N: -1}} {
		if err := fam.Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), "positive") {
			t.Error(err)
		}
	}
	if err := optimizee.Rastrigin(ad.Eye(2), ad.New(2, 1, nil), ad.New(3, 1, nil), 10).Check(); err == nil || !strings.Contains(err.Error(), "one for each column") {
		t.Error(err)
	}
}

// Where the waves are low, the lowest point is the least-squares solution, of one column and of
// two that nearly agree.
func TestRastriginOfLowWaves(t *testing.T) {
	for _, n := range []int{1, 2} {
		for i := range uint64(20) {
			rng := optimizee.Stream(31, i)
			a, b := optimizee.Gaussian(rng, 4, n), optimizee.Gaussian(rng, 4, 1)
			if n == 2 { // columns at an angle of a few degrees
				for k := range 4 {
					a.Data[2*k+1] = a.Data[2*k] + 0.05*a.Data[2*k+1]
				}
			}
			p := optimizee.Rastrigin(a, b, ad.Full(n, 1, 1), 1e-12)
			got, want := p.Solve("x", p.Start), optimizee.Quadratic(a, b).Solve("x", p.Start)
			if off := got.Sub(want).Abs().Sum().Item(); off > 1e-5*(1+want.Abs().Sum().Item()) {
				t.Errorf("%d columns, draw %d: %v, and by least squares %v", n, i, got.Data, want.Data)
			}
		}
	}
}
