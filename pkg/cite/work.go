package cite

import (
	"cmp"
	_ "embed" // of the bibliography
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/l2olab/l2o/pkg/internal/near"
)

// A Work is a paper, a talk or a data set that can be cited.
type Work struct {
	Key     string   // short name, as methods are called in figures: "L2O-PA"
	Authors []string // full names in the order of the work
	Title   string
	Year    int    // of the version cited
	Venue   string // journal, proceedings, or where it can be had
	URL     string // DOI, arXiv or home page; "" when there is none

	bibtex string
}

// BibTeX returns the entry of the work in bibliography.bib, which LaTeX can read as it is.
// Titles stand in double braces, so that styles keep their capitals.
func (w Work) BibTeX() string { return w.bibtex }

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
	panic(fmt.Sprintf("cite: there is no paper %q; nearest: %s", key, near.Keys(key, works, func(w Work) string { return w.Key })))
}

// Papers returns all works in the order of the bibliography, in which those that the
// notebooks follow come first.
func Papers() []Work { return slices.Clone(works) }

//go:embed bibliography.bib
var bibliography string

// works are the entries of the bibliography in their order. An entry that is malformed is
// no part of them, and a test counts.
var works = func() []Work {
	entry := regexp.MustCompile(`(?ms)^@\w+\{([\w-]+),\n.*?^\}\n`)
	field := regexp.MustCompile(`(?m)^ *(\w+) *= \{+(.*?)\}+,$`)
	plain := strings.NewReplacer(`\&`, `&`, `\%`, `%`, `\#`, `#`, `\_`, `_`)
	var list []Work
	for _, e := range entry.FindAllStringSubmatch(bibliography, -1) {
		f := map[string]string{}
		for _, m := range field.FindAllStringSubmatch(e[0], -1) {
			f[m[1]] = plain.Replace(m[2])
		}
		year, _ := strconv.Atoi(f["year"])
		list = append(list, Work{
			Key: e[1], Authors: strings.Split(f["author"], " and "), Title: f["title"], Year: year,
			Venue: cmp.Or(f["journal"], f["booktitle"], f["howpublished"]), URL: f["url"], bibtex: e[0],
		})
	}
	return list
}()

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
