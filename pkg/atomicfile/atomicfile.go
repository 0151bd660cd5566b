// Package atomicfile writes files that are complete or not there. It is not internal
// because datasets and kernelext, which stand beside pkg, write with it too.
package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Write gives the file the content data. A reader, or a computer that starts again after a
// crash, finds the old content or the new one and never half of one: data goes to a
// temporary file in the same folder, which then takes the name. Missing folders are made;
// a new file gets mode 0644 and an old one keeps its own.
//
// A symbolic link stays, and the file that it points to is replaced: a link
// to a larger disk is there for a reason. What is no regular file,
// such as a terminal or a pipe, is written to as it is.
func Write(path string, data []byte) error {
	path = resolve(path)
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(path, data, mode)
		}
		mode = info.Mode().Perm()
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error tells more
		return fmt.Errorf("write %s: %w", path, err)
	}
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // not every file system can; the content is safe in any case
		_ = d.Close()
	}
	return nil
}

// resolve follows symbolic links, also to a file that is not there yet.
func resolve(path string) string {
	for range 40 { // as many as Linux follows
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path
}
