package datasets

import (
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
}

// Row returns the features of sample i as a view into X.
func (t Table) Row(i int) []float64 {
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

// String describes the table in one line: its name, size and classes.
func (t Table) String() string {
	s := fmt.Sprintf("%s: %d samples × %d features", t.Name, t.Rows, t.Cols)
	switch k := t.Classes(); {
	case k > 2:
		s += fmt.Sprintf(", %d classes", k)
	case k > 0:
		s += fmt.Sprintf(", %d labelled 1", t.Positives())
	}
	return s
}

// PerClass draws n samples of each class without replacement. They keep their
// order. It is an error when a class has fewer.
func PerClass(t Table, n int, rng *rand.Rand) (Table, error) {
	rows, err := choose(t.Y, n, rng)
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
		places[y] = append(places[y], i)
	}
	var out []int
	for _, y := range slices.Sorted(maps.Keys(places)) {
		of := places[y]
		if n < 0 || n > len(of) {
			return nil, fmt.Errorf("%d samples of each class are wanted, and class %g has %d", n, y, len(of))
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
// A sample of zeros stays as it is. The logistic loss of such samples has L ≤ 1/4 for
// two classes and L ≤ 1/2 for more, for any images.
func UnitRows(t Table) Table {
	out := t
	out.X = slices.Clone(t.X)
	for i := range t.Rows {
		x := out.Row(i)
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

// Standardize returns a copy of t whose features have mean 0 and standard
// deviation 1:
//
//	x_ij ← (x_ij − μ_j)/σ_j,   σ_j² = (1/Rows)·Σ_i (x_ij − μ_j)²
//
// It divides by Rows, not by Rows−1, as the public code of the L2O-PA paper
// does, so that step sizes agree with the published ones. A constant feature
// (Ionosphere has one) gets σ = 1 and becomes 0.
func Standardize(t Table) Table {
	if len(t.X) != t.Rows*t.Cols {
		panic(fmt.Sprintf("datasets: Standardize: table says %d×%d = %d numbers, X holds %d",
			t.Rows, t.Cols, t.Rows*t.Cols, len(t.X)))
	}
	out := t
	out.X = make([]float64, len(t.X))
	for j := range t.Cols {
		mean, std := moments(t, j)
		for i := range t.Rows {
			out.X[i*t.Cols+j] = (t.X[i*t.Cols+j] - mean) / std
		}
	}
	return out
}

// moments returns the mean of feature j and the standard deviation to divide by.
func moments(t Table, j int) (mean, std float64) {
	constant := true
	for i := range t.Rows {
		mean += t.X[i*t.Cols+j]
		constant = constant && t.X[i*t.Cols+j] == t.X[j]
	}
	if constant && t.Rows > 0 {
		return t.X[j], 1 // exact: a rounded mean would leave noise to divide by
	}
	mean /= float64(t.Rows)
	ss := 0.0
	for i := range t.Rows {
		d := t.X[i*t.Cols+j] - mean
		ss += d * d
	}
	return mean, math.Sqrt(ss / float64(t.Rows))
}
