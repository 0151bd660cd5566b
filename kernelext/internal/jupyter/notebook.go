package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// Notebook is a notebook file of format 4. Everything that it does not know about is kept as it was read.
type Notebook struct {
	root  map[string]any
	cells []map[string]any
}

// Cell is one cell of a notebook.
type Cell struct {
	raw map[string]any
}

// ReadFile reads a notebook. What is wrong with it comes as an [fs.PathError].
func ReadFile(path string) (*Notebook, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	nb, err := Parse(b)
	if err != nil {
		return nil, &fs.PathError{Op: "read notebook", Path: path, Err: err}
	}
	return nb, nil
}

// Parse reads a notebook from its JSON text. A byte-order mark before it is left out.
func Parse(text []byte) (*Notebook, error) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	dec.UseNumber()
	nb := &Notebook{}
	if err := dec.Decode(&nb.root); err != nil {
		return nil, fmt.Errorf("this is not a notebook (its text is not JSON): %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("this is not a notebook (more text follows its JSON)")
	}
	if major, _ := nb.root["nbformat"].(json.Number); major != "4" {
		return nil, fmt.Errorf("the notebook format is %q, not 4: open and save it in Jupyter once", major)
	}
	list, ok := nb.root["cells"].([]any)
	if !ok {
		return nil, errors.New(`this is not a notebook (it has no list "cells")`)
	}
	for i, c := range list {
		cell, ok := c.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("cell %d of the notebook is not an object", i+1)
		}
		nb.cells = append(nb.cells, cell)
	}
	return nb, nil
}

// Bytes returns the notebook as Jupyter would write it.
func (nb *Notebook) Bytes() ([]byte, error) { return marshal(nb.root) }

// WriteFile writes the notebook to path through a temporary file in the same folder, so that at no time a
// half-written notebook stands there. A file that holds these bytes already is not touched.
func (nb *Notebook) WriteFile(path string) error {
	b, err := nb.Bytes()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
		return nil
	}
	return atomicfile.Write(path, b)
}

// Cells returns the cells in order.
func (nb *Notebook) Cells() []Cell {
	cells := make([]Cell, len(nb.cells))
	for i, c := range nb.cells {
		cells[i] = Cell{c}
	}
	return cells
}

// Language returns the name of the programming language and of the kernel that the notebook was written for, as
// far as its metadata say: kernels of one language have many names.
func (nb *Notebook) Language() (language, kernel string) {
	meta, _ := nb.root["metadata"].(map[string]any)
	spec, _ := meta["kernelspec"].(map[string]any)
	info, _ := meta["language_info"].(map[string]any)
	language, _ = spec["language"].(string)
	if language == "" {
		language, _ = info["name"].(string)
	}
	kernel, _ = spec["display_name"].(string)
	if kernel == "" {
		kernel, _ = spec["name"].(string)
	}
	return language, kernel
}

// Kind returns "code", "markdown" or "raw".
func (c Cell) Kind() string {
	s, _ := c.raw["cell_type"].(string)
	return s
}

// Source returns the text of the cell.
func (c Cell) Source() string { return joined(c.raw["source"]) }

// SetSource replaces the text of the cell.
func (c Cell) SetSource(text string) {
	c.raw["source"] = splitLines(text)
}

// Tagged reports whether the cell carries the tag, as set in Jupyter's property inspector.
func (c Cell) Tagged(tag string) bool {
	meta, _ := c.raw["metadata"].(map[string]any)
	tags, _ := meta["tags"].([]any)
	return slices.Contains(tags, any(tag))
}

// Hidden reports whether Jupyter shows the cell's source folded.
func (c Cell) Hidden() bool {
	meta, _ := c.raw["metadata"].(map[string]any)
	lab, _ := meta["jupyter"].(map[string]any)
	hidden, _ := lab["source_hidden"].(bool)
	return hidden
}

// Attachment returns the base64 text and type of an image that was pasted into a markdown cell.
func (c Cell) Attachment(name string) (mime, base64 string, ok bool) {
	all, _ := c.raw["attachments"].(map[string]any)
	one, _ := all[name].(map[string]any)
	for mime, v := range one {
		return mime, joined(v), true
	}
	return "", "", false
}

// Count returns the execution count of a code cell, 0 if it was not executed.
func (c Cell) Count() int {
	n, _ := c.raw["execution_count"].(json.Number)
	i, err := n.Int64()
	if err != nil {
		if n, ok := c.raw["execution_count"].(int); ok {
			return n
		}
		return 0
	}
	return int(i)
}

// SetResult replaces what an execution leaves in a code cell: its outputs and its number, 0 for "not executed".
// The record of start and end times, which some front-ends keep, is dropped, since it changes with every run.
func (c Cell) SetResult(count int, list []Output) {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x.encode(count)
	}
	c.raw["outputs"], c.raw["execution_count"] = out, any(count)
	if count == 0 {
		c.raw["execution_count"] = nil
	}
	if meta, ok := c.raw["metadata"].(map[string]any); ok {
		delete(meta, "execution")
	}
}

// Outputs returns what the notebook shows under a code cell.
func (c Cell) Outputs() []Output {
	list, _ := c.raw["outputs"].([]any)
	var out []Output
	for _, v := range list {
		o, ok := v.(map[string]any)
		if !ok {
			continue // not a notebook that Jupyter would open; there is nothing to show
		}
		x := Output{Text: joined(o["text"])}
		x.Type, _ = o["output_type"].(string)
		x.Name, _ = o["name"].(string)
		x.EName, _ = o["ename"].(string)
		x.EValue, _ = o["evalue"].(string)
		x.Metadata, _ = o["metadata"].(map[string]any)
		if data, ok := o["data"].(map[string]any); ok {
			x.Data = make(map[string]any, len(data))
			for mime, v := range data {
				if isText(mime) {
					v = joined(v)
				}
				x.Data[mime] = v
			}
		}
		lines, _ := o["traceback"].([]any)
		for _, l := range lines {
			s, _ := l.(string)
			x.Traceback = append(x.Traceback, s)
		}
		out = append(out, x)
	}
	return out
}

// encode returns the output as the notebook format has it.
func (x Output) encode(count int) map[string]any {
	switch x.Type {
	case "stream":
		return map[string]any{"output_type": "stream", "name": x.Name, "text": splitLines(x.Text)}
	case "error":
		return map[string]any{
			"output_type": "error", "ename": x.EName, "evalue": x.EValue,
			"traceback": append([]string{}, x.Traceback...),
		}
	}
	data := make(map[string]any, len(x.Data))
	for mime, v := range x.Data {
		if s, ok := v.(string); ok && isText(mime) {
			v = splitLines(s)
		}
		data[mime] = v
	}
	meta := x.Metadata
	if meta == nil {
		meta = map[string]any{}
	}
	o := map[string]any{"output_type": x.Type, "data": data, "metadata": meta}
	if x.Type == "execute_result" {
		o["execution_count"] = count
	}
	return o
}

// isText reports for which types Jupyter stores a list of lines; all others are stored as they come.
func isText(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml"
}

// joined returns a text that is stored as one string or as a list of lines.
func joined(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, "")
	case []any:
		var b strings.Builder
		for _, l := range v {
			s, _ := l.(string)
			b.WriteString(s)
		}
		return b.String()
	}
	return ""
}
