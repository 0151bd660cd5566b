package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
)

// IonosphereStandIn returns synthetic data of the size and class balance of
// Ionosphere (351×34, 225 labelled 1, features in [−1, 1], the second constant 0).
// A good return is a decaying complex exponential in noise, 17 real and
// imaginary parts interleaved; a bad one is mostly noise. It shows how methods
// behave on such data; it says nothing about the real ones.
func IonosphereStandIn(seed uint64) Table {
	const rows, cols, good = 351, 34, 225
	rng := rand.New(rand.NewPCG(seed, 0x696f6e6f)) // its own stream: the same seed elsewhere is unrelated
	t := standIn("Ionosphere", "datasets.IonosphereStandIn", seed, rows, cols)
	for i, k := range rng.Perm(rows) {
		x := t.Row(i)
		t.Y[i] = indicator(k < good)
		decay, turn, noise := 0.85+0.14*rng.Float64(), 0.4*rng.NormFloat64(), 0.15+0.15*rng.Float64()
		if t.Y[i] == 0 {
			decay, turn, noise = 0.3+0.6*rng.Float64(), 2*rng.NormFloat64(), 0.3+0.5*rng.Float64()
		}
		for p := range cols / 2 {
			a := math.Pow(decay, float64(p))
			x[2*p] = clip(a*math.Cos(turn*float64(p))+noise*rng.NormFloat64(), -1, 1)
			x[2*p+1] = clip(a*math.Sin(turn*float64(p))+noise*rng.NormFloat64(), -1, 1)
		}
		x[0] = indicator(t.Y[i] == 1 || rng.Float64() < 0.7)
		x[1] = 0
	}
	return t
}

// SpambaseStandIn returns synthetic data of the size and class balance of
// Spambase (4,601×57, 1,813 labelled 1): 54 mostly zero, heavy-tailed frequencies
// in percent, some of them more frequent in one class, and three run lengths that
// are longer in spam. It shows how methods behave on such data; it says nothing
// about the real ones.
func SpambaseStandIn(seed uint64) Table {
	const rows, cols, spam = 4601, 57, 1813
	rng := rand.New(rand.NewPCG(seed, 0x7370616d))
	t := standIn("Spambase", "datasets.SpambaseStandIn", seed, rows, cols)
	var share [2][cols]float64 // chance that a word occurs at all, per class
	var scale [cols]float64    // its mean frequency where it occurs, in percent
	for j := range cols - 3 {
		base, tilt := 0.03+0.3*rng.Float64(), 0.8*rng.NormFloat64()
		share[0][j] = clip(base*math.Exp(-tilt), 0.01, 0.9)
		share[1][j] = clip(base*math.Exp(tilt), 0.01, 0.9)
		scale[j] = 0.3 + 1.2*rng.Float64()
	}
	for i, k := range rng.Perm(rows) {
		x := t.Row(i)
		t.Y[i] = indicator(k < spam)
		class := int(t.Y[i])
		for j := range cols - 3 {
			if rng.Float64() < share[class][j] {
				x[j] = scale[j] * rng.ExpFloat64()
			}
		}
		mean := 1 + math.Exp(0.5+0.7*float64(class)+0.8*rng.NormFloat64())
		longest := math.Ceil(mean * math.Exp(1.2+0.8*math.Abs(rng.NormFloat64())))
		x[cols-3], x[cols-2] = mean, longest
		x[cols-1] = longest + math.Ceil(mean*math.Exp(3+rng.NormFloat64()))
	}
	return t
}

// standIn returns an empty labelled table that says in its name what it is.
func standIn(name, generator string, seed uint64, rows, cols int) Table {
	return Table{
		Name: name + " stand-in (synthetic)", StandIn: true, Rows: rows, Cols: cols,
		X: make([]float64, rows*cols), Y: make([]float64, rows),
		Columns: numbered(cols), Source: fmt.Sprintf("%s(%d)", generator, seed),
	}
}

// numbered returns the names c1, c2, … of columns that have none.
func numbered(n int) []string {
	names := make([]string, n)
	for j := range names {
		names[j] = "c" + strconv.Itoa(j+1)
	}
	return names
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func clip(x, lo, hi float64) float64 { return min(max(x, lo), hi) }
