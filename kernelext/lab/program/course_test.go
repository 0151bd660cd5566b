package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/pkg/cite"
)

var update = flag.Bool("update", false, "write the feet of the notebooks and the syllabus anew, from notebooks/course.json")

// course of this repository, with its notebooks by file.
func openCourse(t *testing.T) (root string, c course, notebooks map[string]*jupyter.Notebook) {
	t.Helper()
	r, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c, err = readCourse(r.root); err != nil {
		t.Fatal(err)
	}
	notebooks = map[string]*jupyter.Notebook{}
	for _, l := range c.lessons() {
		if notebooks[l.File], err = jupyter.ReadFile(filepath.Join(r.root, "notebooks", filepath.FromSlash(l.File))); err != nil {
			t.Fatal(err)
		}
	}
	return r.root, c, notebooks
}

// Every notebook is a lesson, needs only what comes before it, and takes about as long as its words.
func TestCourse(t *testing.T) {
	root, c, notebooks := openCourse(t)
	files, err := (&repo{root: root}).notebooks()
	if err != nil || len(files) != len(c.lessons()) {
		t.Errorf("%d notebooks and %d lessons, %v", len(files), len(c.lessons()), err)
	}
	for i, l := range c.lessons() {
		if want := filepath.Join(root, "notebooks", filepath.FromSlash(l.File)); i < len(files) && files[i] != want {
			t.Errorf("notebook %d is %s, lesson %s", i, files[i], want)
		}
		for _, f := range l.Needs {
			if at := c.place(f); at < 0 || at >= i {
				t.Errorf("%s needs %s, which does not come before it", l.File, f)
			}
		}
		words, asks := 0, ""
		for _, cell := range notebooks[l.File].Cells() {
			if cell.Kind() == "markdown" {
				words += len(strings.Fields(cell.Source()))
				if _, after, found := strings.Cut(cell.Source(), "**You need**"); found {
					asks, _, _ = strings.Cut(after, "\n")
				}
			}
		}
		for _, f := range l.Needs {
			if to, err := filepath.Rel(filepath.Dir(filepath.FromSlash(l.File)), filepath.FromSlash(f)); err != nil || !strings.Contains(asks, "]("+filepath.ToSlash(to)+")") {
				t.Errorf("%s needs %s, and its text does not: %s", l.File, f, asks)
			}
		}
		if l.Minutes < words/200 || l.Minutes > words/60 {
			t.Errorf("%s has %d words of text and should not take %d minutes", l.File, words, l.Minutes)
		}
	}
	for _, s := range c.Courses {
		read := map[string]bool{}
		for d, files := range s.Days {
			minutes := 0
			for _, f := range files {
				at := c.place(f)
				if at < 0 {
					t.Fatalf("%s has a lesson %s that is not there", s.Name, f)
				}
				minutes += c.lessons()[at].Minutes
				for _, need := range c.lessons()[at].Needs {
					if !read[need] {
						t.Errorf("%q has %s without %s before it", s.Name, f, need)
					}
				}
				read[f] = true
			}
			if minutes > s.Minutes {
				t.Errorf("sitting %d of %q takes %d minutes, more than %d", d+1, s.Name, minutes, s.Minutes)
			}
		}
	}
}

// Previous and next are those of the course.
func TestCourseFeet(t *testing.T) {
	root, c, notebooks := openCourse(t)
	for i, l := range c.lessons() {
		nb := notebooks[l.File]
		cells := nb.Cells()
		last := cells[len(cells)-1]
		if last.Kind() != "markdown" || !strings.Contains(last.Source(), "README.md)") {
			t.Errorf("the last cell of %s is not its foot: a text cell that links to the syllabus", l.File)
			continue
		}
		if *update {
			last.SetSource(c.foot(i))
			if err := nb.WriteFile(filepath.Join(root, "notebooks", filepath.FromSlash(l.File))); err != nil {
				t.Fatal(err)
			}
		}
		if last.Source() != c.foot(i) {
			t.Errorf("the foot of %s is\n%s\nand the course says\n%s\ngo test ./kernelext/lab/program -run Course -update writes it", l.File, last.Source(), c.foot(i))
		}
	}
}

// syllabusTable is what stands between two marks of the syllabus.
var syllabusTable = regexp.MustCompile(`(?s)(<!-- course\.json -->\n).*(<!-- end -->\n)`)

// The syllabus says what the course says, and all pages of texts have links that lead somewhere.
func TestCourseSyllabus(t *testing.T) {
	root, c, _ := openCourse(t)
	file := filepath.Join(root, "notebooks", "README.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := syllabusTable.FindSubmatchIndex(text)
	if m == nil {
		t.Fatal("the syllabus has no marks between which its tables stand")
	}
	want := slices.Concat(text[:m[3]], []byte(c.table()), text[m[4]:])
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(text, want) {
		t.Error("the syllabus differs from notebooks/course.json: go test ./kernelext/lab/program -run Course -update writes it")
	}
	pages, err := filepath.Glob(filepath.Join(root, "notebooks", "*.md"))
	if err != nil || len(pages) < 3 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	more, err := filepath.Glob(filepath.Join(root, ".github", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(append(pages, more...), filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range target.FindAllStringSubmatch(string(text), -1) {
			to, _, _ := strings.Cut(m[3]+m[6], "#")
			if to == "" || strings.Contains(to, ":") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(f), filepath.FromSlash(to))); err != nil {
				t.Errorf("%s links to %s, which is not there", f, to)
			}
		}
	}
}

// The glossary has all verdicts, with the words of the library.
func TestGlossaryVerdicts(t *testing.T) {
	root, _, _ := openCourse(t)
	text, err := os.ReadFile(filepath.Join(root, "notebooks", "glossary.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range cite.Verdicts() {
		if row := fmt.Sprintf("| %s | %s |\n", v, v.Meaning()); !strings.Contains(string(text), row) {
			t.Errorf("the glossary has no row\n%s", row)
		}
	}
}
