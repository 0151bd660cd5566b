package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/kernelext/internal/page"
	"github.com/l2olab/l2o/kernelext/play"
	"github.com/l2olab/l2o/pkg/atomicfile"
)

// repository is where readers of the site find files that are no pages of it.
const repository = "https://github.com/l2olab/l2o/blob/main/"

// runSite writes the course as pages.
func runSite(ctx context.Context, args []string) error {
	fs := flags("site")
	movie := fs.String("gif", "", "write the moving picture of the README to this file")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 1 || len(rest) == 0 && *movie == "" {
		return usageError{`site: name one folder for the pages, such as "lab site /tmp/site"`}
	}
	if *movie != "" {
		s := newStep("Draw the moving picture")
		err := writeMovie(*movie)
		if s.End(err); err != nil {
			return err
		}
	}
	if len(rest) == 0 {
		return nil
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(rest[0], 0o755); err != nil {
		return err
	}
	first, err := r.writeSite(rest[0])
	if err != nil {
		return err
	}
	if err := r.playNow(ctx, filepath.Dir(first)); err != nil {
		return err
	}
	fmt.Printf("Open in a browser: %s\n", first)
	return nil
}

// A site is the course as pages in one folder, in the folders of the notebooks.
type site struct {
	*repo
	course
	dir     string
	rep     *reporter
	entries []page.Entry // of the search
}

// texts are the pages of the course that are no notebooks, by the files that they are made of.
var texts = []struct{ in, out, title string }{
	{"README.md", "index.html", "Syllabus"}, {"notation.md", "notation.html", "Notation"}, {"glossary.md", "glossary.html", "Glossary"},
}

const playPage = "play.html"

// writeSite writes the pages of the site into a folder that exists, and returns the first.
func (r *repo) writeSite(dir string) (string, error) {
	c, err := readCourse(r.root)
	if err != nil {
		return "", err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	s := &site{repo: r, course: c, dir: resolved(abs)}
	s.rep = &reporter{pages: map[string]string{}, root: r.root, sources: repository}
	for _, t := range texts {
		s.rep.pages[s.source(t.in)] = s.target(t.out)
	}
	for _, l := range c.lessons() {
		s.rep.pages[s.source(l.File)] = s.target(pageOf(l.File))
	}
	step := newStep("Write the pages")
	err = s.writeAll()
	if step.End(err); err != nil {
		return "", err
	}
	return s.target("index.html"), nil
}

func (s *site) source(file string) string {
	return filepath.Join(s.root, "notebooks", filepath.FromSlash(file))
}
func (s *site) target(file string) string { return filepath.Join(s.dir, filepath.FromSlash(file)) }

// pageOf is the page of a notebook.
func pageOf(file string) string { return strings.TrimSuffix(file, ".ipynb") + ".html" }

func (s *site) writeAll() error {
	for _, t := range texts {
		if err := s.writeText(t.in, t.out); err != nil {
			return err
		}
	}
	if err := s.writePlaygrounds(); err != nil {
		return err
	}
	for i := range s.lessons() {
		if err := s.writeLesson(i); err != nil {
			return err
		}
	}
	search, err := page.Search(s.entries)
	if err != nil {
		return err
	}
	return atomicfile.Write(s.target(page.SearchFile), search)
}

// top is the top of a page of the site.
func (s *site) top(out string) page.Top {
	root := strings.Repeat("../", strings.Count(out, "/"))
	t := page.Top{Site: true, Root: root}
	for _, x := range texts {
		t.Links = append(t.Links, page.Link{Title: x.title, To: root + x.out})
	}
	t.Links = append(t.Links, page.Link{Title: "Playgrounds", To: root + playPage})
	return t
}

// finish writes a page and enters its headings into the search.
func (s *site) finish(p *page.Page, title, out string) error {
	s.entries = append(s.entries, page.Entry{Title: title, Page: title, To: out})
	for _, h := range p.Headings() {
		if h.Level > 1 {
			s.entries = append(s.entries, page.Entry{Title: h.Text(), Page: title, To: out + "#" + h.ID})
		}
	}
	file := s.target(out)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return p.WriteFile(file)
}

func (s *site) writeText(in, out string) error {
	file := s.source(in)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	title := strings.TrimPrefix(first, "# ")
	p := page.New(title)
	p.SetTop(s.top(out))
	p.Markdown(s.rep.localize(string(text), jupyter.Cell{}, file, s.target(out)))
	return s.finish(p, title, out)
}

// writeLesson writes the page of lesson i. Its outputs bring their scripts: they are those that are committed beside the code
// of the library, which lab runs, too.
func (s *site) writeLesson(i int) error {
	all := s.lessons()
	l := all[i]
	nb, err := jupyter.ReadFile(s.source(l.File))
	if err != nil {
		return err
	}
	out := pageOf(l.File)
	top := s.top(out)
	if i > 0 {
		top.Previous = page.Link{Title: all[i-1].Title, To: top.Root + pageOf(all[i-1].File)}
	}
	if i+1 < len(all) {
		top.Next = page.Link{Title: all[i+1].Title, To: top.Root + pageOf(all[i+1].File)}
	}
	p := page.New(title(nb, s.source(l.File)))
	p.SetTop(top)
	s.rep.fill(p, nb, s.source(l.File), s.target(out), true)
	return s.finish(p, l.Title, out)
}

// writePlaygrounds writes a page with all playgrounds.
func (s *site) writePlaygrounds() error {
	const title = "Playgrounds"
	p := page.New(title)
	p.SetTop(s.top(playPage))
	p.Markdown("# " + title + "\n\nPictures that you move. The library itself computes them, here in the page.")
	var faults []error
	for _, g := range play.All() {
		png, err := g.Still()
		faults = append(faults, err)
		p.HTML(fmt.Sprintf(`<div id="%s">%s</div>`, html.EscapeString(g.Name), g.HTML(png)))
		s.entries = append(s.entries, page.Entry{Title: g.Title, Page: title, To: playPage + "#" + g.Name})
	}
	return errors.Join(errors.Join(faults...), s.finish(p, title, playPage))
}
