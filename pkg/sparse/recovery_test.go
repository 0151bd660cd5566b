package sparse_test

import (
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/sparse"
)

var smallDictionary = sparse.DrawDictionary(6, 12, 1)

func draw(t *testing.T, r sparse.Recovery, seed uint64) (*optimizee.Problem, ad.Value, ad.Value) {
	t.Helper()
	p := r.Draw(optimizee.Stream(seed))
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return p, p.Truth.X(), p.Residual(p.Start).Neg()
}

// TestRecoveryLaw: the sparse signals and the noise have the law that the fields say.
func TestRecoveryLaw(t *testing.T) {
	d := sparse.DrawDictionary(40, 80, 1)
	for name, r := range map[string]sparse.Recovery{
		"published": {Dictionary: d},
		"denser":    {Dictionary: d, Density: 0.15},
		"larger":    {Dictionary: d, Sigma: 2},
		"counted":   {Dictionary: d, Nonzeros: 8, SNR: 20},
		"noisy":     {Dictionary: d, SNR: 30},
	} {
		r.Columns = 400
		_, x, b := draw(t, r, 7)
		density, sigma := 0.1, 1.
		if r.Density > 0 {
			density = r.Density
		}
		if r.Sigma > 0 {
			sigma = r.Sigma
		}
		var count, squares float64
		for _, v := range x.Data {
			if v != 0 {
				count, squares = count+1, squares+v*v
			}
		}
		if got := count / float64(x.Len()); math.Abs(got-density) > 0.006 {
			t.Errorf("%s: density %g, want %g", name, got, density)
		}
		if got := math.Sqrt(squares / count); math.Abs(got/sigma-1) > 0.04 {
			t.Errorf("%s: nonzeros of size %g, want %g", name, got, sigma)
		}
		clean := d.A().MatMul(x)
		noise := b.Sub(clean).SumSquares().Item()
		if r.SNR == 0 {
			if noise != 0 {
				t.Errorf("%s: there is noise", name)
			}
			continue
		}
		if got := 10 * math.Log10(clean.SumSquares().Item()/noise); math.Abs(got-r.SNR) > 0.5 {
			t.Errorf("%s: SNR %g dB, want %g", name, got, r.SNR)
		}
		for j := range x.C {
			var n int
			for i := range x.R {
				if x.At(i, j) != 0 {
					n++
				}
			}
			if r.Nonzeros > 0 && n != r.Nonzeros {
				t.Fatalf("%s: %d nonzeros in column %d", name, n, j)
			}
		}
	}
}

