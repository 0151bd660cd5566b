package cite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/internal/near"
)

// A Work is a paper, a talk or a data set that can be cited.
type Work struct {
	Key     string   // short name, as methods are called in figures: "L2O-PA"
	Authors []string // full names in the order of the work
	Title   string
	Year    int    // of the version cited
	Kind    Kind   // decides the kind of BibTeX entry
	Venue   string // journal, proceedings, or where it can be had
	URL     string // DOI, arXiv or home page; "" when there is none
}

// Kind says how a work was published.
type Kind int

// The kinds of works.
const (
	Article     Kind = iota // in a journal
	Proceedings             // at a conference
	Other                   // preprint, lecture, talk, data
)

// BibTeX returns the work as one BibTeX entry. Its key is Key in lower case; the
// title stands in double braces so that styles keep its capitals.
func (w Work) BibTeX() string {
	entry := [...]string{"article", "inproceedings", "misc"}[w.Kind]
	venue := [...]string{"journal", "booktitle", "howpublished"}[w.Kind]
	var b strings.Builder
	fmt.Fprintf(&b, "@%s{%s,\n", entry, strings.ToLower(w.Key))
	field := func(name, value string) { fmt.Fprintf(&b, "  %-12s = {%s},\n", name, value) }
	field("author", escape(strings.Join(w.Authors, " and ")))
	field("title", "{"+escape(w.Title)+"}")
	field(venue, escape(w.Venue))
	field("year", fmt.Sprint(w.Year))
	if w.URL != "" {
		field("url", w.URL)
	}
	b.WriteString("}\n")
	return b.String()
}

// escape protects the characters that are commands to TeX.
func escape(s string) string {
	return strings.NewReplacer(`&`, `\&`, `%`, `\%`, `#`, `\#`, `_`, `\_`, `^`, `\^{}`).Replace(s)
}

// Markdown returns the work as one line of Markdown, linked where it has a URL.
func (w Work) Markdown() string {
	title := "*" + w.Title + "*"
	if w.URL != "" {
		title = "[" + title + "](" + w.URL + ")"
	}
	return fmt.Sprintf("**%s** · %s. %s. %s, %d.", w.Key, strings.Join(w.Authors, ", "), title, w.Venue, w.Year)
}

// Paper returns the work with this key. It panics, with the nearest keys, when
// there is none.
func Paper(key string) Work {
	for _, w := range works {
		if w.Key == key {
			return w
		}
	}
	panic(unknown("paper", key, worksKeys()))
}

// Papers returns all works, those with published numbers first.
func Papers() []Work { return slices.Clone(works) }

var works = func() []Work {
	var list []Work
	for _, p := range followed {
		list = append(list, p.Work)
	}
	return append(list, bibliography...)
}()

func worksKeys() []string {
	keys := make([]string, len(works))
	for i, w := range works {
		keys[i] = w.Key
	}
	return keys
}

// References returns the works with these keys as a Markdown list, in the order
// given; a key given twice is listed once. It panics on an unknown key.
func References(keys ...string) string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, key := range keys {
		if w := Paper(key); !seen[key] {
			seen[key] = true
			fmt.Fprintf(&b, "- %s\n", w.Markdown())
		}
	}
	return b.String()
}

// unknown is the message for a key that does not exist.
func unknown(kind, key string, known []string) string {
	return fmt.Sprintf("cite: there is no %s %q; nearest: %s", kind, key, strings.Join(near.Keys(key, known, 5), ", "))
}
