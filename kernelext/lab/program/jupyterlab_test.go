package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// serveCopies starts JupyterLab as "lab" does, on copies of notebooks outside of the checkout, and returns the folder of
// the copies and the address of one of them without its name.
func serveCopies(t *testing.T, r *repo, notebooks ...string) (folder string, address func(name string) string) {
	t.Helper()
	ours, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	front, ok := ours.findJupyter(t.Context())
	if !ok {
		skip(t, "no notebook was run in JupyterLab: there is none on PATH or in .l2o; \"go run ./kernelext/lab setup\" installs one")
	}
	copies := *r // with the kernel of r
	copies.root = t.TempDir()
	folder = filepath.Join(copies.root, "notebooks")
	// A go.mod makes the folder a place of its own for kept results: these runs start from nothing.
	err = errors.Join(os.Mkdir(folder, 0o755), os.WriteFile(filepath.Join(copies.root, "go.mod"), []byte("module "+checkout.Module+"\n"), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range notebooks {
		nb, err := jupyter.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range nb.Cells() {
			if c.Kind() == "code" {
				c.SetResult(0, nil) // what was committed must not be taken for what this run has shown
			}
		}
		if err := nb.WriteFile(filepath.Join(folder, filepath.Base(name))); err != nil {
			t.Fatal(err)
		}
	}
	srv, err := copies.startServer(t.Context(), front, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		srv.stop()
		srv.kill()
		if log, err := os.ReadFile(srv.log.Name()); t.Failed() && err == nil {
			t.Logf("the log of Jupyter ends with\n%s", log[max(0, len(log)-4000):])
		}
		for _, p := range processesOf(r) {
			t.Errorf("after Jupyter was stopped there is still %s", p)
		}
	})
	page, query, _ := strings.Cut(srv.url, "?")
	page = page[:strings.Index(page, "/notebooks")]
	return folder, func(name string) string { return page + "/notebooks/" + name + "?reset&" + query }
}

// processesOf lists what runs from the folder of r, where the system lets us see.
func processesOf(r *repo) (list []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.HasPrefix(string(b), r.state) {
			list = append(list, strings.ReplaceAll(string(b), "\x00", " "))
		}
	}
	return list
}

// menu chooses an item of JupyterLab's menu bar. A click that comes while the page is still being put together may get
// lost, so it goes on until the menu has opened, and until it has closed again.
func menu(ctx context.Context, t *testing.T, name, command string) {
	t.Helper()
	bar := fmt.Sprintf(`[...document.querySelectorAll(".lm-MenuBar-item")].find(e => e.textContent === %q)`, name)
	item := fmt.Sprintf(`document.querySelector('.lm-Menu-item[data-command="%s"]:not(.lm-mod-disabled)')`, command)
	waitUntil(ctx, t, "the menu bar", `!!(`+bar+`)`)
	clickUntil(ctx, t, bar, `!!(`+item+`)`)
	clickUntil(ctx, t, item, `!document.querySelector(".lm-Menu")`)
}

// clickUntil clicks on an element until a condition holds, which it does not yet; each click gets time to act.
func clickUntil(ctx context.Context, t *testing.T, element, js string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		at := evaluate[[]float64](ctx, t, `(r => r ? [r.x + r.width / 2, r.y + r.height / 2] : [])(`+element+`?.getBoundingClientRect())`)
		if len(at) == 2 { // a menu reacts to a click where the pointer was moved before
			do(ctx, t, element, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]), chromedp.MouseClickXY(at[0], at[1]))
		}
		for acts := time.Now().Add(3 * time.Second); time.Now().Before(acts); time.Sleep(50 * time.Millisecond) {
			if evaluate[bool](ctx, t, js) {
				return
			}
		}
	}
	screenshot(ctx, t, "failed")
	t.Fatalf("clicking on %s had no effect for %v", element, patience)
}

// runAllCells opens a notebook in JupyterLab, runs it from top to bottom and returns it as JupyterLab has saved it.
func runAllCells(ctx context.Context, t *testing.T, url, file string, limit time.Duration) *jupyter.Notebook {
	t.Helper()
	do(ctx, t, "open the notebook", chromedp.Navigate(url))
	waitUntil(ctx, t, "the kernel Go (L2O) is connected",
		`(document.querySelector(".jp-KernelName")?.textContent ?? "").includes("Go (L2O)") && /idle|unknown/.test(document.querySelector(".jp-Notebook-ExecutionIndicator")?.dataset.status)`)
	menu(ctx, t, "Run", "runmenu:run-all")
	for deadline := time.Now().Add(limit); ; time.Sleep(time.Second) {
		menu(ctx, t, "File", "docmanager:save")
		nb, err := jupyter.ReadFile(file)
		open, failure := 0, ""
		if err == nil {
			open, failure = progressOf(nb)
		}
		switch {
		case failure != "":
			screenshot(ctx, t, "failed")
			t.Fatal(failure)
		case open == 0 && err == nil: // an error means that JupyterLab is just writing
			return nb
		case time.Now().After(deadline):
			screenshot(ctx, t, "failed")
			t.Fatalf("%d cells were not done after %v (%v)", open, limit, err)
		}
	}
}

