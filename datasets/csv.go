package datasets

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// CSVOptions says how to read a CSV file. The zero value reads every column as a
// feature and no label, with commas between fields and names in the first line.
type CSVOptions struct {
	Name     string   // of the table; the file's name without its ending when empty
	Label    string   // the column that holds the label; "" when there is none
	Positive string   // the text that stands for label 1, any other for 0; "" when labels are numbers
	Columns  []string // the features, in this order; every column but the label when nil
	Comma    rune     // between fields; ',' when 0
	NoHeader bool     // the first line is data already; columns are then called c1, c2, …
}

// ReadCSV reads a table from a file of comma-separated values.
//
// The error names the file, and the row (counted from 1, without the header),
// line, column and text where there is one to blame. It is an error when a named
// column does not exist (those that do are listed), a field is empty, not a
// number, NaN or infinite, rows differ in length, two columns have one name,
// there is no row, the header holds numbers alone (data, most likely: set NoHeader), or
// all labels are the same.
func ReadCSV(path string, opt CSVOptions) (Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return Table{}, fmt.Errorf("datasets: %w", err)
	}
	defer func() { _ = f.Close() }()
	if opt.Name == "" {
		opt.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	t, err := readCSV(f, path, opt)
	if err != nil {
		return Table{}, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return t, nil
}

// readCSV reads a table from r; path is what Source calls it.
func readCSV(r io.Reader, path string, opt CSVOptions) (Table, error) {
	cr := csv.NewReader(r)
	cr.FieldsPerRecord = -1 // we count ourselves: our message says what to look for
	cr.TrimLeadingSpace = true
	cr.ReuseRecord = true
	if opt.Comma != 0 {
		cr.Comma = opt.Comma
	}
	p := csvParser{path: path, opt: opt, cr: cr}
	if err := p.parse(); err != nil {
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
	t     Table
}

func (p *csvParser) parse() error {
	first, err := p.cr.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty")
	}
	if err != nil {
		return err
	}
	if err := p.header(first); err != nil {
		return err
	}
	p.t = Table{Name: p.opt.Name, Cols: len(p.use), Source: p.path}
	for _, c := range p.use {
		p.t.Columns = append(p.t.Columns, p.names[c])
	}
	if p.opt.NoHeader {
		if err := p.row(first); err != nil {
			return err
		}
	}
	for {
		rec, err := p.cr.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
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

// header decides which columns are features and which is the label.
func (p *csvParser) header(first []string) error {
	p.names = numbered(len(first))
	if !p.opt.NoHeader {
		for j, s := range first {
			p.names[j] = strings.TrimSpace(strings.TrimPrefix(s, "\ufeff")) // spreadsheets write a byte-order mark
		}
		if !slices.ContainsFunc(p.names, func(s string) bool { return !isNumber(s) }) {
			return fmt.Errorf("the first line holds numbers, %q, where the names of the columns should be: add a line of names, or set NoHeader", p.names)
		}
	}
	for j, name := range p.names {
		if slices.Contains(p.names[:j], name) {
			return fmt.Errorf("two columns are called %q; names must differ", name)
		}
	}
	p.label = -1
	if p.opt.Label != "" {
		j, err := p.column(p.opt.Label)
		if err != nil {
			return err
		}
		p.label = j
	}
	for _, name := range p.opt.Columns {
		j, err := p.column(name)
		if err != nil {
			return err
		}
		if j == p.label {
			return fmt.Errorf("column %q is the label and cannot be a feature too", name)
		}
		p.use = append(p.use, j)
	}
	if p.opt.Columns == nil {
		for j := range p.names {
			if j != p.label {
				p.use = append(p.use, j)
			}
		}
	}
	if len(p.use) == 0 {
		return fmt.Errorf("no column is left for features; it has only %s", strings.Join(p.names, ", "))
	}
	return nil
}

// column returns the index of the column called name.
func (p *csvParser) column(name string) (int, error) {
	j := slices.Index(p.names, name)
	if j < 0 {
		return 0, fmt.Errorf("there is no column %q; there are: %s", name, strings.Join(p.names, ", "))
	}
	return j, nil
}

// row appends one sample.
func (p *csvParser) row(rec []string) error {
	p.t.Rows++
	line, _ := p.cr.FieldPos(0)
	if len(rec) != len(p.names) {
		return fmt.Errorf("row %d (line %d) has %d fields, expected %d; is %q what separates fields?",
			p.t.Rows, line, len(rec), len(p.names), p.cr.Comma)
	}
	for _, j := range p.use {
		x, err := p.number(rec[j], j, line)
		if err != nil {
			return err
		}
		p.t.X = append(p.t.X, x)
	}
	if p.label < 0 {
		return nil
	}
	text := strings.TrimSpace(rec[p.label])
	if p.opt.Positive != "" {
		p.t.Y = append(p.t.Y, indicator(text == p.opt.Positive))
		return nil
	}
	y, err := p.number(text, p.label, line)
	if err != nil {
		return fmt.Errorf("%w; set Positive to the text that stands for label 1", err)
	}
	p.t.Y = append(p.t.Y, y)
	return nil
}

// number reads one field.
func (p *csvParser) number(text string, col, line int) (float64, error) {
	text = strings.TrimSpace(text)
	where := fmt.Sprintf("row %d (line %d), column %q", p.t.Rows, line, p.names[col])
	if text == "" {
		return 0, fmt.Errorf("%s is empty; fill it in or remove the row", where)
	}
	x, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrSyntax):
		hint := ""
		if p.t.Rows == 1 && p.opt.NoHeader {
			hint = "; is the first line a header? Then NoHeader must be false"
		}
		return 0, fmt.Errorf("%s: %q is not a number%s", where, text, hint)
	case err != nil || math.IsNaN(x) || math.IsInf(x, 0):
		return 0, fmt.Errorf("%s: %q is not a finite number; remove the row or replace the value", where, text)
	}
	return x, nil
}

// oneClass refuses labels from which nothing can be learned.
func (p *csvParser) oneClass() error {
	if p.label < 0 {
		return nil
	}
	for _, y := range p.t.Y {
		if y != p.t.Y[0] {
			return nil
		}
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
