//go:build !unix || solaris || illumos || aix

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lock does nothing: here a file is in use for a day after it was changed.
func lock(*os.File) {}

// lockFolder waits until no other updater has the folder, and returns what gives it back. A lock
// that is a minute old is of a process that was killed.
func lockFolder(dir string) (unlock func()) {
	name := filepath.Join(dir, ".update.lock")
	for range 6000 {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			_ = f.Close()
			return func() { _ = os.Remove(name) }
		}
		if !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrPermission) {
			break // writing says why
		}
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > time.Minute {
			_ = os.Remove(name)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return func() {}
}

// remove removes a file that is not in use.
func remove(name string) {
	if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
		_ = os.Remove(name)
	}
}

// rename gives a file its name. It has to be closed for that.
func rename(f *os.File, path string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
