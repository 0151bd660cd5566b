package cite

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
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
		known := make([]string, len(numbers))
		for i, n := range numbers {
			known[i] = n.ID
		}
		panic(unknown("number", id, known))
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

// A paper is what a file of this package holds of one work.
type paper struct {
	Work
	claims []Number // without Paper
	tables []table
}

// followed are the papers with numbers, in the order in which the notebooks treat them.
var followed = []paper{l2opa, talk, primer, mlam, gso, enhanced}

// numbers holds all published numbers, sorted by ID.
var numbers = func() []Number {
	var all []Number
	for _, p := range followed {
		list := slices.Clone(p.claims)
		for _, t := range p.tables {
			list = append(list, t.numbers()...)
		}
		for i := range list {
			list[i].Paper = p.Key
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b Number) int { return cmp.Compare(a.ID, b.ID) })
	return all
}()

// claim is a published claim without a number.
func claim(id, where, what, text, note string) Number {
	return Number{ID: id, Where: where, What: what, Value: math.NaN(), Text: text, Note: note}
}

// A table is a block of numbers, written the way the paper prints it.
type table struct {
	where        string
	id           string            // starts every ID: "mlam.t2"
	what         string            // with %[1]s for the row's name and %[2]s for the column's
	unit         string            // of every entry
	rel          string            // of every entry that does not start with its own
	rows, cols   []label           // in the order of cells
	cells        string            // one line per row; "-" where there is no entry
	note         string            // to every entry
	notes        map[string]string // to a row ("als") or an entry ("als.r5"), after note
	contradicted []string          // entries ("als.r5") of which the authors give another number
}

// A label is a row or column of a table: how IDs and how readers call it.
type label struct{ slug, name string }

// labels makes labels whose slug is the name in lower case.
func labels(names ...string) []label {
	list := make([]label, len(names))
	for i, name := range names {
		list[i] = label{strings.ToLower(name), name}
	}
	return list
}

// series makes labels such as r5 = "rank 5".
func series(slug, name string, values ...string) []label {
	list := make([]label, len(values))
	for i, v := range values {
		list[i] = label{slug + v, name + v}
	}
	return list
}

// numbers expands the table. It panics when cells do not fit rows and columns:
// the data are part of the program.
func (t table) numbers() []Number {
	lines := strings.Split(strings.TrimSpace(t.cells), "\n")
	if len(lines) != len(t.rows) {
		panic(fmt.Sprintf("cite: table %s has %d lines, want %d", t.id, len(lines), len(t.rows)))
	}
	var list []Number
	for i, row := range t.rows {
		entries := strings.Fields(lines[i])
		if len(entries) != len(t.cols) {
			panic(fmt.Sprintf("cite: table %s, row %s has %d entries, want %d", t.id, row.slug, len(entries), len(t.cols)))
		}
		for j, col := range t.cols {
			if entries[j] == "-" {
				continue
			}
			key := row.slug + "." + col.slug
			n := Number{
				ID: t.id + "." + key, Where: t.where, Unit: t.unit,
				What:         fmt.Sprintf(t.what, row.name, col.name),
				Note:         join(t.note, t.notes[row.slug], t.notes[key]),
				Contradicted: slices.Contains(t.contradicted, key),
			}
			n.Rel, n.Value = parse(entries[j], t.rel)
			list = append(list, n)
		}
	}
	return list
}

// parse splits an entry such as ">1" into relation and value.
func parse(entry, rel string) (string, float64) {
	for _, r := range []string{"<", ">", "≤", "≥", "≈"} {
		if rest, ok := strings.CutPrefix(entry, r); ok {
			rel, entry = r, rest
		}
	}
	v, err := strconv.ParseFloat(entry, 64) // reads "NaN" too
	if err != nil {
		panic(fmt.Sprintf("cite: %q is not a number", entry))
	}
	if math.IsNaN(v) {
		rel = ""
	}
	return rel, v
}

// join puts the notes that exist into one.
func join(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(s string) bool { return s == "" }), "; ")
}
