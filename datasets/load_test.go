package datasets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const sample = "1,2,g\n3,4,b\n"

// sampleFile describes sample as served by handler.
func sampleFile(t *testing.T, handler http.HandlerFunc) file {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	sum := sha256.Sum256([]byte(sample))
	return file{Name: "sample.data", URL: srv.URL + "/sample.data", SHA256: hex.EncodeToString(sum[:]), Max: 1000}
}

func serve(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write([]byte(content))
	}
}

func TestLoadDownloadsOnce(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("L2O_DATA", dir)
	var calls int
	f := sampleFile(t, func(w http.ResponseWriter, r *http.Request) { calls++; serve(sample)(w, r) })
	for range 2 {
		content, path, err := f.load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(content) != sample || path != filepath.Join(dir, "sample.data") {
			t.Errorf("got %q at %s", content, path)
		}
	}
	if calls != 1 {
		t.Errorf("downloaded %d times, want once", calls)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v (%v), want the file alone", entries, err)
	}
}

func TestLoadAtOnce(t *testing.T) {
	t.Setenv("L2O_DATA", t.TempDir())
	f := sampleFile(t, serve(sample))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if content, _, err := f.load(t.Context()); err != nil || string(content) != sample {
				t.Errorf("got %q, %v", content, err)
			}
		})
	}
	wg.Wait()
}

func TestLoadRefuses(t *testing.T) {
	short := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "12")
		_, _ = w.Write([]byte(sample[:5]))
	}
	page := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Log in</title>"))
	}
	disguised := serve("\n <html><body>Log in</body></html>")
	silent := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("1,"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat("1,2,g\n", 100))); err != nil {
				return
			}
		}
	}
	announced := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000000000")
		w.WriteHeader(http.StatusOK)
	}
	stallAfter = 50 * time.Millisecond
	t.Cleanup(func() { stallAfter = 30 * time.Second })
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		says    string
	}{
		{"404", http.NotFound, "404 Not Found"},
		{"interrupted", short, "after 5 bytes: unexpected EOF"},
		{"other content", serve("1,2,g\n3,4,g\n"), "its SHA-256 is"},
		{"empty", serve(""), "its SHA-256 is e3b0c442"},
		{"web page", page, "web page"},
		{"web page as data", disguised, "web page"},
		{"silent", silent, "nothing arrived for 50ms"},
		{"endless", endless, "more than the expected 1000 bytes"},
		{"announced too large", announced, "announces 1000000000 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("L2O_DATA", dir)
			f := sampleFile(t, c.handler)
			_, _, err := f.load(t.Context())
			want(t, err, c.says, "fetch    "+f.URL, "save as  "+filepath.Join(dir, "sample.data"), "SHA-256  "+f.SHA256, "L2O_DATA")
			var u *UnavailableError
			if !errors.As(err, &u) || u.Name != f.Name || u.Folder != dir {
				t.Errorf("error is %#v, want an UnavailableError", err)
			}
			part, _ := os.ReadFile(filepath.Join(dir, "sample.data.part"))
			begun := map[string]string{"interrupted": sample[:5], "silent": "1,"}[c.name]
			if entries, _ := os.ReadDir(dir); string(part) != begun || len(entries) != min(len(begun), 1) {
				t.Errorf("%v were left behind, with %q, want %q", entries, part, begun)
			}
		})
	}
}

func TestLoadHonoursContext(t *testing.T) {
	t.Setenv("L2O_DATA", t.TempDir())
	f := sampleFile(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, _, err := f.load(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
}

func TestLoadOffline(t *testing.T) {
	t.Setenv("L2O_DATA", t.TempDir())
	f := sampleFile(t, serve(sample))
	f.URL = "http://127.0.0.1:1/sample.data" // nothing listens there
	_, _, err := f.load(t.Context())
	want(t, err, "not here and could not be downloaded", "refused", "fetch    "+f.URL)
}

// userCache points os.UserCacheDir into a fresh folder.
func userCache(t *testing.T) (l2o string) {
	t.Helper()
	home := t.TempDir()
	t.Setenv("L2O_DATA", "")
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, home)
	}
	base, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(base, "l2o")
}

func TestDamagedCopy(t *testing.T) {
	f := sampleFile(t, serve(sample))

	dir := userCache(t)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, f.Name)
	if err := os.WriteFile(path, []byte("1,2"), 0o600); err != nil {
		t.Fatal(err)
	}
	if content, _, err := f.load(t.Context()); err != nil || string(content) != sample {
		t.Errorf("in the cache: got %q, %v, want a fresh download", content, err)
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != sample {
		t.Errorf("the cache holds %q (%v), want it repaired", kept, err)
	}

	path = write(t, f.Name, "1,2")
	t.Setenv("L2O_DATA", filepath.Dir(path))
	_, _, err := f.load(t.Context())
	want(t, err, path, "its SHA-256 is", "remove it")
	if kept, _ := os.ReadFile(path); string(kept) != "1,2" {
		t.Errorf("the user's file was overwritten with %q", kept)
	}
}

