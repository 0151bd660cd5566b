package datasets

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// A Table is a data set of Rows samples with Cols real features and, where it
// has them, one label per sample.
type Table struct {
	Name    string    // for titles and captions; a stand-in says here that it is one
	StandIn bool      // synthetic data in the place of a real data set
	Rows    int       // samples
	Cols    int       // features
	X       []float64 // Rows×Cols, row after row
	Y       []float64 // one label per row: 0 or 1 for two classes, 0 to k−1 for k; nil when there is none
	Columns []string  // names of the features
	Source  string    // where the numbers are from: a path, or the generator and its seed

	// Mean and Std of each feature before Standardize, and nil without it. Table.Unscale
	// takes coefficients back to those units.
	Mean, Std []float64
}

// Row returns the features of sample i as a view into X.
func (t Table) Row(i int) []float64 {
	if i < 0 || (i+1)*t.Cols > len(t.X) {
		panic(fmt.Sprintf("datasets: Table.Row: row %d of a table of %d×%d with %d numbers", i, t.Rows, t.Cols, len(t.X)))
	}
	return t.X[i*t.Cols : (i+1)*t.Cols : (i+1)*t.Cols]
}

// Positives returns the number of samples whose label is 1.
func (t Table) Positives() int {
	n := 0
	for _, y := range t.Y {
		if y == 1 {
			n++
		}
	}
	return n
}

// Classes returns the number of different labels.
func (t Table) Classes() int {
	seen := map[float64]bool{}
	for _, y := range t.Y {
		seen[y] = true
	}
	return len(seen)
}

// String describes the table in one line: its name, size and classes, or, where the labels
// are no classes, their range.
func (t Table) String() string {
	s := fmt.Sprintf("%s: %d samples × %d features", t.Name, t.Rows, t.Cols)
	if len(t.Y) == 0 {
		return s
	}
	k, lo, hi := t.Classes(), slices.Min(t.Y), slices.Max(t.Y)
	whole := !slices.ContainsFunc(t.Y, func(y float64) bool { return y != math.Trunc(y) })
	switch {
	case whole && lo >= 0 && hi <= 1:
		return s + fmt.Sprintf(", %d labelled 1", t.Positives())
	case whole && (k <= 20 || lo == 0 && hi == float64(k-1)):
		return s + fmt.Sprintf(", %d classes", k)
	}
	return s + fmt.Sprintf(", labels from %.4g to %.4g", lo, hi)
}

// PerClass draws n samples of each class without replacement, n at least 1. They keep their
// order. It is an error when a class has fewer, or there are no labels.
func PerClass(t Table, n int, rng *rand.Rand) (Table, error) {
	var rows []int
	var err error
	switch {
	case len(t.Y) != t.Rows || t.Rows == 0:
		err = fmt.Errorf("there are %d labels for %d samples", len(t.Y), t.Rows)
	case n <= 0:
		err = fmt.Errorf("%d samples of each class are wanted: it has to be 1 or more", n)
	default:
		rows, err = choose(t.Y, n, rng)
	}
	if err != nil {
		return Table{}, fmt.Errorf("datasets: PerClass: %s: %w", t.Name, err)
	}
	out := t
	out.Name = fmt.Sprintf("%s, %d of each class", t.Name, n)
	out.Rows, out.X, out.Y = len(rows), make([]float64, 0, len(rows)*t.Cols), make([]float64, len(rows))
	for i, k := range rows {
		out.X = append(out.X, t.Row(k)...)
		out.Y[i] = t.Y[k]
	}
	return out, nil
}

// choose draws n places of each class, in increasing order; all of them when n is 0.
func choose(labels []float64, n int, rng *rand.Rand) ([]int, error) {
	places := map[float64][]int{}
	for i, y := range labels {
		if math.IsNaN(y) {
			return nil, fmt.Errorf("the label of sample %d is NaN", i+1)
		}
		places[y] = append(places[y], i)
	}
	var out []int
	for _, y := range slices.Sorted(maps.Keys(places)) {
		of := places[y]
		if n < 0 || n > len(of) {
			return nil, fmt.Errorf("%d samples of each class are wanted, and class %g has %d", n, y, len(of))
		}
		if n > 0 && rng == nil {
			return nil, errors.New("rng is nil: what is drawn needs a source of randomness")
		}
		if n > 0 {
			rng.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
			of = of[:n]
		}
		out = append(out, of...)
	}
	slices.Sort(out)
	return out, nil
}

