package kernelext

import (
	"io"
	"os"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/page"
)

// A cover collects what is shown and printed, until it is lifted.
type cover struct {
	outputs []output
	made    func(*cover) output // of all of it
	done    bool                // nothing is missing
	file    *os.File            // what is printed goes here, nil where there is no room for files
	stdout  *os.File            // where it went before
	read    int64
}

// newCover makes outputs go to a cover; what is printed goes there as well, in its place
// among them.
func newCover(made func(*cover) output) *cover {
	c := &cover{made: made, stdout: os.Stdout}
	if file, err := os.CreateTemp("", "l2o-printed-*"); err == nil {
		_ = os.Remove(file.Name()) // it lives as long as it is open
		c.file, os.Stdout = file, file
	}
	state.Lock()
	defer state.Unlock()
	state.cover = c
	return c
}

func covering() bool {
	state.Lock()
	defer state.Unlock()
	return state.cover != nil
}

// add takes an output; state is locked.
func (c *cover) add(o output) {
	c.takePrinted()
	c.outputs = append(c.outputs, o)
}

// takePrinted makes an output of what was printed since the last one.
func (c *cover) takePrinted() {
	if c.file == nil {
		return
	}
	text, err := io.ReadAll(io.NewSectionReader(c.file, c.read, 1<<24))
	if err == nil && len(text) > 0 {
		c.read += int64(len(text))
		o := printable(string(text))
		c.outputs = append(c.outputs, output{text: o, html: printed(o)})
	}
}

// lift shows what was collected: one output for readers, one for each kind of record.
func (c *cover) lift() {
	state.Lock()
	if state.cover != c {
		state.Unlock()
		return
	}
	c.takePrinted()
	state.cover = nil
	if c.file != nil {
		os.Stdout = c.stdout
		_ = c.file.Close()
	}
	state.Unlock()
	emit(c.made(c))
	for _, o := range c.records() {
		emit(o)
	}
}

// uncover lifts the cover, if there is one: the process is about to end.
func uncover() {
	state.Lock()
	c := state.cover
	state.Unlock()
	if c != nil {
		c.lift()
	}
}

// shown is all of it in one output, with the first of its pictures.
func (c *cover) shown() (all output) {
	for _, o := range c.outputs {
		switch {
		case o.html != "":
			all.html += o.html + "\n"
		case o.markdown != "":
			all.html += `<div style="` + prose + `;max-width:46rem">` + page.Fragment(o.markdown) + "</div>\n"
		default:
			all.html += printed(o.text)
		}
		if all.png == nil {
			all.png = o.png
		}
		if o.text != "" {
			all.text += strings.TrimRight(o.text, "\n") + "\n\n"
		}
	}
	return all
}

// records are outputs that only programs read: for each kind all of them in a list, since an
// output holds one value of a kind.
func (c *cover) records() (outputs []output) {
	at := map[string]int{}
	for _, o := range c.outputs {
		if o.mime == "" {
			continue
		}
		i, ok := at[o.mime]
		if !ok {
			i = len(outputs)
			at[o.mime] = i
			outputs = append(outputs, output{html: `<div hidden></div>`, mime: o.mime, data: []any(nil)})
		}
		outputs[i].data = append(outputs[i].data.([]any), o.data)
	}
	return outputs
}
