package datasets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
)

// ramp is an image whose pixel (r, c) is 8r + c.
func ramp(rows, cols int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, cols, rows))
	for i := range m.Pix {
		m.Pix[i] = byte(8*(i/cols) + i%cols)
	}
	return m
}

func TestReadImages(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, encode func(*bytes.Buffer) error) {
		t.Helper()
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := ReadImages(dir)
	want(t, err, "holds no .jpg")
	red := image.NewRGBA(image.Rect(5, 5, 21, 13)) // bounds need not start at 0
	for y := range 21 {
		for x := range 21 {
			red.SetRGBA(x, y, color.RGBA{200, 0, 0, 255})
		}
	}
	put("a.png", func(b *bytes.Buffer) error { return png.Encode(b, ramp(9, 12)) })
	put("b.PNG", func(b *bytes.Buffer) error { return png.Encode(b, red) })
	put("c.jpg", func(b *bytes.Buffer) error { return jpeg.Encode(b, red, &jpeg.Options{Quality: 100}) })
	put("notes.txt", func(b *bytes.Buffer) error { b.WriteString("no image"); return nil })
	m, err := ReadImages(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.All) != 3 || m.All[0].Name != "a" || m.All[0].Rows != 9 || m.All[0].Cols != 12 || m.All[1].Rows != 8 || m.All[1].Cols != 16 {
		t.Fatal(m)
	}
	if got := m.All[0].At(2, 3); math.Abs(got-19.0/255) > 1e-12 {
		t.Errorf("pixel (2, 3) is %g, want 19/255", got)
	}
	for _, k := range []int{1, 2} { // the luma of red, rounded to a byte in the JPEG
		if got, luma := m.All[k].At(4, 4), 0.299*200/255; math.Abs(got-luma) > 0.6/255 {
			t.Errorf("%s: a red pixel has luma %g, want %g", m.All[k].Name, got, luma)
		}
	}
	if s := m.Slice(1, 3); len(s.All) != 2 || s.All[0].Name != "b" || s.Name != m.Name {
		t.Error(s)
	}
	put("d.jpg", func(b *bytes.Buffer) error { b.WriteString("\xff\xd8\xff\xe0 broken"); return nil })
	_, err = ReadImages(dir)
	want(t, err, "d.jpg", "cannot be decoded", "truncated?")
}

// TestImageKinds has one pixel of each kind that PNG knows: its colour counts, not how much
// of what is behind it shines through.
func TestImageKinds(t *testing.T) {
	at := image.Rect(0, 0, 1, 1)
	gray, gray16, rgba, nrgba, nrgba64 := image.NewGray(at), image.NewGray16(at), image.NewRGBA(at), image.NewNRGBA(at), image.NewNRGBA64(at)
	gray.SetGray(0, 0, color.Gray{51})
	gray16.SetGray16(0, 0, color.Gray16{12345})
	rgba.SetRGBA(0, 0, color.RGBA{200, 100, 50, 255})
	nrgba64.SetNRGBA64(0, 0, color.NRGBA64{60000, 600, 6, 1})
	through, half := color.NRGBA{200, 100, 50, 0}, color.NRGBA{200, 100, 50, 128}
	nrgba.SetNRGBA(0, 0, through)
	luma := (0.299*200 + 0.587*100 + 0.114*50) / 255
	for _, c := range []struct {
		name string
		img  image.Image
		want float64
	}{
		{"gray", gray, 0.2},
		{"16 bits", gray16, 12345. / 65535},
		{"colour", rgba, luma},
		{"transparent", nrgba, luma},
		{"transparent, 16 bits", nrgba64, (0.299*60000 + 0.587*600 + 0.114*6) / 65535},
		{"palette", image.NewPaletted(at, color.Palette{color.RGBA{200, 100, 50, 255}}), luma},
		{"transparent palette", image.NewPaletted(at, color.Palette{through, half}), luma},
		{"half transparent palette", image.NewPaletted(at, color.Palette{half, through}), luma},
	} {
		var b bytes.Buffer
		if err := png.Encode(&b, c.img); err != nil {
			t.Fatal(err)
		}
		m, err := decode("x.png", b.Bytes())
		if err != nil || math.Abs(m.At(0, 0)-c.want) > 1e-12 {
			t.Errorf("%s: %v (%v), want %g", c.name, m.Pix, err, c.want)
		}
	}
}

