package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/kernelext/internal/console"
)

// pythonPackages are what the private environment gets; tools/constraints.txt pins what they depend on.
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
		s := newStep("Look for JupyterLab " + c.from) // Python takes its time
		ok := answers(ctx, append(c.argv, "--version")...)
		if s.Clear(); ok {
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
	if answers(ctx, "jupyter", "notebook", "--version") {
		return frontEnd{argv: []string{"jupyter", "notebook"}, from: "of the system"}, nil
	}
	return frontEnd{}, fmt.Errorf("%w: %s", errNoJupyter, advice(err))
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
		s.End(err)
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
	err = r.pipInstall(ctx, s, "--constraint", filepath.Join(r.root, "kernelext", "lab", "tools", "constraints.txt"))
	if err != nil && ctx.Err() == nil && !pipIsOffline(err.Error()) {
		s.Set(0, 0, "constraints.txt is not for the Python that is here: pip chooses versions")
		err = r.pipInstall(ctx, s)
	}
	return err
}

// pipInstall installs JupyterLab into the private environment and shows in s how far it is.
func (r *repo) pipInstall(ctx context.Context, s *console.Step, more ...string) error {
	args := slices.Concat([]string{"-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"}, more, pythonPackages)
	n := 0
	if err := quietly(exec.CommandContext(ctx, r.path("venv", "bin", "python"), args...), func(line string) {
		if name, ok := strings.CutPrefix(line, "Collecting "); ok {
			n++
			name, _, _ = strings.Cut(name, " ")
			s.Set(0, 0, fmt.Sprintf("package %d, %s", n, name))
		} else if strings.HasPrefix(line, "Installing collected") {
			s.Set(0, 0, fmt.Sprintf("unpacking %d packages", n))
		}
	}); err != nil {
		return fmt.Errorf("pip install: %w", err)
	}
	return nil
}

// pipIsOffline recognises what pip says when it cannot reach its index: others of its versions will not be reached either.
func pipIsOffline(text string) bool {
	return checkout.Offline(text) || strings.Contains(text, "Failed to establish a new connection") || strings.Contains(text, "Temporary failure in name resolution")
}

// advice says how to get a Jupyter where pip did not bring one. What is installed for the whole system is the reader's choice.
func advice(pip error) string {
	if pipIsOffline(pip.Error()) {
		return "pip cannot reach its index, and there is no other Jupyter"
	}
	return "install python3 with venv and pip (on Debian: apt-get install python3-venv), or JupyterLab as your system does it (https://jupyter.org/install), then try again"
}

// quietly runs a command, calls each for every line of its standard output and puts what it printed on standard error
// into the error.
func quietly(cmd *exec.Cmd, each func(string)) error {
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	if each != nil {
		cmd.Stdout = &console.Lines{Each: each}
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
