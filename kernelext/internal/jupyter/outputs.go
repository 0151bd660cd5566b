package jupyter

import (
	"maps"
	"slices"
)

// Output is one output of a cell, in the words of the notebook format.
type Output struct {
	Type      string         // "stream", "display_data", "execute_result" or "error"
	Name      string         // stream: "stdout" or "stderr"
	Text      string         // stream: what was written
	Data      map[string]any // display_data, execute_result: content by MIME type
	Metadata  map[string]any // display_data, execute_result
	EName     string         // error: its name
	EValue    string         // error: its message
	Traceback []string       // error: lines, possibly with terminal colours
}

// outputs collects what one request shows. The zero value is ready.
type outputs struct {
	list     []*Output
	clearing bool // clear_output(wait=true) came: the next output replaces all
}

// add appends an output, merging text with text of the same stream right before it.
func (o *outputs) add(x *Output) {
	if o.clearing {
		o.list, o.clearing = nil, false
	}
	if n := len(o.list); n > 0 && x.Type == "stream" {
		if last := o.list[n-1]; last.Type == "stream" && last.Name == x.Name {
			last.Text += x.Text
			return
		}
	}
	o.list = append(o.list, x)
}

// displays finds the outputs that carry a display id: a later update changes them wherever they stand, in
// this cell or in an earlier one.
type displays map[string][]*Output

// apply puts one message of the IOPub channel into the outputs.
func (o *outputs) apply(m message, ids displays) {
	id, _ := m.object("transient")["display_id"].(string)
	switch m.Header.Type {
	case "stream":
		o.add(&Output{Type: "stream", Name: m.text("name"), Text: m.text("text")})
	case "display_data", "execute_result":
		x := &Output{Type: m.Header.Type, Data: m.object("data"), Metadata: m.object("metadata")}
		if id != "" {
			ids[id] = append(ids[id], x)
		}
		o.add(x)
	case "update_display_data":
		for _, x := range ids[id] {
			x.Data, x.Metadata = m.object("data"), m.object("metadata")
		}
	case "clear_output":
		if wait, _ := m.Content["wait"].(bool); wait {
			o.clearing = true
		} else {
			o.list = nil
		}
	case "error":
		x := &Output{Type: "error", EName: m.text("ename"), EValue: m.text("evalue")}
		lines, _ := m.Content["traceback"].([]any)
		for _, l := range lines {
			s, _ := l.(string)
			x.Traceback = append(x.Traceback, s)
		}
		o.add(x)
	}
}

// snapshot returns a copy that later messages do not change.
func (o *outputs) snapshot() []Output {
	s := make([]Output, len(o.list))
	for i, x := range o.list {
		s[i] = *x
		s[i].Data, s[i].Metadata = maps.Clone(x.Data), maps.Clone(x.Metadata)
		s[i].Traceback = slices.Clone(x.Traceback)
	}
	return s
}

// Settle returns the outputs in an order that does not depend on timing: all of stdout, all of stderr, then
// everything else in the order of its arrival.
//
// A kernel reads a program's stdout, stderr and displays from three different pipes, so their relative order
// changes from run to run although the program did nothing differently; within one pipe it is kept.
func Settle(list []Output) []Output {
	var streams, rest []Output
	for _, name := range []string{"stdout", "stderr"} {
		text := ""
		for _, x := range list {
			if x.Type == "stream" && x.Name == name {
				text += x.Text
			}
		}
		if text != "" {
			streams = append(streams, Output{Type: "stream", Name: name, Text: text})
		}
	}
	for _, x := range list {
		if x.Type != "stream" {
			rest = append(rest, x)
		}
	}
	return append(streams, rest...)
}
