package datasets

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestReadNPY(t *testing.T) {
	for _, c := range []struct {
		name       string
		rows, cols int
		data       []float64
	}{
		{"f8.npy", 2, 3, []float64{1, 2, 3, 4, 5, 6.5}},
		{"f8_big.npy", 2, 3, []float64{1, 2, 3, 4, 5, 6.5}},
		{"f4_fortran.npy", 2, 3, []float64{1, 2, 3, 4, 5, 6.5}},
		{"i2.npy", 2, 3, []float64{1, -2, 3, 4, 5, -32768}},
		{"u1.npy", 3, 1, []float64{0, 128, 255}},
		{"bool.npy", 2, 1, []float64{1, 0}},
	} {
		rows, cols, data, err := ReadNPY(filepath.Join("testdata", c.name))
		if err != nil || rows != c.rows || cols != c.cols || !slices.Equal(data, c.data) {
			t.Errorf("%s: got %d×%d %v, %v, want %d×%d %v", c.name, rows, cols, data, err, c.rows, c.cols, c.data)
		}
	}
}

func TestReadNPYRefuses(t *testing.T) {
	for name, says := range map[string]string{
		"complex.npy":  `type "<c16" cannot be read; save a.astype("float64")`,
		"records.npy":  "named fields",
		"cube.npy":     "3 dimensions",
		"empty.npy":    "empty: its shape is (0, 3)",
		"nan.npy":      "row 2, column 2 (counted from 1): the entry is NaN",
		"i8_large.npy": "row 1, column 2 (counted from 1): the integer 9007199254740993",
		"README.md":    "not an NPY file; write one in Python with numpy.save",
		"nowhere.npy":  "nowhere.npy",
	} {
		_, _, data, err := ReadNPY(filepath.Join("testdata", name))
		want(t, err, says, name)
		if data != nil {
			t.Errorf("%s: an error came with data", name)
		}
	}
	_, _, _, err := ReadNPY("testdata")
	want(t, err, "not a regular file")
}

// TestReadNPYDamaged edits a good file; no damage may panic, or allocate what the
// file cannot fill.
func TestReadNPYDamaged(t *testing.T) {
	good, err := os.ReadFile("testdata/f8.npy")
	if err != nil {
		t.Fatal(err)
	}
	edit := func(from, to string) string {
		s := strings.Replace(string(good), from, to, 1)
		if pad := len(s) - len(good); pad > 0 { // keep the header's length
			s = strings.Replace(s, strings.Repeat(" ", pad)+"\n", "\n", 1)
		}
		return s
	}
	for _, c := range []struct{ name, content, says string }{
		{"numbers cut", string(good[:len(good)-1]), "truncated"},
		{"header cut", string(good[:50]), "truncated"},
		{"length cut", string(good[:9]), "truncated"},
		{"magic cut", string(good[:3]), "not an NPY file"},
		{"empty", "", "not an NPY file"},
		{"bytes after", string(good) + "x", "damaged"},
		{"absurd shape", edit("(2, 3)", "(2000000000, 3000000)"), "truncated"},
		{"overflowing shape", edit("(2, 3)", "(3000000000, 4000000000)"), "more than fits"},
		{"shape beyond int", edit("(2, 3)", "(99999999999999999999, 1)"), "more than fits"},
		{"negative shape", edit("(2, 3)", "(-2, 3)"), "damaged"},
		{"no order", edit("fortran_order", "fortran_0rder"), "damaged"},
		{"huge header", "\x93NUMPY\x02\x00\xff\xff\xff\x7f", "header announces 2147483647 bytes"},
		{"version 9", "\x93NUMPY\x09\x00\x10\x00\x00\x00", "version 9.0"},
		{"version 0", "\x93NUMPY\x00\x00\x10\x00\x00\x00", "version 0.0"},
		{"version 1.1", edit("\x01\x00", "\x01\x01"), "version 1.1"},
		{"two shapes", edit("(2, 3)", "(2, 3), 'shape': (3, 2)"), "damaged"},
		{"no comma", edit("(2, 3)", "(2 3 )"), "damaged"},
		{"two commas", edit("(2, 3)", "(2,,3)"), "damaged"},
		{"no dimension", edit("(2, 3)", "(    )"), "without a dimension"},
		{"another byte order", edit("'<f8'", "'!f8'"), `type "!f8" cannot be read`},
		{"half precision", edit("'<f8'", "'<f2'"), `type "<f2" cannot be read; save a.astype("float64")`},
		{"text", edit("'<f8'", "'<U2'"), `type "<U2" cannot be read`},
		{"objects", edit("'<f8'", "'|O' "), `type "|O" cannot be read`},
		{"no bool", edit("'<f8'", "'|b1'")[:128] + "\x00\x01\x02\x00\x01\x00", "row 1, column 3 (counted from 1): the entry is 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, "x.npy", c.content)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, _, err := ReadNPY(path)
			runtime.ReadMemStats(&after)
			want(t, err, c.says, path)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
				t.Errorf("allocated %d bytes for a file of %d", grown, len(c.content))
			}
		})
	}
}

func TestWriteNPY(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	for rows := 1; rows < 4; rows++ {
		for _, cols := range []int{1, 3, 1000} {
			data := make([]float64, rows*cols)
			for k := range data {
				data[k] = math.Sqrt(float64(k)) - 2
			}
			if err := WriteNPY(path, rows, cols, data); err != nil {
				t.Fatal(err)
			}
			r, c, got, err := ReadNPY(path)
			if err != nil || r != rows || c != cols || !slices.Equal(got, data) {
				t.Errorf("%d×%d came back as %d×%d (%v)", rows, cols, r, c, err)
			}
		}
	}
	want(t, WriteNPY(path, 2, 2, make([]float64, 3)), "2×2 numbers announced, 3 given")
	want(t, WriteNPY(path, 1<<32, 1<<32, nil), "announced, 0 given") // the product is 0 in 64 bits
	want(t, WriteNPY(path, 0, 3, nil), "0×3 is empty")
	want(t, WriteNPY(path, 2, 2, []float64{1, 2, math.NaN(), 4}), "row 2, column 1", "NaN")
	want(t, WriteNPY(path, 1, 1, []float64{math.Inf(-1)}), "row 1, column 1", "-Inf")
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder holds %v, want the file alone", entries)
	}
}

// TestWriteNPYLikeNumPy compares with NumPy's own file, byte by byte.
func TestWriteNPYLikeNumPy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := WriteNPY(path, 2, 3, []float64{1, 2, 3, 4, 5, 6.5}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	numpy, err := os.ReadFile("testdata/f8.npy")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, numpy) {
		t.Errorf("wrote %q, NumPy %q", got, numpy)
	}
}
