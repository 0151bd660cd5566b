package page

import (
	"fmt"
	"go/scanner"
	"go/token"
	"html"
	"strings"
)

// highlight marks keywords, strings, numbers and comments of Go source. What
// the scanner cannot read passes unmarked.
func highlight(src string) string {
	var sc scanner.Scanner
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(src))
	sc.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)
	var out strings.Builder
	done := 0
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			break
		}
		class := ""
		switch {
		case tok.IsKeyword():
			class = "k"
		case tok == token.COMMENT:
			class = "c"
		case tok == token.STRING || tok == token.CHAR:
			class = "s"
		case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
			class = "n"
		default:
			continue
		}
		at := file.Offset(pos)
		if at < done || !strings.HasPrefix(src[at:], lit) { // carriage returns are dropped from literals
			continue
		}
		fmt.Fprintf(&out, "%s<span class=%q>%s</span>", html.EscapeString(src[done:at]), class, html.EscapeString(lit))
		done = at + len(lit)
	}
	out.WriteString(html.EscapeString(src[done:]))
	return out.String()
}
