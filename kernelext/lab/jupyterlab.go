package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// pythonPackages are what the private environment gets. What they depend on is not pinned: pip picks what suits the
// Python that is there.
var pythonPackages = []string{"jupyterlab==4.6.6", "nbconvert==7.17.2"}

// errNoJupyter says that there is no Jupyter and no way to get one.
var errNoJupyter = errors.New("there is no Jupyter here, and none can be installed")

// A frontEnd is a Jupyter that can show notebooks.
type frontEnd struct {
	argv    []string // jupyter lab, or jupyter notebook
	lab     bool     // JupyterLab rather than the classic notebook
	private bool     // installed by us
	from    string   // where it comes from, for the reader
}

// findJupyter looks for JupyterLab on PATH, then in the private environment. It changes nothing.
func (r *repo) findJupyter(ctx context.Context) (frontEnd, bool) {
	for _, c := range []frontEnd{
		{argv: []string{"jupyter", "lab"}, lab: true, from: "on PATH"},
		{argv: []string{r.path("venv", "bin", "jupyter"), "lab"}, lab: true, private: true, from: "in " + relative(r.path("venv"))},
	} {
		if answers(ctx, append(c.argv, "--version")...) {
			return c, true
		}
	}
	return frontEnd{}, false
}

// ensureJupyter finds or installs a Jupyter. The error wraps errNoJupyter when neither is possible.
func (r *repo) ensureJupyter(ctx context.Context) (frontEnd, error) {
	if f, ok := r.findJupyter(ctx); ok {
		return f, nil
	}
	err := r.installVenv(ctx)
	if err == nil {
		f, ok := r.findJupyter(ctx)
		if ok {
			return f, nil
		}
		err = errors.New("the installed JupyterLab does not start")
	}
	if ctx.Err() != nil {
		return frontEnd{}, context.Cause(ctx)
	}
	fmt.Printf("    No JupyterLab by pip: %v\n", err)
	classic := frontEnd{argv: []string{"jupyter", "notebook"}, from: "of the system"}
	if answers(ctx, "jupyter", "notebook", "--version") {
		return classic, nil
	}
	if aptErr := installApt(ctx); aptErr != nil {
		return frontEnd{}, fmt.Errorf("%w: %w", errNoJupyter, aptErr)
	}
	if !answers(ctx, "jupyter", "notebook", "--version") {
		return frontEnd{}, fmt.Errorf("%w: the one of apt does not start", errNoJupyter)
	}
	return classic, nil
}

// answers reports whether a command runs without error.
func answers(ctx context.Context, argv ...string) bool {
	if _, err := exec.LookPath(argv[0]); err != nil {
		return false
	}
	return exec.CommandContext(ctx, argv[0], argv[1:]...).Run() == nil
}

// installVenv makes the private environment .l2o/venv.
func (r *repo) installVenv(ctx context.Context) (err error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return errors.New("there is no python3 on PATH")
	}
	fmt.Printf("There is no JupyterLab on PATH: installing %s into %s, once.\n",
		strings.Join(pythonPackages, " and "), relative(r.path("venv")))
	s := newStep("Install JupyterLab with pip")
	defer func() {
		s.end(err)
		if err != nil {
			_ = os.RemoveAll(r.path("venv")) // half an environment is worse than none
		}
	}()
	if err := os.RemoveAll(r.path("venv")); err != nil {
		return err
	}
	if err := quietly(exec.CommandContext(ctx, python, "-m", "venv", r.path("venv")), nil); err != nil {
		return fmt.Errorf("python3 -m venv: %w", err)
	}
	args := append([]string{"-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"}, pythonPackages...)
	pip := exec.CommandContext(ctx, r.path("venv", "bin", "python"), args...)
	n := 0
	if err := quietly(pip, func(line string) {
		if name, ok := strings.CutPrefix(line, "Collecting "); ok {
			n++
			name, _, _ = strings.Cut(name, " ")
			s.set(0, 0, fmt.Sprintf("package %d, %s", n, name))
		} else if strings.HasPrefix(line, "Installing collected") {
			s.set(0, 0, fmt.Sprintf("unpacking %d packages", n))
		}
	}); err != nil {
		return fmt.Errorf("pip install: %w", err)
	}
	return nil
}

// installApt installs Debian's classic notebook, if we may.
func installApt(ctx context.Context) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return errors.New("install JupyterLab as your system does it (https://jupyter.org/install), then try again")
	}
	fmt.Println("As root on a Debian system: installing the package jupyter-notebook with apt-get.")
	s := newStep("apt-get install jupyter-notebook")
	var last string
	each := func(line string) {
		last = line
		s.set(0, 0, line)
	}
	for _, args := range [][]string{{"update"}, {"install", "-y", "--no-install-recommends", "jupyter-notebook"}} {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if err = quietly(cmd, each); err != nil {
			break
		}
	}
	s.end(err)
	if err != nil {
		return fmt.Errorf("apt-get: %w (%s)", err, last)
	}
	return nil
}

// quietly runs a command, calls each for every line of its standard output and puts what it printed on standard error
// into the error.
func quietly(cmd *exec.Cmd, each func(string)) error {
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	if each != nil {
		cmd.Stdout = &lines{each: each}
	}
	if err := cmd.Run(); err != nil {
		text := strings.TrimSpace(bad.String() + "\n" + out.String())
		if len(text) > 1500 {
			text = "… " + text[len(text)-1500:]
		}
		return fmt.Errorf("%w\n%s", err, text)
	}
	return nil
}
