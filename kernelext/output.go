package kernelext

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/l2olab/l2o/kernelext/internal/page"
)

// An output is one result in all its forms; a front-end shows the richest that
// it can.
type output struct {
	html, text string
	markdown   string
	png        []byte
	mime       string         // of data
	data       map[string]any // for programs that read the executed notebook
}

// The state of a cell's process: where outputs go.
var state struct {
	sync.Mutex
	report   *page.Page
	path     string
	recorder *recorder
	standIns map[string]bool // the stand-ins for real data that this cell has met
	trying   bool            // an answer to an exercise is being checked
	onStop   []func()        // what Stop does before it cancels Context
	stdout   io.Writer       // for tests; nil is os.Stdout
}

func init() {
	// Machine-readable outputs travel to the kernel as these; it knows them by
	// the same names.
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

// emit sends an output to the notebook, to the report or to the terminal.
func emit(o output) { emitTo("", o) }

// emitTo replaces what was shown under the same id in a notebook.
func emitTo(id string, o output) {
	state.Lock()
	defer state.Unlock()
	switch {
	case gonbui.IsNotebook:
		toNotebook(id, o)
	case state.report != nil:
		if o.markdown != "" {
			state.report.Markdown(o.markdown)
		} else {
			state.report.HTML(o.html)
		}
		if err := state.report.WriteFile(state.path); err != nil {
			fmt.Fprintln(os.Stderr, "kernelext:", err)
		}
	default:
		w := state.stdout
		if w == nil {
			w = os.Stdout
		}
		fmt.Fprintln(w, o.text)
	}
}

func toNotebook(id string, o output) {
	data := map[protocol.MIMEType]any{protocol.MIMETextPlain: o.text}
	if o.html != "" {
		data[protocol.MIMETextHTML] = o.html
	}
	if o.markdown != "" {
		data[protocol.MIMETextMarkdown] = o.markdown
	}
	if o.png != nil {
		data[protocol.MIMEImagePNG] = o.png
	}
	if o.mime != "" {
		data[protocol.MIMEType(o.mime)] = o.data
	}
	gonbui.SendData(&protocol.DisplayData{Data: data, DisplayID: id})
	if gonbui.Error() == nil {
		gonbui.Sync() // without it a display may get lost when the process ends
	}
}

// A recorder collects the figures of a timeline.
type recorder struct {
	frames []frame
	err    error
}

// newRecorder makes figures go to a recorder until it stops.
func newRecorder() *recorder {
	state.Lock()
	defer state.Unlock()
	state.recorder = &recorder{}
	return state.recorder
}

func (r *recorder) stop() {
	state.Lock()
	defer state.Unlock()
	if state.recorder == r {
		state.recorder = nil
	}
}

func recording() *recorder {
	state.Lock()
	defer state.Unlock()
	return state.recorder
}

func (r *recorder) add(f frame, err error) {
	if r.err == nil {
		r.err = err
	}
	if n := len(r.frames); err == nil && n > 0 && (f.scene.Kind != r.frames[0].scene.Kind || f.scene.Y.Log != r.frames[0].scene.Y.Log || f.scene.X.Log != r.frames[0].scene.X.Log) {
		r.err = errors.New("the frames of a timeline must be figures of one kind with the same axes")
	}
	r.frames = append(r.frames, f)
}
