package datasets

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
)

// The readers under whatever content. Each has to refuse it or to read what is there, checked
// against a slow twin where there is one, and to be frugal with memory. Contents that have
// shown something, and one of each format, are in testdata/fuzz.

// textLines returns the lines of a text without quotes that are not empty.
func textLines(content []byte) []string {
	var lines []string
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimRight(line, "\n"); strings.TrimRight(line, "\r") != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func FuzzReadCSV(f *testing.F) {
	f.Fuzz(func(t *testing.T, content []byte, label, positive string, comma byte, noHeader bool) {
		var tab Table
		var err error
		size := len(content) // of the file
		var text []byte
		filetest.Frugal(t, 2<<20, size, func() {
			if text, err = plain(content); err == nil {
				tab, err = readCSV(text, "x.csv", CSVOptions{Label: label, Positive: positive, Comma: rune(comma), NoHeader: noHeader})
			}
		})
		if err != nil {
			return
		}
		content = text
		if len(tab.X) != tab.Rows*tab.Cols || len(tab.Columns) != tab.Cols || tab.Rows == 0 || label != "" && len(tab.Y) != tab.Rows {
			t.Fatalf("inconsistent table %+v", tab)
		}
		if bytes.Contains(content, []byte(`"`)) {
			return
		}
		if comma == 0 {
			comma = ','
		}
		lines := textLines(content)
		names := make([]string, strings.Count(lines[0], string(rune(comma)))+1)
		if !noHeader {
			names = strings.Split(lines[0], string(rune(comma)))
			lines = lines[1:]
		}
		if len(lines) != tab.Rows {
			t.Fatalf("%d rows from %d lines of data", tab.Rows, len(lines))
		}
		for i, line := range lines {
			fields := strings.Split(line, string(rune(comma)))
			if len(fields) != len(names) {
				t.Fatalf("row %d has %d fields, the first line %d", i, len(fields), len(names))
			}
			x := tab.Row(i)
			for j, field := range fields {
				if label != "" && (strings.TrimSpace(names[j]) == label || noHeader && numbered(j + 1)[j] == label) {
					continue
				}
				if want, err := parseNumber(strings.TrimSpace(field)); err != nil || x[0] != want {
					t.Fatalf("row %d, field %d is read as %g from %q", i, j, x[0], field)
				}
				x = x[1:]
			}
		}
	})
}

func FuzzReadRatings(f *testing.F) {
	f.Fuzz(func(t *testing.T, content []byte) {
		var r Ratings
		var err error
		size := len(content)
		var text []byte
		filetest.Frugal(t, 2<<20, size, func() {
			if text, err = plain(content); err == nil {
				r, err = readRatings(text)
			}
		})
		if err != nil {
			return
		}
		content = text
		n := len(r.Value)
		if n == 0 || len(r.Row) != n || len(r.Col) != n || r.Time != nil && len(r.Time) != n || len(r.Users) != r.Rows || len(r.Items) != r.Cols {
			t.Fatalf("inconsistent ratings %+v", r)
		}
		if bytes.Contains(content, []byte(`"`)) {
			return
		}
		lines := slices.DeleteFunc(textLines(content), func(line string) bool { return strings.TrimSpace(line) == "" })
		sep := separator(content)
		split := func(line string) []string {
			fields := strings.Split(line, sep)
			if sep == " " {
				fields = strings.Fields(line)
			}
			for i, f := range fields {
				fields[i] = strings.TrimSpace(f)
			}
			return fields
		}
		if len(lines) == n+1 && areColumns(split(lines[0])) {
			lines = lines[1:]
		}
		if len(lines) != n {
			t.Fatalf("%d ratings from %d lines", n, len(lines))
		}
		for k, line := range lines {
			fields := split(line)
			v, err := parseNumber(fields[2])
			if err != nil || v != r.Value[k] || fields[0] != r.Users[r.Row[k]] || fields[1] != r.Items[r.Col[k]] {
				t.Fatalf("line %q is read as user %q, item %q, value %g", line, r.Users[r.Row[k]], r.Items[r.Col[k]], r.Value[k])
			}
		}
	})
}

func FuzzReadNPY(f *testing.F) {
	files, err := filepath.Glob("testdata/*.npy")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var rows, cols int
		var data []float64
		var err error
		filetest.Frugal(t, 1<<20, len(content), func() { rows, cols, data, err = readNPY(bytes.NewReader(content), int64(len(content))) })
		if err != nil {
			return
		}
		if rows*cols != len(data) || len(data) == 0 || len(data) > len(content) {
			t.Fatalf("%d×%d with %d numbers from %d bytes", rows, cols, len(data), len(content))
		}
		again := encodeNPY(rows, cols, data)
		r, c, d, err := readNPY(bytes.NewReader(again), int64(len(again)))
		if err != nil || r != rows || c != cols || !slices.Equal(d, data) {
			t.Fatalf("%d×%d comes back as %d×%d (%v)", rows, cols, r, c, err)
		}
	})
}

func FuzzReadIDX(f *testing.F) {
	f.Add([]byte(twoImages), []byte(twoLabels))
	f.Add([]byte(gz(twoImages)), []byte(gz(twoLabels)))
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		var tab Table
		var err error
		filetest.Frugal(t, 2<<20, len(images)+len(labels), func() { tab, err = idxTable(images, labels, "images", "labels") })
		if err == nil && (tab.Rows == 0 || len(tab.X) != tab.Rows*tab.Cols || len(tab.Columns) != tab.Cols || labels != nil && len(tab.Y) != tab.Rows) {
			t.Errorf("inconsistent table %+v", tab)
		}
	})
}

func FuzzDecodeImage(f *testing.F) {
	f.Fuzz(func(t *testing.T, content []byte) {
		var m Image
		var err error
		filetest.Frugal(t, 66<<20, len(content), func() { m, err = decode("x", content) })
		if err != nil {
			return
		}
		if m.Rows <= 0 || m.Cols <= 0 || len(m.Pix) != m.Rows*m.Cols {
			t.Fatalf("%d×%d with %d pixels", m.Rows, m.Cols, len(m.Pix))
		}
		if lo, hi := slices.Min(m.Pix), slices.Max(m.Pix); !(lo >= 0 && hi <= 1) {
			t.Errorf("pixels from %g to %g", lo, hi)
		}
	})
}
