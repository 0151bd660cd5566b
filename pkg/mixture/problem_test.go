package mixture_test

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

func mixed(pi, mu ad.Value) optimizee.Point {
	return optimizee.Point{}.Plus("pi", pi).Plus("mu", mu)
}

// tilted are full covariances in d dimensions, one for each of k components.
func tilted(seed uint64, k, d int) (out []ad.Value) {
	for i := range uint64(k) {
		a := gauss(100*seed+i, d, d)
		out = append(out, a.MatMulT(a).Add(ad.Eye(d)))
	}
	return out
}

// lumps are n points around the rows of centres.
func lumps(seed uint64, n int, centres ad.Value) ad.Value {
	x := gauss(seed, n, centres.C)
	for i := range x.Data {
		x.Data[i] += centres.At(i/x.C%centres.R, i%x.C)
	}
	return x
}

var corners = ad.New(3, 2, []float64{5, 0, -5, 1, 0, -6})

// mixtureOf is a small problem, and the option with points of it to ask its laws at:
// weights stay above 0, and every component has points.
func mixtureOf(c mixture.Config) (*optimizee.Problem, []problemtest.Option) {
	c.K, c.Seed = 3, 4
	p := mixture.Problem(lumps(71, 40, corners), c)
	var at []optimizee.Point
	for i := range uint64(3) {
		pi := gauss(72+i, 3, 1).Abs().Shift(0.1)
		if c.Softmax {
			pi = gauss(72+i, 3, 1)
		}
		at = append(at, mixed(pi, corners.Add(gauss(75+i, 3, 2))))
	}
	return p, []problemtest.Option{problemtest.NotConvex(), problemtest.Majorant(), problemtest.At(at...)}
}

// normal is N(x; µ, Σ) as its formula has it.
func normal(t *testing.T, x, mu []float64, cov *mat.SymDense) float64 {
	t.Helper()
	var d, s mat.VecDense
	d.SubVec(mat.NewVecDense(len(x), x), mat.NewVecDense(len(x), mu))
	if err := s.SolveVec(cov, &d); err != nil {
		t.Fatal(err)
	}
	return math.Exp(-mat.Dot(&d, &s)/2) / math.Sqrt(math.Pow(2*math.Pi, float64(len(x)))*mat.Det(cov))
}

// F against the densities one by one.
func TestMixtureIsItsFormula(t *testing.T) {
	x := gauss(81, 12, 3)
	pi, mu := ad.Col(0.2, 0.5, 0.3), gauss(82, 3, 3)
	full := tilted(83, 3, 3)
	diagonal := []ad.Value{ad.Row(0.5, 1, 2)}
	wide := func(c ad.Value) *mat.SymDense { // what a short form stands for
		if c.R == 3 {
			return mat.NewSymDense(3, c.Data)
		}
		s := mat.NewSymDense(3, nil)
		for i := range 3 {
			s.SetSym(i, i, c.Data[i%c.Len()])
		}
		return s
	}
	for name, cov := range map[string][]ad.Value{"full": full, "diagonal": diagonal, "scalar": {ad.Scalar(0.7)}, "mixed": {full[0], diagonal[0], ad.Scalar(2)}} {
		var sum float64
		resp := ad.New(12, 3, nil)
		for g := range 12 {
			var p float64
			for k := range 3 {
				resp.Data[3*g+k] = pi.Data[k] * normal(t, x.Data[3*g:][:3], mu.Data[3*k:][:3], wide(cov[k%len(cov)]))
				p += resp.Data[3*g+k]
			}
			for k := range 3 {
				resp.Data[3*g+k] /= p
			}
			sum -= math.Log(p) / 12
		}
		p := mixture.Problem(x, mixture.Config{K: 3, Cov: cov})
		if p.Err != nil {
			t.Fatal(p.Err)
		}
		m := p.Data.(*mixture.Data)
		for what, at := range map[string]optimizee.Point{"": mixed(pi, mu), ", π times 3": mixed(pi.Scale(3), mu)} {
			if f := p.Value(at).Item(); !(math.Abs(f-sum) <= 1e-12*math.Abs(sum)) {
				t.Errorf("%s%s: F is %.15g, want %.15g", name, what, f, sum)
			}
			r := m.Responsibilities(at)
			for i, want := range resp.Data {
				if !(math.Abs(r.Data[i]-want) <= 1e-12) {
					t.Errorf("%s%s: responsibility %d is %g, want %g", name, what, i, r.Data[i], want)
				}
			}
		}
		soft := mixture.Problem(x, mixture.Config{K: 3, Cov: cov, Softmax: true})
		if f := soft.Value(mixed(pi.Log().Shift(2), mu)).Item(); !(math.Abs(f-sum) <= 1e-12*math.Abs(sum)) {
			t.Errorf("%s, softmax: F is %.15g, want %.15g", name, f, sum)
		}
	}
}

