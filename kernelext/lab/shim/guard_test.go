//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// as returns the command that runs the test binary under a name of the shim.
func as(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(link, args...)
	cmd.Env = append(os.Environ(), "L2O_TEST_SHIM=1")
	return cmd
}

// ends waits until a process has ended; a zombie has.
func ends(pid int) bool {
	for range 200 {
		state, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if syscall.Kill(pid, 0) != nil || strings.Contains(string(state), ") Z ") {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// TestGuard kills the process that started a guard and looks for what remains.
func TestGuard(t *testing.T) {
	folder, pids := filepath.Join(t.TempDir(), "scratch"), filepath.Join(t.TempDir(), "pids")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	detach := "setsid"
	if runtime.GOOS != "linux" {
		detach = "" // elsewhere such a process is not found
	}
	script := fmt.Sprintf(`echo $$ >%[1]s.new; echo $TMPDIR >>%[1]s.new; (trap "" TERM; sleep 300) & echo $! >>%[1]s.new
		%[2]s sleep 300 & echo $! >>%[1]s.new; mv %[1]s.new %[1]s; while :; do sleep 1; done`, pids, detach)
	guard := as(t, "guard", "-tmp", "-remove", folder, "/bin/sh", "-c", script)
	starter := exec.Command("/bin/sh", "-c", `"$@" & wait`, "starter", guard.Path)
	starter.Args = append(starter.Args, guard.Args[1:]...)
	starter.Env = guard.Env
	if err := starter.Start(); err != nil {
		t.Fatal(err)
	}
	var list []int
	var tmp string
	for range 200 {
		if b, err := os.ReadFile(pids); err == nil {
			words := strings.Fields(string(b))
			tmp = words[1]
			for _, w := range append(words[:1:1], words[2:]...) {
				var pid int
				if _, err := fmt.Sscan(w, &pid); err != nil {
					t.Fatal(err)
				}
				list = append(list, pid)
			}
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(list) != 3 {
		t.Fatalf("processes %v", list)
	}
	if _, err := os.Stat(tmp); err != nil || !strings.Contains(tmp, "l2o-kernel-") {
		t.Errorf("the program's temporary folder is %q (%v)", tmp, err)
	}
	if err := starter.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = starter.Wait()
	for _, pid := range list {
		if !ends(pid) {
			t.Errorf("process %d lives on", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	for range 100 {
		_, errA := os.Stat(folder)
		_, errB := os.Stat(tmp)
		if os.IsNotExist(errA) && os.IsNotExist(errB) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("a temporary folder is still there")
}

func TestGuardHandsOn(t *testing.T) {
	cmd := as(t, "guard", "/bin/sh", "-c", "echo out; echo bad >&2; exit 7")
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	_ = cmd.Run()
	if cmd.ProcessState.ExitCode() != 7 || out.String() != "out\n" || bad.String() != "bad\n" {
		t.Errorf("exit code %d, %q, %q", cmd.ProcessState.ExitCode(), &out, &bad)
	}
	if cmd = as(t, "guard", "/no/such/program"); cmd.Run() == nil || cmd.ProcessState.ExitCode() != 127 {
		t.Errorf("a program that is not there: exit code %d", cmd.ProcessState.ExitCode())
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		script, out, result string
	}{
		{"echo a; exit 3", "a\n", "3"},
		{"printf a; kill -9 $$", "a", "137"},
		{"sleep 60 & echo $!", "", "0 left"},
		{"seq 50000", "", "0"},
		{"exit 0", "", "0"},
	} {
		result := filepath.Join(t.TempDir(), "result")
		cmd := as(t, "line", result, "/bin/sh", "-c", c.script)
		out, err := cmd.Output()
		got, errRead := os.ReadFile(result)
		if errRead != nil || string(got) != c.result || c.out != "" && string(out) != c.out {
			t.Errorf("%s: %.40q, result %q, want %q (%v)", c.script, out, got, c.result, err)
		}
		if c.script == "seq 50000" && !strings.HasSuffix(string(out), "\n50000\n") {
			t.Errorf("%d bytes of the output came", len(out))
		}
		var left int
		if strings.HasSuffix(c.result, "left") {
			if _, err := fmt.Sscan(string(out), &left); err == nil {
				_ = syscall.Kill(left, syscall.SIGKILL)
			}
		}
	}
}
