package trace_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// splitMix is the generator of testdata/optima/optima.c.
type splitMix uint64

func (s *splitMix) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	x := uint64(*s)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (s *splitMix) below(n uint64) int { return int(s.next() % n) }

func (s *splitMix) uniform() float64 { return float64(s.next()>>11)*0x1p-52 - 1 }

// small is problem i of a kind as optima.c draws it: 'l' Lasso, 'c' classification, 's'
// least squares, with data times c.
func small(kind byte, i int, c float64) *optimizee.Problem {
	s, odd := splitMix(uint64(kind)<<32|uint64(i)), i%11
	m, n := 1+s.below(12), 1+s.below(8)
	if kind == 'c' {
		m, n = m+2, 1+n%5
	}
	classes, k := 2+s.below(3), 1
	if kind == 'c' && i%2 == 1 {
		k = classes
	}
	lambda := []float64{1e-3, 1e-2, 0.1, 0.5, 1}[s.below(5)]
	a, b := ad.New(m, n, nil), ad.New(m, 1, nil)
	for _, v := range []ad.Value{a, b} {
		for j := range v.Data {
			v.Data[j] = s.uniform()
		}
	}
	if kind == 'c' {
		lambda /= 10
		for j := range m {
			b.Data[j] = float64(s.below(uint64(max(2, k))))
		}
	}
	for r := range m {
		oddRow(odd, r, m, a.Data[r*n:(r+1)*n], &b.Data[r])
	}
	switch {
	case odd == 8:
		lambda = 1000
	case odd == 9 && kind == 'l':
		lambda = 0
	}
	A := a.Scale(c)
	switch {
	case kind == 'c' && k == 1:
		return optimizee.Logistic(A, b, lambda*c)
	case kind == 'c':
		return optimizee.Softmax(A, b, classes, lambda*c)
	case kind == 's':
		return optimizee.Smooth(optimizee.LeastSquares(linear.Dense(A), b.Scale(c)))
	}
	return optimizee.Lasso(A, b.Scale(c), lambda*(c*c))
}

// oddRow makes row r of a degenerate problem.
func oddRow(odd, r, m int, row []float64, b *float64) {
	switch {
	case odd == 1 && len(row) > 1:
		row[1] = row[0]
	case odd == 2 && len(row) > 1:
		row[0] = 0
	case odd == 3:
		*b = 0
	case odd == 4 && r == 0 && m > 1:
		clear(row)
	case odd == 5:
		for j := range row {
			row[j] = row[0]
		}
	case odd == 6:
		for j, v := range row {
			row[j] = math.Copysign(1, v)
		}
	case odd == 7:
		row[0] *= 1000
	}
}

// TestOptima: certified optima of 730 small problems, degenerate ones among them, in three
// units agree with those of other methods in quadruple precision, and no certificate is
// false.
func TestOptima(t *testing.T) {
	file, err := os.Open("testdata/optima/optima.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	worst, loose := 0., 0
	for _, line := range lines[1:] {
		i, _ := strconv.Atoi(line[1])
		c, _ := strconv.ParseFloat(line[2], 64)
		least, _ := strconv.ParseFloat(line[3], 64)
		kind, p := line[0][0], small(line[0][0], i, c)
		o, err := trace.Certified(p, 1e-12)
		if err != nil {
			t.Errorf("%v: %v", line, err)
			continue
		}
		size := p.Value(p.Start).Item()
		if o.F < least-1e-15*size || o.F-o.Certificate > least+1e-15*size {
			t.Errorf("%v: F* is certified between %.17g and %.17g", line, o.F-o.Certificate, o.F)
		}
		if size > 0 {
			worst = max(worst, (o.F-least)/size)
		}
		if o.F-least > 1e-11*size {
			t.Errorf("%v: %.3g of F at the start too high, %s", line, (o.F-least)/size, o.Source)
		}
		if o.Certificate > 1e-9*size {
			if loose++; kind != 's' { // least squares of dependent columns have no better bound than 0
				t.Errorf("%v: certified to %.3g of F at the start, %s", line, o.Certificate/size, o.Source)
			}
		}
	}
	t.Logf("%d optima, off by at most %.2g of F at the start; %d are not certified to 1e-9 of it", len(lines)-1, worst, loose)
}
