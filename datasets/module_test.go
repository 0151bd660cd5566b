package datasets

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// sampleModule is a module that holds these files, as a zip.
func sampleModule(t *testing.T, files map[string]string) (m *module, content string) {
	t.Helper()
	m = &module{Path: "example.com/Of/DATA", Version: "v1.2.3", Max: 1 << 16}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(m.Path + "@" + m.Version + "/data/" + name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return m, b.String()
}

// inModule is a file with that content in a module, whose own host nobody reaches.
func inModule(m *module, name, content string) file {
	sum := sha256.Sum256([]byte(content))
	return file{Name: name, URL: "http://127.0.0.1:1/" + name, SHA256: hex.EncodeToString(sum[:]), Max: 1000, Module: m}
}

// Where the host of a file cannot be reached it comes out of a Go module, which is fetched
// once for all of its files, from the first proxy that has it.
func TestFromModule(t *testing.T) {
	m, content := sampleModule(t, map[string]string{"a.data": "one", "b.data": "two"})
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		serve(content)(w, r)
	}))
	t.Cleanup(srv.Close)
	dir := t.TempDir()
	t.Setenv("L2O_DATA", dir)
	t.Setenv("GOPROXY", "http://127.0.0.1:1|"+srv.URL+"/, direct")
	for name, text := range map[string]string{"a.data": "one", "b.data": "two"} {
		for range 2 {
			got, path, err := inModule(m, name, text).load(t.Context())
			if err != nil || string(got) != text || path != filepath.Join(dir, name) {
				t.Errorf("%s: got %q at %s, %v", name, got, path, err)
			}
		}
	}
	if !slices.Equal(asked, []string{"/example.com/!of/!d!a!t!a/@v/v1.2.3.zip"}) {
		t.Errorf("asked for %q, want the module once", asked)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("the folder holds %v (%v), want two files and the module", entries, err)
	}
}

func TestFromModuleRefuses(t *testing.T) {
	m, whole := sampleModule(t, map[string]string{"a.data": "one", "long.data": string(make([]byte, 2000))})
	for _, c := range []struct{ name, proxy, served, file, says string }{
		{"off", "off", whole, "a.data", "names no module proxy"},
		{"direct alone", "direct", whole, "a.data", "names no module proxy"},
		{"other content", "", whole, "a.data", "its SHA-256 is"},
		{"not there", "", whole, "c.data", "file does not exist"},
		{"too long", "", whole, "long.data", "more than the expected 1000 bytes"},
		{"no zip", "", "nothing of the kind", "a.data", "not a valid zip file"},
		{"truncated", "", whole[:len(whole)/2], "a.data", "not a valid zip file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(serve(c.served))
			t.Cleanup(srv.Close)
			t.Setenv("L2O_DATA", t.TempDir())
			if t.Setenv("GOPROXY", c.proxy); c.proxy == "" {
				t.Setenv("GOPROXY", srv.URL)
			}
			_, _, err := inModule(m, c.file, "another one").load(t.Context())
			want(t, err, "refused", "nor from the Go module example.com/Of/DATA", c.says, "fetch    http://127.0.0.1:1/"+c.file)
		})
	}
}

func TestProxies(t *testing.T) {
	for list, want := range map[string][]string{
		"": {defaultProxy}, "https://a.example,direct": {"https://a.example"}, "https://a.example/|http://b.example,off,https://c.example": {"https://a.example", "http://b.example"},
		"file:///srv/go,https://a.example": {"https://a.example"},
	} {
		t.Setenv("GOPROXY", list)
		if got, err := proxies(); err != nil || !slices.Equal(got, want) {
			t.Errorf("GOPROXY=%q: %q, %v, want %q", list, got, err, want)
		}
	}
}

func TestMNISTTrain(t *testing.T) {
	if _, err := os.Stat(filepath.Join(os.Getenv("L2O_DATA"), mnistTrainImages.Name)); err != nil { // few have them, so they are not required
		t.Skip("the training images of MNIST are not here: set L2O_DATA to a folder that holds " + mnistTrainImages.Name)
	}
	d, err := MNISTTrain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := d.String(); got != "MNIST training images: 60000 samples × 784 features, 10 classes" || d.StandIn {
		t.Error(got)
	}
	counts := make([]int, 10)
	for _, y := range d.Y {
		counts[int(y)]++
	}
	if !slices.Equal(counts, []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}) {
		t.Error("images of each class:", counts)
	}
}

func TestMNISTTrainStandIn(t *testing.T) {
	a, test := MNISTTrainStandIn(1), MNISTStandIn(1)
	if slices.Equal(a.X[:784], test.X[:784]) || !a.StandIn || a.Name != "MNIST training images stand-in (synthetic)" {
		t.Error(a.String())
	}
	t.Setenv("L2O_DATA", filepath.Join(t.TempDir(), "mispelt"))
	if d, err := MNISTTrainOrStandIn(t.Context()); err == nil || d.Name != a.Name {
		t.Errorf("without data: %s, %v", d, err)
	}
}
