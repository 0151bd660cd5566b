package cite

import (
	"cmp"
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/l2olab/l2o/pkg/internal/near"
)

// A Number is a result as a paper publishes it.
type Number struct {
	ID    string  // lower-case paper key, place, what: "mlam.t2.als.r5"
	Paper string  // key of the work
	Where string  // "Table II", "Figure 5 (a)", "Section 4.2"
	What  string  // what was measured, on what, for which method
	Value float64 // NaN when the paper prints NaN or no number
	Rel   string  // how Value is meant: "" exactly, "<", ">", "≤", "≥" or "≈"
	Text  string  // a claim without a number, in our words; then Value is NaN
	Unit  string  // "" for a plain ratio or count
	Note  string  // reading error of figures, contradictions, what is missing

	// Contradicted says that the authors, or their data, give another number for the same
	// experiment; Note has it.
	Contradicted bool
}

// Published returns the number as a ledger row shows it.
func (n Number) Published() Cell {
	switch {
	case n.Text != "":
		return Text(n.Text)
	case n.Rel != "":
		return Text(n.Rel + " " + strconv.FormatFloat(n.Value, 'g', -1, 64))
	}
	return Num(n.Value)
}

// String returns the number with its unit and origin in one line.
func (n Number) String() string {
	s := n.Published().String()
	if n.Unit != "" {
		s += " " + n.Unit
	}
	return fmt.Sprintf("%s (%s, %s: %s)", s, n.Paper, n.Where, n.What)
}

// Get returns the published number with this ID. It panics, with the nearest
// ones, when there is none.
func Get(id string) Number {
	i, ok := find(id)
	if !ok {
		panic(fmt.Sprintf("cite: there is no number %q; nearest: %s", id, near.Keys(id, numbers, func(n Number) string { return n.ID })))
	}
	return numbers[i]
}

func find(id string) (int, bool) {
	return slices.BinarySearchFunc(numbers, id, func(n Number, id string) int { return cmp.Compare(n.ID, id) })
}

// Numbers returns the published numbers whose ID starts with prefix, by ID: ""
// for all, "mlam.t2." for one table.
func Numbers(prefix string) []Number {
	var list []Number
	for _, n := range numbers {
		if strings.HasPrefix(n.ID, prefix) {
			list = append(list, n)
		}
	}
	return list
}

//go:embed published/*.csv
var published embed.FS

// numbers holds all published numbers, sorted by ID.
var numbers = func() []Number {
	var all []Number
	for _, w := range works {
		data, err := published.Open("published/" + w.Key + ".csv")
		if err != nil {
			continue // a work without numbers
		}
		all = append(all, read(w.Key, data)...)
	}
	slices.SortFunc(all, func(a, b Number) int { return cmp.Compare(a.ID, b.ID) })
	return all
}()

// columns are those of a file of numbers. A line has either a value or a claim.
var columns = []string{"id", "where", "what", "value", "claim", "unit", "note", "contradicted"}

// read returns the numbers of a paper's file. It panics when a line is malformed: the data
// are part of the program.
func read(paper string, data io.Reader) []Number {
	lines, err := csv.NewReader(data).ReadAll()
	if err != nil || len(lines) == 0 || !slices.Equal(lines[0], columns) {
		panic(fmt.Sprintf("cite: numbers of %s: %v, want the columns %q", paper, err, columns))
	}
	list := make([]Number, len(lines)-1)
	for i, f := range lines[1:] {
		n := Number{ID: f[0], Paper: paper, Where: f[1], What: f[2], Text: f[4], Unit: f[5], Note: f[6], Contradicted: f[7] == "yes"}
		if (f[3] == "") == (n.Text == "") || f[7] != "" && !n.Contradicted {
			panic(fmt.Sprintf("cite: %s has value %q, claim %q, contradicted %q; want one of the first two, and yes or nothing", n.ID, f[3], f[4], f[7]))
		}
		n.Rel, n.Value = parse(cmp.Or(f[3], "NaN"))
		list[i] = n
	}
	return list
}

// parse splits an entry such as >1 into relation and value.
func parse(entry string) (rel string, value float64) {
	number := strings.TrimLeft(entry, "<>≤≥≈")
	value, err := strconv.ParseFloat(number, 64) // reads "NaN" too
	if err != nil {
		panic(fmt.Sprintf("cite: %q is not a number", entry))
	}
	return strings.TrimSuffix(entry, number), value
}
