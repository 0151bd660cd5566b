package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// The tests in this file look at figures in a headless Chromium. Their screenshots stay in the folder _artifacts with
//
//	go test ./kernelext/lab/program -run 'Page|JupyterLab' -artifacts

// patience is how long the browser may take for one thing: much longer than it should, since a slow machine is no
// failure.
const patience = 2 * time.Minute

// tab starts a browser without network and returns the context of its page.
func tab(t *testing.T) context.Context {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.NoSandbox, // containers have none to give; the pages are ours
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), // figures need no network
		chromedp.WindowSize(1200, 900))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop) // waits until the browser has ended
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	err := chromedp.Do(ctx)
	if errors.Is(err, exec.ErrNotFound) {
		skip(t, "no figure was seen in a browser: install Chromium or Chrome")
	}
	if err != nil {
		t.Fatal("start the browser:", err)
	}
	return ctx
}

// do runs actions in a page.
func do(ctx context.Context, t *testing.T, what string, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := chromedp.Do(limited, steps...); err != nil {
		screenshot(ctx, t, "failed")
		t.Fatalf("%s: %v", what, err)
	}
}

// evaluate returns the value of a JavaScript expression in a page.
func evaluate[T any](ctx context.Context, t *testing.T, js string) T {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v, err := chromedp.Run(limited, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// waitUntil waits for a JavaScript condition. It polls from here, so that it also works in a page without scripts.
func waitUntil(ctx context.Context, t *testing.T, what, js string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !evaluate[bool](ctx, t, js); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			screenshot(ctx, t, "failed")
			t.Fatalf("%s: not after %v", what, patience)
		}
	}
}

// screenshot keeps a picture of what the window shows, for looking at.
func screenshot(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	png, err := chromedp.Run(limited, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), png, 0o644)
	}
	if err != nil {
		t.Error("screenshot:", err)
	}
}

// A seen figure is what a reader gets of it.
type seen struct {
	ID      string
	State   string // data-l2o-state
	Live    int    // colours in the chart, 0 if there is none to be seen
	Picture int    // colours in the still picture, 0 if there is none to be seen
}

// look says how the figures of a page are. A blank surface has one colour.
const look = `[...document.querySelectorAll(".l2o-fig")].map(figure => {
	const colours = source => {
		const c = document.createElement("canvas").getContext("2d"), n = 120;
		c.canvas.width = c.canvas.height = n;
		c.drawImage(source, 0, 0, n, n);
		return new Set(new Uint32Array(c.getImageData(0, 0, n, n).data.buffer)).size;
	};
	const shown = e => e && e.getBoundingClientRect().height > 50;
	const chart = figure.querySelector(".l2o-live canvas"), picture = figure.querySelector(".l2o-static");
	return {
		ID: figure.getAttribute("data-l2o"), State: figure.getAttribute("data-l2o-state") || "",
		Live: shown(chart) ? colours(chart) : 0,
		Picture: shown(picture) && picture.naturalWidth > 0 ? colours(picture) : 0,
	};
})`

// blank is the number of colours up to which nothing was drawn.
const blank = 3

// uncovered presses "Show me" below all questions, since what they cover has no width.
const uncovered = `document.querySelectorAll(".l2o-show").forEach(b => b.click())`

// settled is true when every figure of the page has made up its mind.
const settled = `(` + uncovered + `, document.readyState === "complete" && document.querySelectorAll(".l2o-fig:not([data-l2o-state])").length === 0)`

// checkLive fails unless the page has n figures and all are live.
func checkLive(t *testing.T, figures []seen, n int) {
	t.Helper()
	live := 0
	for _, f := range figures {
		if f.State == "live" && f.Live > blank && f.Picture == 0 {
			live++
		} else {
			t.Errorf("this figure is not live: %+v", f)
		}
	}
	if live != n || len(figures) != n {
		t.Errorf("%d of %d figures are live, want %d", live, len(figures), n)
	}
	t.Logf("%d of %d figures are live", live, n)
}

