package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/console"
	"github.com/l2olab/l2o/pkg/atomicfile"
)

// runOpen prepares everything and serves the notebooks until Ctrl-C.
func runOpen(ctx context.Context, args []string) error {
	fs := flags("open")
	port := fs.Int("port", 0, "port on the loopback interface; 0 chooses a free one")
	noBrowser := fs.Bool("no-browser", false, "do not open a browser")
	if err := noArgs(fs, args); err != nil {
		return err
	}
	if *port < 0 || *port > 65535 {
		return usageError{fmt.Sprintf("open: %d is no port", *port)}
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	front, err := r.ensureJupyter(ctx)
	if errors.Is(err, errNoJupyter) {
		return r.reportInstead(ctx, err)
	}
	if err != nil {
		return err
	}
	return r.serve(ctx, front, *port, !*noBrowser)
}

// serve runs Jupyter on the loopback interface until ctx ends or it stops by itself.
func (r *repo) serve(ctx context.Context, front frontEnd, port int, browse bool) error {
	srv, err := r.startServer(ctx, front, port)
	if err != nil {
		return err
	}
	defer srv.kill()
	fmt.Printf("\nThe notebooks are open at\n\n    %s\n\nCtrl-C here ends Jupyter and its kernels; notebooks are saved as you work.\n", srv.url)
	if browse {
		if err := r.openBrowser(srv.url); err != nil {
			fmt.Printf("No browser was opened: %v\n", err)
		}
	}
	background, cancel := context.WithCancel(ctx)
	completion := make(chan struct{})
	go func() {
		defer close(completion)
		r.playLater(background)
		r.completionLater(background)
	}()
	defer func() { // before the program ends, the compiler must have ended
		cancel()
		<-completion
	}()
	select {
	case err := <-srv.ended:
		return fmt.Errorf("the Jupyter server ended by itself: %w; its log is %s", err, relative(srv.log.Name()))
	case <-ctx.Done():
	}
	fmt.Println("\nStopping Jupyter and its kernels …")
	srv.stop()
	return nil
}

// A server is a Jupyter that runs and answers.
type server struct {
	url   string     // of the first page, with the token
	ended chan error // receives how it ended, once
	cmd   *exec.Cmd
	log   *os.File
}

// startServer starts Jupyter and waits until it answers. The caller must kill it.
func (r *repo) startServer(ctx context.Context, front frontEnd, port int) (_ *server, err error) {
	port, err = freePort(port)
	if err != nil {
		return nil, err
	}
	token := randomToken()
	argv, landing := r.serverArgs(front, port)
	env, err := r.serverEnv(front, token)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(r.path("jupyter.log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(r.path("shim", "guard"), argv...) // it ends Jupyter when we are gone, however we end
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = r.root, log, log, environ(env)
	console.OwnGroup(cmd) // Ctrl-C comes to us; Jupyter would ask a question on the terminal
	srv := &server{
		url:   fmt.Sprintf("http://127.0.0.1:%d%s?token=%s", port, landing, token),
		ended: make(chan error, 1), cmd: cmd, log: log,
	}
	if err := cmd.Start(); err != nil {
		_ = log.Close()
		return nil, fmt.Errorf("start Jupyter: %w", err)
	}
	go func() {
		err := cmd.Wait()
		if err == nil {
			err = errors.New("without an error")
		}
		srv.ended <- err
	}()
	s := newStep("Start Jupyter " + front.from)
	err = waitFor(ctx, port, srv.ended)
	s.End(err)
	if err != nil {
		srv.kill()
		return nil, fmt.Errorf("%w; its log is %s", err, relative(log.Name()))
	}
	return srv, nil
}

// stop asks the server to end its kernels and itself, and waits a while for it.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(console.Terminate) // if it is gone already, ended says so
	select {
	case err := <-s.ended:
		_, _ = fmt.Fprintf(s.log, "ended on request: %v\n", err)
	case <-time.After(10 * time.Second): // kill follows
	}
}

// kill ends what is left of the server.
func (s *server) kill() {
	console.KillGroup(s.cmd)
	_ = os.Remove(filepath.Join(filepath.Dir(s.log.Name()), "jupyter", "open.html"))
	_ = s.log.Close() // a log: nothing is lost that matters
}

// completionLater builds gopls while the reader reads, on one core so that cells have the others: no reader should wait
// half a minute for completion before the first page.
func (r *repo) completionLater(ctx context.Context) {
	built, err := r.buildGopls(ctx, func(string) *console.Step {
		if ctx.Err() != nil {
			return nil
		}
		fmt.Println("Completion (Tab) is compiled beside; a line here says when it is ready.")
		return nil
	}, "-p=1")
	switch {
	case ctx.Err() != nil:
	case err != nil:
		fmt.Printf("Cells run, but completion (Tab) does not work: gopls cannot be built: %v\n", err)
	case built:
		fmt.Println("Completion (Tab) is ready: kernels that start from now on have it.")
	}
}

// serverArgs returns the command and the path of the first page. The token goes through the environment, since other
// users of the machine can read command lines.
func (r *repo) serverArgs(front frontEnd, port int) (argv []string, landing string) {
	argv = append(argv, front.argv...)
	argv = append(argv, "--no-browser", "--ip=127.0.0.1", fmt.Sprintf("--port=%d", port))
	if os.Geteuid() == 0 {
		argv = append(argv, "--allow-root") // only this machine can connect, and only with the token
	}
	app, tree := "ServerApp", "/lab/tree"
	if !front.lab {
		app, tree = "NotebookApp", "/tree"
	} else {
		argv = append(argv, "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate") // no network
	}
	rootFlag := "--" + app + ".root_dir=" + r.root
	if !front.lab {
		rootFlag = "--NotebookApp.notebook_dir=" + r.root
	}
	argv = append(argv, rootFlag, fmt.Sprintf("--%s.port_retries=0", app))
	landing = tree + "/notebooks"
	const first = "00-first-steps.ipynb"
	if isFile(filepath.Join(r.root, "notebooks", first)) {
		landing += "/" + first
		if !front.lab {
			landing = "/notebooks/notebooks/" + first
		}
	}
	return argv, landing
}

// serverEnv makes Jupyter find our kernel and keeps its traces in .l2o. A Jupyter of the user's own keeps its settings
// and its other kernels; one that we installed has no reason to touch the home directory.
func (r *repo) serverEnv(front frontEnd, token string) (map[string]string, error) {
	ours, config := r.path("jupyter"), r.path("jupyter", "config")
	env := map[string]string{
		"JUPYTER_TOKEN":       token,
		"JUPYTER_PATH":        before(ours, os.Getenv("JUPYTER_PATH")),
		"JUPYTER_CONFIG_PATH": before(config, os.Getenv("JUPYTER_CONFIG_PATH")),
		"JUPYTER_RUNTIME_DIR": r.path("jupyter", "runtime"),
	}
	if front.private {
		env["JUPYTER_DATA_DIR"], env["JUPYTER_CONFIG_DIR"] = ours, config
	}
	// JupyterLab would first ask every reader whether it may fetch news.
	settings := filepath.Join(config, "labconfig")
	if err := os.MkdirAll(settings, 0o755); err != nil {
		return nil, err
	}
	quiet := []byte(`{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}` + "\n")
	return env, atomicfile.Write(filepath.Join(settings, "page_config.json"), quiet)
}

// before puts a folder in front of a search path.
func before(dir, path string) string {
	if path == "" {
		return dir
	}
	return dir + string(os.PathListSeparator) + path
}

// freePort returns a port on the loopback interface that is free: the wanted one, or any for 0.
func freePort(want int) (int, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", want))
	if err != nil {
		return 0, fmt.Errorf("port %d cannot be used; leave -port away to get a free one: %w", want, err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// randomToken returns 192 random bits.
func randomToken() string {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // crypto/rand never fails: it ends the program instead
	return hex.EncodeToString(b)
}

// waitFor asks until the server answers.
func waitFor(ctx context.Context, port int, ended chan error) error {
	deadline := time.After(2 * time.Minute)
	for !answersHTTP(port) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-ended:
			ended <- err
			return fmt.Errorf("the Jupyter server does not start: %w", err)
		case <-deadline:
			return errors.New("the Jupyter server does not answer after two minutes")
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// answersHTTP reports whether a server answers there, whatever it says.
func answersHTTP(port int) bool {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/api", port))
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil
}

// openBrowser opens the page where there is a desktop; elsewhere the printed address must do. The browser gets a file that
// only this user can read and that leads to the page: other users can read command lines, and the address has the token.
func (r *repo) openBrowser(url string) error {
	var opener string
	switch {
	case runtime.GOOS == "darwin":
		opener = "open"
	case os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "":
		opener = "xdg-open"
	default:
		return nil
	}
	page, err := r.redirect(url)
	if err != nil {
		return err
	}
	cmd := exec.Command(opener, page)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }()
	return nil
}

// redirect writes a page that leads to url.
func (r *repo) redirect(url string) (file string, err error) {
	file = r.path("jupyter", "open.html")
	_ = os.Remove(file) // a new one has the mode below
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	text := fmt.Sprintf("<!doctype html><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0;url=%[1]s\"><a href=\"%[1]s\">L2O Lab</a>\n", html.EscapeString(url))
	return file, os.WriteFile(file, []byte(text), 0o600)
}
