// Package exact writes Go values as canonical JSON and reads them back bit for
// bit, or refuses them.
//
// It differs from encoding/json where kept results need it: NaN and infinities
// are the strings "NaN", "+Inf" and "-Inf"; struct fields are sorted by name, so
// equal values give equal bytes; nil and empty slices stay apart; and a type with
// unexported fields is an error instead of a value with holes, unless it brings
// its own binary or text form. Fields with the tag json:"-" are left out, since
// their author said so.
package exact

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Encode writes v.
func Encode(v any) ([]byte, error) {
	rv := reflect.ValueOf(v)
	if !rv.IsValid() {
		return []byte("null"), nil
	}
	return encode(nil, rv, "", 0)
}

// Decode reads what Encode wrote into the value that target points to.
func Decode(data []byte, target any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	return decode(tree, reflect.ValueOf(target).Elem(), "")
}

// Check reports whether every value of the type of T survives Encode and Decode;
// the error names the field that does not.
func Check[T any]() error { return check(reflect.TypeFor[T](), "", nil) }

var (
	binaryOut = reflect.TypeFor[encoding.BinaryMarshaler]()
	binaryIn  = reflect.TypeFor[encoding.BinaryUnmarshaler]()
	textOut   = reflect.TypeFor[encoding.TextMarshaler]()
	textIn    = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// codec tells how a type writes itself: 'b' binary, 't' text, 0 not at all.
func codec(t reflect.Type) byte {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return 0 // its element decides
	}
	p := reflect.PointerTo(t)
	switch {
	case p.Implements(binaryOut) && p.Implements(binaryIn):
		return 'b'
	case p.Implements(textOut) && p.Implements(textIn):
		return 't'
	}
	return 0
}

// A field of a struct, under the name it has in JSON.
type field struct {
	name  string
	index int
}

func fields(t reflect.Type, path string) ([]field, error) {
	var fs []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if !f.IsExported() {
			return nil, fmt.Errorf("%s: field %s of %v is not exported and would be lost: export it, tag it json:\"-\", or give %v MarshalBinary and UnmarshalBinary",
				where(path), f.Name, t, t)
		}
		fs = append(fs, field{cmp.Or(name, f.Name), i})
	}
	slices.SortFunc(fs, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return fs, nil
}

func where(path string) string {
	if path == "" {
		return "the value"
	}
	return strings.TrimPrefix(path, ".")
}

func check(t reflect.Type, path string, above []reflect.Type) error {
	if codec(t) != 0 || slices.Contains(above, t) {
		return nil
	}
	above = append(above, t)
	switch t.Kind() {
	case reflect.Struct:
		fs, err := fields(t, path)
		for _, f := range fs {
			if err == nil {
				err = check(t.Field(f.index).Type, path+"."+f.name, above)
			}
		}
		return err
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return check(t.Elem(), path, above)
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return fmt.Errorf("%s: a %v cannot be kept: map keys must be strings", where(path), t)
		}
		return check(t.Elem(), path, above)
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	}
	return fmt.Errorf("%s: a %v cannot be kept", where(path), t)
}

// maxDepth is how deep a value may be: encoding/json reads 10,000 levels, and a file puts some
// around. What is deeper holds itself, or is a list of links.
const maxDepth = 9_900

func encode(b []byte, v reflect.Value, path string, depth int) ([]byte, error) {
	t := v.Type()
	if depth > maxDepth {
		return nil, fmt.Errorf("a %v is more than %d levels deep: it holds itself, or is a list of links; keep a slice", t, maxDepth)
	}
	if how := codec(t); how != 0 {
		return marshaled(b, v, how, path)
	}
	switch t.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(b, v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return append(append(append(b, '"'), strconv.FormatFloat(f, 'g', -1, 64)...), '"'), nil
		}
		return strconv.AppendFloat(b, f, 'g', -1, 64), nil
	case reflect.String:
		return quote(b, v.String())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		if e := v.Elem(); nilable(e.Kind()) && e.IsNil() {
			return nil, fmt.Errorf("%s: a pointer to a nil %v would come back as nil", where(path), e.Type())
		}
		return encode(b, v.Elem(), path, depth+1)
	case reflect.Slice, reflect.Array:
		return list(b, v, path, depth)
	case reflect.Map:
		return dictionary(b, v, path, depth)
	case reflect.Struct:
		fs, err := fields(t, path)
		if err != nil {
			return nil, err
		}
		for i, f := range fs {
			b = append(b, "{,"[min(i, 1)])
			if b, err = quote(b, f.name); err != nil {
				return nil, err
			}
			if b, err = encode(append(b, ':'), v.Field(f.index), path+"."+f.name, depth+1); err != nil {
				return nil, err
			}
		}
		if len(fs) == 0 {
			b = append(b, '{')
		}
		return append(b, '}'), nil
	}
	return nil, fmt.Errorf("%s: a %v cannot be kept", where(path), t)
}

