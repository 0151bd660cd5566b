package page

import (
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func render(t *testing.T, add func(*Page)) string {
	t.Helper()
	p := New("A <page>")
	add(p)
	var b strings.Builder
	if _, err := p.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(b.String(), "<body>")
	if !ok {
		t.Fatal("no body")
	}
	return body
}

func TestMarkdownKeepsMath(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"inline":      {`cost $x_1 * y_2$ and *stress*`, `<span class="math">x_1 * y_2</span> and <em>stress</em>`},
		"display":     {"$$\na < b \\\\\nc\n$$", "<span class=\"math display\">\na &lt; b \\\\\nc\n</span>"},
		"brackets":    {`\[a_b\] and \(c_d\)`, `<span class="math display">a_b</span> and <span class="math">c_d</span>`},
		"money":       {`it costs $5 or $6 a piece`, `it costs $5 or $6 a piece`},
		"escaped":     {`\$x\$`, `$x$`},
		"code":        {"`$x_1$`", `<code>$x_1$</code>`},
		"fence":       {"```\n$x_1$\n```", "<pre><code>$x_1$\n</code></pre>"},
		"table":       {"|a|b|\n|-|-|\n|$|x|$|2|", `<span class="math">|x|</span>`},
		"details":     {"<details><summary>why $x_1$?</summary>\n\n*because*\n\n</details>", `<summary>why <span class="math">x_1</span>?</summary>`},
		"unclosed":    {"a $x and no more", "a $x and no more"},
		"paragraphs":  {"a $x\n\ny$ b", "a $x</p>"},
		"script safe": {`$</script>$`, `<span class="math">&lt;/script&gt;</span>`},
	} {
		if got := render(t, func(p *Page) { p.Markdown(c.src) }); !strings.Contains(got, c.want) {
			t.Errorf("%s: want %q in %.300s", name, c.want, got)
		}
	}
}

// What a foreign notebook brings is shown as JupyterLab shows it.
func TestMarkdownIsSanitized(t *testing.T) {
	for src, want := range map[string]string{ // "" where nothing may be left
		"<script>alert(1)</script>":                                       "",
		"<ScRiPt src=x>alert(1)</sCrIpT >after":                           "after",
		"a <img src=x onerror=alert(1)> b":                                `a <img src="x"> b`,
		"[x](javascript:alert(1))":                                        "<a>x</a>",
		"[x](JaVa&#x09;Script:alert(1))":                                  "<a>x</a>",
		`<a href="&#1;javascript:alert(1)">x</a>`:                         "<a>x</a>",
		`<a href="java&Tab;script&colon;alert(1)">x</a>`:                  "<a>x</a>",
		`<a href='data:text/html,<script>1</script>'>x</a>`:               "<a>x</a>",
		`<a href="https://go.dev" onclick="x()" target=_blank>x</a>`:      `<a href="https://go.dev" target="_blank" rel="noopener">x</a>`,
		`<iframe src="https://x"></iframe>done`:                           "done",
		`<svg><script>alert(1)</script></svg>done`:                        "done",
		`<style>body{display:none}</style>done`:                           "done",
		`<p style="color: red; position:fixed; background:url(x)">t</p>`:  `<p style="color: red">t</p>`,
		`<div class="a" style="width: calc(100% - 3px)">t</div>`:          `<div class="a" style="width: calc(100% - 3px)">t</div>`,
		`<form action="https://evil"><input type=password name=p></form>`: `<input type="checkbox" disabled="">`,
		`<meta http-equiv="refresh" content="0;url=https://evil">x`:       "x",
		`<base href="https://evil">x`:                                     "x",
		`<b <script>alert(1)</script>`:                                    "&lt;b",
		`<img src="a" "onerror=alert(1)>`:                                 `&lt;img`,
		"<!-- <script> --> x":                                             "x",
		"- [x] done":                                                      `type="checkbox"`,
		`<img src="data:image/png;base64,AA==" alt="a &quot; b">`:         `<img src="data:image/png;base64,AA==" alt="a &#34; b">`,
		`<img src="data:text/html,x">`:                                    "<img>",
		`<a href="x" title="$a$ &lt;b&gt;">$b$</a>`:                       `<a href="x" title="a &lt;b&gt;"><span class="math">b</span></a>`,
		"<table><tr><td colspan=2 align='center'>x</td></tr></table>":     `<td colspan="2" align="center">x</td>`,
	} {
		got := render(t, func(p *Page) { p.Markdown(src) })
		for _, bad := range []string{"<script>alert", "alert(1)</script", "onerror=\"", "onclick", "javascript:", "<iframe", "<svg", "<style", "<form", "http-equiv", "<base", "position"} {
			if strings.Contains(strings.ToLower(strings.ReplaceAll(got, "&lt;", "")), bad) {
				t.Errorf("%s: %q is left in %s", src, bad, got)
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: want %s in %s", src, want, got)
		}
	}
}

// FuzzMarkdown holds that nothing but the tags of the list comes out, and no attribute that is none of theirs.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"<a href=\"javascript:x\">", "<b <i>", "$<x>$ `<y>`", "<!-- a", "<img src=x onerror='y'>", "\uE0000\uE001", "<script>", "[a](<b>)", "<a b='", "<details open>\n\n*x*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		p := New("t")
		p.Markdown(src)
		got := p.body.String()
		for i := strings.IndexByte(got, '<'); i >= 0; i = strings.IndexByte(got, '<') {
			end := strings.IndexByte(got[i:], '>')
			m := tag.FindStringSubmatch(got[i:])
			if end < 0 || m == nil || len(m[0]) != end+1 {
				t.Fatalf("%q: no tag at %q", src, got[i:])
			}
			extra, ok := elements[m[2]]
			if !ok {
				t.Fatalf("%q: the tag %q", src, m[0])
			}
			for _, a := range attribute.FindAllStringSubmatch(m[3], -1) {
				if !slices.Contains(strings.Fields(extra+" rel "+everywhere), a[1]) {
					t.Fatalf("%q: the attribute %q in %q", src, a[1], m[0])
				}
				if u := strings.ToLower(html.UnescapeString(a[2])); (a[1] == "href" || a[1] == "src") && strings.HasPrefix(strings.TrimSpace(u), "javascript:") {
					t.Fatalf("%q: %q", src, m[0])
				}
			}
			got = got[i+end+1:]
		}
	})
}

