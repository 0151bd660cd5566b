package jupyter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fakeProcess is the main function of the test binary when it plays a kernel.
func fakeProcess(mode, file string) {
	if mode == "refuse" {
		fmt.Fprintln(os.Stderr, "no licence found")
		os.Exit(3)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	k := &fakeKernel{interrupt: make(chan struct{}, 8), stopped: make(chan struct{})}
	if err := json.Unmarshal(b, &k.conn); err != nil {
		panic(err)
	}
	k.execute = func(k *fakeKernel, req message) {
		switch req.text("code") {
		case "die":
			fmt.Fprintln(os.Stderr, "out of memory")
			os.Exit(4)
		case "spawn": // a grandchild that would outlive everybody
			cmd := exec.Command(os.Args[0], file)
			cmd.Env = append(os.Environ(), "L2O_FAKE_KERNEL=sleep")
			if err := cmd.Start(); err != nil {
				panic(err)
			}
			k.publish(req, "stream", stream("stdout", strconv.Itoa(cmd.Process.Pid)))
		}
		k.finish(req, ok())
	}
	if mode == "sleep" {
		time.Sleep(time.Hour)
	}
	if err := k.serve(context.Background()); err != nil {
		panic(err)
	}
	if mode == "stubborn" { // does not react to shutdown
		select {}
	}
	<-k.stopped
	os.Exit(0)
}

// startFake starts the test binary as a kernel process.
func startFake(t *testing.T, mode string, log *bytes.Buffer) (*Client, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s := Spec{Argv: []string{self, "{connection_file}"}, Env: append(os.Environ(), "L2O_FAKE_KERNEL="+mode), Dir: t.TempDir()}
	if log != nil {
		s.Log = log
	}
	return Start(ctx, s)
}

func TestProcess(t *testing.T) {
	for _, mode := range []string{"normal", "stubborn"} {
		c, err := startFake(t, mode, nil)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(run(t, c, "spawn").Outputs()[0].Text)
		if err != nil {
			t.Fatal(err)
		}
		scratch := c.process.scratch
		if err := c.Close(); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		if _, err := os.Stat(scratch); !os.IsNotExist(err) {
			t.Errorf("%s: the folder with the key is still there (%v)", mode, err)
		}
		if !gone(pid) {
			t.Errorf("%s: a process that a cell started lives on", mode)
		}
	}
}

func TestDeathOfTheKernel(t *testing.T) {
	var log bytes.Buffer
	c, err := startFake(t, "normal", &log)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = c.Execute(t.Context(), "die")
	if !errors.Is(err, ErrDied) || !strings.Contains(err.Error(), "exit status 4") || !strings.Contains(err.Error(), "out of memory") {
		t.Errorf("error %v, want ErrDied with exit status and last words", err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("the death was noticed after %v", d)
	}
	if _, err := c.Execute(t.Context(), "more"); err == nil {
		t.Error("a dead kernel executes")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "out of memory") {
		t.Errorf("log %q", log.String())
	}
}

func TestStartFails(t *testing.T) {
	if _, err := Start(t.Context(), Spec{}); err == nil {
		t.Error("an empty command starts")
	}
	if _, err := Start(t.Context(), Spec{Argv: []string{"/no/such/kernel"}}); err == nil || !strings.Contains(err.Error(), "/no/such/kernel") {
		t.Errorf("error %v, want one that names the command", err)
	}
	if _, err := startFake(t, "refuse", nil); !errors.Is(err, ErrDied) || !strings.Contains(err.Error(), "no licence found") {
		t.Errorf("error %v, want ErrDied with the reason", err)
	}
}