// TestReadImagesStray has a folder as systems leave it.
func TestReadImagesStray(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, ramp(9, 12)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("a.png", b.String())
	put("b.jpg", b.String()) // misnamed: what it holds counts
	for _, stray := range []string{"._a.png", ".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX/._a.png", "more.png/c.png", ".hidden.tif", "README"} {
		put(stray, "stray")
	}
	if m, err := ReadImages(dir); err != nil || len(m.All) != 2 || m.All[1].Name != "b" {
		t.Error(m, err)
	}
	put("c.TIF", "II*")
	_, err := ReadImages(dir)
	want(t, err, "c.TIF is no JPEG or PNG file; convert it")
	if err := os.Remove(filepath.Join(dir, "c.TIF")); err != nil {
		t.Fatal(err)
	}
	put("photo", b.String())
	_, err = ReadImages(dir)
	want(t, err, "photo is an image by its first bytes and not by its name")
}

// TestImageBomb has images that take little on a disk and much in memory.
func TestImageBomb(t *testing.T) {
	var flat bytes.Buffer
	if err := png.Encode(&flat, image.NewPaletted(image.Rect(0, 0, 4096, 4096), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	var one bytes.Buffer
	if err := png.Encode(&one, ramp(1, 1)); err != nil {
		t.Fatal(err)
	}
	huge := slices.Clone(one.Bytes())
	copy(huge[16:], "\x00\x03\x0d\x40\x00\x03\x0d\x40")
	copy(huge[29:], binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(huge[12:29])))
	for _, content := range [][]byte{flat.Bytes(), huge} {
		filetest.Frugal(t, 1<<20, len(content), func() {
			_, err := decode("x.png", content)
			want(t, err, "x.png", "MB of memory; make the image smaller")
		})
	}
	var fits bytes.Buffer
	if err := png.Encode(&fits, image.NewGray(image.Rect(0, 0, 2000, 1500))); err != nil {
		t.Fatal(err)
	}
	if m, err := decode("x.png", fits.Bytes()); err != nil || m.Rows != 1500 {
		t.Errorf("an image of one colour: %v", err)
	}
}

func TestBounds(t *testing.T) {
	m := Image{Name: "m", Rows: 2, Cols: 3, Pix: make([]float64, 6)}
	for says, f := range map[string]func(){
		"pixel (0, 3) of an image of 2×3":               func() { m.At(0, 3) },
		"pixel (-1, 0)":                                 func() { m.At(-1, 0) },
		"0 ≤ i < 2 of 1 images":                         func() { Images{All: []Image{m}}.Slice(0, 2) },
		"row 2 of a table of 2×3 with 6 numbers":        func() { Table{Rows: 2, Cols: 3, X: m.Pix}.Row(2) },
		"NormalizePatches: table says 2×2":              func() { NormalizePatches(Table{Rows: 2, Cols: 2, X: m.Pix}) },
		"UnitRows: table says 2×2 = 4 numbers, X holds": func() { UnitRows(Table{Rows: 2, Cols: 2, X: m.Pix}) },
	} {
		func() {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.Contains(r, says) || !strings.HasPrefix(r, "datasets: ") {
					t.Errorf("panicked with %s, want %q", r, says)
				}
			}()
			f()
		}()
	}
	_, err := Patches(Images{All: []Image{m}}, 1, 1, nil)
	want(t, err, "rng is nil")
	_, err = Patches(Images{All: []Image{{Name: "m", Rows: 2, Cols: 4, Pix: m.Pix}}}, 1, 1, rand.New(rand.NewPCG(1, 0)))
	want(t, err, `image "m" says 2×4 pixels and holds 6`)
	NormalizePatches(Table{Rows: 3}) // of no features
}

