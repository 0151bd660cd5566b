package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// blobs draws g points around k centres, and a mixture to start from.
func blobs(g, d, k int) ([]float64, *Mixture) {
	rng := rand.New(rand.NewPCG(uint64(g), uint64(d)))
	m := &Mixture{K: k, D: d}
	for c := range k {
		m.Weight = append(m.Weight, float64(c+1)/float64(k*(k+1)/2))
		for i := range d {
			m.Mean = append(m.Mean, 3*rng.NormFloat64())
			for j := range d {
				v := 0.2 / float64(1+max(i-j, j-i))
				if i == j {
					v = 1 + float64(c)/4
				}
				m.Cov = append(m.Cov, v)
			}
		}
	}
	x := make([]float64, g*d)
	for i := range x {
		x[i] = m.Mean[(i/d%k)*d+i%d] + rng.NormFloat64()
	}
	for i := range m.Mean {
		m.Mean[i] += 0.3 * rng.NormFloat64()
	}
	return x, m
}

func (m *Mixture) clone() *Mixture {
	return &Mixture{Spread: m.Spread, K: m.K, D: m.D, Weight: slices.Clone(m.Weight), Mean: slices.Clone(m.Mean), Cov: slices.Clone(m.Cov), Held: m.Held}
}

// reduced is m with what a spread keeps of covariances of each component, which weigh n.
func (m *Mixture) reduced(spread Spread, full, n []float64) *Mixture {
	d, r := m.D, m.clone()
	count, size := spread.covariances(m.K, d)
	r.Spread, r.Cov = spread, make([]float64, count*size)
	var total float64
	for _, v := range n {
		total += v
	}
	for c := range m.K {
		for i := range d * d {
			v := full[c*d*d+i]
			switch diagonal := i/d == i%d; {
			case spread == Full:
				r.Cov[c*d*d+i] = v
			case spread == Tied:
				r.Cov[i] += n[c] / total * v
			case diagonal && spread == Diagonal:
				r.Cov[c*d+i/d] = v
			case diagonal:
				r.Cov[c] += v / float64(d)
			}
		}
	}
	return r
}

// matrix is the covariance of component c.
func (m *Mixture) matrix(c int) *mat.SymDense {
	d := m.D
	s := mat.NewSymDense(d, nil)
	for i := range d {
		switch m.Spread {
		case Diagonal:
			s.SetSym(i, i, m.Cov[c*d+i])
		case Spherical:
			s.SetSym(i, i, m.Cov[c])
		default:
			for j := range d {
				s.SetSym(i, j, m.Cov[c*d*d%len(m.Cov)+i*d+j])
			}
		}
	}
	return s
}

// slowEM is the step as its formulas have it, point by point.
func slowEM(t testing.TB, x []float64, m *Mixture, floor float64) (loglik float64, resp []float64) {
	t.Helper()
	g, d, k := len(x)/m.D, m.D, m.K
	resp = make([]float64, g*k)
	var chols []mat.Cholesky
	for c := range k {
		var chol mat.Cholesky
		if !chol.Factorize(m.matrix(c)) {
			t.Fatal("the twin's covariance is not positive definite")
		}
		chols = append(chols, chol)
	}
	for i := range g {
		var sum float64
		for c := range k {
			diff := make([]float64, d)
			for j := range d {
				diff[j] = x[i*d+j] - m.Mean[c*d+j]
			}
			v := mat.NewVecDense(d, diff)
			var s mat.VecDense
			if err := chols[c].SolveVecTo(&s, v); err != nil {
				t.Fatal(err)
			}
			resp[i*k+c] = m.Weight[c] * math.Exp(-0.5*mat.Dot(v, &s)-0.5*chols[c].LogDet()-float64(d)/2*math.Log(2*math.Pi))
			sum += resp[i*k+c]
		}
		loglik += math.Log(sum)
		for c := range k {
			resp[i*k+c] /= sum
		}
	}
	full, mass := make([]float64, k*d*d), make([]float64, k)
	for c := range k {
		var n float64
		mean, cov := make([]float64, d), full[c*d*d:][:d*d]
		for i := range g {
			n += resp[i*k+c]
			for j := range d {
				mean[j] += resp[i*k+c] * x[i*d+j]
			}
		}
		for j := range d {
			mean[j] /= n
		}
		if m.Held != nil && m.Held[c] {
			copy(mean, m.Mean[c*d:])
		}
		for i := range g {
			for j := range d {
				for l := range d {
					cov[j*d+l] += resp[i*k+c] / n * (x[i*d+j] - mean[j]) * (x[i*d+l] - mean[l])
				}
			}
		}
		for j := range d {
			cov[j*d+j] += floor
		}
		m.Weight[c], mass[c] = n/float64(g), n
		copy(m.Mean[c*d:], mean)
	}
	copy(m.Cov, m.reduced(m.Spread, full, mass).Cov)
	return loglik, resp
}

