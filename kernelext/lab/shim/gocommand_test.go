//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary play the shim, so that it can be run as a go command.
func TestMain(m *testing.M) {
	if os.Getenv("L2O_TEST_SHIM") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestGetsNothing(t *testing.T) {
	for args, want := range map[string]bool{
		"get": true, "get -t": true, "get -x -t": true,
		"": false, "build": false, "get example.com/x": false, "get -t ./...": false, "get -h": false, "mod get": false,
	} {
		if got := getsNothing(strings.Fields(args)); got != want {
			t.Errorf("go %s: %v, want %v", args, got, want)
		}
	}
}

// shim runs the test binary under the name go in a folder of its own, first on PATH.
func shim(t *testing.T, l2oGo string, path string, args ...string) (string, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	link := filepath.Join(dir, "go")
	if err := os.Symlink(self, link); err != nil {
		t.Skipf("the shim was not tried: symbolic links are not available here: %v", err)
	}
	cmd := exec.Command(link, args...)
	cmd.Env = append(os.Environ(), "L2O_TEST_SHIM=1", "L2O_GO="+l2oGo, "PATH="+dir+string(os.PathListSeparator)+path)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestShim(t *testing.T) {
	path := os.Getenv("PATH")
	if out, err := shim(t, "", path, "env", "GOOS"); err != nil || len(strings.TrimSpace(out)) == 0 {
		t.Errorf("go env through PATH: %q, %v", out, err)
	}
	program, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := shim(t, program, "", "env", "GOOS"); err != nil || len(strings.TrimSpace(out)) == 0 {
		t.Errorf("go env through L2O_GO: %q, %v", out, err)
	}
	if out, err := shim(t, "", "", "get"); err != nil || out != "" {
		t.Errorf("go get: %q, %v", out, err)
	}
	if out, err := shim(t, "", path, "no-such-command"); err == nil || !strings.Contains(out, "unknown command") {
		t.Errorf("exit code and words of the real go: %q, %v", out, err)
	}
	if out, err := shim(t, "", "", "env"); err == nil || !strings.Contains(out, "there is no go command on PATH") {
		t.Errorf("without a go command: %q, %v", out, err)
	}
}

// Only the program of a cell is built in haste, whatever the reader has set.
func TestInHaste(t *testing.T) {
	t.Setenv("GOGC", "77")
	fake := filepath.Join(t.TempDir(), "go")
	if err := os.WriteFile(fake, []byte("#!/bin/sh\necho $GOGC $GOMEMLIMIT\n"), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	for args, want := range map[string]string{"build -o /tmp/gonb_1": "off 512MiB", "build ./...": "77", "test -o /tmp/gonb_1": "off 512MiB"} {
		out, err := shim(t, fake, os.Getenv("PATH"), strings.Fields(args)...)
		if strings.TrimSpace(out) != want || err != nil {
			t.Errorf("go %s has GOGC and GOMEMLIMIT %q (%v), want %q", args, out, err, want)
		}
	}
}