// One step of EM by hand, and its effect on the truth's labels.
func TestMixtureSolve(t *testing.T) {
	x := ad.New(4, 1, []float64{-1, -1, 1, 3})
	p := mixture.Problem(x, mixture.Config{K: 2, Cov: []ad.Value{ad.Scalar(0.01)}})
	at := mixed(ad.Col(0.5, 0.5), ad.Col(-2, 2.2)) // so far apart that labels are hard
	pi, mu := p.Solve("pi", at), p.Solve("mu", at)
	for i, want := range []float64{0.5, 0.5, -1, 2} {
		got := append(append([]float64{}, pi.Data...), mu.Data...)[i]
		if !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("after one step pi, mu are %v, %v", pi.Data, mu.Data)
			break
		}
	}
	if l := p.Data.(*mixture.Data).Labels(at); l[0] != 0 || l[1] != 0 || l[2] != 1 || l[3] != 1 {
		t.Errorf("labels %v", l)
	}
}

// What is degenerate stays finite, in F, both gradients and EM.
func TestMixtureCorners(t *testing.T) {
	x := lumps(91, 30, corners)
	same := ad.Full(30, 2, 1.5)
	round := []ad.Value{ad.Scalar(1)}
	away := corners.Add(ad.New(3, 2, []float64{0, 0, 0, 0, 1e8, 1e8}))
	for name, c := range map[string]struct {
		x      ad.Value
		k      int
		start  optimizee.Point
		robust bool // EM is followed further
	}{
		"a component without points":   {x, 3, mixed(ad.Full(3, 1, 1.0/3), away), true},
		"all components without":       {x, 3, mixed(ad.Full(3, 1, 1.0/3), away.Shift(1e9)), false},
		"a weight of 0":                {x, 3, mixed(ad.Col(0.5, 0.5, 0), corners), true},
		"a weight below 0":             {x, 3, mixed(ad.Col(0.5, 0.5, -3), corners), true},
		"equal points":                 {same, 3, mixed(ad.Full(3, 1, 1.0/3), corners), true},
		"equal points and means":       {same, 3, mixed(ad.Full(3, 1, 1.0/3), ad.Full(3, 2, 1.5)), true},
		"as many components as points": {x, 30, mixed(ad.Full(30, 1, 1.0/30), x), true},
	} {
		p := mixture.Problem(c.x, mixture.Config{K: c.k, Cov: round, Start: c.start})
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f, last, err := optim.Minimize(p, mixture.EM, 50, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !last.IsFinite() || math.IsNaN(f[50]) {
			t.Errorf("%s: EM goes from F = %g to %g at %v", name, f[0], f[50], last)
		}
		for k := range 50 {
			if c.robust && !(f[k+1] <= f[k]+1e-9*math.Abs(f[k])) {
				t.Errorf("%s: EM takes F from %.15g to %.15g", name, f[k], f[k+1])
			}
		}
	}
	lost := mixture.Problem(x, mixture.Config{K: 3, Cov: round, Start: mixed(ad.Full(3, 1, 1.0/3), away)})
	if mu := lost.Solve("mu", lost.Start); !(math.Abs(mu.At(2, 0)/away.At(2, 0)-1) <= 1e-14) {
		t.Errorf("a component that no point belongs to moves to %v", mu)
	}
}

func TestMixtureRefuses(t *testing.T) {
	x := lumps(92, 5, corners)
	for want, spoil := range map[string]func(x *ad.Value, c *mixture.Config){
		"K = 6 components for 5 points":             func(_ *ad.Value, c *mixture.Config) { c.K = 6 },
		"K = 0 components":                          func(_ *ad.Value, c *mixture.Config) { c.K = 0 },
		"the points are 0×2":                        func(x *ad.Value, _ *mixture.Config) { *x = ad.New(0, 2, nil) },
		"the points holds NaN":                      func(x *ad.Value, _ *mixture.Config) { *x = ad.Full(5, 2, math.NaN()) },
		"2 covariances for 3 components":            func(_ *ad.Value, c *mixture.Config) { c.Cov = tilted(1, 2, 2) },
		"it is 3×3: for points in 2 dimensions":     func(_ *ad.Value, c *mixture.Config) { c.Cov = tilted(1, 1, 3) },
		"variance 0 in dimension 1":                 func(_ *ad.Value, c *mixture.Config) { c.Cov = []ad.Value{ad.Row(1, 0)} },
		"component 0: it is not positive definite":  func(_ *ad.Value, c *mixture.Config) { c.Cov = []ad.Value{ad.New(2, 2, []float64{1, 2, 2, 1})} },
		"it is not symmetric: 1 in row 1, column 0": func(_ *ad.Value, c *mixture.Config) { c.Cov = []ad.Value{ad.New(2, 2, []float64{1, 0, 1, 1})} },
		"the start's pi has no entry above 0":       func(_ *ad.Value, c *mixture.Config) { c.Start = mixed(ad.New(3, 1, nil), corners) },
		"the start's mu is 2×3: it has to be 3×2":   func(_ *ad.Value, c *mixture.Config) { c.Start = mixed(ad.Full(3, 1, 1), gauss(1, 2, 3)) },
		"the mean of component 3 is fixed":          func(_ *ad.Value, c *mixture.Config) { c.FixMu = []int{3} },
		"2 labels for 5 points":                     func(_ *ad.Value, c *mixture.Config) { c.Labels = []int{0, 1} },
	} {
		y, c := x, mixture.Config{K: 3, Cov: []ad.Value{ad.Scalar(1)}}
		spoil(&y, &c)
		if err := mixture.Problem(y, c).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	for want, f := range map[string]optimizee.Family{
		"4 components for 2 points": mixture.Family{Points: 2, Dim: 2, Components: 4, Sigma: 1},
		"σ = 0":                     mixture.Family{Points: 20, Dim: 2, Components: 4},
		"in 0 dimensions":           mixture.Family{Points: 20, Components: 4, Sigma: 1},
		"2 points for 3 components": mixture.Fig3(2),
		"petals of 0 by 1":          mixture.Flower{Points: 10, Petals: 2, Width: 1},
		"2 points in 3 petals":      mixture.Flower{Points: 2, Petals: 3, Width: 1, Length: 1},
	} {
		if err := f.Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// The families have the moments that they are said to have, and their truth is where F
// is about the entropy.
func TestMixtureFamilies(t *testing.T) {
	entropy := func(weight, logDet float64, d int) float64 { // of separate components
		return -math.Log(weight) + float64(d)/2*math.Log(2*math.Pi*math.E) + logDet/2
	}
	far := mixture.Paper
	far.Points, far.Box = 4000, 1e4
	flower := mixture.PaperFlower
	flower.Radius = 100
	round := flower
	round.Round = true
	for name, c := range map[string]struct {
		f    optimizee.Family
		want float64
	}{
		"2-D":    {far, entropy(0.25, math.Log(625), 2)},
		"16-D":   {mixture.Family{Points: 4000, Dim: 16, Components: 4, Box: 100, Sigma: 1}, entropy(0.25, 0, 16)},
		"flower": {flower, entropy(0.125, 2*math.Log(1.2*0.35), 2)},
		"round":  {round, entropy(0.125, 2*math.Log((1.2*1.2+0.35*0.35)/2), 2)},
	} {
		p := c.f.Draw(optimizee.Stream(3))
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		m := p.Data.(*mixture.Data)
		if f := p.Value(p.Truth).Item(); !(math.Abs(f-c.want) <= 0.1) {
			t.Errorf("%s: F of the truth is %g, the entropy %g", name, f, c.want)
		}
		wrong := 0
		for g, k := range m.Labels(p.Truth) {
			if k != m.Config.Labels[g] {
				wrong++
			}
		}
		if wrong > m.X.R/500 {
			t.Errorf("%s: %d of %d labels are not those of the truth", name, wrong, m.X.R)
		}
	}
	p := mixture.Fig3(3000).Draw(optimizee.Stream(4))
	m := p.Data.(*mixture.Data)
	sum, square, n := [3]float64{}, [3]float64{}, [3]float64{}
	for g, k := range m.Config.Labels {
		sum[k], square[k], n[k] = sum[k]+m.X.Data[g], square[k]+m.X.Data[g]*m.X.Data[g], n[k]+1
	}
	for k, want := range [][2]float64{{-3, 1}, {3, 10}, {0, 5}} {
		mean := sum[k] / n[k]
		sd := math.Sqrt(square[k]/n[k] - mean*mean)
		if math.Abs(n[k]-1000) > 100 || math.Abs(mean-want[0]) > 0.1*want[1] || math.Abs(sd-want[1]) > 0.1*want[1] {
			t.Errorf("Fig. 3, component %d: %g points of mean %.2f and deviation %.2f, want 1000, %g and %g", k, n[k], mean, sd, want[0], want[1])
		}
	}
	// only two means are free
	x := mixed(ad.Col(1, 2, 3), ad.Col(4, 5, 6))
	if a, b := p.Value(x).Item(), p.Value(mixed(ad.Full(3, 1, 1), ad.Col(4, 5, 0))).Item(); a != b {
		t.Errorf("the fixed mean and weights enter F: %g and %g", a, b)
	}
	if g := p.Grad("mu", x); g.Data[2] != 0 || g.Data[0] == 0 || p.Grad("pi", x).Norm1().Item() != 0 {
		t.Errorf("gradients %v, %v", g, p.Grad("pi", x))
	}
	if s := p.Solve("mu", x); s.Data[2] != 0 || p.Solve("pi", x).Data[0] != 1.0/3 {
		t.Errorf("EM moves what is fixed: %v, %v", s, p.Solve("pi", x))
	}
}
