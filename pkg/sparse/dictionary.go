package sparse

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Dictionary is an m×n matrix A that many instances b = Ax* share. Its columns are
// called atoms. Make one with [NewDictionary] or [DrawDictionary].
//
// As JSON a drawn dictionary is its size and seed, any other one its numbers; both
// come back to the same bits.
type Dictionary struct {
	rows, cols int
	seed       *uint64 // of a drawn one
	a          func() ad.Value
	norm       func() float64
	print      func() float64
	fault      func() error
}

// NewDictionary makes a dictionary of a given matrix, which it takes as it is: it does
// not scale the atoms. The matrix must not change afterwards.
func NewDictionary(a ad.Value) *Dictionary {
	a = a.Detach()
	return newDictionary(a.R, a.C, nil, func() ad.Value { return a })
}

// newDictionary makes the matrix, its norm and its hash when they are first asked for.
func newDictionary(rows, cols int, seed *uint64, matrix func() ad.Value) *Dictionary {
	a := sync.OnceValue(matrix)
	return &Dictionary{
		rows: rows, cols: cols, seed: seed, a: a,
		norm: sync.OnceValue(func() float64 {
			s := linear.SpectralNorm(a())
			return s * s
		}),
		print: sync.OnceValue(func() float64 {
			h, word := fnv.New64a(), make([]byte, 8)
			for _, x := range a().Data {
				binary.LittleEndian.PutUint64(word, math.Float64bits(x))
				h.Write(word) // of package hash: never fails
			}
			return float64(h.Sum64() >> 12)
		}),
		fault: sync.OnceValue(func() error { return checkAtoms(a()) }),
	}
}

func checkAtoms(a ad.Value) error {
	if err := check.Values("the dictionary", a); err != nil {
		return err
	}
	for j, s := range a.Abs().T().SumRows().Data {
		if s == 0 {
			return fmt.Errorf("atom %d of the dictionary is zero: leave it out", j)
		}
	}
	return nil
}

// DrawDictionary draws independent N(0, 1) entries and scales every atom to length 1:
// the dictionary of the sparse-recovery experiments (Chen et al. 2022, §4.1.1; the
// variance 1/m of the paper is lost in the scaling).
func DrawDictionary(rows, cols int, seed uint64) *Dictionary {
	return newDictionary(rows, cols, &seed, func() ad.Value {
		a := optimizee.Gaussian(optimizee.Stream(seed, uint64(rows), uint64(cols)), rows, cols)
		optimizee.UnitColumns(a)
		return a
	})
}

// A returns the matrix.
func (d *Dictionary) A() ad.Value { return d.a() }

// Rows returns m, the number of measurements.
func (d *Dictionary) Rows() int { return d.rows }

// Cols returns n, the number of atoms.
func (d *Dictionary) Cols() int { return d.cols }

// Lipschitz returns L = ‖A‖₂², the Lipschitz constant of Aᵀ(Ax − b). It is computed once.
func (d *Dictionary) Lipschitz() float64 { return d.norm() }

// Fingerprint returns a number that tells dictionaries apart: 52 bits of a hash of A.
// Problems carry it as the trait "dictionary".
func (d *Dictionary) Fingerprint() float64 { return d.print() }

// Err says why the matrix is no dictionary, nil when it is one.
func (d *Dictionary) Err() error {
	if d == nil {
		return fmt.Errorf("there is no dictionary: make one with sparse.DrawDictionary or sparse.NewDictionary")
	}
	if d.rows < 1 || d.cols < 1 {
		return fmt.Errorf("a dictionary of %d×%d: it has to have rows and columns", d.rows, d.cols)
	}
	return d.fault()
}

// String names the size and where the dictionary comes from.
func (d *Dictionary) String() string {
	if d.seed != nil {
		return fmt.Sprintf("%d×%d, drawn from seed %d", d.rows, d.cols, *d.seed)
	}
	return fmt.Sprintf("%d×%d, given (fingerprint %.0f)", d.rows, d.cols, d.Fingerprint())
}

// onDisk is a dictionary as JSON.
type onDisk struct {
	Rows, Cols int
	Seed       *uint64 `json:",omitempty"`
	Numbers    []byte  `json:",omitempty"` // float64, little-endian, row by row
}

// MarshalJSON writes the size with the seed or the numbers.
func (d *Dictionary) MarshalJSON() ([]byte, error) {
	out := onDisk{Rows: d.rows, Cols: d.cols, Seed: d.seed}
	if d.seed == nil {
		for _, x := range d.a().Data {
			out.Numbers = binary.LittleEndian.AppendUint64(out.Numbers, math.Float64bits(x))
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Dictionary) UnmarshalJSON(data []byte) error {
	var in onDisk
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	if in.Rows < 0 || in.Cols < 0 {
		return fmt.Errorf("a dictionary of %d×%d", in.Rows, in.Cols)
	}
	if in.Seed != nil {
		*d = *DrawDictionary(in.Rows, in.Cols, *in.Seed)
		return nil
	}
	if n := len(in.Numbers) / 8; len(in.Numbers)%8 != 0 || in.Rows > 0 && in.Cols > n/in.Rows || in.Rows*in.Cols != n {
		return fmt.Errorf("a dictionary of %d×%d with %d bytes of numbers, which are 8 bytes each", in.Rows, in.Cols, len(in.Numbers))
	}
	a := ad.New(in.Rows, in.Cols, nil)
	for i := range a.Data {
		a.Data[i] = math.Float64frombits(binary.LittleEndian.Uint64(in.Numbers[8*i:]))
	}
	*d = *NewDictionary(a)
	return nil
}