func TestFolder(t *testing.T) {
	f := sampleFile(t, serve(sample))
	dir := userCache(t)
	if _, path, err := f.load(t.Context()); err != nil || path != filepath.Join(dir, f.Name) {
		t.Errorf("got %s, %v, want %s", path, err, dir)
	}
	t.Setenv("L2O_DATA", filepath.Join(t.TempDir(), "mispelt"))
	_, _, err := f.load(t.Context())
	want(t, err, "L2O_DATA", "mispelt", "make that folder")
	t.Setenv("L2O_DATA", write(t, "file", ""))
	_, _, err = f.load(t.Context())
	want(t, err, "not a folder")
}

// TestNotKept has a folder in which the file cannot be written, also by root:
// the data are used all the same.
func TestNotKept(t *testing.T) {
	t.Setenv("L2O_DATA", t.TempDir())
	f := sampleFile(t, serve(sample))
	f.Name = strings.Repeat("s", 250) // its temporary name is longer than names may be
	if content, _, err := f.load(t.Context()); err != nil || string(content) != sample {
		t.Errorf("got %q, %v, want the data", content, err)
	}
}

func TestBar(t *testing.T) {
	var none *bar // what a log file gets
	none.add(1)
	none.done()
	var out bytes.Buffer
	b := &bar{out: &out, name: "x.data", total: 4000}
	b.add(2000)
	b.add(2000)
	b.done()
	if s := out.String(); !strings.Contains(s, "[===============               ]  50 % of 4 kB") || !strings.HasSuffix(s, "100 % of 4 kB\n") {
		t.Errorf("drew %q", s)
	}
	out.Reset()
	b = &bar{out: &out, name: "x.data", total: -1}
	b.add(2000)
	b.done()
	if s := out.String(); !strings.Contains(s, "\rx.data  2 kB") {
		t.Errorf("drew %q", s)
	}
}

// TestLoadGoesOn has a server that sends five bytes and hangs up, and what comes next time.
func TestLoadGoesOn(t *testing.T) {
	resumes := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(sample))
	}
	for _, c := range []struct {
		name    string
		begun   string
		handler http.HandlerFunc
		asks    []string // the Range of each request
	}{
		{"goes on", sample[:5], resumes, []string{"bytes=5-"}},
		{"complete", sample, http.NotFound, nil},
		{"nothing arrived", "", resumes, []string{""}},
		{"other content", "3,2,1", resumes, []string{"bytes=5-", ""}},
		{"too long", sample + "3", resumes, []string{"bytes=13-", ""}},
		{"far too long", strings.Repeat("x", 2000), resumes, []string{""}},
		{"whole again", sample[:5], serve(sample), []string{"bytes=5-"}},
		{"other place", sample[:5], func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				w.Header().Set("Content-Range", "bytes 0-11/12")
				w.WriteHeader(http.StatusPartialContent)
			}
			_, _ = w.Write([]byte(sample))
		}, []string{"bytes=5-", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("L2O_DATA", dir)
			if err := os.WriteFile(filepath.Join(dir, "sample.data.part"), []byte(c.begun), 0o600); err != nil {
				t.Fatal(err)
			}
			var asks []string
			f := sampleFile(t, func(w http.ResponseWriter, r *http.Request) {
				asks = append(asks, r.Header.Get("Range"))
				c.handler(w, r)
			})
			content, _, err := f.load(t.Context())
			if err != nil || string(content) != sample || !slices.Equal(asks, c.asks) {
				t.Errorf("got %q (%v) after the requests %q, want %q", content, err, asks, c.asks)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 1 {
				t.Errorf("the folder holds %v, want the file alone", entries)
			}
		})
	}
}

func TestLoadStaysOnHTTPS(t *testing.T) {
	plain := sampleFile(t, serve(sample))
	var to string
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			serve(sample)(w, r)
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	}))
	t.Cleanup(srv.Close)
	transport := client.Transport
	t.Cleanup(func() { client.Transport = transport })
	client.Transport = srv.Client().Transport
	f := plain
	f.URL = srv.URL + "/sample.data"
	for _, c := range []struct{ to, says string }{
		{srv.URL + "/end", ""},
		{plain.URL, "not https"},
		{srv.URL + "/again", "ten times"},
	} {
		t.Setenv("L2O_DATA", t.TempDir())
		to = c.to
		_, _, err := f.load(t.Context())
		if c.says != "" {
			want(t, err, c.says)
		} else if err != nil {
			t.Error(err)
		}
	}
	for _, f := range append(bsdsFiles(), ionosphereFile, spambaseFile, mnistImages, mnistLabels, mnistTrainImages, mnistTrainLabels, goMNIST.zip(defaultProxy)) {
		if !strings.HasPrefix(f.URL, "https://") || len(f.SHA256) != 64 || f.Max == 0 {
			t.Errorf("%s: URL %s, SHA-256 %q, at most %d bytes", f.Name, f.URL, f.SHA256, f.Max)
		}
	}
}
