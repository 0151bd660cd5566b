package page

import (
	"strings"
	"testing"
)

func TestTop(t *testing.T) {
	got := render(t, func(p *Page) {
		p.SetTop(Top{Site: true, Root: "../", Links: []Link{{"All", "../index.html"}}, Next: Link{"B & C", "b.html"}})
		p.Markdown("# Title\n\n## One [way](x.html) of $a_b$")
		p.Markdown("## Same")
		p.Markdown("## Same")
	})
	for _, want := range []string{
		`<a href="../index.html">All</a>`, `<a rel="next" href="b.html">B &amp; C →</a>`, `data-root="../"`, `src="../search.js"`,
		`<li><a href="#same">Same</a></li>`, `<li><a href="#same-2">Same</a></li>`, `<h2 id="same-2">Same</h2>`, `One way of <span class="math">a_b</span></a>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(got, `rel="prev"`) {
		t.Error("a first page leads to one before it")
	}
	if bare := render(t, func(p *Page) { p.Markdown("## One\n\n## Two") }); strings.Contains(bare, "<header") || strings.Contains(bare, "On this page") {
		t.Error("a page without a top has one")
	}
}

func TestSearch(t *testing.T) {
	script, err := Search([]Entry{{"</script> & more", "Page", "a.html#b"}})
	if err != nil || strings.Contains(string(script), "</script>") || !strings.Contains(string(script), `"u":"a.html#b"`) {
		t.Errorf("%v: %s", err, script)
	}
}
