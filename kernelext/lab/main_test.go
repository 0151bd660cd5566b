//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Go compiles this command in silence: what it imports is counted.
func TestFewImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{.Standard}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	if n := strings.Count(text, " false\n"); n != 3 {
		t.Errorf("%d packages beyond the standard library, not lab, checkout and console:\n%s", n, text)
	}
	for _, large := range []string{"net", "regexp", "encoding/json", "crypto/sha256", "flag"} {
		if strings.Contains("\n"+text, "\n"+large+" ") {
			t.Errorf("it imports %s", large)
		}
	}
}

// starter compiles the command.
func starter(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "starter")
	if out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// lab runs it in a folder of the checkout and returns what it prints and its exit status.
func lab(t *testing.T, env []string, starter string, args ...string) (out, bad string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), starter, args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = filepath.Join("..", "..", "datasets"), append(os.Environ(), env...), &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

func TestStart(t *testing.T) {
	file, home, tmp := starter(t), t.TempDir(), t.TempDir()
	for _, state := range []string{home, filepath.Join(file, "not-a-folder")} {
		env := []string{"L2O_HOME=" + state, "TMPDIR=" + tmp}
		if out, _, code := lab(t, env, file, "help"); code != 0 || !strings.HasPrefix(out, "L2O Lab") {
			t.Errorf("help: exit status %d and\n%s", code, out)
		}
		if out, bad, code := lab(t, env, file, "fly"); code != 2 || out != "" || !strings.Contains(bad, `no command "fly"`) {
			t.Errorf("fly: exit status %d, %q and %q", code, out, bad)
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "l2o-lab-") }) {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

// While Go compiles, the command says so; when it is interrupted, or when its parent is killed, nothing of it stays.
func TestInterrupted(t *testing.T) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // under nohup, what is started here would be told to outlive us
	defer signal.Stop(hangups)
	file, bin := starter(t), t.TempDir()
	// It does not hand on signals to what it has started, like go build.
	const slow = "#!/bin/sh\necho $$ >\"$L2O_HOME/pid\"\necho 'go: downloading example.com/m v1.0.0' >&2\nsleep 600\n"
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(slow), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, argv := range map[string][]string{
		"interrupted":   {file, "help"},
		"parent killed": {"/bin/sh", "-c", `"$0" help; true`, file},
	} {
		t.Run(name, func(t *testing.T) {
			home, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
			bad, err := os.Create(log)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = bad.Close() }()
			cmd := exec.Command(argv[0], argv[1:]...)
			cmd.Env = append(os.Environ(), "L2O_HOME="+home, "PATH="+bin+":/usr/bin:/bin")
			cmd.Stderr = bad
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			said := func() bool {
				b, err := os.ReadFile(log)
				return err == nil && strings.Contains(string(b), "Compile lab") && strings.Contains(string(b), "downloading example.com/m v1.0.0")
			}
			eventually(t, "it says what it does", said)
			pid := 0
			if b, err := os.ReadFile(filepath.Join(home, "pid")); err != nil {
				t.Fatal(err)
			} else {
				for _, c := range bytes.TrimSpace(b) {
					pid = 10*pid + int(c-'0')
				}
			}
			if name == "interrupted" {
				_ = cmd.Process.Signal(os.Interrupt)
			} else {
				_ = cmd.Process.Kill()
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); name == "interrupted" && code != 130 {
				t.Errorf("exit status %d", code)
			}
			eventually(t, "the go command has ended", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
		})
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after a minute it is not so that %s", what)
		}
	}
}
