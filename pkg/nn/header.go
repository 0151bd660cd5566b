package nn

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/l2olab/l2o/pkg/ad"
)

// A tensor is what the header says of one.
type tensor struct {
	name      string
	dtype     string
	shape     []int
	from, end int // bytes after the header
}

// decodeHeader reads the tensors, in the order of the header, and the metadata.
func decodeHeader(data []byte) (tensors []tensor, meta map[string]string, err error) {
	if !utf8.Valid(data) {
		return nil, nil, errors.New("the header is not UTF-8: the file is damaged, or no safetensors file")
	}
	err = object(data, func(name string, value json.RawMessage) (err error) {
		if name == metadata {
			if meta, err = texts(value); err != nil {
				return fmt.Errorf("metadata: %w", err)
			}
			return nil
		}
		t := tensor{name: name}
		if err := t.describe(value); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		tensors = append(tensors, t)
		return nil
	})
	return tensors, meta, err
}

// object calls f for each field of a JSON object, in order. A key that stands there twice
// is an error: readers differ in which one they take.
func object(data []byte, f func(key string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("there is no JSON object where one has to be")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("no JSON object: %w", err)
		}
		key, _ := t.(string) // the decoder refuses any other
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("no JSON object: %w", err)
		}
		if seen[key] {
			return fmt.Errorf("%q stands there twice", key)
		}
		seen[key] = true
		if err := f(key, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("no JSON object: %w", err)
	}
	if rest := bytes.TrimSpace(data[d.InputOffset():]); len(rest) > 0 {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// texts reads an object of strings.
func texts(data []byte) (map[string]string, error) {
	all := map[string]string{}
	err := object(data, func(key string, value json.RawMessage) error {
		var s *string
		if err := json.Unmarshal(value, &s); err != nil || s == nil {
			return fmt.Errorf("%q is no string", key)
		}
		all[key] = *s
		return nil
	})
	return all, err
}

// describe reads the entry of a tensor: its three fields and no other.
func (t *tensor) describe(data []byte) error {
	var offsets []int
	fields := map[string]any{"dtype": &t.dtype, "shape": &t.shape, "data_offsets": &offsets}
	if err := object(data, func(key string, value json.RawMessage) error {
		to, ok := fields[key]
		if !ok || string(value) == "null" {
			return fmt.Errorf("%q is unknown: there are dtype, shape and data_offsets", key+": "+string(value[:min(len(value), 20)]))
		}
		delete(fields, key)
		return json.Unmarshal(value, to)
	}); err != nil {
		return err
	}
	if len(fields) > 0 || len(offsets) != 2 {
		return errors.New("it needs dtype, shape and two data_offsets")
	}
	t.from, t.end = offsets[0], offsets[1]
	return nil
}

// widths maps the element types that are understood to their sizes.
var widths = map[string]int{"F64": 8, "F32": 4}

// read reads a tensor, which has to start at byte at.
func (t tensor) read(data []byte, at int) (ad.Value, error) {
	width, ok := widths[t.dtype]
	if !ok {
		return ad.Value{}, fmt.Errorf("element type %q: only F64 and F32 are read", t.dtype)
	}
	rows, cols := 1, 1
	switch len(t.shape) {
	case 0:
	case 1:
		cols = t.shape[0]
	case 2:
		rows, cols = t.shape[0], t.shape[1]
	default:
		return ad.Value{}, fmt.Errorf("shape %v: parameters have at most two dimensions", t.shape)
	}
	n := t.end - t.from
	switch {
	case t.from != at:
		return ad.Value{}, fmt.Errorf("starts at byte %d, expected %d: tensors overlap or leave a gap", t.from, at)
	case rows < 0 || cols < 0 || n < 0:
		return ad.Value{}, fmt.Errorf("negative size: shape %v, %d bytes", t.shape, n)
	case t.end > len(data):
		return ad.Value{}, fmt.Errorf("%d bytes are announced and %d are left: the file is truncated", n, len(data)-at)
	case rows > 0 && cols > n/width/rows, rows*cols*width != n:
		return ad.Value{}, fmt.Errorf("shape %v of %s does not make %d bytes", t.shape, t.dtype, n)
	}
	v, raw := ad.New(rows, cols, nil), data[t.from:t.end]
	for i := range v.Data {
		if width == 8 {
			v.Data[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		} else {
			v.Data[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	}
	return v, nil
}