func TestPatches(t *testing.T) {
	m := Images{Name: "ramp", StandIn: true}
	for _, size := range []int{9, 8} {
		var b bytes.Buffer
		if err := png.Encode(&b, ramp(size, size)); err != nil {
			t.Fatal(err)
		}
		one, err := decode("ramp.png", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		m.All = append(m.All, one)
	}
	draw := func(seed uint64) Table {
		d, err := Patches(m, 400, 8, rand.New(rand.NewPCG(seed, 0)))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := draw(1)
	if d.Rows != 400 || d.Cols != 64 || !d.StandIn || d.Name != "8×8 patches of ramp" {
		t.Error(d)
	}
	corners := map[int]int{}
	for i := range d.Rows {
		v := d.Row(i)
		corner := int(math.Round(255 * v[0]))
		corners[corner]++
		for j, x := range v {
			if got, want := int(math.Round(255*x)), corner+8*(j/8)+j%8; got != want {
				t.Fatalf("patch %d, pixel %d is %d, want %d", i, j, got, want)
			}
		}
	}
	// four corners of the first image, each 1/8 of the draws, and one of the second, 1/2
	// of them, together with the first's upper left: binomial, within 5 deviations
	for corner, share := range map[int]float64{0: 5. / 8, 1: 1. / 8, 8: 1. / 8, 9: 1. / 8} {
		if dev := (float64(corners[corner]) - 400*share) / math.Sqrt(400*share*(1-share)); math.Abs(dev) > 5 {
			t.Errorf("corner %d was drawn %d times of 400, %.1f deviations off", corner, corners[corner], dev)
		}
	}
	if !slices.Equal(d.X, draw(1).X) || slices.Equal(d.X, draw(2).X) {
		t.Error("patches have to depend on the stream alone")
	}
	_, err := Patches(m, 10, 9, rand.New(rand.NewPCG(1, 0)))
	want(t, err, "has 8×8 pixels, less than a patch of 9×9")
	_, err = Patches(m, 1<<60, 8, rand.New(rand.NewPCG(1, 0)))
	want(t, err, "1152921504606846976 patches of 8×8 pixels fit in no memory")
	_, err = Patches(Images{}, 10, 8, nil)
	want(t, err, "from 0 images")
}

func TestNormalizePatches(t *testing.T) {
	d := Table{Rows: 2, Cols: 4, X: []float64{0.2, 0.7, 0.2, 0.7, 0.5, 0.5, 0.5, 0.5}}
	n := NormalizePatches(d)
	h := 0.5 * 0.5 / 0.501
	for j, want := range []float64{-h, h, -h, h, 0, 0, 0, 0} {
		if math.Abs(n.X[j]-want) > 1e-15 {
			t.Errorf("entry %d is %g, want %g", j, n.X[j], want)
		}
	}
	if d.X[0] != 0.2 {
		t.Error("the table itself changed")
	}
}

func TestBSDS500(t *testing.T) {
	t.Setenv("L2O_DATA", realFile(t, bsdsFiles()[0]))
	m, err := BSDS500(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m.StandIn || len(m.All) != 20 {
		t.Fatal(m)
	}
	for _, one := range m.All {
		if one.Rows+one.Cols != 321+481 || len(one.Pix) != 321*481 {
			t.Errorf("%s has %d×%d pixels", one.Name, one.Rows, one.Cols)
		}
		inUnit(t, one.Pix)
	}
}

// TestBSDS500Download fills an empty folder, and says what to do where that fails.
func TestBSDS500Download(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, ramp(9, 9)); err != nil {
		t.Fatal(err)
	}
	f := sampleFile(t, serve(b.String()))
	f.Name, f.SHA256 = bsdsFolder+"/1.png", ""
	f.Check = func([]byte) error { return nil }
	dir := t.TempDir()
	t.Setenv("L2O_DATA", dir)
	if m, err := bsds500(t.Context(), []file{f}); err != nil || len(m.All) != 1 || m.Source != filepath.Join(dir, bsdsFolder, "1.png") {
		t.Error(m, err)
	}
	f.URL = "http://127.0.0.1:1/1.png" // from the folder now
	gone := f
	gone.Name = bsdsFolder + "/2.png"
	_, err := bsds500(t.Context(), []file{f, gone})
	want(t, err, "1 of 2 images are here", bsdsArchive, "save as  "+filepath.Join(dir, gone.Name))
}

func TestBSDS500StandIn(t *testing.T) {
	a, b, other := BSDS500StandIn(1), BSDS500StandIn(1), BSDS500StandIn(2)
	if len(a.All) != 20 || !a.StandIn || !strings.Contains(a.String(), "stand-in (synthetic): 20 images") {
		t.Error(a)
	}
	if !slices.Equal(a.All[3].Pix, b.All[3].Pix) || slices.Equal(a.All[3].Pix, other.All[3].Pix) {
		t.Error("a stand-in has to depend on its seed alone")
	}
	inUnit(t, a.All[0].Pix)
	t.Setenv("L2O_DATA", filepath.Join(t.TempDir(), "mispelt"))
	if m, err := BSDS500OrStandIn(t.Context()); err == nil || !m.StandIn {
		t.Errorf("without data: %s, %v", m, err)
	}
}
