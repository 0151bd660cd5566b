package kernelext

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/trace"
)

func overtakes() Question {
	return Question{
		Ask:    "Both start at $x_0 = 0$. When does FISTA overtake ISTA?",
		Right:  "after two steps",
		Wrong:  []string{"after some ten steps, when $t_k < 5$", "only near the end", "never, since $x^* < 1$"},
		Reveal: "Momentum needs **two** steps to build up, and $$a_k < 1$$ stays below one. See `trace.Classic`.",
	}
}

// outcome is what a cell shows below a question.
func outcome() {
	fmt.Println("printed first")
	Convergence("When does FISTA overtake ISTA?", []trace.Curve{decay("ISTA", 50, 1, .05, 0), decay("FISTA", 50, 1, .1, 0)}, Axes{})
	fmt.Println("printed last")
	AtMost("FISTA over ISTA", .5, .8)
	Markdown("It is $\\tfrac12$ of it.")
	AtLeast("ISTA over FISTA", 2, 1)
}

var heavy = regexp.MustCompile(`(?s)<figure class="l2o-fig".*?</figure>\n<script>.*?</script>`)

// reported is the body of a page with what show shows, its figures left out.
func reported(t *testing.T, show func()) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	capture(t)
	Report(path)
	show()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(data), "</script></div>\n")
	body, _, _ = strings.Cut(body, "</main>")
	return heavy.ReplaceAllString(body, "[figure]")
}

func TestPredictIsGolden(t *testing.T) {
	got := reported(t, func() { Predict(overtakes(), outcome) })
	path := filepath.Join("testdata", "predict.html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes the golden files", err)
	}
	if got != string(want) {
		t.Errorf("the question differs from %s; look at it, then go test -update\n%s", path, got)
	}
	order := []string{`class="l2o-ask"`, "When does", "<details", "printed first", "[figure]", "printed last", "0.5 ≤ 0.8", "2 ≥ 1", "after two steps", "Momentum needs", "</details>"}
	rest := got
	for _, part := range order {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Fatalf("%q does not follow in its place of %v", part, order)
		}
		rest = after
	}
}

func TestPredictAsText(t *testing.T) {
	out := capture(t)
	stdout := os.Stdout
	Predict(overtakes(), outcome)
	text := out.String()
	if os.Stdout != stdout || covering() {
		t.Fatal("what is printed still goes to the cover")
	}
	for _, part := range []string{"Predict. Both start", "(a) ", "(b) ", "(c) ", "(d) ", "printed first", "Line chart: When does FISTA", "printed last", "✓ FISTA over ISTA", "Answer: (", "Momentum needs"} {
		before, after, ok := strings.Cut(text, part)
		if !ok {
			t.Fatalf("%q is missing, or before what should precede it:\n%s", part, out)
		}
		text = after
		_ = before
	}
	out.Reset()
	Predict(overtakes(), nil)
	if !strings.Contains(out.String(), "Answer: (") {
		t.Errorf("a question without an outcome: %s", out)
	}
}

// The right answer is in any place as often as in any other.
func TestPredictSpreadsTheRightAnswers(t *testing.T) {
	for n := 2; n <= 4; n++ {
		counts := make([]int, n)
		const total = 2000
		for i := range total {
			q := Question{Ask: fmt.Sprintf("Question %d of %d?", i, n), Right: "right", Wrong: []string{"w1", "w2", "w3"}[:n-1]}
			options, right, err := q.shuffled()
			if err != nil || options[right] != "right" || len(options) != n {
				t.Fatal(options, right, err)
			}
			again, _, _ := q.shuffled()
			if !slices.Equal(options, again) {
				t.Fatal("the order is another one the second time")
			}
			counts[right]++
		}
		for place, c := range counts {
			if share := float64(c) * float64(n) / total; share < .85 || share > 1.15 {
				t.Errorf("of %d answers the one in place %d is right %d times in %d", n, place, c, total)
			}
		}
	}
}

// The checks below a question reach programs, and a check that fails shows what there was.
func TestPredictKeepsRecordsAndFailures(t *testing.T) {
	c := newCover(func(c *cover) output { return c.shown() })
	capture(t)
	outcome()
	records := c.records()
	c.lift()
	if len(records) != 1 || len(records[0].data.([]any)) != 2 || records[0].text != "" {
		t.Errorf("got %v", records)
	}
	out, failed := capture(t), exits(t)
	Predict(overtakes(), func() { fmt.Println("seen"); AtMost("too much", 2, 1) })
	if *failed != 1 || !strings.Contains(out.String(), "seen") || !strings.Contains(out.String(), "✗ too much") || strings.Contains(out.String(), "Answer:") {
		t.Errorf("%d failures, and the output is\n%s", *failed, out)
	}
	out.Reset()
	func() {
		defer func() { _ = recover() }()
		Predict(overtakes(), func() { Markdown("shown before the panic"); panic("oh") })
	}()
	if !strings.Contains(out.String(), "shown before the panic") || strings.Contains(out.String(), "Answer:") || covering() {
		t.Errorf("after a panic:\n%s", out)
	}
}

func TestPredictRefuses(t *testing.T) {
	four := []string{"b", "c", "d", "e"}
	for want, q := range map[string]Question{
		"its Ask is empty":         {Right: "a", Wrong: four[:1]},
		"0 wrong answers":          {Ask: "?", Right: "a"},
		"4 wrong answers":          {Ask: "?", Right: "a", Wrong: four},
		"an answer is empty":       {Ask: "?", Right: "", Wrong: four[:2]},
		"longer than a line":       {Ask: "?", Right: "a\nb", Wrong: four[:2]},
		"two answers are the same": {Ask: "?", Right: "b", Wrong: four[:2]},
		"names the letter (b)":     {Ask: "?", Right: "a", Wrong: four[:2], Reveal: "It is (b), because"},
	} {
		out := capture(t)
		Predict(q, func() { t.Errorf("%s: the outcome ran", want) })
		if !strings.Contains(out.String(), "the question cannot be asked") || !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want a message with %q", out, want)
		}
	}
	out := capture(t)
	Predict(overtakes(), func() { Predict(overtakes(), nil) })
	if !strings.Contains(out.String(), "in the outcome of another one") {
		t.Errorf("a question inside of another one: %s", out)
	}
}

// Nothing in a question becomes markup that runs.
func TestPredictIsSafe(t *testing.T) {
	evil := `<img src=x onerror=alert(1)><script>alert(2)</script>`
	got := reported(t, func() {
		Predict(Question{Ask: evil, Right: evil + "1", Wrong: []string{evil + "2"}, Reveal: evil}, func() { fmt.Println(evil) })
	})
	if strings.Contains(got, "onerror=alert(1)>") && strings.Contains(got, "<img src=x onerror") || strings.Contains(got, "<script>alert") {
		t.Errorf("markup got through:\n%s", got)
	}
}