// progressOf returns how many cells have not ended, and what went wrong.
func progressOf(nb *jupyter.Notebook) (open int, failure string) {
	for i, c := range nb.Cells() {
		if c.Kind() != "code" || strings.TrimSpace(c.Source()) == "" {
			continue
		}
		if c.Count() == 0 {
			open++
		}
		for _, o := range c.Outputs() {
			if o.Type == "error" && !c.Tagged(mayFail) {
				return open, fmt.Sprintf("cell %d: %s", i+1, errorOutput(o))
			}
		}
	}
	return open, ""
}

// scroll is how far a notebook's window is down, and whether that is the end.
type scroll struct {
	Top float64
	End bool
}

// scrollDown moves JupyterLab's list of cells by a part of the window. JupyterLab makes cells only when they come near.
const scrollDown = `(() => {
	const list = document.querySelector(".jp-WindowedPanel-outer");
	const end = list.scrollTop + list.clientHeight >= list.scrollHeight - 2;
	list.scrollTop += 0.6 * list.clientHeight;
	return {Top: list.scrollTop, End: end};
})()`

// figuresDownThePage scrolls from the top to the end and returns each figure as it was when it was seen best.
func figuresDownThePage(ctx context.Context, t *testing.T) []seen {
	t.Helper()
	best := map[string]seen{}
	var order []string
	evaluate[float64](ctx, t, `document.querySelector(".jp-WindowedPanel-outer").scrollTop = 0`)
	for screen, ends := 1, 0; ends < 3; screen++ {
		waitUntil(ctx, t, "figures become live", settled)
		for _, f := range evaluate[[]seen](ctx, t, look) {
			old, known := best[f.ID]
			if !known {
				order = append(order, f.ID)
			}
			if !known || old.Live < f.Live {
				best[f.ID] = f
			}
		}
		if keepsArtifacts() {
			screenshot(ctx, t, fmt.Sprintf("screen-%02d", screen))
		}
		if evaluate[scroll](ctx, t, scrollDown).End {
			ends++ // the list may grow when its last cells are made
		}
	}
	figures := make([]seen, len(order))
	for i, id := range order {
		figures[i] = best[id]
	}
	return figures
}

// TestJupyterLab runs notebooks in a real JupyterLab, counts the figures that are live there, and looks at what is
// exported from there.
func TestJupyterLab(t *testing.T) {
	r := kernel(t)
	needBash(t)
	first := filepath.Join(r.root, "notebooks", "00-start-here.ipynb")
	folder, address := serveCopies(t, r, "testdata/gallery.ipynb", first)
	for _, name := range []string{"gallery", "00-start-here"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(folder, name+".ipynb")
			ctx := tab(t)
			nb := runAllCells(ctx, t, address(name+".ipynb"), file, 10*time.Minute)
			n := countFigures(nb)
			if n == 0 {
				t.Fatal("the notebook drew no figure")
			}
			t.Run("in JupyterLab", func(t *testing.T) {
				covered := coveredFigures(nb)
				open := slices.DeleteFunc(figuresDownThePage(ctx, t), func(f seen) bool { return covered[f.ID] })
				checkLive(t, open, n-len(covered))
			})
			t.Run("page", func(t *testing.T) {
				j := job{in: file, out: filepath.Join(t.TempDir(), name+".ipynb")}
				page, err := r.newReporter([]job{j}).write(j, nb, nil)
				if err != nil {
					t.Fatal(err)
				}
				checkPage(t, page, n)
			})
			t.Run("nbconvert", func(t *testing.T) { checkPage(t, nbconvert(t, file), n) })
		})
	}
}

var figureID = regexp.MustCompile(`class="l2o-fig" data-l2o="([^"]+)"`)

