//go:build unix && !solaris && !illumos && !aix

package atomicfile

import (
	"errors"
	"os"
	"syscall"
)

// lock tells other writers that the file is in use: until it is closed, or its process ends.
func lock(f *os.File) {
	for errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX), syscall.EINTR) {
	}
}

// lockFolder waits until no other updater has the folder, and returns what gives it back. The
// folder itself is locked, so that no file is left behind.
func lockFolder(dir string) (unlock func()) {
	d, err := os.Open(dir)
	if err != nil {
		return func() {} // writing says why
	}
	lock(d)
	return func() { _ = d.Close() }
}

// remove removes a file that is not in use.
func remove(name string) {
	f, err := os.Open(name)
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		_ = os.Remove(name)
	}
}

// rename gives a file its name while it is still locked.
func rename(f *os.File, path string) error {
	return errors.Join(os.Rename(f.Name(), path), f.Close())
}
