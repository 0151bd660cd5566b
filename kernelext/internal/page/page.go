// Package page writes self-contained HTML pages: Markdown with LaTeX, Go code,
// program output and ready HTML, readable without network, in light and dark
// mode, on paper and on a phone.
//
// Nothing is loaded from elsewhere. LaTeX is turned into MathML by an embedded
// KaTeX when the page opens, so no fonts are needed; where scripts do not run,
// its source is shown.
package page

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	rawhtml "github.com/yuin/goldmark/renderer/html"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

//go:embed assets/katex.min.js.gz
var katex []byte // KaTeX 0.16.22, MIT licence, see assets/LICENSES

//go:embed assets/page.css
var css string

//go:embed assets/math.js
var mathJS string

// A Page collects blocks in reading order. Its methods never fail: what cannot
// be rendered is shown as text.
type Page struct {
	title string
	body  bytes.Buffer
	math  bool

	top      *Top
	headings []Heading
}

// New starts an empty page. The title names the browser tab; a visible heading
// is the first line of the Markdown.
func New(title string) *Page { return &Page{title: title} }

// markdown accepts GitHub's dialect and lets HTML through, which [sanitized] then looks
// at: texts fold answers with <details>.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	goldmark.WithRendererOptions(rawhtml.WithUnsafe()))

// Markdown adds text in GitHub's dialect with LaTeX between $…$, $$…$$, \(…\) or
// \[…\], as Jupyter shows it: of HTML in it, what could run is left out.
func (p *Page) Markdown(src string) {
	src, formulas := takeMath(src)
	p.math = p.math || len(formulas) > 0
	var out bytes.Buffer
	if err := markdown.Convert([]byte(src), &out); err != nil {
		p.Text(src)
		return
	}
	fmt.Fprintf(&p.body, "<section class=\"text\">\n%s</section>\n", p.unique(putMath(sanitized(out.String()), formulas)))
}

// Fragment is Markdown as HTML for the output of a cell: its formulas keep their dollar signs,
// by which Jupyter finds them, and pages find them by their class.
func Fragment(src string) string {
	src, formulas := takeMath(src)
	var out bytes.Buffer
	if err := markdown.Convert([]byte(src), &out); err != nil {
		return "<p>" + html.EscapeString(src) + "</p>\n"
	}
	for i, f := range formulas {
		sign := "$"
		if f.display {
			sign = "$$"
		}
		formulas[i].tex = sign + f.tex + sign
	}
	return putMath(sanitized(out.String()), formulas)
}

// Inline is a Fragment of one line, without the paragraph around it.
func Inline(src string) string {
	s := strings.TrimSpace(Fragment(src))
	if inner, ok := strings.CutPrefix(s, "<p>"); ok && strings.Count(s, "<p>") == 1 {
		return strings.TrimSuffix(inner, "</p>")
	}
	return s
}

// Safe adds a fragment of HTML without what could run in it.
func (p *Page) Safe(fragment string) { p.HTML(sanitized(fragment)) }

// HTML adds a fragment as it is: it has to come from a cell that was executed here.
func (p *Page) HTML(fragment string) {
	p.math = p.math || strings.Contains(fragment, mathSpan)
	fmt.Fprintf(&p.body, "<div class=\"output\">%s</div>\n", fragment)
}

// Code adds Go source, coloured. It need not be a complete or correct program:
// the cells of a notebook are neither.
func (p *Page) Code(src string) {
	fmt.Fprintf(&p.body, "<pre class=\"code\"><code>%s</code></pre>\n", highlight(strings.TrimRight(src, "\n")))
}

// Folded adds Go source that opens on a click, under its first comment: what is in it. In
// an import cell lines for the kernel may stand above.
func (p *Page) Folded(src string) {
	summary := "Code"
	for line := range strings.Lines(src) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "//"); ok {
			summary = strings.TrimSpace(text)
			break
		}
	}
	fmt.Fprintf(&p.body, "<details><summary>%s</summary>\n", html.EscapeString(summary))
	p.Code(src)
	p.body.WriteString("</details>\n")
}

// escapes are the colour and cursor codes that programs send to terminals.
var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]")

// Text adds what a program printed.
func (p *Page) Text(s string) {
	s = strings.TrimRight(escapes.ReplaceAllString(s, ""), "\n")
	fmt.Fprintf(&p.body, "<pre class=\"output\">%s</pre>\n", html.EscapeString(s))
}

// Error adds the message of something that failed, so that nobody overlooks it.
func (p *Page) Error(s string) {
	s = strings.TrimRight(escapes.ReplaceAllString(s, ""), "\n")
	fmt.Fprintf(&p.body, "<pre class=\"error\">%s</pre>\n", html.EscapeString(s))
}

// WriteTo writes the whole page; it may be called again after more was added.
func (p *Page) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
%s<style>
%s</style></head>
<body>
`, html.EscapeString(p.title), p.top.meta(), css)
	p.top.write(&b, p.headings)
	b.WriteString("<main>\n")
	b.Write(p.body.Bytes())
	b.WriteString("</main>\n")
	if p.math {
		fmt.Fprintf(&b, "<script>%s(%q);</script>\n", strings.TrimSpace(mathJS), base64.StdEncoding.EncodeToString(katex))
	}
	b.WriteString("</body></html>\n")
	return b.WriteTo(w)
}

// WriteFile writes the page to path. A reader never sees half a page.
func (p *Page) WriteFile(path string) error {
	var b bytes.Buffer
	if _, err := p.WriteTo(&b); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return atomicfile.Write(path, b.Bytes())
}
