package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed peers/*.py
var scripts embed.FS

// peers are those that Python has to offer, the heaviest first.
var peers = []string{"torch", "torch-compiled", "jax", "numpy", "sklearn"}

// script is the file of a peer. PyTorch has one for both of its ways.
func script(peer string) string { return "peers/with_" + strings.TrimSuffix(peer, compiled) + ".py" }

// compiled ends the name of a peer that compiles what it is given.
const compiled = "-compiled"

// offers reports whether the script of a peer has a version of the workload.
func offers(peer, workload string) bool {
	text, err := scripts.ReadFile(script(peer))
	return err == nil && bytes.Contains(text, []byte(`"`+workload+`":`))
}

// skipped says why a workload was not measured.
type skipped struct{ why string }

func (s *skipped) Error() string { return s.why }

// An answer is what the other side of a conversation says: at the start its name and
// the numbers to compare, or why it cannot; then a time for each round.
type answer struct {
	Peer  string    `json:"peer,omitempty"`
	Check []float64 `json:"check,omitempty"`
	Skip  string    `json:"skip,omitempty"`
	MS    float64   `json:"ms,omitempty"`  // of one unit
	CPU   float64   `json:"cpu,omitempty"` // of one unit on all processors together, in ms; only of ours
	MB    float64   `json:"mb,omitempty"`  // peak memory
}

// talk is a conversation with a process: one line of JSON for each line of JSON.
type talk struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors bytes.Buffer
	first  answer
}

// begin starts a process and waits until it is ready.
func begin(ctx context.Context, env []string, name string, args ...string) (*talk, error) {
	t := &talk{cmd: exec.CommandContext(ctx, name, args...)}
	t.cmd.Env = append(os.Environ(), env...)
	t.cmd.Stderr = &t.errors
	in, err := t.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.in, t.out = in, bufio.NewReader(out)
	if err := t.cmd.Start(); err != nil {
		return nil, err
	}
	t.first, err = t.hear()
	if err == nil && t.first.Skip != "" {
		err = &skipped{t.first.Skip}
	}
	if err != nil {
		return nil, errors.Join(err, t.end())
	}
	return t, nil
}

// round asks for one round.
func (t *talk) round() (answer, error) {
	if _, err := io.WriteString(t.in, `{"do":"run"}`+"\n"); err != nil {
		return answer{}, t.explain(err)
	}
	return t.hear()
}

func (t *talk) hear() (a answer, err error) {
	line, err := t.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &a)
	}
	if err != nil {
		return a, t.explain(err)
	}
	return a, nil
}

// explain turns the end of a conversation into what the process said about it.
func (t *talk) explain(err error) error {
	_ = t.in.Close()
	_ = t.cmd.Wait() // whatever it says, the text below says more
	lines := strings.Split(strings.TrimSpace(t.errors.String()), "\n")
	last := lines[len(lines)-1]
	if strings.Contains(last, "ModuleNotFoundError") {
		return &skipped{fmt.Sprintf("%s (%s): install it for this Python, or name another one in L2O_PYTHON", last, t.cmd.Path)}
	}
	return fmt.Errorf("%s ended the conversation: %w\n%s", filepath.Base(t.cmd.Path), err, t.errors.String())
}

// end lets the process end.
func (t *talk) end() error {
	_ = t.in.Close() // it may be closed already
	if err := t.cmd.Wait(); err != nil && t.cmd.ProcessState == nil {
		return err
	}
	return nil
}

// python starts the peer's script on a workload.
func python(ctx context.Context, dir, peer, name, inputs string) (*talk, error) {
	interpreter := cmp.Or(os.Getenv("L2O_PYTHON"), "python3")
	path, err := exec.LookPath(interpreter)
	if err != nil {
		return nil, &skipped{fmt.Sprintf("there is no %s: install Python with %s, or name the interpreter in L2O_PYTHON", interpreter, peer)}
	}
	n := runtime.GOMAXPROCS(0)
	env := []string{
		fmt.Sprint("OMP_NUM_THREADS=", n), fmt.Sprint("OPENBLAS_NUM_THREADS=", n), fmt.Sprint("MKL_NUM_THREADS=", n),
		"PYTHONDONTWRITEBYTECODE=1",
	}
	if strings.HasSuffix(peer, compiled) {
		env = append(env, "L2O_COMPILED=1")
	}
	return begin(ctx, env, path, filepath.Join(dir, filepath.FromSlash(script(peer))), name, inputs)
}

// childVariable tells this program which workload it is to offer as a child.
const childVariable = "L2O_BENCH_CHILD"

// unitsVariable gives the child a number of units for a round that is not the workload's.
const unitsVariable = "L2O_BENCH_UNITS"

// itself starts this program as a child that offers the workload.
func itself(ctx context.Context, program, name string) (*talk, error) {
	return begin(ctx, []string{childVariable + "=" + name}, program)
}
