package kernelext

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode"

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
	mime       string // of data
	data       any    // for programs that read the executed notebook: a record, or a list of them
}

// The state of a cell's process: where outputs go.
var state struct {
	sync.Mutex
	report   *page.Page
	path     string
	recorder *recorder
	cover    *cover
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
	o.text = printable(o.text)
	switch {
	case state.cover != nil && id == "":
		state.cover.add(o)
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
	case o.text != "":
		w := state.stdout
		if w == nil {
			w = os.Stdout
		}
		fmt.Fprintln(w, o.text)
	}
}

// printable takes from a text what would steer a terminal, or turn the direction of what
// follows: names come from files.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return '\uFFFD'
		}
		return r
	}, s)
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
	if err == nil && len(r.frames) > 0 && !f.fits(r.frames[0]) {
		r.err = errors.New("the frames of a timeline must be figures of one kind with the same axes")
	}
	r.frames = append(r.frames, f)
}

// fits reports whether two figures may be frames of one timeline.
func (f frame) fits(g frame) bool {
	if f.scene == nil || g.scene == nil {
		return f.scene == g.scene && f.still.kind == g.still.kind
	}
	return f.scene.Kind == g.scene.Kind && f.scene.Y.Log == g.scene.Y.Log && f.scene.X.Log == g.scene.X.Log
}