// Resp copies the responsibilities of the last step to the G×K matrix dst.
func (e *EM) Resp(dst []float64) {
	for i := 0; i < e.g; i += e.block {
		n := min(e.block, e.g-i)
		for c := range e.k {
			for p, r := range e.resp[i*e.k+c*n:][:n] {
				dst[(i+p)*e.k+c] = r
			}
		}
	}
}

// near compares to a tolerance relative to the largest entry.
func near(t testing.TB, what string, got, want []float64, tol float64) {
	t.Helper()
	var top, off float64
	for i, w := range want {
		top = max(top, math.Abs(w))
		off = max(off, math.Abs(got[i]-w)) // NaN when there is one
	}
	if !(off <= tol*max(top, 1e-300)) {
		t.Errorf("%s: off by %.2g of %.2g", what, off, top)
	}
}

func TestEM(t *testing.T) {
	for _, s := range sets {
		with(s, func() {
			for _, q := range [][3]int{{1, 1, 1}, {7, 2, 1}, {500, 2, 4}, {300, 3, 2}, {1025, 17, 3}, {700, 40, 5}} {
				for spread := Full; spread <= Spherical; spread++ {
					for _, held := range [][]bool{nil, {true, false, false, false, false}} {
						if held != nil && q[1] > 3 {
							continue
						}
						x, m := blobs(q[0], q[1], q[2])
						m = m.reduced(spread, m.Cov, m.Weight)
						m.Held = held
						w, e := m.clone(), NewEM(q[0], q[1], q[2], spread, x)
						resp := make([]float64, q[0]*q[2])
						for range 4 {
							again, err := e.LogLik(m)
							if err != nil {
								t.Fatal(s.name, q, spread, err)
							}
							got, err := e.Step(m, 1e-3)
							if err != nil {
								t.Fatal(s.name, q, spread, err)
							}
							want, r := slowEM(t, x, w, 1e-3)
							e.Resp(resp)
							name := fmt.Sprint(s.name, " ", q, " ", spread)
							near(t, name+" log-likelihood", []float64{got, again}, []float64{want, want}, 1e-11)
							near(t, name+" responsibilities", resp, r, 1e-9)
							near(t, name+" weights", m.Weight, w.Weight, 1e-10)
							near(t, name+" means", m.Mean, w.Mean, 1e-10)
							near(t, name+" covariances", m.Cov, w.Cov, 1e-9)
						}
					}
				}
			}
		})
	}
}

// With covariances given, weights and means are those of the first step of the twin.
func TestEMMove(t *testing.T) {
	for spread := Full; spread <= Spherical; spread++ {
		x, m := blobs(600, 3, 4)
		m = m.reduced(spread, m.Cov, m.Weight)
		e, given := NewEM(600, 3, 4, spread, x), slices.Clone(m.Cov)
		if err := e.Given(m); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			w := m.clone()
			got, err := e.Move(m)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := slowEM(t, x, w, 0)
			near(t, "log-likelihood", []float64{got}, []float64{want}, 1e-11)
			near(t, "weights", m.Weight, w.Weight, 1e-10)
			near(t, "means", m.Mean, w.Mean, 1e-10)
			bits(t, "the given covariances", m.Cov, given)
		}
	}
}

// A mean that moves by a million standard deviations would take the digits of the
// covariance with it.
func TestEMFar(t *testing.T) {
	for spread := Full; spread <= Spherical; spread++ {
		x, m := blobs(100, 2, 1)
		m = m.reduced(spread, m.Cov, m.Weight)
		for i := range m.Mean {
			m.Mean[i] += 1e6
		}
		kept := m.clone()
		if _, err := NewEM(100, 2, 1, spread, x).Step(m, 1e-6); err == nil || !strings.Contains(err.Error(), "too far") {
			t.Errorf("%v: %v", spread, err)
		}
		bits(t, "the mixture after the error", m.Mean, kept.Mean)
	}
}