// checkPage opens an HTML file and looks at its n figures: wide, on a dark page, narrow, and without JavaScript.
func checkPage(t *testing.T, file string, n int) {
	t.Helper()
	ctx := tab(t)
	t.Run("wide", func(t *testing.T) {
		do(ctx, t, "open the page", chromedp.Navigate("file://"+filepath.ToSlash(file)))
		waitUntil(ctx, t, "figures become live", settled)
		checkLive(t, evaluate[[]seen](ctx, t, look), n)
		tour(ctx, t, n)
	})
	for _, c := range []struct {
		name   string
		width  int64
		scheme string
	}{{"dark", 1200, "dark"}, {"narrow", 390, "light"}} {
		t.Run(c.name, func(t *testing.T) {
			scheme := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: c.scheme}}}
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, scheme); err != nil {
				t.Fatal(err)
			}
			do(ctx, t, "open the page", chromedp.EmulateViewport(c.width, 900), chromedp.Reload())
			waitUntil(ctx, t, "figures become live", settled)
			checkLive(t, evaluate[[]seen](ctx, t, look), n)
			if wide := evaluate[int](ctx, t, `document.documentElement.scrollWidth`); wide > int(c.width) {
				t.Errorf("the page is %d pixels wide in a window of %d", wide, c.width)
			}
			tour(ctx, t, n)
		})
	}
	t.Run("without JavaScript", func(t *testing.T) {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
		do(ctx, t, "open the page", chromedp.EmulateViewport(1200, 900), chromedp.Reload())
		waitUntil(ctx, t, "pictures are there", `document.readyState === "complete" && [...document.querySelectorAll(".l2o-static")].every(p => p.complete)`)
		evaluate[int](ctx, t, `[...document.querySelectorAll("details.l2o-answer")].map(d => d.open = true).length`) // as a reader does
		figures := evaluate[[]seen](ctx, t, look)
		pictures := 0
		for _, f := range figures {
			if f.State == "" && f.Picture > blank {
				pictures++
			} else {
				t.Errorf("this figure shows no picture: %+v", f)
			}
		}
		if pictures != n {
			t.Errorf("%d of %d figures are pictures, want %d", pictures, len(figures), n)
		}
		t.Logf("%d of %d figures are pictures", pictures, n)
		tour(ctx, t, n)
	})
}

// tour keeps screenshots of the first figures, if anybody asked for them.
func tour(ctx context.Context, t *testing.T, n int) {
	t.Helper()
	if !keepsArtifacts() {
		return
	}
	for i := range min(n, 12) {
		do(ctx, t, "scroll", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelectorAll(".l2o-fig")[%d].scrollIntoView({block: "center"})`, i)))
		screenshot(ctx, t, fmt.Sprintf("figure-%02d", i+1))
	}
}

// keepsArtifacts reports whether the test runs with -artifacts.
func keepsArtifacts() bool {
	return slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.artifacts") && !strings.HasSuffix(a, "=false") })
}

// countFigures returns how many figures the outputs of a notebook hold.
func countFigures(nb *jupyter.Notebook) (n int) {
	for _, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			html, _ := o.Data["text/html"].(string)
			n += strings.Count(html, `class="l2o-fig"`)
		}
	}
	return n
}

// TestPage executes a notebook as "lab run -html" does and looks at the page.
func TestPage(t *testing.T) {
	r := kernel(t)
	needBash(t)
	in, err := filepath.Abs("testdata/gallery.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "gallery.ipynb")
	if err := r.runAll(t.Context(), []job{{in, out}}, patience, true); err != nil {
		t.Fatal(err)
	}
	nb, err := jupyter.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if n := countFigures(nb); n != 9 {
		t.Errorf("the notebook has %d figures, want 9", n)
	}
	checkPage(t, strings.TrimSuffix(out, ".ipynb")+".html", 9)
}
