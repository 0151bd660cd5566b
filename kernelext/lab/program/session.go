package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/console"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// A session is a kernel that executes the cells of one notebook.
type session struct {
	client *jupyter.Client
	folder string   // where shell lines leave how they went; "" under a kernel without our shim
	line   string   // the program that runs them
	input  *os.File // what cells read that ask for input; nil as above
	lines  int      // shell lines so far
}

// inputFile is the number that the input of cells has in the kernel and below.
const inputFile = "3"

// startSession starts the kernel for a notebook. Its temporary files lie in a folder of ours, and a guard ends it and
// removes them if we are killed.
func (r *repo) startSession(ctx context.Context, notebook string) (_ *session, err error) {
	tmp, err := os.MkdirTemp("", "l2o-run-")
	if err != nil {
		return nil, err
	}
	s := &session{folder: tmp, line: r.path("shim", "line")}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	// One byte to read: where the file is read from tells whether a cell has asked.
	name := filepath.Join(tmp, "input")
	if err := os.WriteFile(name, []byte("\n"), 0o600); err != nil {
		return nil, err
	}
	if s.input, err = os.Open(name); err != nil {
		return nil, err
	}
	env := r.kernelEnv(false)
	env["TMPDIR"], env["L2O_INPUT"] = tmp, inputFile
	if os.Getenv("L2O_KEEP") == "" { // what the notebook keeps is computed anew: its outputs are this code's, not an older run's
		env["L2O_KEEP"] = filepath.Join(tmp, "keep")
	}
	argv := append([]string{r.path("shim", "guard"), "-remove", tmp}, r.gonbArgv("-raw_error=true")...) // compile errors as text, for the terminal
	s.client, err = jupyter.Start(ctx, jupyter.Spec{
		Argv: argv, Env: environ(env), Dir: filepath.Dir(notebook), Scratch: tmp, Files: []*os.File{s.input},
	})
	return s, err
}

// close ends the kernel with all that it has started.
func (s *session) close() error {
	var err error
	if s.client != nil {
		err = s.client.Close()
	}
	if s.input != nil {
		_ = s.input.Close() // it was only read
	}
	if s.folder != "" {
		err = errors.Join(err, os.RemoveAll(s.folder))
	}
	return err
}

// run executes one cell. failure says in words what went wrong, "" for nothing; note is what the reader should know.
func (s *session) run(ctx context.Context, cell jupyter.Cell, timeout time.Duration) (res *jupyter.Result, failure, note string) {
	source := forThisShell(strings.ReplaceAll(cell.Source(), "\r\n", "\n"), isFile(bash))
	may := cell.Tagged(mayFail)
	if problem := commandProblem(source); problem != "" && !may {
		return nil, problem, ""
	}
	var shell []shellLine
	if s.folder != "" {
		source, shell = s.watched(source)
	}
	limited, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("it took longer than %v (-timeout) and was interrupted", timeout))
	defer cancel()
	res, err := s.client.Execute(limited, source)
	if s.hasAsked() || res != nil && res.Asked() {
		return res, "it asks for input, and here is nobody to answer: tag the cell " + skipped + " or " + mayFail + lastWords(res), ""
	}
	if err != nil {
		return res, err.Error(), ""
	}
	failure, note = outcome(shell)
	switch {
	case may:
		return res, "", note
	case !res.OK:
		return res, errorText(res), note
	case failure != "":
		return res, "a shell line failed: " + failure + lastWords(res), note
	}
	return res, "", note
}

// progress matches how far the live chart of a training is.
var progress = regexp.MustCompile(`data-l2o-done="(\d+)" data-l2o-of="(\d+)"`)

// reached tells how far the training is that the running cell shows, "" when it shows none.
func (s *session) reached() string {
	shown := s.client.Showing()
	for i := len(shown) - 1; i >= 0; i-- {
		html, _ := shown[i].Data["text/html"].(string)
		if m := progress.FindStringSubmatch(html); m != nil {
			return m[1] + " of " + m[2]
		}
	}
	return ""
}

// hasAsked reports whether a cell has read its input since the last time.
func (s *session) hasAsked() bool {
	if s.input == nil {
		return false
	}
	at, err := s.input.Seek(0, io.SeekCurrent)
	if err != nil || at == 0 {
		return false
	}
	_, err = s.input.Seek(0, io.SeekStart)
	return err == nil
}

// errorText is what a failing cell has to say: its error, or what it printed last when the error is just an
// exit status.
func errorText(res *jupyter.Result) string {
	return cmp.Or(strings.TrimSpace(kernelFolder.ReplaceAllString(res.EValue, "")), res.EName) + lastWords(res)
}

// lastWords is what a cell wrote to standard error, indented, shortened in the middle.
func lastWords(res *jupyter.Result) string {
	if res == nil {
		return ""
	}
	var stderr string
	for _, o := range res.Outputs() {
		if o.Type == "stream" && o.Name == "stderr" {
			stderr += o.Text
		}
	}
	stderr = strings.TrimSpace(kernelFolder.ReplaceAllString(console.Plain(stderr), ""))
	if stderr == "" {
		return ""
	}
	lines := strings.Split(stderr, "\n")
	if n := len(lines); n > 12 {
		lines = slices.Concat(lines[:8], []string{"…"}, lines[n-3:])
	}
	return "\n    " + strings.Join(lines, "\n    ")
}

// kernelFolder matches what the name of the kernel's temporary folder leaves in messages: paths, and the headline of
// compile errors.
var kernelFolder = regexp.MustCompile(`(?m)^# gonb_[0-9a-f]+\n|\S*/gonb_[0-9a-f]{4,}/(?:\.real/)?`)

// cellMark matches what GoNB puts into stack traces, but not always: only if a file name reaches it in one piece.
var cellMark = regexp.MustCompile(` \x1b\[7m\[\[ Cell [^\n]*? \]\]\x1b\[0m `)

// scrub removes both from what cells show, because they change from run to run: a stack trace then reads main.go:26.
func scrub(list []jupyter.Output) []jupyter.Output {
	clean := func(s string) string { return kernelFolder.ReplaceAllString(cellMark.ReplaceAllString(s, ""), "") }
	for i := range list {
		list[i].Text, list[i].EValue = clean(list[i].Text), clean(list[i].EValue)
		for j, line := range list[i].Traceback {
			list[i].Traceback[j] = clean(line)
		}
		for mime, v := range list[i].Data {
			if s, ok := v.(string); ok && strings.HasPrefix(mime, "text/") {
				list[i].Data[mime] = clean(s)
			}
		}
	}
	return list
}