// Without a floor the log-likelihood never falls.
func TestEMAscends(t *testing.T) {
	x, m := blobs(800, 5, 3)
	e, before := NewEM(800, 5, 3, Full, x), math.Inf(-1)
	for range 50 {
		got, err := e.Step(m, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got < before-1e-9*math.Abs(before) {
			t.Fatalf("the log-likelihood falls from %.15g to %.15g", before, got)
		}
		before = got
	}
}

func TestEMBits(t *testing.T) {
	x, first := blobs(6000, 20, 5)
	run := func(procs int) *Mixture {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		m, e := first.clone(), NewEM(6000, 20, 5, Full, x)
		for range 3 {
			if _, err := e.Step(m, 1e-6); err != nil {
				t.Fatal(err)
			}
		}
		return m
	}
	one, two := run(1), run(2)
	bits(t, "weights", one.Weight, two.Weight)
	bits(t, "means", one.Mean, two.Mean)
	bits(t, "covariances", one.Cov, two.Cov)
}

func TestEMDegenerate(t *testing.T) {
	x, m := blobs(200, 2, 2)
	m.Mean[2], m.Mean[3] = 1e4, 1e4 // nothing is near component 1
	far := m.clone()
	e := NewEM(200, 2, 2, Full, x)
	for range 3 {
		if _, err := e.Step(m, 0); err != nil {
			t.Fatal("a component without points: ", err)
		}
	}
	if m.Weight[1] != 0 || m.Weight[0] != 1 {
		t.Errorf("weights %v, want 1 and 0", m.Weight)
	}
	bits(t, "the mean of a component without points", m.Mean[2:], far.Mean[2:])
	bits(t, "its covariance", m.Cov[4:], far.Cov[4:])

	same := make([]float64, 100)
	for i := range same {
		same[i] = float64(i % 2)
	}
	for _, floor := range []float64{0, 1e-6} {
		_, m := blobs(50, 2, 1)
		m.Mean[0], m.Mean[1] = 0, 1 // where the points are, so that the covariance becomes exactly 0
		e := NewEM(50, 2, 1, Full, same)
		if _, err := e.Step(m, floor); err != nil {
			t.Fatal(err)
		}
		near(t, "the mean of equal points", m.Mean, []float64{0, 1}, 1e-15)
		kept := m.clone()
		_, err := e.Step(m, floor)
		switch {
		case floor > 0 && err != nil:
			t.Errorf("equal points with a floor: %v", err)
		case floor == 0 && (err == nil || !strings.Contains(err.Error(), "component 0 is not positive definite")):
			t.Errorf("equal points without a floor: %v", err)
		case floor == 0:
			bits(t, "the covariance after the error", m.Cov, kept.Cov)
		}
	}

	for what, spoil := range map[string]func(x []float64, m *Mixture){
		"not positive definite": func(_ []float64, m *Mixture) { m.Cov[0] = -1 },
		"has the weight":        func(_ []float64, m *Mixture) { m.Weight[1] = math.NaN() },
		"log-likelihood is NaN": func(x []float64, _ *Mixture) { x[5] = math.NaN() },
	} {
		x, m := blobs(200, 2, 2)
		spoil(x, m)
		kept := m.clone()
		if _, err := NewEM(200, 2, 2, Full, x).Step(m, 0); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got the error %v, want %q", err, what)
		}
		bits(t, "means after the error", m.Mean, kept.Mean)
	}
	if _, err := NewEM(0, 2, 2, Full, nil).Step(m, 0); err == nil {
		t.Error("no points: no error")
	}
}

func BenchmarkEM(b *testing.B) {
	for _, q := range [][3]int{{500, 2, 4}, {2000, 8, 4}, {10000, 64, 8}} {
		x, m := blobs(q[0], q[1], q[2])
		e := NewEM(q[0], q[1], q[2], Full, x)
		each(b, fmt.Sprintf("G%d_K%d_D%d", q[0], q[2], q[1]), 4*float64(q[0]*q[1]*q[1]*q[2]), func(s set) {
			with(s, func() {
				if _, err := e.Step(m, 1e-3); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