// coveredFigures are those that questions cover. In JupyterLab, which makes only the cells that are near, TestAnswersInJupyterLab
// looks at one; all of them are looked at in the page.
func coveredFigures(nb *jupyter.Notebook) map[string]bool {
	covered := map[string]bool{}
	for _, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			html, _ := o.Data["text/html"].(string)
			if _, answer, ok := strings.Cut(html, `class="l2o-answer"`); ok {
				for _, id := range figureID.FindAllStringSubmatch(answer, -1) {
					covered[id[1]] = true
				}
			}
		}
	}
	return covered
}

// TestAnswersInJupyterLab answers a question in a real JupyterLab with the keyboard, and moves a slider that the kernel draws for.
func TestAnswersInJupyterLab(t *testing.T) {
	r := kernel(t)
	folder, address := serveCopies(t, r, "testdata/answers.ipynb")
	ctx := tab(t)
	began := time.Now()
	runAllCells(ctx, t, address("answers.ipynb"), filepath.Join(folder, "answers.ipynb"), 5*time.Minute)
	t.Logf("all cells have ended after %.0f s, though nobody moved a slider", time.Since(began).Seconds())

	waitUntil(ctx, t, "the answers are buttons", `document.querySelectorAll("button.l2o-option").length === 4`)
	cells := evaluate[int](ctx, t, `document.querySelectorAll(".jp-Cell").length`)
	evaluate[bool](ctx, t, `(b => { b.scrollIntoView({block: "center"}); b.focus(); return true })([...document.querySelectorAll(".l2o-option")].find(b => b.textContent.includes("after 23 steps")))`)
	do(ctx, t, "press Enter on the answer", chromedp.KeyEvent(kb.Enter))
	waitUntil(ctx, t, "the verdict", `document.querySelector(".l2o-verdict").textContent === "✓ Right. 1 of 1 right so far."`)
	waitUntil(ctx, t, "the figure below is live", `document.querySelector(".l2o-answer .l2o-fig").dataset.l2oState === "live"`)
	if n := evaluate[int](ctx, t, `document.querySelectorAll(".jp-Cell").length`); n != cells || evaluate[bool](ctx, t, `!!document.querySelector(".jp-mod-editMode .jp-Cell.jp-mod-selected .cm-focused")`) {
		t.Error("JupyterLab has taken the key for itself")
	}
	if n := evaluate[int](ctx, t, `document.querySelectorAll(".l2o-answer mjx-container, .l2o-answer .MathJax").length`); n == 0 {
		t.Error("the formula of the answer is not set")
	}
	screenshot(ctx, t, "answered")

	const slider = `document.querySelector('div[id^="/l2o/"] input')`
	const shown = `[...document.querySelectorAll(".l2o-fig")].at(-1)?.dataset.l2o`
	const last = `[...document.querySelectorAll(".jp-CodeCell .jp-InputArea-editor")].at(-1)`
	evaluate[bool](ctx, t, `(`+last+`.scrollIntoView({block: "center"}), true)`)
	clickUntil(ctx, t, last, `!!document.activeElement.closest(".cm-editor")`)
	do(ctx, t, "run the cell again", chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	waitUntil(ctx, t, "sliders that the kernel listens to", `!!`+slider)
	waitUntil(ctx, t, "the first figure", `[...document.querySelectorAll(".l2o-fig")].at(-1).querySelector("input") === null`)
	before := evaluate[string](ctx, t, shown)
	evaluate[bool](ctx, t, `(e => { e.value = 77; e.dispatchEvent(new Event("input", {bubbles: true})); return true })(`+slider+`)`)
	waitUntil(ctx, t, "another figure", shown+` !== "`+before+`"`)
	screenshot(ctx, t, "explored")
	evaluate[bool](ctx, t, `(document.querySelector('div[id^="/l2o/"] button').click(), true)`)
	waitUntil(ctx, t, "frames that need no kernel", `[...document.querySelectorAll(".l2o-fig")].at(-1).querySelector("input") !== null`)
}

// nbconvert exports a notebook with Jupyter's own tool.
func nbconvert(t *testing.T, file string) (page string) {
	t.Helper()
	ours, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{ours.path("venv", "bin", "jupyter-nbconvert"), "jupyter-nbconvert"} {
		if _, err := exec.LookPath(tool); err != nil {
			continue
		}
		out := t.TempDir()
		cmd := exec.CommandContext(t.Context(), tool, "--to=html", "--output-dir="+out, file)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, text)
		}
		return filepath.Join(out, strings.TrimSuffix(filepath.Base(file), ".ipynb")+".html")
	}
	skip(t, "Jupyter's HTML export was not tried: there is no nbconvert; \"go run ./kernelext/lab setup\" installs one")
	return ""
}
