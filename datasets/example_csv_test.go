package datasets

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestExampleCSV(t *testing.T) {
	cache := userCache(t)
	read := func(kind string, noHeader bool) Table {
		path, err := ExampleCSV(kind)
		if err != nil {
			t.Fatal(err)
		}
		table, err := ReadCSV(path, CSVOptions{NoHeader: noHeader})
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	d, x, y := read("dictionary", true), read("codes", true), read("signals", true)
	if d.Rows != 30 || d.Cols != 60 || x.Rows != 60 || x.Cols != 5 || y.Rows != 30 || y.Cols != 5 {
		t.Fatalf("%v, %v, %v", d, x, y)
	}
	var off, size float64
	for i := range 30 {
		for s := range 5 {
			v := 0.0
			for j := range 60 {
				v += d.Row(i)[j] * x.Row(j)[s]
			}
			off, size = off+(y.Row(i)[s]-v)*(y.Row(i)[s]-v), size+v*v
		}
	}
	if db := 10 * math.Log10(off/size); math.Abs(db+40) > 1 {
		t.Errorf("the noise is at %.1f dB, want -40", db)
	}
	if p := read("points", false); p.Rows != 300 || p.Cols != 2 {
		t.Error(p)
	}
	path, err := ExampleCSV("sales")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := ReadRatings(path); err != nil || r.Rows != 30 || r.Cols != 24 {
		t.Errorf("%v (%v)", r, err)
	}
	if path != filepath.Join(cache, "examples", "sales.csv") {
		t.Errorf("it is at %s, and the cache at %s", path, cache)
	}
	_, err = ExampleCSV("weather")
	want(t, err, "weather", "sales, points")

	if err := os.RemoveAll(filepath.Join(cache, "examples")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cache, "examples"), nil, 0o600); err != nil { // no folder can be made there
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	path, err = ExampleCSV("sales")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil || strings.HasPrefix(path, cache) || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("it is at %s (%v, %v)", path, info, err)
	}
}

func TestMovieLens(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("L2O_DATA", dir)
	r, err := MovieLensOrStandIn()
	want(t, err, "grouplens.org", dir)
	if !errors.Is(err, fs.ErrNotExist) || !r.StandIn || r.Rows != 200 || r.Cols != 150 || len(r.Users) != 200 || len(r.Items) != 150 {
		t.Errorf("%v (%v)", r, err)
	}
	if share := float64(len(r.Value)) / (200 * 150); math.Abs(share-0.15) > 0.01 {
		t.Errorf("%.3f of the entries are there", share)
	}
	for k, v := range r.Value {
		if v != math.Round(v) || v < 1 || v > 5 {
			t.Fatalf("rating %d is %g", k, v)
		}
	}
	t.Setenv("L2O_DATA", filepath.Dir(write(t, "u.data", "1\t2\t3\t4\n")))
	if r, err := MovieLensOrStandIn(); err != nil || r.StandIn || len(r.Value) != 1 {
		t.Errorf("%v (%v)", r, err)
	}
	t.Setenv("L2O_DATA", filepath.Dir(write(t, "u.data", "1\t2\n")))
	r, err = MovieLensOrStandIn()
	if want(t, err, "u.data", "line 1"); !r.StandIn {
		t.Error(r)
	}
}

func TestShrink(t *testing.T) {
	grey := Table{Name: "grey", Rows: 1, Cols: 16, X: []float64{
		1, 2, 0, 0,
		3, 4, 0, 4,
		0, 0, 5, 5,
		0, 0, 5, 5,
	}}
	small, err := Shrink(grey, 2)
	if err != nil || small.Cols != 4 || !slices.Equal(small.X, []float64{2.5, 1, 0, 5}) {
		t.Errorf("%v (%v)", small.X, err)
	}
	colour := Table{Rows: 1, Cols: 12, X: []float64{1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 5, 6}}
	if small, err = Shrink(colour, 2); err != nil || !slices.Equal(small.X, []float64{1, 2, 4.5}) {
		t.Errorf("%v (%v)", small.X, err)
	}
	_, err = Shrink(Table{Name: "no images", Rows: 1, Cols: 5, X: make([]float64, 5)}, 2)
	want(t, err, "no images", "5 features")
	_, err = Shrink(grey, 3)
	want(t, err, "squares of 3×3")
}