func TestMathScriptOnlyWhenNeeded(t *testing.T) {
	if s := render(t, func(p *Page) { p.Markdown("no formula") }); strings.Contains(s, "<script") {
		t.Error("a page without formulas carries the renderer")
	}
	if s := render(t, func(p *Page) { p.Markdown("$x$") }); strings.Count(s, "<script") != 1 {
		t.Error("a page with formulas needs the renderer, once")
	}
}

func TestFolded(t *testing.T) {
	for src, want := range map[string]string{
		"// Folded: helpers & more.\nvar x = 1":               "<details><summary>Folded: helpers &amp; more.</summary>\n<pre",
		"%noautoget\n//Folded: imports\nimport (\n\"fmt\"\n)": "<details><summary>Folded: imports</summary>",
		"import \"fmt\"": "<details><summary>Code</summary>",
	} {
		if got := render(t, func(p *Page) { p.Folded(src) }); !strings.Contains(got, want) {
			t.Errorf("%q is shown as %s", src, got)
		}
	}
}

func TestCodeAndText(t *testing.T) {
	got := render(t, func(p *Page) {
		p.Code("%%\nfor i := range 10 { // a <b>\n\tfmt.Println(\"x\", '\\'')\n}\n!*echo 'a b'")
		p.Text("\x1b[31mred\x1b[0m <tag>\n")
		p.Error("exit <1>")
	})
	for _, want := range []string{
		`<span class="k">for</span>`, `<span class="c">// a &lt;b&gt;</span>`, `<span class="n">10</span>`,
		`<pre class="output">red &lt;tag&gt;</pre>`, `<pre class="error">exit &lt;1&gt;</pre>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q in %s", want, got)
		}
	}
}

// The marks must not change the text between them.
func FuzzHighlight(f *testing.F) {
	f.Add("x := `a\r\n` + \"\xff\" // \U0001F600")
	f.Fuzz(func(t *testing.T, src string) {
		got := highlight(src)
		for _, class := range "kcsn" {
			got = strings.ReplaceAll(got, `<span class="`+string(class)+`">`, "")
		}
		got = strings.ReplaceAll(got, "</span>", "")
		for a, b := range map[string]string{"<": "&lt;", ">": "&gt;", `"`: "&#34;", "'": "&#39;"} {
			got = strings.ReplaceAll(got, b, a)
		}
		if got = strings.ReplaceAll(got, "&amp;", "&"); got != src && !strings.Contains(src, "&") {
			t.Errorf("%q became %q", src, got)
		}
	})
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.html")
	p := New("t")
	for range 2 {
		p.Text("line")
		if err := p.WriteFile(path); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Count(string(b), ">line<") != 2 {
		t.Fatal(err, "the second write did not replace the first")
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}
