// Package atomicfile writes files that are complete or not there. It is not internal
// because datasets and kernelext, which stand beside pkg, write with it too.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write gives the file the content data. A reader, or a computer that starts again after a
// crash, finds the old content or the new one and never half of one: data goes to a
// temporary file in the same folder, which then takes the name. Missing folders are made;
// a new file gets mode 0644 and an old one keeps its own. Of several writers of one name
// the last one wins.
//
// A symbolic link stays, and the file that it points to is replaced: a link
// to a larger disk is there for a reason. What is no regular file,
// such as a terminal or a pipe, is written to as it is.
//
// A temporary file is called .NAME.NUMBER.tmp. The next write of NAME removes those that
// writers left when they were killed.
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
	clean(path)
	f, err := create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync()); err == nil {
		err = rename(f, path)
	}
	if err != nil {
		_ = f.Close() // the first error tells more
		_ = os.Remove(f.Name())
		var of *fs.PathError // names the temporary file
		if errors.As(err, &of) {
			err = of.Err
		}
		return fmt.Errorf("write %s: %w", path, err)
	}
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // not every file system can; the content is safe in any case
		_ = d.Close()
	}
	return nil
}

// Update gives the file the content that change makes of its old one, nil for a file that is not there. It
// is [Write] for those who add to what others wrote: no other Update in the same folder, of this process or
// another one, comes between reading and writing. Where a file system has no locks, the last one wins.
func Update(path string, change func(old []byte) ([]byte, error)) error {
	path = resolve(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	defer lockFolder(filepath.Dir(path))()
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	data, err := change(old)
	if err != nil {
		return err
	}
	return Write(path, data)
}

// create makes a temporary file for path that clean takes for one in use.
func create(path string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
		if err != nil {
			return nil, err
		}
		lock(f)
		if _, err = os.Stat(f.Name()); !errors.Is(err, fs.ErrNotExist) {
			return f, nil
		}
		_ = f.Close() // another writer removed it before it was locked
	}
}

// clean removes the temporary files for path that nobody writes any more. What cannot be
// removed stays: it is in nobody's way.
func clean(path string) {
	dir, prefix := filepath.Dir(path), "."+filepath.Base(path)+"."
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), prefix)
		number, temporary := strings.CutSuffix(rest, ".tmp")
		if ours && temporary && number != "" && strings.Trim(number, "0123456789") == "" && e.Type().IsRegular() {
			remove(filepath.Join(dir, e.Name()))
		}
	}
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
