package main

import (
	"encoding/base64"
	"fmt"
	"mime"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// target matches where a link or an image of Markdown or HTML points to. Group 1 is an exclamation mark or "src" for
// images, group 2 what stands before the target, group 3 the target.
var target = regexp.MustCompile(`(!?)(\[[^\]]*\]\()([^)\s]+)|(?:(src)|href)(=")([^"]+)`)

// localize makes the links of the text of a cell right for a page that lies elsewhere than the notebook: to the page of
// another notebook that is written in the same run, else to the file itself. Images are put into the page.
func (rep *reporter) localize(src string, c jupyter.Cell, notebook, file string) string {
	var b strings.Builder
	done := 0
	for _, m := range target.FindAllStringSubmatchIndex(src, -1) {
		from, to, isImage := m[6], m[7], m[3] > m[2]
		if from < 0 {
			from, to, isImage = m[12], m[13], m[8] >= 0
		}
		link := src[from:to]
		b.WriteString(src[done:from])
		if isImage {
			b.WriteString(inlineImage(c, link, notebook))
		} else {
			b.WriteString(rep.localLink(link, notebook, file))
		}
		done = to
	}
	b.WriteString(src[done:])
	return b.String()
}

// localLink rewrites a relative link; anything else, or a link to nothing, stays as it is.
func (rep *reporter) localLink(link, notebook, file string) string {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" || strings.HasPrefix(u.Path, "/") {
		return link
	}
	to := filepath.Join(filepath.Dir(notebook), filepath.FromSlash(u.Path))
	page, ok := rep.pages[to]
	switch _, err := os.Stat(to); {
	case ok:
		to = page
	case err != nil:
		return link
	case rep.sources != "":
		if rel, err := filepath.Rel(rep.root, to); err == nil && filepath.IsLocal(rel) {
			return rep.sources + filepath.ToSlash(rel)
		}
		return link
	}
	rel, err := filepath.Rel(resolved(filepath.Dir(file)), to)
	if err != nil {
		return link
	}
	u.Path = filepath.ToSlash(rel)
	return u.String()
}

// inlineImage returns an image as a data URI if it lies beside the notebook or was pasted into the cell.
func inlineImage(c jupyter.Cell, link, notebook string) string {
	if name, ok := strings.CutPrefix(link, "attachment:"); ok {
		if kind, data, ok := c.Attachment(name); ok {
			return fmt.Sprintf("data:%s;base64,%s", kind, data)
		}
		return link
	}
	u, err := url.Parse(link)
	kind := ""
	if err == nil {
		kind = mime.TypeByExtension(filepath.Ext(u.Path))
	}
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(kind, "image/") {
		return link
	}
	data, err := os.ReadFile(filepath.Join(filepath.Dir(notebook), filepath.FromSlash(u.Path)))
	if err != nil {
		return link
	}
	return fmt.Sprintf("data:%s;base64,%s", kind, base64.StdEncoding.EncodeToString(data))
}
