package datasets

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"
)

// CSVOptions says how to read a CSV file. The zero value reads every column as a
// feature and no label, with commas between fields and names in the first line.
type CSVOptions struct {
	Name     string   // of the table; the file's name without its ending when empty
	Label    string   // the column that holds the label; "" when there is none
	Positive string   // the text that stands for label 1, the only other one for 0; "" when labels are numbers
	Columns  []string // the features, in this order; every column but the label when nil
	Comma    rune     // between fields; ',' when 0
	NoHeader bool     // the first line is data already; columns are then called c1, c2, …
}

// ReadCSV reads a table from a file of comma-separated values (RFC 4180): fields may be in
// quotes, lines end in LF, CRLF or, as on old Macs, CR, and a byte-order mark is no part of
// the first field. Blanks around a field do not count, and neither do blank lines.
//
// The error names the file, and the row (counted from 1, without the header),
// line, column and text where there is one to blame. It is an error when a named
// column does not exist (those that do are listed), a field is empty, not a decimal
// number, NaN or infinite, rows differ in length, two columns have one name, a
// feature has none, there is no row, or all labels are the same. So it is
// when names are numbers and neither Label nor Columns calls for one: that line holds data,
// most likely, and NoHeader says so.
//
// With Positive there are two texts: a third one, a label that is missing (empty, NA, ?)
// and one that differs from Positive in case alone are errors; 1 and 1.0 are the same.
func ReadCSV(path string, opt CSVOptions) (Table, error) {
	content, err := readText(path)
	if err != nil {
		return Table{}, err
	}
	if opt.Name == "" {
		opt.Name = baseName(path)
	}
	t, err := readCSV(content, path, opt)
	if err != nil {
		return Table{}, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return t, nil
}

// readCSV reads a table from a plain text; path is what Source calls it.
func readCSV(content []byte, path string, opt CSVOptions) (Table, error) {
	cr := csv.NewReader(bytes.NewReader(content))
	cr.FieldsPerRecord = -1 // we count ourselves: our message says what to look for
	cr.ReuseRecord = true
	if opt.Comma != 0 {
		cr.Comma = opt.Comma
	}
	// Blanks before a quote belong to no field, but a tab that separates fields is no blank.
	cr.TrimLeadingSpace = !unicode.IsSpace(cr.Comma)
	opt.Positive = strings.TrimSpace(opt.Positive)
	p := csvParser{path: path, opt: opt, cr: cr}
	if err := p.parse(content); err != nil {
		return Table{}, err
	}
	return p.t, nil
}

// csvParser carries what the rows of one file share.
type csvParser struct {
	path  string
	opt   CSVOptions
	cr    *csv.Reader
	names []string // all columns of the file
	use   []int    // the columns that are features
	label int      // the column that is the label; −1 without one
	other string   // the text of label 0, when it has been met
	line  int      // of the last row
	t     Table
}

func (p *csvParser) parse(content []byte) error {
	first, err := p.cr.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty")
	}
	if err != nil {
		return quoting(err)
	}
	if err := p.header(first); err != nil {
		return err
	}
	p.t = Table{Name: p.opt.Name, Cols: len(p.use), Source: p.path}
	for _, c := range p.use {
		p.t.Columns = append(p.t.Columns, p.names[c])
	}
	lines := bytes.Count(content, []byte("\n")) + 1
	p.t.X = make([]float64, 0, min(lines*p.t.Cols, len(content)/2+1)) // a number and what ends it are two bytes
	if p.opt.NoHeader {
		if err := p.row(first); err != nil {
			return err
		}
	} else {
		p.line, _ = p.cr.FieldPos(0)
	}
	for {
		rec, err := p.cr.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return quoting(err)
		}
		if err := p.row(rec); err != nil {
			return err
		}
	}
	if p.t.Rows == 0 {
		return errors.New("the file has a header and no rows; set NoHeader if its first line is data")
	}
	return p.oneClass()
}

