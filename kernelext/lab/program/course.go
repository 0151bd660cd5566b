package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A course is what notebooks/course.json says: the lessons in the order in which they are read, and ways through them. Feet of
// notebooks, the syllabus and the pages of the site follow it.
type course struct {
	Parts   []part     `json:"parts"`
	Courses []syllabus `json:"courses"`
}

// A part is a line of work.
type part struct {
	Title   string   `json:"title"`
	About   string   `json:"about"`
	Lessons []lesson `json:"lessons"`
}

// A lesson is a notebook. Files are relative to the folder notebooks, with slashes.
type lesson struct {
	File    string   `json:"file"`
	Title   string   `json:"title"`
	Covers  string   `json:"covers"`  // sections of papers
	Minutes int      `json:"minutes"` // of reading; runs and exercises come on top
	Needs   []string `json:"needs"`   // files of lessons that have to come first
	About   string   `json:"about"`
}

// A syllabus is a way through the course, in sittings of at most some minutes of reading. Without sittings it is all of it.
type syllabus struct {
	Name    string     `json:"name"`
	Title   string     `json:"title"`
	About   string     `json:"about"`
	Minutes int        `json:"minutes"`
	Days    [][]string `json:"days"`
}

// readCourse reads the course of a repository.
func readCourse(root string) (course, error) {
	file := filepath.Join(root, "notebooks", "course.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return course{}, err
	}
	var c course
	if err := json.Unmarshal(text, &c); err != nil {
		return course{}, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// lessons lists the lessons in order.
func (c course) lessons() (all []lesson) {
	for _, p := range c.Parts {
		all = append(all, p.Lessons...)
	}
	return all
}

// place is the position of a lesson by its file, -1 if there is none.
func (c course) place(file string) int {
	return slices.IndexFunc(c.lessons(), func(l lesson) bool { return l.File == file })
}

// inOrder sorts notebooks of a repository as they are read; those that are no lessons follow.
func (c course) inOrder(root string, files []string) {
	place := func(file string) int {
		if rel, err := filepath.Rel(filepath.Join(root, "notebooks"), file); err == nil {
			if i := c.place(filepath.ToSlash(rel)); i >= 0 {
				return i
			}
		}
		return len(c.lessons())
	}
	slices.SortStableFunc(files, func(a, b string) int { return place(a) - place(b) })
}

// link is a Markdown link from a lesson to another file of the folder notebooks.
func link(from, title, to string) string {
	rel, err := filepath.Rel(filepath.FromSlash(path.Dir(from)), filepath.FromSlash(to))
	if err != nil {
		rel = to
	}
	return fmt.Sprintf("[%s](%s)", title, filepath.ToSlash(rel))
}

// foot is the last cell of lesson i.
func (c course) foot(i int) string {
	all := c.lessons()
	from := all[i].File
	parts := []string{link(from, "syllabus", "README.md"), link(from, "notation", "notation.md"), link(from, "glossary", "glossary.md")}
	if i > 0 {
		parts = slices.Insert(parts, 0, "← "+link(from, all[i-1].Title, all[i-1].File))
	}
	if i+1 < len(all) {
		parts = append(parts, link(from, all[i+1].Title, all[i+1].File)+" →")
	}
	return strings.Join(parts, " · ")
}

// table is the part of the syllabus that follows from the course: the ways through it, then all lessons.
func (c course) table() string {
	var b strings.Builder
	all := c.lessons()
	b.WriteString("## Three courses\n\n| course | reading | lessons |\n| --- | --- | --- |\n")
	for _, s := range c.Courses {
		minutes, days := 0, make([]string, len(s.Days))
		for d, files := range s.Days {
			names := make([]string, len(files))
			for k, f := range files {
				i := c.place(f)
				minutes += all[i].Minutes
				names[k] = link("", fmt.Sprint(i+1), f)
			}
			days[d] = strings.Join(names, ", ")
			if len(s.Days) > 1 {
				days[d] = fmt.Sprintf("day %d: %s", d+1, days[d])
			}
		}
		if len(days) == 0 {
			days = []string{fmt.Sprintf("1 to %d", len(all))}
			for _, l := range all {
				minutes += l.Minutes
			}
		}
		fmt.Fprintf(&b, "| **%s**: %s. %s | %s | %s |\n", s.Name, s.Title, s.About, duration(minutes), strings.Join(days, " · "))
	}
	i := 0
	for _, p := range c.Parts {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| | lesson | reading | needs |\n| --- | --- | --- | --- |\n", p.Title, p.About)
		for _, l := range p.Lessons {
			i++
			needs := make([]string, len(l.Needs))
			for k, f := range l.Needs {
				needs[k] = link("", fmt.Sprint(c.place(f)+1), f)
			}
			about := l.About
			if l.Covers != "" {
				about += " *" + l.Covers + ".*"
			}
			fmt.Fprintf(&b, "| %d | **%s** %s | %d min | %s |\n", i, link("", l.Title, l.File), about, l.Minutes, strings.Join(needs, ", "))
		}
	}
	return b.String()
}

// duration says minutes in words.
func duration(minutes int) string {
	if minutes < 100 {
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%.1f h", float64(minutes)/60)
}
