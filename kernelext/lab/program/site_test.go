package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image/gif"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/l2olab/l2o/kernelext/internal/page"
)

// builtSite writes the site into a folder of the test, and lists its pages in the order of the course.
func builtSite(t *testing.T) (r *repo, dir string, pages []string) {
	t.Helper()
	r, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir = resolved(t.TempDir())
	if _, err := r.writeSite(dir); err != nil {
		t.Fatal(err)
	}
	c, err := readCourse(r.root)
	if err != nil {
		t.Fatal(err)
	}
	pages = []string{"index.html", "notation.html", "glossary.html", playPage}
	for _, l := range c.lessons() {
		pages = append(pages, pageOf(l.File))
	}
	return r, dir, pages
}

var hrefs = regexp.MustCompile(`(?:href|src)="([^"]+)"`)

// Every page is there, with all pages that it and the search lead to, and nothing is loaded from elsewhere.
func TestSite(t *testing.T) {
	_, dir, pages := builtSite(t)
	text := map[string]string{}
	for _, p := range pages {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(p)))
		if err != nil {
			t.Fatal(err)
		}
		text[p] = string(b)
	}
	found := func(from, link string) {
		u, err := url.Parse(link)
		if err != nil || u.Scheme != "" {
			if err != nil || u.Scheme != "data" && u.Scheme != "https" && u.Scheme != "http" {
				t.Errorf("%s leads to %.80q", from, link)
			}
			return
		}
		to := filepath.Join(dir, filepath.Dir(filepath.FromSlash(from)), filepath.FromSlash(u.Path))
		if u.Path == "" {
			to = filepath.Join(dir, filepath.FromSlash(from))
		}
		if !isFile(to) {
			t.Errorf("%s leads to %s, which is not there", from, link)
		}
	}
	for _, p := range pages {
		head := text[p][:strings.Index(text[p], "<main>")]
		for _, m := range hrefs.FindAllStringSubmatch(head, -1) {
			found(p, m[1])
			if id, ok := strings.CutPrefix(m[1], "#"); ok && !strings.Contains(text[p], fmt.Sprintf(`id="%s"`, id)) {
				t.Errorf("the contents of %s lead to %s, which is not there", p, m[1])
			}
		}
		for _, section := range regexp.MustCompile(`(?s)<section class="text">.*?</section>`).FindAllString(text[p], -1) {
			for _, m := range hrefs.FindAllStringSubmatch(section, -1) {
				found(p, m[1])
				if strings.Contains(m[1], ".ipynb") {
					t.Errorf("%s leads to the notebook %s in place of its page", p, m[1])
				}
			}
		}
	}
	script, err := os.ReadFile(filepath.Join(dir, page.SearchFile))
	if err != nil {
		t.Fatal(err)
	}
	var entries []page.Entry
	at := strings.LastIndex(string(script), "([{")
	if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(string(script[at+1:])), ");")), &entries); err != nil || len(entries) < 200 {
		t.Fatalf("%d entries of the search, %v", len(entries), err)
	}
	for _, e := range entries {
		file, id, _ := strings.Cut(e.To, "#")
		if id != "" && !strings.Contains(text[file], fmt.Sprintf(`id="%s"`, id)) || text[file] == "" {
			t.Errorf("the search leads from %q to %s, which is not there", e.Title, e.To)
		}
	}
	for i, p := range pages[4:] {
		for rel, there := range map[string]bool{"prev": i > 0, "next": i+1 < len(pages[4:])} {
			if strings.Contains(text[p], fmt.Sprintf(`<a rel="%s"`, rel)) != there {
				t.Errorf("%s and its %s", p, rel)
			}
		}
	}
}

// The moving picture moves and is small. The README shows the one that is committed.
func TestMovie(t *testing.T) {
	file := filepath.Join(t.TempDir(), "play.gif")
	if err := writeMovie(file); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	movie, err := gif.DecodeAll(f)
	if err != nil || len(movie.Image) < 20 {
		t.Fatalf("%d pictures, %v", len(movie.Image), err)
	}
	if info, err := f.Stat(); err != nil || info.Size() > 1_500_000 {
		t.Errorf("%d bytes are more than a front page should load, %v", info.Size(), err)
	}
	changed := 0
	for _, k := range movie.Image[10].Pix {
		if k != 0 {
			changed++
		}
	}
	if changed < 500 {
		t.Errorf("%d points change from one picture to the next", changed)
	}
}

