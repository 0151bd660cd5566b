package page

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
)

// What a notebook's Markdown may hold of HTML is what JupyterLab lets through: text, tables, images, links, folded text,
// and nothing that runs or looks like the page itself. The rules are an allowlist, and what is written again is made here, tag
// by tag: what does not read as a tag of the list is text.

// elements lists the allowed elements with their attributes beyond those of all.
var elements = map[string]string{
	"a": "href name target", "abbr": "", "address": "", "article": "", "aside": "", "audio": "controls src loop", "b": "", "bdi": "", "bdo": "",
	"blockquote": "cite", "br": "", "caption": "", "center": "", "cite": "", "code": "", "col": "align span valign width", "colgroup": "align span valign width",
	"dd": "", "del": "cite datetime", "details": "open", "dfn": "", "div": "align", "dl": "compact", "dt": "", "em": "", "figcaption": "", "figure": "",
	"font": "color face size", "footer": "", "h1": "align", "h2": "align", "h3": "align", "h4": "align", "h5": "align", "h6": "align", "header": "",
	"hr": "align size width", "i": "", "img": "align alt border height src srcset width", "input": "checked disabled type", "ins": "cite datetime", "kbd": "",
	"li": "type value", "mark": "", "nav": "", "ol": "compact reversed start type", "p": "align", "pre": "width", "q": "cite", "rp": "", "rt": "", "ruby": "",
	"s": "", "samp": "", "section": "", "small": "", "source": "src type", "span": "", "strike": "", "strong": "", "sub": "", "summary": "", "sup": "",
	"table": "align bgcolor border cellpadding cellspacing width", "tbody": "align valign", "td": "align bgcolor colspan headers height rowspan scope valign width",
	"tfoot": "align valign", "th": "align bgcolor colspan headers height rowspan scope valign width", "thead": "align valign", "time": "datetime",
	"tr": "align bgcolor valign", "tt": "", "u": "", "ul": "compact type", "var": "", "video": "controls height loop muted poster src width", "wbr": "",
}

// everywhere lists the attributes of all elements.
const everywhere = "class dir id lang style title aria-label role"

// swallowed are elements that go with what is in them: it is no text for readers.
var swallowed = []string{"script", "style", "title", "textarea", "noscript", "iframe", "noembed", "noframes", "xmp", "plaintext", "template", "svg", "math", "object", "select"}

// tag matches a tag as HTML's own rules read it when it is written carefully; group 1 is "/" at the end of an element, 2 its
// name, 3 the attributes. Written otherwise, it is text.
var tag = regexp.MustCompile(`^<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:[\s/]+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>` + "`" + `]+))?)*)[\s/]*>`)

// attribute matches one of them: its name, and its value in one of three ways of writing.
var attribute = regexp.MustCompile(`([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>` + "`" + `]+)))?`)

// sanitized is a fragment of HTML without what could act in the name of its reader.
func sanitized(fragment string) string {
	var out strings.Builder
	for i := 0; i < len(fragment); {
		rest := fragment[i:]
		if rest[0] != '<' {
			n := strings.IndexByte(rest, '<')
			if n < 0 {
				n = len(rest)
			}
			out.WriteString(strings.ReplaceAll(rest[:n], ">", "&gt;"))
			i += n
			continue
		}
		if strings.HasPrefix(rest, "<!--") {
			i += lengthTo(rest, "-->")
			continue
		}
		m := tag.FindStringSubmatch(rest)
		if m == nil {
			if n := swallow(rest); n > 0 {
				i += n
				continue
			}
			out.WriteString("&lt;")
			i++
			continue
		}
		name := strings.ToLower(m[2])
		i += len(m[0])
		extra, allowed := elements[name]
		switch {
		case allowed && m[1] == "/":
			out.WriteString("</" + name + ">")
		case allowed:
			out.WriteString("<" + name + attributes(name, extra, m[3]) + ">")
		case m[1] == "" && slices.Contains(swallowed, name):
			i += throughEnd(fragment[i:], name)
		}
	}
	return out.String()
}

