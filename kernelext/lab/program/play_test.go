package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/l2olab/l2o/kernelext"
	"github.com/l2olab/l2o/kernelext/play"
)

// mostPacked is how many bytes of program a page may have to load.
const mostPacked = 2_500_000

// A handle is a control of a playground in a page, in the middle of the window.
type handle struct {
	Playground, Control, Kind string
	X, Y, Width, Height       float64
}

const handles = `[...document.querySelectorAll(".l2o-play [data-control]")].map(e => ({
	Playground: e.closest(".l2o-play").dataset.l2oPlay, Control: e.dataset.control,
	Kind: e.matches(".l2o-point") ? "point" : e.matches(".l2o-cells") ? "cells" : e.tagName.toLowerCase()}))`

// find names the element of a handle in JavaScript.
func (h handle) find() string {
	return fmt.Sprintf(`document.querySelector('[data-l2o-play="%s"] [data-control="%s"]')`, h.Playground, h.Control)
}

// move moves a control as a reader does: with the mouse, or with keys.
func (h handle) move(ctx context.Context, t *testing.T) {
	t.Helper()
	h = evaluate[handle](ctx, t, fmt.Sprintf(`(() => { const e = %s; e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect();
		return {Playground: %q, Control: %q, Kind: %q, X: r.x, Y: r.y, Width: r.width, Height: r.height}; })()`, h.find(), h.Playground, h.Control, h.Kind))
	x, y := h.X+h.Width/2, h.Y+h.Height/2
	switch h.Kind {
	case "point":
		h.drag(ctx, t, x, y, x-36, y+24)
	case "cells":
		h.drag(ctx, t, x, y, x+30, y+2)
	case "input":
		do(ctx, t, "move a slider with the keys", chromedp.Evaluate[chromedp.Void](h.find()+`.focus()`), chromedp.KeyEvent(kb.ArrowLeft+kb.ArrowLeft))
		do(ctx, t, "and far away with the mouse", chromedp.MouseClickXY(h.X+.15*h.Width, y))
	case "select":
		do(ctx, t, "choose another option", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(e => { e.value = e.options[1].value; e.dispatchEvent(new Event("change", {bubbles: true})); })(%s)`, h.find())))
	default:
		do(ctx, t, "press a button", chromedp.MouseClickXY(x, y))
	}
}

// lasso is a point that stands for others.
var lasso = handle{Playground: "lasso2d", Control: "b", Kind: "point"}

// changes waits until an act has changed the picture.
func (h handle) changes(ctx context.Context, t *testing.T, how string, act func()) {
	t.Helper()
	picture := fmt.Sprintf(`document.querySelector('[data-l2o-play="%s"] .l2o-picture').innerHTML`, h.Playground)
	do(ctx, t, "remember the picture", chromedp.Evaluate[chromedp.Void](`window.before = `+picture))
	act()
	waitUntil(ctx, t, fmt.Sprintf("the picture of %s follows %s, %s", h.Playground, h.Control, how), picture+` !== before`)
}

// touch drags a point with a finger.
func (h handle) touch(ctx context.Context, t *testing.T) {
	t.Helper()
	at := evaluate[[]float64](ctx, t, fmt.Sprintf(`(() => { const e = %s; e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`, h.find()))
	for i := range 8 {
		p := input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchMove, TouchPoints: []*input.TouchPoint{{X: at[0] - 4*float64(i), Y: at[1] - 6*float64(i)}}}
		switch i {
		case 0:
			p.Type = input.DispatchTouchEventTypeTouchStart
		case 7:
			p = input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}}
		}
		if _, err := chromedp.Call(ctx, input.DispatchTouchEvent, p); err != nil {
			t.Fatal(err)
		}
	}
}

// appear makes the choice without which a control is not there.
func (h handle) appear(ctx context.Context, t *testing.T) {
	t.Helper()
	do(ctx, t, "make a choice", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(game => {
		const by = name => game.controls.find(c => c.name === name), c = by(%q);
		if (c.when && !c.is.includes(game.values[c.when][0])) game.set(by(c.when), [c.is[0]]);
	})(document.querySelector('[data-l2o-play="%s"]').__l2oPlay)`, h.Control, h.Playground)))
	waitUntil(ctx, t, h.Control+" appears", h.find()+`.getBoundingClientRect().height > 0`)
}

// drag goes from one place to another in some moves, as a hand does.
func (h handle) drag(ctx context.Context, t *testing.T, x0, y0, x1, y1 float64) {
	t.Helper()
	do(ctx, t, "press", chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x0, y0, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	for i := 1; i <= 6; i++ {
		s := float64(i) / 6
		do(ctx, t, "drag", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x0+s*(x1-x0), y0+s*(y1-y0), chromedp.ButtonLeft))
	}
	do(ctx, t, "release", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x1, y1, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

const playing = `document.readyState === "complete" && document.querySelectorAll(".l2o-play").length > 0 && document.querySelectorAll('.l2o-play:not([data-l2o-state="live"])').length === 0`

// checkPlay plays with everything in a page, and prints how long it takes.
func checkPlay(ctx context.Context, t *testing.T, url string) {
	t.Helper()
	do(ctx, t, "open the page", chromedp.Navigate(url))
	waitUntil(ctx, t, "playgrounds come to life", playing)
	ready := evaluate[float64](ctx, t, `Math.min(...Object.values(__l2oPlay.times).map(t => t.ready))`)
	t.Logf("the first playground can be played %.0f ms after the page was opened", ready)
	all := evaluate[[]handle](ctx, t, handles)
	for _, name := range play.Names() {
		moved := 0
		for _, h := range all {
			if h.Playground != name {
				continue
			}
			h.appear(ctx, t)
			h.changes(ctx, t, "moved", func() { h.move(ctx, t) })
			if h.Kind == "point" {
				h.changes(ctx, t, "moved with a key", func() { do(ctx, t, "press a key", chromedp.KeyEvent(kb.ArrowRight)) })
			}
			moved++
		}
		if moved == 0 {
			t.Errorf("%s has no control in the page", name)
		}
		if state := evaluate[string](ctx, t, fmt.Sprintf(`document.querySelector('[data-l2o-play="%s"]').dataset.l2oState`, name)); state != "live" {
			t.Errorf("%s is %s", name, state)
		}
		times := evaluate[string](ctx, t, fmt.Sprintf(`(t => { const m = k => t.moves.slice(1).map(x => x[k]).sort((a, b) => a - b), q = (v, p) => v[Math.floor(p * (v.length - 1))].toFixed(1);
			return t.moves.length - 1 + " moves: median " + q(m("all"), .5) + " ms, of which computing " + q(m("compute"), .5) + " ms; longest " + q(m("all"), 1) + " ms"; })(__l2oPlay.times[%q])`, name))
		t.Logf("%-10s %d controls, %s", name, moved, times)
	}
}

// TestPlayInANotebook plays with an output of a cell: in the page that "lab run -html" writes, and in JupyterLab.
func TestPlayInANotebook(t *testing.T) {
	r := kernel(t)
	needBash(t)
	in, err := filepath.Abs("testdata/play.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	follows := func(ctx context.Context, t *testing.T) {
		waitUntil(ctx, t, "the playground comes to life", playing)
		t.Logf("it can be played %.0f ms after its output arrived", evaluate[float64](ctx, t, `__l2oPlay.times.lasso2d.ready - __l2oPlay.asked`))
		lasso.changes(ctx, t, "moved", func() { lasso.move(ctx, t) })
		screenshot(ctx, t, "moved")
	}
	t.Run("page", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "play.ipynb")
		if err := r.runAll(t.Context(), []job{{in, out}}, patience, true); err != nil {
			t.Fatal(err)
		}
		ctx := tab(t)
		do(ctx, t, "open the page", chromedp.Navigate("file://"+filepath.ToSlash(strings.TrimSuffix(out, ".ipynb")+".html")))
		follows(ctx, t)
	})
	t.Run("JupyterLab", func(t *testing.T) {
		folder, address := serveCopies(t, r, in)
		ctx := tab(t)
		runAllCells(ctx, t, address("play.ipynb"), filepath.Join(folder, "play.ipynb"), 10*time.Minute)
		if err := r.writePlay(t.Context(), nil, r.kernelDir()); err != nil { // as lab does after it has opened JupyterLab
			t.Fatal(err)
		}
		follows(ctx, t)
	})
}

// TestPlayInAPage opens a page with all playgrounds from a server and from a file, moves every control, and sees the picture
// change; wide and on a phone, light and dark; and without JavaScript it looks at the still pictures.
func TestPlayInAPage(t *testing.T) {
	whole(t)
	r, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := r.writePlay(t.Context(), nil, dir); err != nil {
		t.Fatal(err)
	}
	packed, err := os.Stat(filepath.Join(dir, "play.wasm.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if t.Logf("%d bytes of program", packed.Size()); packed.Size() > mostPacked {
		t.Errorf("%d bytes of program are more than %d", packed.Size(), mostPacked)
	}
	page := filepath.Join(dir, "page.html")
	kernelext.Report(page)
	for _, name := range play.Names() {
		kernelext.Play(name)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	ctx := tab(t)
	for _, url := range []string{server.URL + "/page.html", "file://" + filepath.ToSlash(page)} {
		t.Run(strings.SplitN(url, ":", 2)[0], func(t *testing.T) { checkPlay(ctx, t, url) })
	}
	for _, c := range []struct {
		name   string
		width  int64
		scheme string
	}{{"wide", 1200, "light"}, {"dark", 1200, "dark"}, {"narrow", 390, "light"}, {"narrow and dark", 390, "dark"}} {
		t.Run(c.name, func(t *testing.T) {
			scheme := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: c.scheme}}}
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, scheme); err != nil {
				t.Fatal(err)
			}
			do(ctx, t, "open the page", chromedp.EmulateViewport(c.width, 900), chromedp.Reload())
			waitUntil(ctx, t, "playgrounds come to life", playing)
			if wide := evaluate[int](ctx, t, `document.documentElement.scrollWidth`); wide > int(c.width) {
				t.Errorf("the page is %d pixels wide in a window of %d", wide, c.width)
			}
			if c.width == 390 {
				lasso.changes(ctx, t, "dragged with a finger", func() { lasso.touch(ctx, t) })
			}
			for i, name := range play.Names() {
				do(ctx, t, "scroll", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelectorAll(".l2o-play")[%d].scrollIntoView({block: "start"})`, i)))
				if keepsArtifacts() {
					screenshot(ctx, t, name)
				}
			}
		})
	}
	t.Run("without JavaScript", func(t *testing.T) {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
		do(ctx, t, "open the page", chromedp.EmulateViewport(1200, 900), chromedp.Reload())
		waitUntil(ctx, t, "pictures are there", `document.readyState === "complete" && [...document.querySelectorAll(".l2o-static")].every(p => p.complete)`)
		pictures := evaluate[[]string](ctx, t, `[...document.querySelectorAll(".l2o-play")].filter(p => p.querySelector(".l2o-static").getBoundingClientRect().height > 50 && p.querySelector(".l2o-static").alt && p.querySelector(".l2o-hint").getBoundingClientRect().height > 5).map(p => p.dataset.l2oPlay)`)
		if !slices.Equal(pictures, play.Names()) {
			t.Errorf("pictures with words of %v, and not of %v", pictures, play.Names())
		}
	})
}
