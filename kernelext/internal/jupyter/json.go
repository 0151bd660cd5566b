package jupyter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// marshal writes a JSON value as Jupyter does: keys sorted, indented by one space, characters beyond ASCII as they
// are, and a newline at the end. encoding/json cannot be used for it: it escapes U+2028 and U+2029 always.
// Values are those of encoding/json with UseNumber, plus string slices and ints.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	if err := writeValue(&b, v, "\n"); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// writeValue writes v; indent is the line break with the indentation of the enclosing value.
func writeValue(b *bytes.Buffer, v any, indent string) error {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		fmt.Fprint(b, v)
	case int:
		fmt.Fprint(b, v)
	case json.Number:
		b.WriteString(v.String())
	case string:
		writeString(b, v)
	case []string:
		return writeList(b, len(v), indent, "[]", func(i int, _ string) error {
			writeString(b, v[i])
			return nil
		})
	case []any:
		return writeList(b, len(v), indent, "[]", func(i int, in string) error {
			return writeValue(b, v[i], in)
		})
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		return writeList(b, len(keys), indent, "{}", func(i int, in string) error {
			writeString(b, keys[i])
			b.WriteString(": ")
			return writeValue(b, v[keys[i]], in)
		})
	default:
		return fmt.Errorf("a notebook cannot hold a %T", v)
	}
	return nil
}

// writeList writes n items between the two brackets, each on a line of its own.
func writeList(b *bytes.Buffer, n int, indent, brackets string, item func(i int, in string) error) error {
	if n == 0 {
		b.WriteString(brackets)
		return nil
	}
	in := indent + " "
	b.WriteByte(brackets[0])
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(in)
		if err := item(i, in); err != nil {
			return err
		}
	}
	b.WriteString(indent)
	b.WriteByte(brackets[1])
	return nil
}

var shortEscapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`,
}

// writeString writes a JSON string with the escapes that Python's json module uses.
func writeString(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for i, r := range s {
		switch esc, ok := shortEscapes[r]; {
		case ok:
			b.WriteString(esc)
		case r < 0x20:
			fmt.Fprintf(b, `\u%04x`, r)
		case r == utf8.RuneError:
			// An invalid byte and U+FFFD itself look alike here; both are written as U+FFFD.
			b.WriteRune(r)
		default:
			b.WriteString(s[i : i+utf8.RuneLen(r)])
		}
	}
	b.WriteByte('"')
}

// splitLines cuts s after each line end, as Python's str.splitlines(keepends=True) does: Jupyter stores long texts
// so. The empty string has no lines.
func splitLines(s string) []string {
	lines := []string{}
	start := 0
	for i, r := range s {
		end := i + utf8.RuneLen(r)
		switch {
		case r == '\r' && strings.HasPrefix(s[end:], "\n"):
			continue // the line ends after the line feed
		case r == utf8.RuneError || !strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r):
			continue
		}
		lines = append(lines, s[start:end])
		start = end
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}
