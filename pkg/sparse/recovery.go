package sparse

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Recovery is the family of sparse recovery with one dictionary (Chen et al. 2022,
// §4.1.1; Chen et al. 2018): b = Ax* + noise, where the entries of x* are
// Bernoulli(Density)·N(0, Sigma²). The instances are the columns of one problem,
//
//	½‖AX − B‖² + λ‖X‖₁  with X* of n×Columns and B of m×Columns,
//
// so that products with A are products of matrices. Zero fields take the published
// values; [optimizee.Nought] is a 0.
type Recovery struct {
	Dictionary *Dictionary
	Density    float64 // probability that an entry of x* is not zero; default 0.1
	Nonzeros   int     // if positive, exactly so many entries of each x* are not zero, whatever Density says
	Sigma      float64 // standard deviation of those entries; default 1
	SNR        float64 // signal-to-noise ratio in dB; 0 stands for no noise, and WithNoise(0) sets one of 0 dB
	Lambda     float64 // λ of the problem, for solvers that minimise; default 0.1
	Columns    int     // instances in one problem; default 64
}

func (r Recovery) filled() Recovery {
	r.Density, r.Sigma, r.Lambda = cmp.Or(r.Density, 0.1), cmp.Or(r.Sigma, 1), cmp.Or(r.Lambda, 0.1)
	r.Columns = cmp.Or(r.Columns, 64)
	return r
}

func (r Recovery) err() error {
	if err := r.Dictionary.Err(); err != nil {
		return err
	}
	return errors.Join(
		check.That(0 < r.Density && r.Density <= 1, "Density is %g: a probability above 0 and up to 1", r.Density),
		check.That(0 <= r.Nonzeros && r.Nonzeros <= r.Dictionary.cols, "%d nonzeros among %d entries", r.Nonzeros, r.Dictionary.cols),
		check.That(r.Sigma > 0 && !math.IsInf(r.Sigma, 1), "Sigma is %g: it has to be positive and finite", r.Sigma),
		check.That(check.IsFinite(r.SNR), "SNR is %g dB; for data without noise leave it 0", r.SNR),
		check.That(r.Columns > 0, "%d columns: a problem needs at least one instance", r.Columns),
		check.Weight(r.Lambda))
}

// Draw draws a problem, whose Truth is X*. A family whose fields make no problem draws one
// that says so in Err.
func (r Recovery) Draw(rng *rand.Rand) *optimizee.Problem {
	r = r.filled()
	if err := errors.Join(r.err(), check.Source("a family", "problems", rng)); err != nil {
		return &optimizee.Problem{Name: "sparse recovery", Err: err}
	}
	x := r.signals(rng)
	b := r.Dictionary.a().MatMul(x)
	if r.SNR != 0 {
		addNoise(b, r.SNR, rng)
	}
	p := r.of(b)
	p.Truth = optimizee.X(x)
	return p
}

// Of returns the problem of your own measurements, one instance in each column of b.
// Of the fields only Dictionary and Lambda matter.
func (r Recovery) Of(b ad.Value) *optimizee.Problem {
	r = r.filled()
	if err := r.err(); err != nil {
		return &optimizee.Problem{Name: "sparse recovery", Err: err}
	}
	return r.of(b)
}

func (r Recovery) of(b ad.Value) *optimizee.Problem {
	p := optimizee.Lasso(r.Dictionary.a(), b, r.Lambda)
	p.Name = "sparse recovery"
	p.Lipschitz = func(string, optimizee.Point) float64 { return r.Dictionary.Lipschitz() } // once for all problems
	p.Traits["dictionary"] = r.Dictionary.Fingerprint()
	return p
}

// signals draws X*, column by column.
func (r Recovery) signals(rng *rand.Rand) ad.Value {
	n := r.Dictionary.cols
	x := ad.New(n, r.Columns, nil)
	for j := range r.Columns {
		if r.Nonzeros > 0 {
			for _, i := range rng.Perm(n)[:r.Nonzeros] {
				x.Data[i*r.Columns+j] = r.Sigma * rng.NormFloat64()
			}
			continue
		}
		for i := range n {
			if rng.Float64() < r.Density {
				x.Data[i*r.Columns+j] = r.Sigma * rng.NormFloat64()
			}
		}
	}
	return x
}

// addNoise adds N(0, σ²) to fresh measurements, with σ = std(b)·10^(−snr/20) for each
// instance, the standard deviation being over its entries.
func addNoise(b ad.Value, snr float64, rng *rand.Rand) {
	for j := range b.C {
		var sum, squares float64
		for i := range b.R {
			v := b.Data[i*b.C+j]
			sum, squares = sum+v, squares+v*v
		}
		m := float64(b.R)
		sigma := math.Sqrt(max(squares/m-sum*sum/(m*m), 0)) * math.Pow(10, -snr/20)
		for i := range b.R {
			b.Data[i*b.C+j] += sigma * rng.NormFloat64()
		}
	}
}

// String describes the family.
func (r Recovery) String() string {
	r = r.filled()
	if err := r.err(); err != nil {
		return "sparse recovery: " + err.Error()
	}
	count, noise := fmt.Sprintf("%g %% nonzeros", 100*r.Density), "no noise"
	if r.Nonzeros > 0 {
		count = fmt.Sprintf("%d nonzeros", r.Nonzeros)
	}
	if r.SNR != 0 {
		noise = fmt.Sprintf("SNR %g dB", shown(r.SNR))
	}
	return fmt.Sprintf("sparse recovery, dictionary %v, %s of standard deviation %g, %s", r.Dictionary, count, r.Sigma, noise)
}

// The published settings. They share no dictionary: each has its own seed.
var (
	// TalkRecovery is that of the talk and of the LISTA-CPSS, ALISTA and HyperLISTA papers.
	TalkRecovery = Recovery{Dictionary: DrawDictionary(250, 500, 1)}
	// PrimerRecovery is setting (a) of the Primer; (b) is WithNoise(20).
	PrimerRecovery = Recovery{Dictionary: DrawDictionary(256, 512, 2)}
	// LargeRecovery is setting (d) of the Primer.
	LargeRecovery = Recovery{Dictionary: DrawDictionary(512, 1024, 3)}
	// SmallRecovery is a toy of ours on which LISTA trains in a minute.
	SmallRecovery = Recovery{Dictionary: DrawDictionary(50, 100, 4)}
)

// WithNoise returns the family with noise at that signal-to-noise ratio in dB; at 0 dB it
// is as large as the signal.
func (r Recovery) WithNoise(snr float64) Recovery {
	r.SNR = cmp.Or(snr, optimizee.Nought)
	return r
}

// shown is a setting as it is meant.
func shown(v float64) float64 {
	if v == optimizee.Nought {
		return 0
	}
	return v
}
