package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/l2olab/l2o/kernelext"
	"github.com/l2olab/l2o/pkg/trace"
)

// quiz is a page with two questions and one figure below each.
func quiz(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "quiz.html")
	kernelext.Report(path)
	t.Cleanup(func() { kernelext.Report("") })
	figure := func(caption string) func() {
		return func() {
			kernelext.Convergence(caption, []trace.Curve{{Name: "ISTA", X: []float64{0, 1, 2}, Y: []float64{1, .5, .2}}}, kernelext.Axes{})
			kernelext.AtMost("the last gap of "+caption, .2, .3)
		}
	}
	kernelext.Predict(kernelext.Question{Ask: "How far does $x_k$ come?", Right: "to a fifth", Wrong: []string{"to a half", "to a third", "nowhere"}, Reveal: "It halves, and then some."}, figure("First"))
	kernelext.Predict(kernelext.Question{Ask: "And now?", Right: "as far", Wrong: []string{"farther", "less far"}, Reveal: "It is the same."}, figure("Second"))
	return path
}

// TestQuestions answers a question with the keyboard, lets another one be shown, and reads both without scripts.
func TestQuestions(t *testing.T) {
	path := quiz(t)
	ctx := tab(t)
	const covered = `[...document.querySelectorAll("details.l2o-answer")].map(d => d.getBoundingClientRect().height === 0)`
	visit := func() {
		do(ctx, t, "open the page", chromedp.Navigate("file://"+filepath.ToSlash(path)))
		waitUntil(ctx, t, "the page is there", `document.readyState === "complete"`)
	}
	visit()
	waitUntil(ctx, t, "lists become buttons", `document.querySelectorAll("button.l2o-option").length === 7`)
	if c := evaluate[[]bool](ctx, t, covered); len(c) != 2 || !c[0] || !c[1] {
		t.Fatalf("what comes out is not covered: %v", c)
	}
	screenshot(ctx, t, "asked")
	// Tab to the right answer, whichever letter it has, and press it.
	right := evaluate[int](ctx, t, `+document.querySelector(".l2o-answer").dataset.l2oRight`)
	for range right + 1 {
		do(ctx, t, "tab", chromedp.KeyEvent(kb.Tab))
	}
	if got := evaluate[string](ctx, t, `document.activeElement.textContent`); !strings.Contains(got, "to a fifth") {
		t.Fatalf("Tab leads to %q", got)
	}
	if outline := evaluate[string](ctx, t, `getComputedStyle(document.activeElement).outlineStyle`); outline != "solid" {
		t.Errorf("the focus cannot be seen: its outline is %q", outline)
	}
	do(ctx, t, "press", chromedp.KeyEvent(kb.Enter))
	const verdicts = `[...document.querySelectorAll(".l2o-verdict[aria-live=polite]")].map(v => v.textContent)`
	if got := evaluate[[]string](ctx, t, verdicts); got[0] != "✓ Right. 1 of 1 right so far." || got[1] != "" {
		t.Errorf("verdicts %q", got)
	}
	if c := evaluate[[]bool](ctx, t, covered); c[0] || !c[1] {
		t.Errorf("the first answer should be open and the second covered: %v", c)
	}
	waitUntil(ctx, t, "its figure becomes live", `document.querySelector(".l2o-fig").dataset.l2oState === "live"`)
	do(ctx, t, "be shown the second", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".l2o-show")[1].click()`))
	if got := evaluate[[]string](ctx, t, verdicts); !strings.HasPrefix(got[1], "It is (") || !strings.HasSuffix(got[1], "1 of 2 right so far.") {
		t.Errorf("verdicts %q", got)
	}
	waitUntil(ctx, t, "all figures are live", settled)
	checkLive(t, evaluate[[]seen](ctx, t, look), 2)
	screenshot(ctx, t, "answered")

	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	visit()
	const folded = `[...document.querySelectorAll("details.l2o-answer")].filter(d => !d.open && d.querySelector("summary").getBoundingClientRect().height > 0 && d.querySelector("img.l2o-static")).length`
	if n := evaluate[int](ctx, t, folded); n != 2 {
		t.Errorf("without scripts %d of 2 answers are folded with a picture in them", n)
	}
	if n := evaluate[int](ctx, t, `[...document.querySelectorAll("ol.l2o-options > li")].filter(l => l.getBoundingClientRect().height > 0).length`); n != 7 {
		t.Errorf("without scripts %d of 7 answers can be read", n)
	}
	screenshot(ctx, t, "without-scripts")
}
