package console

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain removes from a text what a terminal would not show but obey: the codes for colours and the cursor, those for titles and
// links, and other control characters.
func Plain(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		switch {
		case r == '\x1b':
			s = s[escape(s):]
		case r == '\n' || r == '\t' || !unicode.IsControl(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escape returns how many bytes of s belong to the escape character before it.
func escape(s string) int {
	span := func(from int, in func(c byte) bool) int {
		for from < len(s) && in(s[from]) {
			from++
		}
		return from
	}
	between := func(low, high byte) func(byte) bool {
		return func(c byte) bool { return low <= c && c <= high }
	}
	switch {
	case s == "":
		return 0
	case strings.IndexByte("]PX^_", s[0]) >= 0: // a text up to a bell or to another escape and a backslash
		at := span(1, func(c byte) bool { return c != '\a' && c != '\x1b' })
		if strings.HasPrefix(s[at:], "\a") {
			return at + 1
		}
		return at + len(s[at:]) - len(strings.TrimPrefix(s[at:], "\x1b\\"))
	case s[0] == '[':
		at := span(1, func(c byte) bool { return between('0', '9')(c) || c == ';' || c == '?' })
		if at = span(at, between(' ', '/')); at < len(s) && between('@', '~')(s[at]) {
			return at + 1
		}
		return 1
	}
	if at := span(0, between(' ', '/')); at < len(s) && between('0', '~')(s[at]) {
		return at + 1
	}
	return 0
}
