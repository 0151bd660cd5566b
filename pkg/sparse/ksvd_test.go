package sparse_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/sparse"
)

func stream(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// sparse draws n×count codes with exactly k nonzeros of magnitude 0.5 to 1.5 in each column.
func codes(rng *rand.Rand, n, count, k int) ad.Value {
	x := ad.New(n, count, nil)
	for i := range count {
		for _, j := range rng.Perm(n)[:k] {
			x.Data[j*count+i] = (0.5 + rng.Float64()) * float64(1-2*rng.IntN(2))
		}
	}
	return x
}

func unitColumns(a ad.Value) ad.Value {
	norms := a.T().Square().SumRows().Sqrt().T()
	return a.Div(norms)
}

// spikesAndWaves are the unit vectors beside a Hadamard matrix: 2m atoms whose
// coherence is 1/√m.
func spikesAndWaves(m int) ad.Value {
	h := ad.Scalar(1)
	for h.R < m {
		h = h.Beside(h).T().Beside(h.Beside(h.Neg()).T()).T()
	}
	return ad.Eye(m).Beside(h.Scale(1 / math.Sqrt(float64(m))))
}

func norm(v ad.Value) float64 { return math.Sqrt(v.SumSquares().Item()) }

func nonzeros(x ad.Value, col int) (at []int) {
	for j := range x.R {
		if x.At(j, col) != 0 {
			at = append(at, j)
		}
	}
	return at
}

// Where 2k − 1 is below 1/coherence, every signal of k atoms is recovered (Tropp 2004),
// whatever the atoms' lengths; one atom more than needed changes nothing.
func TestOMPRecovers(t *testing.T) {
	const m, k = 64, 4
	d := spikesAndWaves(m)
	if c := sparse.Coherence(d, d); math.Abs(c-1.0/8) > 1e-12 || (2*k-1)*c >= 1 {
		t.Fatalf("coherence is %g, want 1/8", c)
	}
	lengths := adtest.Random(stream(1), 1, 2*m).Abs().Shift(0.1)
	x := codes(stream(2), 2*m, 600, k) // more signals than a block
	y := d.MatMul(x)
	for _, most := range []int{k, k + 1} {
		if far := norm(sparse.OMP(d, y, most).Sub(x)); far > 1e-11 {
			t.Errorf("%d nonzeros allowed: the codes are %.2g from those that made the signals", most, far)
		}
		scaled := sparse.OMP(d.Mul(lengths), y, most)
		if far := norm(scaled.Mul(lengths.T()).Sub(x)); far > 1e-11 {
			t.Errorf("%d nonzeros allowed, atoms scaled: the codes are %.2g from those that made the signals", most, far)
		}
	}
}

// What is left is orthogonal to every chosen atom and shrinks with each further one; the
// first atom is the one that correlates most.
func TestOMPResidual(t *testing.T) {
	const m, n, count = 20, 50, 40
	d, y := unitColumns(adtest.Random(stream(3), m, n)), adtest.Random(stream(4), m, count)
	before := y
	for k := 1; k <= m; k++ {
		x := sparse.OMP(d, y, k)
		r := y.Sub(d.MatMul(x))
		corr := d.TMatMul(r)
		for i := range count {
			at := nonzeros(x, i)
			if len(at) != k {
				t.Errorf("signal %d has %d nonzeros, want %d", i, len(at), k)
			}
			for _, j := range at {
				if c := math.Abs(corr.At(j, i)); c > 1e-11 {
					t.Errorf("%d nonzeros, signal %d: the rest correlates %.2g with a chosen atom", k, i, c)
				}
			}
			if now, was := norm(r.Cols(i, i+1)), norm(before.Cols(i, i+1)); now >= was {
				t.Errorf("signal %d: the rest grows from %g to %g with atom %d", i, was, now, k)
			}
			if first := d.TMatMul(y.Cols(i, i+1)); k == 1 {
				top := slices.Max(first.Abs().Data)
				if got := math.Abs(first.At(at[0], 0)); got != top {
					t.Errorf("signal %d: the first atom correlates %g, another %g", i, got, top)
				}
			}
		}
		before = r
	}
	if left := norm(before); left > 1e-10 {
		t.Errorf("%d independent atoms leave %.2g of signals in %d dimensions", m, left, m)
	}
}

// Atoms that repeat, atoms and signals of zeros, and what was recorded on a tape.
func TestOMPDegenerate(t *testing.T) {
	d := ad.New(2, 4, []float64{1, 1, 0, 1, 0, 0, 0, 1e-9})
	x := sparse.OMP(d, ad.New(2, 2, []float64{2, 0, 0, 0}), 2)
	if !x.IsFinite() || norm(d.MatMul(x).Sub(ad.New(2, 2, []float64{2, 0, 0, 0}))) > 1e-12 {
		t.Errorf("codes of parallel atoms: %v", x)
	}
	x = sparse.OMP(d, ad.Col(1, 1), 2) // only the nearly parallel pair spans the signal
	if !x.IsFinite() {
		t.Errorf("codes of nearly parallel atoms: %v", x)
	}
	var tape ad.Tape
	if x := sparse.OMP(tape.Watch(ad.Eye(2)), ad.Col(1, 2), 1); x.Recorded() || x.At(1, 0) != 2 {
		t.Error(x)
	}
}

func TestOMPRefuses(t *testing.T) {
	for _, c := range []struct {
		d, y     ad.Value
		nonzeros int
		says     string
	}{
		{ad.New(3, 5, nil), ad.New(4, 2, nil), 1, "3×5 and signals of 4×2"},
		{ad.New(3, 5, nil), ad.New(3, 2, nil), 4, "4 nonzeros with a dictionary of 3×5"},
		{ad.New(3, 5, nil), ad.New(3, 2, nil), -1, "-1 nonzeros"},
	} {
		func() {
			defer func() {
				if s, _ := recover().(string); !strings.Contains(s, c.says) {
					t.Errorf("panic %q does not mention %q", s, c.says)
				}
			}()
			sparse.OMP(c.d, c.y, c.nonzeros)
		}()
	}
}

// TestKSVD holds learned dictionaries against what every one obeys.
func TestKSVD(t *testing.T) {
	planted := unitColumns(adtest.Random(stream(5), 20, 50))
	y := planted.MatMul(codes(stream(6), 50, 1500, 3))
	for _, c := range []struct {
		name string
		y    ad.Value
		sparse.KSVDConfig
	}{
		{"planted", y, sparse.KSVDConfig{Atoms: 50, Nonzeros: 3, Iterations: 12, PowerSteps: 1}},
		{"planted, many power steps", y, sparse.KSVDConfig{Atoms: 50, Nonzeros: 3, Iterations: 12, PowerSteps: 30}},
		{"noise", adtest.Random(stream(7), 16, 300), sparse.KSVDConfig{Atoms: 32, Nonzeros: 4, Iterations: 12}},
		{"more atoms than signals", adtest.Random(stream(8), 16, 10), sparse.KSVDConfig{Atoms: 32, Nonzeros: 4, Iterations: 5}},
		{"signals that are 0", ad.New(8, 5, nil).Beside(adtest.Random(stream(9), 8, 40)), sparse.KSVDConfig{Atoms: 12, Nonzeros: 8, Iterations: 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := sparse.KSVD(c.y, c.KSVDConfig, stream(1))
			if err != nil {
				t.Fatal(err)
			}
			if l.D.R != c.y.R || l.D.C != c.Atoms || l.X.R != c.Atoms || l.X.C != c.y.C || len(l.Errors) != c.Iterations {
				t.Fatalf("D is %s, X %s, %d errors", l.D.Shape(), l.X.Shape(), len(l.Errors))
			}
			for j, s := range l.D.T().Square().SumRows().Data {
				if math.Abs(s-1) > 1e-12 {
					t.Errorf("atom %d has length² %.15g", j, s)
				}
			}
			for i := range l.X.C {
				if at := nonzeros(l.X, i); len(at) > c.Nonzeros {
					t.Errorf("the code of signal %d has %d nonzeros", i, len(at))
				}
			}
			for k, e := range l.Errors {
				if k > 0 && e > 1.001*l.Errors[k-1]+1e-13 {
					t.Errorf("the error grows from %.6g to %.6g in iteration %d", l.Errors[k-1], e, k)
				}
			}
			last := l.Errors[len(l.Errors)-1]
			before := c.KSVDConfig
			before.Iterations--
			if b, err := sparse.KSVD(c.y, before, stream(1)); err != nil {
				t.Error(err)
			} else if coded := norm(c.y.Sub(b.D.MatMul(sparse.OMP(b.D, c.y, c.Nonzeros)))) / norm(c.y); last > coded*(1+1e-12)+1e-13 {
				t.Errorf("updating the atoms took the error from %.12g to %.12g", coded, last)
			}
			if e := norm(c.y.Sub(l.D.MatMul(l.X))) / norm(c.y); math.Abs(e-last) > 1e-11 {
				t.Errorf("‖Y − DX‖/‖Y‖ is %.12g, the last error %.12g", e, last)
			}
			again, _ := sparse.KSVD(c.y, c.KSVDConfig, stream(1))
			other, _ := sparse.KSVD(c.y, c.KSVDConfig, stream(2))
			if !slices.Equal(again.D.Data, l.D.Data) || slices.Equal(other.D.Data, l.D.Data) {
				t.Error("the dictionary has to depend on the stream alone")
			}
		})
	}
}

// TestKSVDFindsDictionary is the synthetic experiment of Aharon et al. (2006, §V.A)
// without noise: 1,500 signals in 20 dimensions, of 3 out of 50 atoms each, 80
// iterations; an atom is found when 1 − |⟨d, d̂⟩| < 0.01. Random atoms find none.
func TestKSVDFindsDictionary(t *testing.T) {
	planted := unitColumns(adtest.Random(stream(5), 20, 50))
	y := planted.MatMul(codes(stream(6), 50, 1500, 3))
	l, err := sparse.KSVD(y, sparse.KSVDConfig{Atoms: 50, Nonzeros: 3, Iterations: 80, PowerSteps: 3}, stream(1))
	if err != nil {
		t.Fatal(err)
	}
	found, match := 0, planted.TMatMul(l.D).Abs()
	for i := range planted.C {
		if slices.Max(match.Data[i*l.D.C:(i+1)*l.D.C]) > 0.99 {
			found++
		}
	}
	t.Logf("%d of 50 atoms, error %.3g", found, l.Errors[79])
	if found < 38 {
		t.Errorf("%d of 50 atoms were found, want at least 38", found)
	}
}

// With one atom, K-SVD is a singular vector.
func TestKSVDOneAtom(t *testing.T) {
	y := adtest.Random(stream(10), 5, 30)
	l, err := sparse.KSVD(y, sparse.KSVDConfig{Atoms: 1, Nonzeros: 1, Iterations: 1, PowerSteps: 2000}, stream(1))
	if err != nil {
		t.Fatal(err)
	}
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(5, 30, y.Data), mat.SVDThin) {
		t.Fatal("no SVD")
	}
	var u mat.Dense
	svd.UTo(&u)
	along := l.D.Dot(ad.Col(mat.Col(nil, 0, &u)...)).Item()
	if math.Abs(math.Abs(along)-1) > 1e-10 {
		t.Errorf("|⟨d, u₁⟩| is %.12g", math.Abs(along))
	}
}

