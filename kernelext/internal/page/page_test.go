package page

import (
	"os"
	"path/filepath"
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
