package datasets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// eachRecord calls do with the number and the fields of every line that is not blank. What
// separates fields is taken from the first of them, and do is told whether it is blanks.
func eachRecord(content []byte, do func(line int, fields []string, blanks bool) error) error {
	sep := separator(content)
	switch sep {
	case "::", " ":
		return eachSplit(content, sep, do)
	}
	cr := csv.NewReader(bytes.NewReader(content))
	cr.FieldsPerRecord, cr.ReuseRecord = -1, true
	cr.Comma = rune(sep[0])
	cr.TrimLeadingSpace = sep != "\t" // which would take an empty field for a blank
	for {
		fields, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return quoting(err)
		}
		if len(fields) == 1 && strings.TrimSpace(fields[0]) == "" {
			continue
		}
		line, _ := cr.FieldPos(0)
		if err := do(line, fields, false); err != nil {
			return err
		}
	}
}

// eachSplit is eachRecord where the format knows no quotes.
func eachSplit(content []byte, sep string, do func(line int, fields []string, blanks bool) error) error {
	n := 0
	for text := range strings.Lines(string(content)) {
		n++
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if strings.Contains(text, `"`) {
			return fmt.Errorf("line %d holds quotes, and %q between fields; with quotes it has to be a comma, a semicolon or a tab", n, sep)
		}
		fields := strings.Fields(text)
		if sep != " " {
			fields = strings.Split(text, sep)
		}
		if err := do(n, fields, sep == " "); err != nil {
			return err
		}
	}
	return nil
}

// separator returns what cuts the first line into three or four fields; failing that, what
// it holds at all.
func separator(content []byte) string {
	first := ""
	for text := range strings.Lines(string(content)) {
		if first = strings.TrimRight(text, "\r\n"); strings.TrimSpace(first) != "" {
			break
		}
	}
	held := ""
	for _, sep := range []string{"::", "\t", ";", ","} {
		if !strings.Contains(first, sep) {
			continue
		}
		n := strings.Count(first, sep) + 1
		if sep != "::" {
			cr := csv.NewReader(strings.NewReader(first))
			cr.Comma = rune(sep[0])
			cr.TrimLeadingSpace = sep != "\t"
			fields, err := cr.Read()
			if n = len(fields); err != nil {
				n = 0
			}
		}
		if n == 3 || n == 4 {
			return sep
		}
		if held == "" {
			held = sep
		}
	}
	if held == "" {
		return " "
	}
	return held
}
