package page

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
)

//go:embed assets/theme.js
var themeJS string

//go:embed assets/search.js
var searchJS string

// A Top is what stands above a page: the ways to others, a button for dark and light, and its contents.
type Top struct {
	Site           bool   // the page is one of many, with a script for searching beside it
	Root           string // the way from this page to the folder of the site: "" or "../"
	Links          []Link // to pages that all of them lead to
	Previous, Next Link   // without an address there is none
}

// A Link leads to another page.
type Link struct{ Title, To string }

// SetTop gives the page a top.
func (p *Page) SetTop(t Top) { p.top = &t }

// A Heading is one of the page, with the id by which links find it.
type Heading struct {
	Level int
	ID    string
	HTML  string
}

// Text is the heading without formatting.
func (h Heading) Text() string { return html.UnescapeString(anyTag.ReplaceAllString(h.HTML, "")) }

var (
	anyTag  = regexp.MustCompile(`<[^>]*>`)
	heading = regexp.MustCompile(`(?s)<h([1-3]) id="([^"]*)">(.*?)</h[1-3]>`)
)

// unique renames the ids of headings that the page has already: every cell begins to count anew.
func (p *Page) unique(fragment string) string {
	return heading.ReplaceAllStringFunc(fragment, func(s string) string {
		m := heading.FindStringSubmatch(s)
		id := m[2]
		for n := 2; p.has(id); n++ {
			id = fmt.Sprintf("%s-%d", m[2], n)
		}
		level := int(m[1][0] - '0')
		p.headings = append(p.headings, Heading{level, id, m[3]})
		return fmt.Sprintf(`<h%d id="%s">%s</h%d>`, level, id, m[3], level)
	})
}

func (p *Page) has(id string) bool {
	for _, h := range p.headings {
		if h.ID == id {
			return true
		}
	}
	return false
}

// Headings lists the headings of the Markdown, down to the third level.
func (p *Page) Headings() []Heading { return p.headings }

// write puts the top into a page, and returns nothing where there is none.
func (t *Top) write(w io.Writer, headings []Heading) {
	if t == nil {
		return
	}
	fmt.Fprint(w, `<header class="top"><nav aria-label="Course">`)
	for _, l := range t.Links {
		l.write(w, "", l.Title)
	}
	t.Previous.write(w, "prev", "← "+t.Previous.Title)
	t.Next.write(w, "next", t.Next.Title+" →")
	fmt.Fprint(w, `</nav>`)
	if t.Site {
		fmt.Fprintf(w, `<div class="search" id="l2o-search" data-root="%s"></div>`, html.EscapeString(t.Root))
	}
	fmt.Fprintf(w, "<button id=\"l2o-theme\" type=\"button\" hidden></button></header>\n<script>%s</script>\n", strings.TrimSpace(themeJS))
	if t.Site {
		fmt.Fprintf(w, "<script src=\"%s%s\" defer></script>\n", html.EscapeString(t.Root), SearchFile)
	}
	contents(w, headings)
}

// contents lists the sections of a page that has some.
func contents(w io.Writer, headings []Heading) {
	var list strings.Builder
	n := 0
	for _, h := range headings {
		if h.Level == 2 {
			n++
			fmt.Fprintf(&list, "<li><a href=\"#%s\">%s</a></li>\n", h.ID, noLinks.ReplaceAllString(h.HTML, ""))
		}
	}
	if n > 1 {
		fmt.Fprintf(w, "<nav class=\"contents\" aria-label=\"Contents\"><details><summary>On this page</summary>\n<ul>\n%s</ul></details></nav>\n", list.String())
	}
}

// noLinks matches the tags of links, which cannot stand within another one.
var noLinks = regexp.MustCompile(`</?a\b[^>]*>`)

func (l Link) write(w io.Writer, rel, text string) {
	if l.To == "" {
		return
	}
	if rel != "" {
		rel = fmt.Sprintf(` rel="%s"`, rel)
	}
	fmt.Fprintf(w, `<a%s href="%s">%s</a>`, rel, html.EscapeString(l.To), html.EscapeString(text))
}

// SearchFile is the script beside the pages of a site that searches in their titles.
const SearchFile = "search.js"

// An Entry is a title that can be found.
type Entry struct {
	Title string `json:"t"`
	Page  string `json:"p"` // the title of its page
	To    string `json:"u"` // from the folder of the site
}

// Search is the content of the SearchFile.
func Search(entries []Entry) ([]byte, error) {
	list, err := json.Marshal(entries)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s(%s);\n", strings.TrimSpace(searchJS), list), nil
}

// meta says in the head of a page where playgrounds find their program.
func (t *Top) meta() string {
	if t == nil || t.Root == "" {
		return ""
	}
	return fmt.Sprintf("<meta name=\"l2o-play\" content=\"%s\">\n", html.EscapeString(t.Root))
}
