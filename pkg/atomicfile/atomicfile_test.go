package atomicfile_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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

// TestKilledWriters kills processes that write one name at random moments, others writing
// it too: what is there is always complete, and the next write leaves nothing beside it.
func TestKilledWriters(t *testing.T) {
	whole := bytes.Repeat([]byte("0123456789abcde\n"), 1<<14)
	if path := os.Getenv("L2O_WRITE_UNTIL_KILLED"); path != "" {
		for {
			if err := atomicfile.Write(path, whole); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, string(whole))
	neighbours := []string{".file.yaml", ".file.2024", ".file.1a.tmp", ".other.file.1.tmp"}
	for _, n := range neighbours {
		write(t, filepath.Join(filepath.Dir(path), n), "")
	}
	left := 0
	for i := range 10 {
		var cmds [2]*exec.Cmd
		for k := range cmds {
			cmds[k] = exec.Command(os.Args[0], "-test.run=^TestKilledWriters$")
			cmds[k].Env = append(os.Environ(), "L2O_WRITE_UNTIL_KILLED="+path)
			if err := cmds[k].Start(); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(20+7*i) * time.Millisecond)
		for _, cmd := range cmds {
			_ = cmd.Process.Kill() // it runs until it is killed, or has failed
			if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
				t.Error("a writer among others:", err)
			}
		}
		if got := content(t, path); got != string(whole) {
			t.Fatalf("the file holds %d bytes", len(got))
		}
		entries, _ := os.ReadDir(filepath.Dir(path))
		left += len(entries) - 1 - len(neighbours)
	}
	write(t, path, "last")
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1+len(neighbours) {
		t.Errorf("left behind: %v", entries)
	}
	t.Logf("20 killed writers left %d temporary files, all gone now", left)
}

// TestFullDisk: a write to a full device is an error.
func TestFullDisk(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("skipped the full device: there is one on Linux")
	}
	if err := atomicfile.Write(full, []byte("x")); err == nil {
		t.Error("a full device took data")
	}
}

// TestManyWriters: 16 writers of one name in one process, none of which fails.
func TestManyWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 10 {
				if err := atomicfile.Write(path, []byte("content")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 || content(t, path) != "content" {
		t.Errorf("left behind: %v", entries)
	}
}

// TestUpdate: of what updaters in four processes of four goroutines add, nothing is lost, and nothing else is
// left; a change that is refused changes nothing.
func TestUpdate(t *testing.T) {
	const processes, goroutines, each = 4, 4, 25
	add := func(path string) {
		var group sync.WaitGroup
		for range goroutines {
			group.Go(func() {
				for range each {
					if err := atomicfile.Update(path, func(old []byte) ([]byte, error) { return append(old, '.'), nil }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
	}
	if path := os.Getenv("L2O_UPDATE"); path != "" {
		add(path)
		return
	}
	path := filepath.Join(t.TempDir(), "folder", "file")
	var group sync.WaitGroup
	for range processes - 1 {
		group.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestUpdate$")
			cmd.Env = append(os.Environ(), "L2O_UPDATE="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	add(path)
	group.Wait()
	if got := content(t, path); len(got) != processes*goroutines*each {
		t.Errorf("%d of %d updates are there", len(got), processes*goroutines*each)
	}
	refusal := errors.New("refused")
	if err := atomicfile.Update(path, func([]byte) ([]byte, error) { return nil, refusal }); !errors.Is(err, refusal) || content(t, path) == "" {
		t.Error("a refused change:", err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}