func marshaled(b []byte, v reflect.Value, how byte, path string) ([]byte, error) {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	if how == 't' {
		text, err := p.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where(path), err)
		}
		return quote(b, string(text))
	}
	raw, err := p.Interface().(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where(path), err)
	}
	return quote(b, base64.StdEncoding.EncodeToString(raw))
}

// nilable reports whether a nil of this kind is written as null.
func nilable(k reflect.Kind) bool {
	return k == reflect.Pointer || k == reflect.Slice || k == reflect.Map
}

func quote(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("the text %q is not UTF-8 and would be changed: keep it as []byte", s[:min(len(s), 40)])
	}
	q, err := json.Marshal(s)
	return append(b, q...), err
}

func list(b []byte, v reflect.Value, path string, depth int) ([]byte, error) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return append(b, "null"...), nil
	}
	var err error
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = encode(b, v.Index(i), path, depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func dictionary(b []byte, v reflect.Value, path string, depth int) ([]byte, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, fmt.Errorf("%s: a %v cannot be kept: map keys must be strings", where(path), v.Type())
	}
	if v.IsNil() {
		return append(b, "null"...), nil
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	var err error
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = quote(b, k.String()); err != nil {
			return nil, err
		}
		if b, err = encode(append(b, ':'), v.MapIndex(k), path+"."+k.String(), depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func decode(tree any, v reflect.Value, path string) error {
	t := v.Type()
	mismatch := func() error { return fmt.Errorf("%s: %v does not fit a %v", where(path), brief(tree), t) }
	if how := codec(t); how != 0 {
		s, ok := tree.(string)
		if !ok {
			return mismatch()
		}
		if how == 't' {
			return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
		}
		raw, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return fmt.Errorf("%s: %w", where(path), err)
		}
		return v.Addr().Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(raw)
	}
	if tree == nil {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			v.SetZero()
			return nil
		}
		return mismatch()
	}
	if t.Kind() == reflect.Pointer {
		v.Set(reflect.New(t.Elem()))
		return decode(tree, v.Elem(), path)
	}
	switch tree := tree.(type) {
	case bool:
		if t.Kind() != reflect.Bool {
			return mismatch()
		}
		v.SetBool(tree)
	case string:
		switch t.Kind() {
		case reflect.String:
			v.SetString(tree)
		case reflect.Float32, reflect.Float64:
			return number(json.Number(tree), v, mismatch)
		default:
			return mismatch()
		}
	case json.Number:
		return number(tree, v, mismatch)
	case []any:
		switch {
		case t.Kind() == reflect.Slice:
			v.Set(reflect.MakeSlice(t, len(tree), len(tree)))
		case t.Kind() != reflect.Array || t.Len() != len(tree):
			return mismatch()
		}
		for i, e := range tree {
			if err := decode(e, v.Index(i), path); err != nil {
				return err
			}
		}
	case map[string]any:
		return object(tree, v, path, mismatch)
	}
	return nil
}

func object(tree map[string]any, v reflect.Value, path string, mismatch func() error) error {
	t := v.Type()
	switch t.Kind() {
	case reflect.Map:
		v.Set(reflect.MakeMapWithSize(t, len(tree)))
		for k, e := range tree {
			x := reflect.New(t.Elem()).Elem()
			if err := decode(e, x, path+"."+k); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(k).Convert(t.Key()), x)
		}
	case reflect.Struct:
		fs, err := fields(t, path)
		if err != nil {
			return err
		}
		if len(fs) != len(tree) {
			return fmt.Errorf("%s: %d fields do not fit the %d of %v", where(path), len(tree), len(fs), t)
		}
		for _, f := range fs {
			e, ok := tree[f.name]
			if !ok {
				return fmt.Errorf("%s: no field %s", where(path), f.name)
			}
			if err := decode(e, v.Field(f.index), path+"."+f.name); err != nil {
				return err
			}
		}
	default:
		return mismatch()
	}
	return nil
}

func number(n json.Number, v reflect.Value, mismatch func() error) error {
	var err error
	switch k := v.Kind(); k {
	case reflect.Float32, reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(string(n), 64)
		v.SetFloat(f)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var i int64
		i, err = strconv.ParseInt(string(n), 10, v.Type().Bits())
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var u uint64
		u, err = strconv.ParseUint(string(n), 10, v.Type().Bits())
		v.SetUint(u)
	default:
		return mismatch()
	}
	if err != nil {
		return mismatch()
	}
	return nil
}

func brief(tree any) string {
	s := fmt.Sprint(tree)
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return s
}