// row appends one sample.
func (p *csvParser) row(rec []string) error {
	p.t.Rows++
	before := p.line
	p.line, _ = p.cr.FieldPos(0)
	if len(rec) != len(p.names) {
		return fmt.Errorf("row %d (line %d) has %d fields, expected %d; is %q what separates fields?",
			p.t.Rows, p.line, len(rec), len(p.names), p.cr.Comma)
	}
	if len(rec) == 1 && p.line != before+1 { // encoding/csv skips blank lines, and here they are empty fields
		return fmt.Errorf("line %d, between the rows of the only column, is blank; fill it in or remove the line", before+1)
	}
	for _, j := range p.use {
		x, err := p.number(rec[j], j)
		if err != nil {
			return err
		}
		p.t.X = append(p.t.X, x)
	}
	if p.label < 0 {
		return nil
	}
	y, err := p.class(rec[p.label])
	p.t.Y = append(p.t.Y, y)
	return err
}

// where names the place of a field.
func (p *csvParser) where(col int) string {
	return fmt.Sprintf("row %d (line %d), column %q", p.t.Rows, p.line, p.names[col])
}

// number reads one field.
func (p *csvParser) number(text string, col int) (float64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, fmt.Errorf("%s is empty; fill it in or remove the row", p.where(col))
	}
	x, err := parseNumber(text)
	switch {
	case !isNumber(text):
		hint := hint(text)
		switch {
		case col == p.label:
			hint = cmp.Or(hint, "; set Positive to the text that stands for label 1")
		case p.opt.Columns == nil:
			hint = cmp.Or(hint, "; a column of texts has to be the Label, or left out of Columns")
		}
		if p.t.Rows == 1 && p.opt.NoHeader {
			hint += "; is the first line a header? Then NoHeader must be false"
		}
		return 0, fmt.Errorf("%s: %q is not a number%s", p.where(col), text, hint)
	case err != nil || math.IsNaN(x) || math.IsInf(x, 0):
		return 0, fmt.Errorf("%s: %q is not a finite number; remove the row or replace the value", p.where(col), text)
	}
	return x, nil
}

// class reads one label.
func (p *csvParser) class(text string) (float64, error) {
	text = strings.TrimSpace(text)
	if p.opt.Positive == "" {
		return p.number(text, p.label)
	}
	switch {
	case sameText(text, p.opt.Positive):
		return 1, nil
	case text == "":
		return 0, fmt.Errorf("%s is empty; fill it in or remove the row", p.where(p.label))
	case isMissing(text):
		return 0, fmt.Errorf("%s: the label %q is missing; fill it in or remove the row", p.where(p.label), text)
	case strings.EqualFold(text, p.opt.Positive):
		return 0, fmt.Errorf("%s: the label %q differs from Positive, %q, in case alone; spell them alike", p.where(p.label), text, p.opt.Positive)
	case p.other == "":
		p.other = strings.Clone(text)
	case !sameText(text, p.other):
		return 0, fmt.Errorf("%s: the label %q is the third one, after %q and %q; two classes have two texts", p.where(p.label), text, p.opt.Positive, p.other)
	}
	return 0, nil
}

// sameText reports whether two texts are the same, or the same number.
func sameText(a, b string) bool {
	if a == b {
		return true
	}
	x, errA := parseNumber(a)
	y, errB := parseNumber(b)
	return errA == nil && errB == nil && x == y
}

// oneClass refuses labels from which nothing can be learned.
func (p *csvParser) oneClass() error {
	if p.label < 0 || slices.ContainsFunc(p.t.Y, func(y float64) bool { return y != p.t.Y[0] }) {
		return nil
	}
	name := p.names[p.label]
	switch {
	case p.opt.Positive == "":
		return fmt.Errorf("every label in column %q is %g: there is only one class", name, p.t.Y[0])
	case p.t.Y[0] == 1:
		return fmt.Errorf("every label in column %q is %q: there is only one class", name, p.opt.Positive)
	default:
		return fmt.Errorf("no label in column %q is %q: there is only one class; check Positive", name, p.opt.Positive)
	}
}
