package datasets

import (
	"bytes"
	"compress/gzip"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// twoImages are two images of 1×3 pixels, and their labels.
const (
	twoImages = "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x03\x00\x33\xff\x66\x00\x00"
	twoLabels = "\x00\x00\x08\x01\x00\x00\x00\x02\x07\x00"
)

func gz(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(content))
	_ = w.Close()
	return b.String()
}

func TestReadIDX(t *testing.T) {
	for _, wrap := range []func(string) string{gz, strings.Clone} {
		d, err := ReadIDX(write(t, "images", wrap(twoImages)), write(t, "labels", wrap(twoLabels)))
		if err != nil {
			t.Fatal(err)
		}
		if d.Rows != 2 || d.Cols != 3 || !slices.Equal(d.X, []float64{0, 0.2, 1, 0.4, 0, 0}) || !slices.Equal(d.Y, []float64{7, 0}) {
			t.Errorf("read %+v", d)
		}
	}
	if d, err := ReadIDX(write(t, "images", twoImages), ""); err != nil || d.Y != nil {
		t.Errorf("without labels: %+v, %v", d, err)
	}
}

func TestReadIDXRefuses(t *testing.T) {
	float := "\x00\x00\x0d" + twoImages[3:]
	huge := "\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	for _, c := range []struct{ name, images, labels, says string }{
		{"empty", "", twoLabels, "header"},
		{"not IDX", "1,2,3,4\n", twoLabels, "no IDX file"},
		{"other type", float, twoLabels, "type 0x0d"},
		{"half a header", twoImages[:10], twoLabels, "header"},
		{"truncated", twoImages[:20], twoLabels, "truncated: 4 entries of 6"},
		{"truncated in gzip", gz(twoImages)[:30], twoLabels, "truncated"},
		{"not gzip", "\x1f\x8bxx", twoLabels, "gzip header"},
		{"too long", twoImages + "x", twoLabels, "goes on after the 6 entries"},
		{"too large", huge, twoLabels, "does not fit in memory"},
		{"nothing in it", strings.Replace(twoImages, "\x00\x02", "\x00\x00", 1), twoLabels, "which is empty"},
		{"a trap", gz("\x00\x00\x08\x02\x00\x00\x10\x00\x00\x00\x10\x00" + strings.Repeat("\x00", 1<<24)), twoLabels, "or a trap"},
		{"checksum", gz(twoImages)[:len(gz(twoImages))-8] + "\x00\x00\x00\x00\x16\x00\x00\x00", twoLabels, "checksum"},
		{"no labels", twoImages, "", "header"},
		{"swapped", twoLabels, twoImages, "are these the labels?"},
		{"labels missing", twoImages, strings.Replace(twoLabels, "\x02\x07\x00", "\x01\x07", 1), "there are 2 images"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadIDX(write(t, "images", c.images), write(t, "labels", c.labels))
			want(t, err, c.says)
		})
	}
	_, err := ReadIDX(filepath.Join(t.TempDir(), "none"), "")
	want(t, err, "none")
}

// TestGzipFile has a file whose checksum is that of its unpacked content.
func TestGzipFile(t *testing.T) {
	f := sampleFile(t, serve(gz(sample)))
	f.Gzip = true
	t.Setenv("L2O_DATA", t.TempDir())
	if content, _, err := f.load(t.Context()); err != nil || string(content) != gz(sample) {
		t.Errorf("got %q, %v", content, err)
	}
	for _, c := range []struct{ content, says string }{
		{gz(sample)[:20], "truncated?"},
		{gz("other"), "its SHA-256 is"},
		{"\x1f\x8bxx", "gzip header"},
	} {
		dir := filepath.Dir(write(t, f.Name, c.content))
		t.Setenv("L2O_DATA", dir)
		_, _, err := f.load(t.Context())
		want(t, err, c.says, dir)
	}
	f.URL = "http://127.0.0.1:1/sample.data"
	t.Setenv("L2O_DATA", t.TempDir())
	_, _, err := f.load(t.Context())
	want(t, err, "SHA-256  "+f.SHA256+" (of the unpacked content)")
}

func TestMNIST(t *testing.T) {
	t.Setenv("L2O_DATA", realFile(t, mnistImages))
	d, err := MNISTTest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := d.String(); got != "MNIST test images: 10000 samples × 784 features, 10 classes" || d.StandIn {
		t.Error(got)
	}
	counts := make([]int, 10)
	for _, y := range d.Y {
		counts[int(y)]++
	}
	if !slices.Equal(counts, []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}) {
		t.Error("images of each class:", counts)
	}
	inUnit(t, d.X)
}

