package datasets

import (
	"fmt"
	"math"
)

// A Table is a data set of Rows samples with Cols real features and, where it
// has them, one label per sample.
type Table struct {
	Name    string    // for titles and captions; a stand-in says here that it is one
	StandIn bool      // synthetic data in the place of a real data set
	Rows    int       // samples
	Cols    int       // features
	X       []float64 // Rows×Cols, row after row
	Y       []float64 // one label per row, 0 or 1 for two classes; nil when there is none
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

// String describes the table in one line: its name, size and class balance.
func (t Table) String() string {
	s := fmt.Sprintf("%s: %d samples × %d features", t.Name, t.Rows, t.Cols)
	if len(t.Y) > 0 {
		s += fmt.Sprintf(", %d labelled 1", t.Positives())
	}
	return s
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
