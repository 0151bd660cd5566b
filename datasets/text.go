package datasets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readRegular returns the content of a file. A pipe or a device may have no end.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.ReadFile(path)
}

// readText returns the text of a file.
func readText(path string) ([]byte, error) {
	content, err := readRegular(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	content, err = plain(content)
	if err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return content, nil
}

// plain returns a text without the byte-order mark that spreadsheets write, and with line
// feeds where carriage returns alone end the lines, as on old Macs.
func plain(content []byte) ([]byte, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	for _, other := range []struct{ start, says string }{
		{"\xff\xfe", "it is a text in UTF-16; save it as UTF-8"},
		{"\xfe\xff", "it is a text in UTF-16; save it as UTF-8"},
		{"PK\x03\x04", "it is a spreadsheet or a zip archive, not text; save the sheet as CSV, or unpack it"},
		{"\x1f\x8b", "it is packed by gzip; unpack it with gunzip"},
	} {
		if bytes.HasPrefix(content, []byte(other.start)) {
			return nil, errors.New(other.says)
		}
	}
	if k := bytes.IndexByte(content, 0); k >= 0 {
		return nil, fmt.Errorf("line %d holds a zero byte, which no text does; save it as text in UTF-8", 1+bytes.Count(content[:k], []byte("\n")))
	}
	if k := badUTF8(content); k >= 0 {
		return nil, fmt.Errorf("line %d holds the byte %#x, which is no UTF-8: the text may be in Latin-1 or Windows-1252; save it as UTF-8", 1+bytes.Count(content[:k], []byte("\n")), content[k])
	}
	if !bytes.Contains(content, []byte("\n")) {
		content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
	}
	return content, nil
}

// badUTF8 is the place of the first byte that is no UTF-8, −1 where there is none.
func badUTF8(content []byte) int {
	if utf8.Valid(content) {
		return -1
	}
	for k := 0; ; {
		r, n := utf8.DecodeRune(content[k:])
		if r == utf8.RuneError && n == 1 {
			return k
		}
		k += n
	}
}

// baseName returns the name of a file without its ending.
func baseName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// quoting adds to what encoding/csv says, with line and column, what to do.
func quoting(err error) error {
	if errors.Is(err, csv.ErrBareQuote) || errors.Is(err, csv.ErrQuote) {
		return fmt.Errorf("%w; put a field that holds quotes in quotes, and write those inside of it twice", err)
	}
	return err
}

// parseNumber reads a decimal number. strconv takes hexadecimal ones as well, which are
// names or mistakes here.
func parseNumber(text string) (float64, error) {
	if strings.ContainsAny(text, "xXpP_") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(text, 64)
}

// isNumber reports whether a field is one; NaN and Inf are.
func isNumber(field string) bool {
	_, err := parseNumber(field)
	return !errors.Is(err, strconv.ErrSyntax)
}

// isMissing reports whether a field says that there is no value.
func isMissing(field string) bool {
	return slices.Contains([]string{"", "na", "n/a", "#n/a", "nan", "null", "?", "-", "."}, strings.ToLower(field))
}

// hint says why a text may not be the number that it should be.
func hint(text string) string {
	switch {
	case strings.Contains(text, ",") && isNumber(strings.Replace(text, ",", ".", 1)):
		return "; write a point before decimals, and nothing between thousands"
	case isMissing(text):
		return "; fill the value in or remove the row"
	case strings.ContainsAny(text, ",;\t|"):
		return "; is something else what separates fields?"
	}
	return ""
}

// list puts names beside each other, the first twenty where there are more.
func list(names []string) string {
	if more := len(names) - 20; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:20], ", "), more)
	}
	return strings.Join(names, ", ")
}