// TestSiteInABrowser opens the site from a server and from a file: it searches, goes on, changes to dark, looks at each page on a
// phone, and reads one without scripts.
func TestSiteInABrowser(t *testing.T) {
	whole(t)
	r, dir, pages := builtSite(t)
	if err := r.writePlay(t.Context(), nil, dir); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	ctx := tab(t)
	file := "file://" + filepath.ToSlash(dir)
	for _, root := range []string{server.URL, file} {
		t.Run(strings.SplitN(root, ":", 2)[0], func(t *testing.T) { checkSite(ctx, t, root) })
	}
	for _, c := range []struct {
		name   string
		width  int64
		scheme string
	}{{"wide", 1200, "light"}, {"wide and dark", 1200, "dark"}, {"narrow", 390, "light"}, {"narrow and dark", 390, "dark"}} {
		t.Run(c.name, func(t *testing.T) {
			do(ctx, t, "forget the choice of dark or light", chromedp.EmulateViewport(c.width, 900), chromedp.Navigate(file+"/index.html"), chromedp.Evaluate[chromedp.Void](`localStorage.clear()`))
			for _, p := range pages {
				checkSitePage(ctx, t, file+"/"+p, p, c.width, c.scheme)
			}
		})
	}
	t.Run("without JavaScript", func(t *testing.T) {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
		for _, p := range pages[3:] {
			do(ctx, t, "open "+p, chromedp.Navigate(file+"/"+p))
			waitUntil(ctx, t, "pictures are there", `document.readyState === "complete" && [...document.images].every(p => p.complete)`)
			if n := evaluate[int](ctx, t, `document.querySelectorAll("h1").length`); n != 1 {
				t.Errorf("%s has %d titles without scripts", p, n)
			}
			evaluate[int](ctx, t, `[...document.querySelectorAll("details")].map(d => d.open = true).length`) // as a reader does
			if n := evaluate[int](ctx, t, `[...document.querySelectorAll("img.l2o-static")].filter(p => p.getBoundingClientRect().height > 50).length`); n == 0 {
				t.Errorf("%s shows no picture without scripts", p)
			}
		}
		screenshot(ctx, t, "without-scripts")
	})
}

// checkSite searches a title, goes on to the next page, and changes to dark.
func checkSite(ctx context.Context, t *testing.T, root string) {
	t.Helper()
	do(ctx, t, "open the site", chromedp.EmulateViewport(1200, 900), chromedp.Navigate(root+"/index.html"))
	waitUntil(ctx, t, "the search is there", `document.querySelector("#l2o-search input") !== null`)
	do(ctx, t, "search", chromedp.Evaluate[chromedp.Void](`document.querySelector("#l2o-search input").focus()`), chromedp.KeyEvent("hundred fista"))
	waitUntil(ctx, t, "something is found", `document.querySelectorAll("#l2o-search li a").length > 0`)
	do(ctx, t, "go there", chromedp.KeyEvent(kb.Enter))
	arrive(ctx, t, "l2opa/05-logistic.html")
	do(ctx, t, "go on", chromedp.Evaluate[chromedp.Void](`document.querySelector(".top a[rel=next]").click()`))
	arrive(ctx, t, "l2opa/06-how-long-does-it-pay.html")
	const paper = `getComputedStyle(document.body).backgroundColor`
	light := evaluate[string](ctx, t, paper)
	do(ctx, t, "change to dark", chromedp.Evaluate[chromedp.Void](`document.getElementById("l2o-theme").click()`))
	if dark := evaluate[string](ctx, t, paper); dark == light {
		t.Errorf("the page stays %s", dark)
	}
	do(ctx, t, "read on", chromedp.Reload())
	waitUntil(ctx, t, "it stays dark", `document.readyState === "complete" && `+paper+` !== `+fmt.Sprintf("%q", light))
	do(ctx, t, "change back", chromedp.Evaluate[chromedp.Void](`document.getElementById("l2o-theme").click()`))
}

// arrive waits for a page that a link leads to. A browser on its way answers no questions.
func arrive(ctx context.Context, t *testing.T, page string) {
	t.Helper()
	there := fmt.Sprintf(`location.pathname.endsWith(%q) && document.readyState === "complete"`, page)
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		limited, cancel := context.WithTimeout(ctx, patience)
		ok, err := chromedp.Run(limited, chromedp.Evaluate[bool](there))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not open: %v", page, err)
		}
	}
}

// checkSitePage opens a page: formulas are set, figures and playgrounds live, and nothing is wider than the window.
func checkSitePage(ctx context.Context, t *testing.T, url, name string, width int64, scheme string) {
	t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
	do(ctx, t, "open "+name, chromedp.Navigate(url))
	waitUntil(ctx, t, name+" is there", `document.readyState === "complete" && document.querySelectorAll(".math:not(.ready)").length === 0 && document.querySelectorAll('.l2o-play:not([data-l2o-state="live"])').length === 0`)
	if dark := evaluate[int](ctx, t, `+getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]`) < 128; dark != (scheme == "dark") {
		t.Errorf("%s is dark: %v, on a %s screen", name, dark, scheme)
	}
	if wide := evaluate[int](ctx, t, `document.documentElement.scrollWidth`); wide > int(width) {
		who := evaluate[string](ctx, t, fmt.Sprintf(`[...document.querySelectorAll("main *, .top *")].filter(e => e.getBoundingClientRect().right > %d && !e.closest("pre, table, .output, .display")).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(" … ")`, width))
		t.Errorf("%s is %d pixels wide in a window of %d: %s", name, wide, width, who)
	}
	if broken := evaluate[[]string](ctx, t, `performance.getEntriesByType("resource").map(r => r.name).filter(n => !/^(file:|data:|blob:|http:..127[.])/.test(n))`); len(broken) > 0 {
		t.Errorf("%s asks other hosts: %v", name, broken)
	}
	if keepsArtifacts() {
		screenshot(ctx, t, strings.NewReplacer("/", "_", ".html", "").Replace(name))
	}
}
