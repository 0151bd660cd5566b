package main

import (
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/kernelext/internal/page"
)

// A reporter writes the executed notebooks as HTML pages.
type reporter struct {
	pages   map[string]string // page by notebook, both absolute
	root    string            // of the repository, whose files
	sources string            // can be read here, if pages do not lie beside them
}

// newReporter decides where the pages go: beside the executed notebook if that goes to a place of its own, else below
// .l2o/report in the same folders as in the repository.
func (r *repo) newReporter(jobs []job) *reporter {
	rep := &reporter{pages: map[string]string{}}
	for _, j := range jobs {
		target := j.out
		if j.out == j.in {
			rel, err := filepath.Rel(r.root, resolved(j.in))
			if err != nil || strings.HasPrefix(rel, "..") {
				rel = filepath.Base(j.in)
			}
			target = r.path("report", rel)
		}
		if abs, err := filepath.Abs(target); err == nil {
			target = abs
		}
		rep.pages[j.in] = strings.TrimSuffix(target, ".ipynb") + ".html"
	}
	return rep
}

// resolved follows symbolic links where that is possible.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// write renders one notebook and returns the page's path.
func (rep *reporter) write(j job, nb *jupyter.Notebook, problems []string) (string, error) {
	file := rep.pages[j.in]
	p := page.New(title(nb, j.in))
	p.SetTop(page.Top{})
	for _, text := range problems {
		p.Error("This run stopped at " + text)
	}
	rep.fill(p, nb, j.in, file, false)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	return file, p.WriteFile(file)
}

// fill puts the cells of a notebook into the page that will be a file. Outputs of cells that are skipped when it runs are not
// ours, unless it is trusted as a whole.
func (rep *reporter) fill(p *page.Page, nb *jupyter.Notebook, notebook, file string, trusted bool) {
	for _, c := range nb.Cells() {
		switch c.Kind() {
		case "markdown":
			p.Markdown(rep.localize(c.Source(), c, notebook, file))
		case "code":
			switch {
			case strings.TrimSpace(c.Source()) == "":
			case c.Hidden():
				p.Folded(c.Source())
			default:
				p.Code(c.Source())
			}
			for _, o := range c.Outputs() {
				addOutput(p, o, trusted || !c.Tagged(skipped))
			}
		}
	}
}

// title is the first heading of the notebook, or the name of its file.
func title(nb *jupyter.Notebook, path string) string {
	for _, c := range nb.Cells() {
		for line := range strings.Lines(c.Source()) {
			if h, ok := strings.CutPrefix(line, "# "); ok && c.Kind() == "markdown" {
				return strings.TrimSpace(h)
			}
		}
	}
	return strings.TrimSuffix(filepath.Base(path), ".ipynb")
}

// addOutput shows an output in the richest form that a page can. One that is not ours, because the cell was not executed here,
// brings no scripts.
func addOutput(p *page.Page, o jupyter.Output, ours bool) {
	rich := p.HTML
	if !ours {
		rich = p.Safe
	}
	text := func(mime string) string { s, _ := o.Data[mime].(string); return s }
	switch {
	case o.Type == "stream":
		p.Text(overwritten(o.Text))
	case o.Type == "error":
		p.Error(errorOutput(o))
	case text("text/html") != "":
		rich(text("text/html"))
	case text("text/markdown") != "":
		p.Markdown(text("text/markdown"))
	case text("image/svg+xml") != "":
		rich(text("image/svg+xml"))
	case text("image/png") != "":
		rich(image("image/png", text("image/png"), text("text/plain")))
	case text("image/jpeg") != "":
		rich(image("image/jpeg", text("image/jpeg"), text("text/plain")))
	case text("application/javascript") != "":
		rich("<script>" + text("application/javascript") + "</script>")
	case text("text/javascript") != "":
		rich("<script>" + text("text/javascript") + "</script>")
	case text("text/plain") != "":
		p.Text(text("text/plain"))
	}
}

// image is an inline picture; alt is what it shows, in words.
func image(mime, base64, alt string) string {
	if alt == "" {
		alt = "a figure without description"
	}
	return fmt.Sprintf(`<img alt="%s" src="data:%s;base64,%s">`, html.EscapeString(alt), mime, strings.Join(strings.Fields(base64), ""))
}

// errorOutput is the traceback, or name and message where there is none.
func errorOutput(o jupyter.Output) string {
	if t := strings.Join(o.Traceback, "\n"); strings.TrimSpace(t) != "" {
		return t
	}
	return o.EName + ": " + o.EValue
}

// overwritten applies carriage returns as a terminal does: of a line that was rewritten, the last version stays.
func overwritten(s string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(s, "\r\n", "\n")) {
		end := ""
		if strings.HasSuffix(line, "\n") {
			line, end = line[:len(line)-1], "\n"
		}
		line = strings.TrimRight(line, "\r")
		b.WriteString(line[strings.LastIndexByte(line, '\r')+1:] + end)
	}
	return b.String()
}

// reportInstead is what open does without any Jupyter: it executes the notebooks and says where the pages lie.
func (r *repo) reportInstead(ctx context.Context, why error) error {
	fmt.Printf("%v.\nThe notebooks run without it: all of them are now executed into pages that any browser shows, one after the other.\nCtrl-C ends this; \"go run ./kernelext/lab run -html NOTEBOOK\" makes one page.\n", why)
	files, err := r.notebooks()
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("there are no notebooks in %s", filepath.Join(r.root, "notebooks"))
	}
	// The notebooks themselves stay as they are: the reader asked to see them, not to change them.
	jobs := make([]job, len(files))
	for i, f := range files {
		rel, err := filepath.Rel(r.root, f)
		if err != nil {
			return err
		}
		jobs[i] = job{in: f, out: r.path("report", rel)}
	}
	err = r.runAll(ctx, jobs, defaultTimeout, true)
	fmt.Printf("\nOpen in a browser: %s\n", r.newReporter(jobs).pages[files[0]])
	return err
}

// notebooks lists the notebooks of the repository in reading order.
func (r *repo) notebooks() ([]string, error) {
	var files []string
	err := filepath.WalkDir(filepath.Join(r.root, "notebooks"), func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir // .ipynb_checkpoints
		case !d.IsDir() && strings.HasSuffix(path, ".ipynb"):
			files = append(files, path)
		}
		return nil
	})
	if os.IsNotExist(err) {
		return nil, nil
	}
	if c, err := readCourse(r.root); err == nil { // without it the names of the files decide
		c.inOrder(r.root, files)
	}
	return files, err
}