func TestMNISTStandIn(t *testing.T) {
	a, b, other := MNISTStandIn(1), MNISTStandIn(1), MNISTStandIn(2)
	if !slices.Equal(a.X, b.X) || slices.Equal(a.X, other.X) {
		t.Error("a stand-in has to depend on its seed alone")
	}
	if !a.StandIn || !strings.Contains(a.String(), "stand-in (synthetic): 10000 samples × 784 features, 10 classes") {
		t.Error(a.String())
	}
	inUnit(t, a.X)
	dir := t.TempDir()
	t.Setenv("L2O_DATA", filepath.Join(dir, "mispelt"))
	if d, err := MNISTTestOrStandIn(t.Context()); err == nil || !d.StandIn {
		t.Errorf("without data: %s, %v", d, err)
	}
}

func inUnit(t *testing.T, x []float64) {
	t.Helper()
	if lo, hi := slices.Min(x), slices.Max(x); lo < 0 || hi > 1 || hi < 0.7 {
		t.Errorf("pixels from %g to %g, want [0, 1]", lo, hi)
	}
}

// cifarBatch is a file of n images of each of k classes; every byte of an image is
// its number.
func cifarBatch(n, k int) string {
	var b strings.Builder
	for i := range n * k {
		b.WriteByte(byte(i % k))
		b.WriteString(strings.Repeat(string([]byte{byte(i)}), cifarRecord-1))
	}
	return b.String()
}

func TestCIFAR10(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin",
		"data_batch_1 (copy).bin", "test_batch.bin", "readme.html",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(cifarBatch(5, 10)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	draw := func() Table {
		d, err := CIFAR10(dir, 4, rand.New(rand.NewPCG(1, 2)))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := draw()
	if d.Rows != 40 || d.Cols != 3072 || d.Classes() != 10 || !strings.Contains(d.Name, "40 images") {
		t.Error(d)
	}
	for i := range d.Rows { // an image still goes with its label
		if k := int(math.Round(255 * d.Row(i)[0])); k%10 != int(d.Y[i]) || slices.Min(d.Row(i)) != slices.Max(d.Row(i)) {
			t.Errorf("sample %d holds image %d and label %g", i, k, d.Y[i])
		}
	}
	if again := draw(); !slices.Equal(d.X, again.X) {
		t.Error("the same stream drew other images")
	}
	all, err := CIFAR10(filepath.Join(dir, "data_batch_1.bin"), 0, nil)
	if err != nil || all.Rows != 50 {
		t.Error(all, err)
	}

	_, err = CIFAR10(dir, 26, rand.New(rand.NewPCG(1, 2)))
	want(t, err, "class 0 has 25")
	_, err = CIFAR10(t.TempDir(), 1, nil)
	want(t, err, "no data_batch_1.bin", "binary version")
	if err := os.Remove(filepath.Join(dir, "data_batch_4.bin")); err != nil {
		t.Fatal(err)
	}
	_, err = CIFAR10(dir, 1, nil)
	want(t, err, "holds no data_batch_4.bin:")
	_, err = CIFAR10(write(t, "x.bin", cifarBatch(1, 10)[:5000]), 1, nil)
	want(t, err, "5000 bytes", "truncated")
	_, err = CIFAR10(write(t, "x.bin", cifarBatch(1, 11)), 1, nil)
	want(t, err, "label of image 10 is 10")
	_, err = CIFAR10(filepath.Join(t.TempDir(), "none"), 1, nil)
	if !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestPerClass(t *testing.T) {
	d := Table{Name: "d", Rows: 6, Cols: 1, X: []float64{0, 1, 2, 3, 4, 5}, Y: []float64{0, 1, 2, 0, 1, 2}}
	some, err := PerClass(d, 1, rand.New(rand.NewPCG(3, 4)))
	if err != nil || some.Rows != 3 || some.Classes() != 3 || !slices.IsSorted(some.X) {
		t.Error(some, err)
	}
	for i, x := range some.X {
		if int(x)%3 != int(some.Y[i]) {
			t.Errorf("sample %g has label %g", x, some.Y[i])
		}
	}
	_, err = PerClass(d, 3, nil)
	want(t, err, "3 samples of each class", "class 0 has 2")
	_, err = PerClass(d, 1, nil)
	want(t, err, "rng is nil")
	_, err = PerClass(d, 0, nil)
	want(t, err, "1 or more")
	d.Y[1] = math.NaN()
	_, err = PerClass(d, 1, rand.New(rand.NewPCG(3, 4)))
	want(t, err, "label of sample 2 is NaN")
	d.Y = nil
	_, err = PerClass(d, 1, nil)
	want(t, err, "0 labels for 6 samples")
}

func TestUnitRows(t *testing.T) {
	d := Table{Rows: 2, Cols: 2, X: []float64{3, 4, 0, 0}}
	if u := UnitRows(d); !slices.Equal(u.X, []float64{0.6, 0.8, 0, 0}) || d.X[0] != 3 {
		t.Error(u.X, d.X)
	}
}