// UnitRows returns a copy of t in which every sample has length 1:
//
//	x_i ← x_i/‖x_i‖₂
//
// A sample of zeros stays as it is, and none is too large or small to be squared. The
// logistic loss of such samples has L ≤ 1/4 for two classes and L ≤ 1/2 for more, for any images.
func UnitRows(t Table) Table {
	t.mustHold("UnitRows")
	out := t
	out.Mean, out.Std = nil, nil // each sample has another unit now
	out.X = slices.Clone(t.X)
	for i := range t.Rows {
		x := out.Row(i)
		scale(x)
		var ss float64
		for _, v := range x {
			ss += v * v
		}
		if ss == 0 {
			continue
		}
		for j := range x {
			x[j] /= math.Sqrt(ss)
		}
	}
	return out
}

// scale divides v by the power of two that leaves its largest entry between 1/2 and 1. This
// rounds nothing, but what is too small to count beside that entry. It returns the exponent.
func scale(v []float64) (e int) {
	most := 0.0
	for _, x := range v {
		most = max(most, math.Abs(x)) // NaN when one is
	}
	_, e = math.Frexp(most)
	for i, x := range v {
		v[i] = math.Ldexp(x, -e)
	}
	return e
}

// mustHold refuses a table that holds another number of features than it says.
func (t Table) mustHold(name string) {
	if len(t.X) != t.Rows*t.Cols {
		panic(fmt.Sprintf("datasets: %s: table says %d×%d = %d numbers, X holds %d",
			name, t.Rows, t.Cols, t.Rows*t.Cols, len(t.X)))
	}
}

// Standardize returns a copy of t whose features have mean 0 and standard
// deviation 1:
//
//	x_ij ← (x_ij − μ_j)/σ_j,   σ_j² = (1/Rows)·Σ_i (x_ij − μ_j)²
//
// It divides by Rows, not by Rows−1, as the public code of the L2O-PA paper
// does, so that step sizes agree with the published ones. The unit of a feature does not
// matter. A constant one (Ionosphere has one) becomes 0, and so does one that is constant but
// for rounding: σ_j ≤ Rows·2⁻⁵²·max_i |x_ij|, as in scikit-learn, with a Std of 1. Mean and
// Std of the copy keep μ and σ, and those of the first table where t is such a copy itself.
func Standardize(t Table) Table {
	t.mustHold("Standardize")
	out := t
	out.X = make([]float64, len(t.X))
	out.Mean, out.Std = make([]float64, t.Cols), make([]float64, t.Cols)
	column := make([]float64, t.Rows)
	for j := range t.Cols {
		for i := range column {
			column[i] = t.X[i*t.Cols+j]
		}
		mean, std := standardize(column)
		if t.Std != nil {
			mean, std = t.Mean[j]+t.Std[j]*mean, t.Std[j]*std
		}
		out.Mean[j], out.Std[j] = mean, std
		for i, x := range column {
			out.X[i*t.Cols+j] = x
		}
	}
	return out
}

// Unscale takes a linear model of standardised features back to the units of the file: with
// Σ_j w_j(x_j − μ_j)/σ_j + c = Σ_j w'_j·x_j + c' it returns w' and c'. Of a table that is
// not standardised these are w and c.
func (t Table) Unscale(w []float64, c float64) (coefficients []float64, intercept float64) {
	if len(w) != t.Cols {
		panic(fmt.Sprintf("datasets: Table.Unscale: %d coefficients for a table of %d features; the intercept stands by itself", len(w), t.Cols))
	}
	coefficients = slices.Clone(w)
	for j := range t.Std {
		coefficients[j] /= t.Std[j]
		c -= coefficients[j] * t.Mean[j]
	}
	return coefficients, c
}

// standardize does so with one feature, and returns what its mean and standard deviation
// were, 1 for a constant.
func standardize(x []float64) (mu, sigma float64) {
	if len(x) == 0 {
		return 0, 1
	}
	first := x[0]
	unit := scale(x) // neither a sum nor a square leaves the range of float64
	base := 0.
	n, lo, hi := float64(len(x)), slices.Min(x), slices.Max(x)
	level := max(math.Abs(lo), math.Abs(hi))
	if hi-lo < level/4 { // far from 0, where differences are exact and their sum rounds less
		base = lo
		for i := range x {
			x[i] -= lo
		}
	}
	mean, ss := 0.0, 0.0
	for _, v := range x {
		mean += v
	}
	mean /= n
	for _, v := range x {
		ss += (v - mean) * (v - mean)
	}
	std := math.Sqrt(ss / n)
	if std <= n*0x1p-52*level { // all of it is rounding
		clear(x)
		return first, 1
	}
	for i, v := range x {
		x[i] = (v - mean) / std
	}
	return math.Ldexp(base+mean, unit), math.Ldexp(std, unit)
}