// Signals in three directions with one atom each: atoms that nobody uses become
// signals until nothing is left.
func TestKSVDReplaces(t *testing.T) {
	y := ad.New(4, 6, []float64{1, 2, 0, 0, 1, 1, 0, 0, 3, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 2, 2})
	l, err := sparse.KSVD(y, sparse.KSVDConfig{Atoms: 8, Nonzeros: 1, Iterations: 6}, stream(1))
	if err != nil {
		t.Fatal(err)
	}
	if l.Replaced < 5 || l.Errors[5] > 1e-12 {
		t.Errorf("%d atoms were replaced, and the error is %.2g", l.Replaced, l.Errors[5])
	}
	used := map[int]bool{}
	for i := range y.C {
		used[nonzeros(l.X, i)[0]] = true
	}
	if len(used) != 3 {
		t.Errorf("%d atoms are used, want 3", len(used))
	}
}

func TestKSVDRefuses(t *testing.T) {
	y := adtest.Random(stream(1), 4, 5)
	good := sparse.KSVDConfig{Atoms: 6, Nonzeros: 2, Iterations: 1}
	for _, c := range []struct {
		y    ad.Value
		edit func(*sparse.KSVDConfig)
		says string
	}{
		{y, func(c *sparse.KSVDConfig) { c.Atoms = 0 }, "have to be positive"},
		{y, func(c *sparse.KSVDConfig) { c.Iterations = 0 }, "have to be positive"},
		{y, func(c *sparse.KSVDConfig) { c.PowerSteps = -1 }, "have to be positive"},
		{y, func(c *sparse.KSVDConfig) { c.Nonzeros = 5 }, "5 nonzeros with 6 atoms of 4 entries"},
		{ad.New(4, 5, nil), func(*sparse.KSVDConfig) {}, "all of them are 0"},
		{ad.New(4, 0, nil), func(*sparse.KSVDConfig) {}, "no signals"},
		{ad.Full(4, 5, math.NaN()), func(*sparse.KSVDConfig) {}, "NaN or Inf"},
	} {
		config := good
		c.edit(&config)
		if _, err := sparse.KSVD(c.y, config, stream(1)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v does not mention %q", err, c.says)
		}
	}
}