func TestDictionary(t *testing.T) {
	d := smallDictionary
	for j, s := range d.A().Square().T().SumRows().Data {
		if math.Abs(s-1) > 1e-12 {
			t.Errorf("atom %d has the squared length %g", j, s)
		}
	}
	if want := math.Pow(linear.SpectralNorm(d.A()), 2); d.Lipschitz() != want || d.Rows() != 6 || d.Cols() != 12 || d.Err() != nil {
		t.Errorf("L = %g, want %g; %d×%d, %v", d.Lipschitz(), want, d.Rows(), d.Cols(), d.Err())
	}
	p := sparse.Recovery{Dictionary: d}.Of(gauss(1, 6, 3))
	if p.Lipschitz("x", p.Start) != d.Lipschitz() || p.Traits["dictionary"] != d.Fingerprint() {
		t.Error("the problem does not carry the constants of its dictionary")
	}
	given := sparse.NewDictionary(gauss(2, 3, 4))
	for _, d := range []*sparse.Dictionary{d, given} {
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back sparse.Dictionary
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(back.A().Data, d.A().Data) || back.String() != d.String() || back.Fingerprint() != d.Fingerprint() {
			t.Errorf("%v comes back from JSON as %v", d, &back)
		}
	}
	if d.Fingerprint() == sparse.DrawDictionary(6, 12, 2).Fingerprint() {
		t.Error("two dictionaries have one fingerprint")
	}
	for want, text := range map[string]string{
		"which are 8 bytes each": `{"Rows":2,"Cols":2,"Numbers":"AAAA"}`,
		"of -1×2":                `{"Rows":-1,"Cols":2}`,
		"cannot unmarshal":       `[]`,
	} {
		var back sparse.Dictionary
		if err := json.Unmarshal([]byte(text), &back); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestRecoveryRefuses(t *testing.T) {
	hollow := gauss(1, 3, 4)
	for i := range 3 {
		hollow.Data[4*i+2] = 0
	}
	bad := gauss(1, 3, 4)
	bad.Data[5] = math.NaN()
	for want, r := range map[string]sparse.Recovery{
		"there is no dictionary":           {},
		"a dictionary of 0×5":              {Dictionary: sparse.DrawDictionary(0, 5, 1)},
		"atom 2 of the dictionary is zero": {Dictionary: sparse.NewDictionary(hollow)},
		"the dictionary holds NaN":         {Dictionary: sparse.NewDictionary(bad)},
		"Density is 1.5":                   {Dictionary: smallDictionary, Density: 1.5},
		"13 nonzeros among 12":             {Dictionary: smallDictionary, Nonzeros: 13},
		"Sigma is -1":                      {Dictionary: smallDictionary, Sigma: -1},
		"leave it 0":                       {Dictionary: smallDictionary, SNR: math.Inf(1)},
		"-1 columns":                       {Dictionary: smallDictionary, Columns: -1},
		"λ = -1":                           {Dictionary: smallDictionary, Lambda: -1},
	} {
		p := r.Draw(optimizee.Stream(1))
		q := r.Of(gauss(1, 6, 1))
		for _, err := range []error{p.Check(), q.Check()} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		}
		if r.Dictionary != nil && !strings.Contains(r.String(), want) {
			t.Errorf("%q does not say %q", r.String(), want)
		}
	}
	if p := (sparse.Recovery{Dictionary: smallDictionary}).Of(gauss(1, 5, 1)); p.Check() == nil {
		t.Error("measurements with a row too few are accepted")
	}
}

// TestNMSE compares both conventions with sums by hand.
func TestNMSE(t *testing.T) {
	truth := ad.New(2, 2, []float64{1, 0, 0, 10})
	x := ad.New(2, 2, []float64{1.1, 0, 0, 10.1})
	db := func(d, s float64) float64 { return 10 * math.Log10((d/2+1e-10)/(s/2+1e-10)) }
	if got, want := sparse.NMSE(x, truth), 10*math.Log10(0.02/101); math.Abs(got-want) > 1e-9 {
		t.Errorf("ratio of sums %g dB, want %g", got, want)
	}
	for j, one := range sparse.Instances(x, truth) {
		if want := db(0.01, []float64{1, 100}[j]); math.Abs(one.DB-want) > 1e-9 {
			t.Errorf("instance %d: %g dB, want %g", j, one.DB, want)
		}
	}
	if got := sparse.NMSE(truth, truth); !math.IsInf(got, -1) {
		t.Errorf("exact recovery: %g dB", got)
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), "2×2 by 2×1") {
			t.Errorf("a batch of another length: %v", r)
		}
	}()
	sparse.NMSE(truth, ad.New(2, 1, nil))
}

func TestRecoveryLaws(t *testing.T) {
	p := sparse.Recovery{Dictionary: smallDictionary, Columns: 3, SNR: 20}.Draw(optimizee.Stream(7))
	report := problemtest.Run(t, p, norm1(0.1), problemtest.Convex(), problemtest.Loose(1.5))
	problemtest.Golden(t, filepath.Join("testdata", "laws_recovery.txt"), *update, report)
}

// Noise of 0 dB is as large as the signal, and no noise is none.
func TestNoiseOfNoughtDB(t *testing.T) {
	at := func(r sparse.Recovery) float64 {
		p := r.Draw(optimizee.Stream(1))
		d := p.Data.(*optimizee.LassoData)
		signal := d.A.MatMul(p.Truth.X())
		return 10 * math.Log10(signal.SumSquares().Item()/d.B.Sub(signal).SumSquares().Item())
	}
	for _, snr := range []float64{-5, -1e-9, 0, 1e-9, 1, 20} {
		if got := at(sparse.SmallRecovery.WithNoise(snr)); !(math.Abs(got-snr) <= 0.3) {
			t.Errorf("noise of %g dB is %g dB", snr, got)
		}
	}
	if got := at(sparse.SmallRecovery); !math.IsInf(got, 1) {
		t.Errorf("no noise is %g dB", got)
	}
	if s := sparse.SmallRecovery.WithNoise(0).String(); !strings.HasSuffix(s, "SNR 0 dB") {
		t.Errorf("%q", s)
	}
}
