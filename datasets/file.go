package datasets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// A file is one file of a data set on the web. What is not checked is not used.
type file struct {
	Name   string             // its usual name, also in the data folder; may name a folder in it
	URL    string             // where it is published
	SHA256 string             // of its content, in lower-case hex
	Gzip   bool               // SHA256 is of what a gzip wrapper holds: wrappers of copies differ
	Check  func([]byte) error // what a copy with another SHA256 must satisfy; nil when none will do
	Max    int64              // no more bytes than this are downloaded or read
	Module *module            // holds the file, too, and is asked where URL fails; nil where none does
}

// UnavailableError says that a file is neither in the data folder nor could be
// downloaded. Its message says what to do about it.
type UnavailableError struct {
	Name   string // what the file must be called
	URL    string // where to fetch it
	SHA256 string // what its content must hash to
	Gzip   bool   // SHA256 is of the unpacked content
	Copies bool   // a copy with another SHA256 will do when it holds the same rows
	Folder string // where to put it
	Err    error  // what went wrong
}

// Error says what failed, and how to bring the file here by hand.
func (e *UnavailableError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "datasets: %s is not here and could not be downloaded: %v\n", e.Name, e.Err)
	fmt.Fprintf(&b, "To bring it here by hand:\n")
	fmt.Fprintf(&b, "  fetch    %s (on any computer with network)\n", e.URL)
	fmt.Fprintf(&b, "  save as  %s\n", filepath.Join(e.Folder, e.Name))
	switch {
	case e.Gzip:
		fmt.Fprintf(&b, "  SHA-256  %s (of the unpacked content)\n", e.SHA256)
	case e.Copies:
		fmt.Fprintf(&b, "  SHA-256  %s (of this copy; others have to hold the same rows)\n", e.SHA256)
	default:
		fmt.Fprintf(&b, "  SHA-256  %s\n", e.SHA256)
	}
	fmt.Fprintf(&b, "or set L2O_DATA to a folder that holds %s.", e.Name)
	return b.String()
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// folder returns the folder that holds data files. The one in the user's cache
// is made on first use; one named by L2O_DATA must exist, since a misspelt name
// should not lead to a second download into an unexpected place.
func folder() (path string, own bool, err error) {
	if dir := os.Getenv("L2O_DATA"); dir != "" {
		info, err := os.Stat(dir)
		if err != nil {
			return "", false, fmt.Errorf("datasets: L2O_DATA is %q: %w; make that folder or unset L2O_DATA", dir, err)
		}
		if !info.IsDir() {
			return "", false, fmt.Errorf("datasets: L2O_DATA is %q, which is not a folder", dir)
		}
		return dir, false, nil
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", false, fmt.Errorf("datasets: no folder to keep data in: %w; set L2O_DATA to one", err)
	}
	return filepath.Join(base, "l2o"), true, nil
}

// load returns the checked content of f and the path that it has, or would have,
// in the data folder. A damaged file in the cache is downloaded again; one that
// the user provided through L2O_DATA is never overwritten.
func (f file) load(ctx context.Context) (content []byte, path string, err error) {
	dir, own, err := folder()
	if err != nil {
		return nil, "", err
	}
	path = filepath.Join(dir, f.Name)
	content, bad, err := f.kept(path)
	switch {
	case err == nil && bad == nil:
		return content, path, nil
	case err == nil && !own:
		return nil, path, fmt.Errorf("datasets: %s: %w; replace it, or remove it to have %s downloaded", path, bad, f.URL)
	case err == nil:
		slog.Warn("datasets: the kept copy is damaged, downloading it again", "file", path, "err", bad)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, path, fmt.Errorf("datasets: %w", err)
	}
	content, err = f.fetch(ctx, path+".part")
	if err != nil && f.Module != nil && ctx.Err() == nil {
		content, err = f.fromModule(ctx, dir, err)
	}
	if err != nil {
		return nil, path, &UnavailableError{Name: f.Name, URL: f.URL, SHA256: f.SHA256, Gzip: f.Gzip, Copies: f.Check != nil, Folder: dir, Err: err}
	}
	if err := atomicfile.Write(path, content); err != nil {
		// The data are here and checked: a folder that cannot be written to is
		// a reason to say so, not to stop.
		slog.Warn("datasets: downloaded, but could not be kept for next time", "file", path, "err", err)
	}
	return content, path, nil
}

// fromModule returns the checked content of f from its module; why is what kept it from URL.
func (f file) fromModule(ctx context.Context, dir string, why error) ([]byte, error) {
	content, err := f.Module.load(ctx, dir, f.Name, f.Max)
	if err == nil {
		err = f.verify(content)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; nor from the Go module %s: %w", why, f.Module.Path, err)
	}
	return content, nil
}

// kept reads the copy in the data folder and says what is bad about it.
func (f file) kept(path string) (content []byte, bad, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > f.Max {
		return nil, fmt.Errorf("it has %d bytes, more than the expected %d", info.Size(), f.Max), nil
	}
	content, err = readRegular(path)
	if err != nil {
		return nil, nil, err
	}
	return content, f.verify(content), nil
}

// verify checks content against everything that is known about f.
func (f file) verify(content []byte) error {
	if start := strings.ToLower(strings.TrimSpace(string(content[:min(len(content), 64)]))); strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") {
		return errors.New("it is a web page, not data (a login or error page of a proxy?)")
	}
	got, err := f.sum(content)
	switch {
	case err != nil:
		return err
	case got == f.SHA256:
		return nil
	case f.Check != nil:
		return f.Check(content)
	}
	return fmt.Errorf("its SHA-256 is %s, want %s (%d bytes: truncated, or another version)", got, f.SHA256, len(content))
}

// sum returns the SHA-256 of content, unpacked where f says so.
func (f file) sum(content []byte) (string, error) {
	var r io.Reader = bytes.NewReader(content)
	if f.Gzip {
		z, err := gunzip(content)
		if err != nil {
			return "", err
		}
		r = io.LimitReader(z, 100*f.Max) // more is another file, and its sum another one
	}
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", fmt.Errorf("it cannot be unpacked: %w (%d bytes: truncated?)", err, len(content))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