// What is no number has no code, and a zero atom no weights.
func TestNotANumber(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, bad := range []float64{nan, inf, -inf} {
		x := sparse.OMP(ad.Eye(2), ad.New(2, 2, []float64{bad, 3, 1, 0}), 2)
		if !math.IsNaN(x.At(0, 0)) || !math.IsNaN(x.At(1, 0)) || x.At(0, 1) != 3 || x.At(1, 1) != 0 {
			t.Errorf("codes of a signal with %g and one without: %v", bad, x)
		}
		if x := sparse.OMP(ad.New(2, 2, []float64{1, 0, bad, 1}), ad.Col(1, 1), 1); !math.IsNaN(x.At(0, 0)) || !math.IsNaN(x.At(1, 0)) {
			t.Errorf("code by a dictionary with %g: %v", bad, x)
		}
		if _, err := sparse.AnalyticWeights(ad.New(2, 3, []float64{1, 0, 1, bad, 1, 1})); err == nil {
			t.Errorf("weights of a dictionary with %g", bad)
		}
	}
	if _, err := sparse.AnalyticWeights(ad.New(2, 3, []float64{1, 0, 0, 0, 0, 1})); err == nil || !strings.Contains(err.Error(), "atom 1 of the dictionary is zero") {
		t.Errorf("a zero atom: %v", err)
	}
}

