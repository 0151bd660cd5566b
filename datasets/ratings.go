package datasets

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
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
//	196	242	3	881250949                  u.data: user, item, rating, time between tabs
//	1::1193::5::978300760                   ratings.dat
//	userId,movieId,rating,timestamp         ratings.csv, with or without this line
//
// so a CSV of row, column and value does as well; the time may be left out. What lies
// between fields is what cuts the first line into three or four: two colons, a tab, a
// semicolon, a comma, or, without any of them, blanks. Between tabs, semicolons and commas
// fields may be in quotes, as in CSV (RFC 4180); lines end in LF, CRLF or CR. Users and
// items may have any names but none, and those without a rating have no row or column:
// look a row up in Users. Names are the same when their letters are, but for blanks around
// them. Where all are whole numbers they are put in the order of the
// numbers, otherwise in that of their letters; 07 and 7 are different. See
// [MovieLensOrStandIn] for the data set itself.
//
// A first line without any number names the columns if it calls the third one rating, value,
// score, sales or the like, or the first two user, item, shop, month or the like. Any
// other line is a rating, so that none is lost.
//
// The error names the file, and the line where there is one to blame. It is an error
// when a line does not have three or four fields, a field is empty, a rating is not a finite
// decimal number, a time is not a whole number, a user rates an item twice, a name is there as
// 7 and as 7.0, or there is no rating. So it is when blanks make four fields of which the first two are not numbers: a
// blank inside of a name would move the others.
func ReadRatings(path string) (Ratings, error) {
	content, err := readText(path)
	if err != nil {
		return Ratings{}, err
	}
	r, err := readRatings(content)
	if err != nil {
		return Ratings{}, fmt.Errorf("datasets: %s: %w", path, err)
	}
	r.Name, r.Source = baseName(path), path
	return r, nil
}

// String describes the ratings in one line.
func (r Ratings) String() string {
	return fmt.Sprintf("%s: %d ratings by %d users of %d items, %.2g %% of all", r.Name, len(r.Value), r.Rows, r.Cols,
		100*float64(len(r.Value))/(float64(r.Rows)*float64(r.Cols)))
}

func readRatings(content []byte) (Ratings, error) {
	p := ratingsParser{users: names{}, items: names{}}
	if err := eachRecord(content, p.line); err != nil {
		return Ratings{}, err
	}
	r := p.r
	if len(r.Value) == 0 {
		return Ratings{}, errors.New("there is no rating in the file")
	}
	if err := cmp.Or(p.users.alike("user"), p.items.alike("item")); err != nil {
		return Ratings{}, err
	}
	r.Users, r.Items = p.users.sort(r.Row), p.items.sort(r.Col)
	r.Rows, r.Cols = len(r.Users), len(r.Items)
	if err := r.once(p.lines); err != nil {
		return Ratings{}, err
	}
	return r, nil
}

// ratingsParser carries what the lines of one file share.
type ratingsParser struct {
	r            Ratings
	users, items names
	columns      int   // fields of the first line
	lines        []int // of each rating
}

// line takes the fields of line n, which blanks separate or something else.
func (p *ratingsParser) line(n int, fields []string, blanks bool) error {
	for i, f := range fields {
		fields[i] = strings.TrimSpace(f)
	}
	if len(fields) < 3 || len(fields) > 4 {
		return fmt.Errorf("line %d has %d fields: %.200q; want user, item, rating and, if there is one, time", n, len(fields), fields)
	}
	if p.columns == 0 {
		if p.columns = len(fields); areColumns(fields) {
			return nil
		}
	}
	if len(fields) != p.columns {
		return fmt.Errorf("line %d has %d fields and the first one %d", n, len(fields), p.columns)
	}
	for i, what := range []string{"user", "item"} {
		if fields[i] == "" {
			return fmt.Errorf("line %d: the %s is empty; fill it in or remove the line", n, what)
		}
	}
	if blanks && p.columns == 4 && (!isNumber(fields[0]) || !isNumber(fields[1])) {
		return fmt.Errorf("line %d: %q may be a name with a blank in it; put tabs or commas between the fields", n, fields[:2])
	}
	value, err := parseNumber(fields[2])
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		hint := hint(fields[2])
		if len(p.lines) == 0 && !slices.ContainsFunc(fields, isNumber) {
			hint += "; if the line names the columns, call the third one rating"
		}
		return fmt.Errorf("line %d: the rating %q is not a finite number%s", n, fields[2], hint)
	}
	if p.columns == 4 {
		t, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil {
			return fmt.Errorf("line %d: the time %q is not a whole number", n, fields[3])
		}
		p.r.Time = append(p.r.Time, t)
	}
	p.r.Row, p.r.Col = append(p.r.Row, p.users.number(fields[0])), append(p.r.Col, p.items.number(fields[1]))
	p.r.Value, p.lines = append(p.r.Value, value), append(p.lines, n)
	return nil
}

// valueNames and placeNames are what columns of values, and of rows and columns, are called:
// in lower case and without what is no letter, an id or a name at the end, and the s of a plural.
var (
	valueNames = strings.Fields(`rating value val score star grade count sale amount quantity number weight price vote visit
		click play level response measurement preference r v x y`)
	placeNames = strings.Fields(`user item movie film book song track artist product article customer client member reader person
		viewer buyer shop store sensor station place city country region patient gene drug sample row col column index day week
		month year date time u i j`)
)

// areColumns reports whether a line names the columns: the third one, or the first two.
func areColumns(fields []string) bool {
	if slices.ContainsFunc(fields, func(f string) bool { return isNumber(f) || isMissing(f) }) {
		return false
	}
	return isOne(valueNames, fields[2]) || isOne(placeNames, fields[0]) && isOne(placeNames, fields[1])
}

// isOne reports whether a column is called one of the names. With a digit it is called after
// one thing of a kind, as user1 is.
func isOne(names []string, column string) bool {
	if strings.ContainsFunc(column, unicode.IsDigit) {
		return false
	}
	column = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, column)
	for _, end := range []string{"id", "name"} {
		column = cmp.Or(strings.TrimSuffix(column, end), column)
	}
	return slices.Contains(names, column) || slices.Contains(names, strings.TrimSuffix(column, "s"))
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

// alike refuses 7 beside 7.0, which would be two: a program that knows no missing whole
// number has written one of them.
func (n names) alike(what string) error {
	for name := range n {
		if whole, decimal := strings.CutSuffix(name, ".0"); decimal {
			if _, both := n[whole]; both && isNumber(whole) {
				return fmt.Errorf("there is the %[1]s %[2]q and the %[1]s %[3]q; spell them alike", what, whole, name)
			}
		}
	}
	return nil
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