// swallow is the length of an element whose opening tag cannot be read but whose name says that it goes.
func swallow(s string) int {
	for _, name := range swallowed {
		if n := 1 + len(name); len(s) > n && strings.EqualFold(s[1:n], name) && !isLetter(s[n]) {
			return throughEnd(s, name)
		}
	}
	return 0
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// ends match the end tags of what is swallowed.
var ends = func() map[string]*regexp.Regexp {
	m := map[string]*regexp.Regexp{}
	for _, name := range swallowed {
		m[name] = regexp.MustCompile(`(?i)</` + name + `(?:[^a-z>][^>]*)?>`)
	}
	return m
}()

// throughEnd is the length of s up to and with the end tag of an element, or all of it.
func throughEnd(s, name string) int {
	if m := ends[name].FindStringIndex(s); m != nil {
		return m[1]
	}
	return len(s)
}

// lengthTo is the length of s up to and with mark, or all of it.
func lengthTo(s, mark string) int {
	if i := strings.Index(s, mark); i >= 0 {
		return i + len(mark)
	}
	return len(s)
}

// attributes writes those that an element may have.
func attributes(name, extra, source string) string {
	var out strings.Builder
	seen := map[string]bool{}
	for _, m := range attribute.FindAllStringSubmatch(source, -1) {
		key := strings.ToLower(m[1])
		value := html.UnescapeString(m[2] + m[3] + m[4])
		if seen[key] || !slices.Contains(strings.Fields(extra+" "+everywhere), key) {
			continue
		}
		seen[key] = true
		switch key {
		case "href", "src", "cite", "poster":
			if !harmless(value, name == "img" && key == "src") {
				continue
			}
		case "srcset":
			if strings.Contains(value, ":") && !strings.HasPrefix(value, "https://") {
				continue
			}
		case "style":
			if value = declarations(value); value == "" {
				continue
			}
		case "type":
			if name == "input" && value != "checkbox" {
				continue
			}
		}
		fmt.Fprintf(&out, ` %s="%s"`, key, html.EscapeString(value))
	}
	if name == "input" { // the boxes of task lists, and nothing to type a password into
		if !seen["type"] || !strings.Contains(out.String(), ` type="checkbox"`) {
			return ` type="checkbox" disabled=""`
		}
		if !seen["disabled"] {
			out.WriteString(` disabled=""`)
		}
	}
	if name == "a" && seen["target"] {
		out.WriteString(` rel="noopener"`)
	}
	return out.String()
}

// scheme matches the beginning of an absolute address.
var scheme = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9+.-]*):`)

// harmless reports whether an address leads to something that shows or reads and does not run. Browsers ignore blanks and
// control characters in front of a scheme, and some within it.
func harmless(address string, picture bool) bool {
	address = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || 0x80 <= r && r <= 0xa0 || r == '\ufeff' {
			return -1
		}
		return r
	}, address)
	m := scheme.FindStringSubmatch(address)
	if m == nil {
		return !strings.Contains(beforePath(address), ":") // "&#x1;javascript:" and the like
	}
	switch s := strings.ToLower(m[1]); s {
	case "http", "https", "mailto", "ftp", "tel", "attachment":
		return true
	case "data":
		return picture && strings.HasPrefix(strings.ToLower(address), "data:image/")
	}
	return false
}

// beforePath is the part of an address in which a colon would make a scheme.
func beforePath(address string) string {
	if i := strings.IndexAny(address, "/?#"); i >= 0 {
		return address[:i]
	}
	return address
}

// properties lists what a style may set: how text looks and how wide it is, not where it lies.
var properties = regexp.MustCompile(`^(?:color|background-color|background|text-align|vertical-align|text-decoration|text-indent|font(?:-family|-size|-style|-weight|-variant)?|line-height|white-space|` +
	`(?:max-|min-)?(?:width|height)|(?:margin|padding|border)(?:-[a-z]+)*|list-style(?:-type)?|display|float|clear|overflow|opacity|columns?|column-count)$`)

// plainValue matches values without functions that fetch something.
var plainValue = regexp.MustCompile(`^(?:[a-zA-Z0-9#%.,!+ '"-]|(?:rgba?|hsla?|calc|min|max)\([0-9a-z%., +*/-]*\))*$`)

// declarations keeps the harmless ones of a style.
func declarations(style string) string {
	var kept []string
	for _, d := range strings.Split(style, ";") {
		name, value, _ := strings.Cut(d, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if properties.MatchString(name) && value != "" && plainValue.MatchString(value) {
			kept = append(kept, name+": "+value)
		}
	}
	return strings.Join(kept, "; ")
}
