package page

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// A formula is LaTeX that was taken out of a Markdown text.
type formula struct {
	tex     string
	display bool
}

// Placeholders stand for formulas while Markdown is rendered: letters and
// digits between two private-use characters, which no Markdown rule touches.
const (
	opening = "\uE000"
	closing = "\uE001"
)

// takeMath replaces the formulas of src by placeholders, because Markdown would
// read their underscores, stars and backslashes as its own. Code is left alone.
// A dollar sign opens a formula only before a non-space, and closes it only
// after a non-space and not before a digit: "$5 or $6" stays money.
func takeMath(src string) (string, []formula) {
	var out strings.Builder
	var fs []formula
	lineStart := true
	for i := 0; i < len(src); {
		rest := src[i:]
		if lineStart {
			if n := fence(rest); n > 0 {
				out.WriteString(rest[:n])
				i += n
				continue
			}
		}
		lineStart = rest[0] == '\n' || lineStart && rest[0] == ' '
		switch n, tex, display := delimited(rest); {
		case n > 0:
			fmt.Fprintf(&out, "%s%d%s", opening, len(fs), closing)
			fs = append(fs, formula{tex, display})
			i += n
		case rest[0] == '`':
			n := codeSpan(rest)
			out.WriteString(rest[:n])
			i += n
		case rest[0] == '\\' && len(rest) > 1:
			out.WriteString(rest[:2])
			i += 2
		default:
			out.WriteByte(rest[0])
			i++
		}
	}
	return out.String(), fs
}

// placeholder matches one of them.
var placeholder = regexp.MustCompile(opening + `(\d+)` + closing)

// mathSpan begins an element that the page's script renders.
const mathSpan = `<span class="math`

// putMath puts the formulas back, as elements that the page's script renders
// and that show their source until then. Inside of a tag, where an attribute had
// dollar signs, the source alone is put.
func putMath(s string, fs []formula) string {
	var out strings.Builder
	done := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(s, -1) {
		out.WriteString(s[done:m[0]])
		done = m[1]
		i, err := strconv.Atoi(s[m[2]:m[3]])
		if err != nil || i >= len(fs) {
			continue // the text had these characters itself
		}
		before := s[:m[0]]
		switch f := fs[i]; {
		case strings.LastIndexByte(before, '<') > strings.LastIndexByte(before, '>'):
			out.WriteString(html.EscapeString(f.tex))
		case f.display:
			fmt.Fprintf(&out, mathSpan+` display">%s</span>`, html.EscapeString(f.tex))
		default:
			fmt.Fprintf(&out, mathSpan+`">%s</span>`, html.EscapeString(f.tex))
		}
	}
	out.WriteString(s[done:])
	return out.String()
}

// delimited recognises a formula at the start of s: its length with
// delimiters, 0 when there is none.
func delimited(s string) (n int, tex string, display bool) {
	for _, d := range []struct {
		open, close string
		display     bool
	}{{"$$", "$$", true}, {`\[`, `\]`, true}, {`\(`, `\)`, false}, {"$", "$", false}} {
		if !strings.HasPrefix(s, d.open) {
			continue
		}
		body := s[len(d.open):]
		end := strings.Index(body, d.close)
		if d.open == "$" {
			end = closingDollar(body)
		}
		if end <= 0 || strings.Contains(body[:end], "\n\n") {
			return 0, "", false
		}
		return len(d.open) + end + len(d.close), body[:end], d.display
	}
	return 0, "", false
}

func closingDollar(body string) int {
	if body == "" || strings.ContainsRune(" \t\n$", rune(body[0])) {
		return -1
	}
	for i := 1; i < len(body); i++ {
		switch {
		case body[i] != '$' || body[i-1] == '\\':
		case strings.ContainsRune(" \t\n", rune(body[i-1])):
			return -1
		case i+1 < len(body) && '0' <= body[i+1] && body[i+1] <= '9':
			return -1
		default:
			return i
		}
	}
	return -1
}

// codeSpan is the length of the code span at the start of s, or of its
// backquotes alone when they are never closed.
func codeSpan(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "`"))
	for i := n; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if i += run; run == n {
			return i
		}
	}
	return n
}

// fence is the length of the fenced code block at the start of s, 0 when there
// is none. An unclosed block runs to the end.
func fence(s string) int {
	indent := len(s) - len(strings.TrimLeft(s, " "))
	mark := s[indent:]
	if indent > 3 || !strings.HasPrefix(mark, "```") && !strings.HasPrefix(mark, "~~~") {
		return 0
	}
	mark = mark[:3]
	n := 0
	for i, line := range strings.SplitAfter(s, "\n") {
		n += len(line)
		if i > 0 && strings.HasPrefix(strings.TrimLeft(line, " "), mark) {
			return n
		}
	}
	return len(s)
}
