package datasets

import (
	"bufio"
	"cmp"
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

// Entries are known entries of a Rows×Cols matrix: Value[k] stands in row Row[k] and
// column Col[k], counted from 0. completion.Observed(e) is what a matrix completion takes.
type Entries struct {
	Rows, Cols int
	Row, Col   []int
	Value      []float64
}

// Ratings are what users think of items: one entry for each rating, users in the rows.
type Ratings struct {
	Name         string
	StandIn      bool     // synthetic ratings in the place of real ones
	Users, Items []string // what the file calls the rows and the columns
	Entries
	Time   []int64 // of each rating, as the file has it (MovieLens: seconds since 1970); nil when it has none
	Source string  // the path
}

// ReadRatings reads a file with a rating in each line, in the formats of MovieLens:
//
//	196	242	3	881250949                  u.data: user, item, rating, time between tabs or blanks
//	1::1193::5::978300760                   ratings.dat
//	userId,movieId,rating,timestamp         ratings.csv, with or without this line
//
// so a CSV of row, column and value does as well; the time may be left out. What lies
// between fields is taken from the first line; a field in quotes must not hold it. A first
// line without any number holds the names of the columns. Users and items may have any
// names, and those without a rating have no row or column: look a row up in Users. Where
// all are whole numbers they are put in the order of the numbers, otherwise in that of
// their letters; 07 and 7 are different. See [MovieLensOrStandIn] for the data set itself.
//
// The error names the file, and the line where there is one to blame. It is an error
// when a line does not have three or four fields, a rating is not a finite number, a
// time is not a whole number, a user rates an item twice, or there is no rating.
func ReadRatings(path string) (Ratings, error) {
	f, err := os.Open(path)
	if err != nil {
		return Ratings{}, fmt.Errorf("datasets: %w", err)
	}
	defer func() { _ = f.Close() }()
	r, err := readRatings(f)
	if err != nil {
		return Ratings{}, fmt.Errorf("datasets: %s: %w", path, err)
	}
	r.Name, r.Source = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), path
	return r, nil
}

// String describes the ratings in one line.
func (r Ratings) String() string {
	return fmt.Sprintf("%s: %d ratings by %d users of %d items, %.2g %% of all", r.Name, len(r.Value), r.Rows, r.Cols,
		100*float64(len(r.Value))/(float64(r.Rows)*float64(r.Cols)))
}

func readRatings(from io.Reader) (Ratings, error) {
	var r Ratings
	var lines []int // of each rating
	users, items := names{}, names{}
	split, columns, n := fieldsOf(""), 0, 0
	for s := bufio.NewScanner(from); ; {
		if !s.Scan() {
			if err := s.Err(); err != nil {
				return r, fmt.Errorf("after line %d: %w", n, err)
			}
			break
		}
		n++
		line := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\ufeff"))
		if line == "" {
			continue
		}
		if columns == 0 {
			split = fieldsOf(line)
		}
		fields := split(line)
		if len(fields) < 3 || len(fields) > 4 {
			return r, fmt.Errorf("line %d has %d fields: %q; want user, item, rating and, if there is one, time", n, len(fields), line)
		}
		value, err := strconv.ParseFloat(fields[2], 64)
		if columns == 0 {
			if columns = len(fields); !slices.ContainsFunc(fields, isNumber) {
				continue // the names of the columns
			}
		}
		switch {
		case len(fields) != columns:
			return r, fmt.Errorf("line %d has %d fields and the first one %d", n, len(fields), columns)
		case err != nil || math.IsNaN(value) || math.IsInf(value, 0):
			return r, fmt.Errorf("line %d: the rating %q is not a finite number", n, fields[2])
		}
		if columns == 4 {
			t, err := strconv.ParseInt(fields[3], 10, 64)
			if err != nil {
				return r, fmt.Errorf("line %d: the time %q is not a whole number", n, fields[3])
			}
			r.Time = append(r.Time, t)
		}
		r.Row, r.Col, r.Value = append(r.Row, users.number(fields[0])), append(r.Col, items.number(fields[1])), append(r.Value, value)
		lines = append(lines, n)
	}
	if len(r.Value) == 0 {
		return r, errors.New("there is no rating in the file")
	}
	r.Users, r.Items = users.sort(r.Row), items.sort(r.Col)
	r.Rows, r.Cols = len(r.Users), len(r.Items)
	return r, r.once(lines)
}

// fieldsOf returns how to split lines like the first one.
func fieldsOf(first string) func(line string) []string {
	for _, sep := range []string{"::", ",", ";"} {
		if strings.Contains(first, sep) {
			return func(line string) []string {
				fields := strings.Split(line, sep)
				for i, f := range fields {
					fields[i] = strings.Trim(f, "\" \t")
				}
				return fields
			}
		}
	}
	return strings.Fields
}

// once refuses two ratings of one item by one user.
func (r Ratings) once(lines []int) error {
	order := make([]int, len(r.Value))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(r.Row[a], r.Row[b]), cmp.Compare(r.Col[a], r.Col[b]), cmp.Compare(a, b))
	})
	for k, b := range order[1:] {
		if a := order[k]; r.Row[a] == r.Row[b] && r.Col[a] == r.Col[b] {
			return fmt.Errorf("lines %d and %d: user %s rates item %s twice; keep one of them, or their mean", lines[a], lines[b], r.Users[r.Row[a]], r.Items[r.Col[a]])
		}
	}
	return nil
}

// names numbers names in the order in which they come.
type names map[string]int

func (n names) number(name string) int {
	i, known := n[name]
	if !known {
		i = len(n)
		n[strings.Clone(name)] = i // not a view into the whole line
	}
	return i
}

// sort puts the names in order and renumbers places.
func (n names) sort(places []int) (sorted []string) {
	numbers, whole := map[string]int64{}, true
	for name := range n {
		v, err := strconv.ParseInt(name, 10, 64)
		whole = whole && err == nil
		numbers[name] = v
		sorted = append(sorted, name)
	}
	slices.SortFunc(sorted, func(a, b string) int {
		if whole {
			return cmp.Or(cmp.Compare(numbers[a], numbers[b]), cmp.Compare(a, b))
		}
		return cmp.Compare(a, b)
	})
	to := make([]int, len(sorted))
	for i, name := range sorted {
		to[n[name]] = i
	}
	for k, p := range places {
		places[k] = to[p]
	}
	return sorted
}

// isNumber reports whether a field is one.
func isNumber(field string) bool {
	_, err := strconv.ParseFloat(field, 64)
	return err == nil
}
