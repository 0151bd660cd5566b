package atomicfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

func content(t *testing.T, path string) string {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := atomicfile.Write(path, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "file")
	write(t, path, "one")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("a new file: %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	write(t, path, "two")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode of an old file was not kept: %v, %v", info.Mode(), err)
	}
	if got := content(t, path); got != "two" {
		t.Errorf("it holds %q", got)
	}
}

func TestLinkStays(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "disk"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	for _, to := range []string{filepath.Join("disk", "relative"), filepath.Join(dir, "disk", "absolute")} {
		_ = os.Remove(link)
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err)
		}
		write(t, link, "dangling before")
		write(t, link, "there before")
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("the link is gone: %v, %v", info.Mode(), err)
		}
		if got := content(t, filepath.Join(dir, "disk", filepath.Base(to))); got != "there before" {
			t.Errorf("the file behind the link holds %q", got)
		}
	}
}

func TestNothingLeft(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(filepath.Join(dir, "taken"), nil); err == nil {
		t.Error("a folder was written over")
	}
	write(t, filepath.Join(dir, "file"), "")
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}