// Codes and weights do not depend on units.
func TestPursuitInUnits(t *testing.T) {
	d, y := gauss(1, 8, 12), gauss(2, 8, 5)
	x := sparse.OMP(d, y, 3)
	w, err := sparse.AnalyticWeights(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []float64{-160, -100, -8, -1, 1, 8, 100, 150} {
		c := math.Pow(10, k)
		if off := sparse.OMP(d.Scale(c), y, 3).Scale(c).Sub(x).Norm1().Item(); !(off <= 1e-9) {
			t.Errorf("dictionary·1e%g: codes are off by %g", k, off)
		}
		if off := sparse.OMP(d, y.Scale(c), 3).Scale(1 / c).Sub(x).Norm1().Item(); !(off <= 1e-9) {
			t.Errorf("signals·1e%g: codes are off by %g", k, off)
		}
		v, err := sparse.AnalyticWeights(d.Scale(c))
		if err != nil || !(v.Scale(c).Sub(w).Norm1().Item() <= 1e-9) {
			t.Errorf("dictionary·1e%g: weights are off, %v", k, err)
		}
	}
}

// blocking is a source of random numbers that ends a context and waits.
type blocking struct {
	end  context.CancelFunc
	over chan struct{}
}

func (b blocking) Uint64() uint64 {
	b.end()
	<-b.over
	return 0
}

// TestKSVDEnds with its context, whatever it waits for.
func TestKSVDEnds(t *testing.T) {
	y, c := codes(stream(1), 20, 100, 3), sparse.KSVDConfig{Atoms: 30, Nonzeros: 3, Iterations: 1e6}
	ctx, end := context.WithCancel(t.Context())
	b := blocking{end, make(chan struct{})}
	defer close(b.over)
	for _, rng := range []*rand.Rand{rand.New(b), stream(2)} { // in the middle, and after its end
		if a, err := sparse.KSVDContext(ctx, y, c, rng); !errors.Is(err, context.Canceled) || !a.D.IsZero() {
			t.Errorf("%v: %v", a.D.Shape(), err)
		}
	}
}
