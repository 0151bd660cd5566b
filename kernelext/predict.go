package kernelext

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/kernelext/internal/page"
)

// A Question asks readers for a guess before they see what comes out. Its texts are Markdown
// with LaTeX. The answers are shown in an order that only the text of Ask decides, so no
// letter is more likely than another, and Reveal must not name one: it quotes the answer.
type Question struct {
	Ask    string   // one sentence
	Right  string   // the right answer, one line
	Wrong  []string // one to three others, all of which somebody might choose
	Reveal string   // the claim, what happened, and why the tempting answer is wrong
}

// Predict asks, and shows what outcome shows only after the reader has chosen an answer, or
// has asked to be shown it. The question stands there before outcome runs. Where scripts run,
// answers are buttons, and the page counts how many were right; elsewhere outcome and answer
// are a folded text below the question.
//
//	kernelext.Predict(overtakes, func() {
//		race := kernelext.Race(optimizee.SmallLasso, trace.Config{Problems: 64, Steps: 200}, trace.Classic("ISTA", "FISTA")...)
//		kernelext.Convergence("When does FISTA overtake ISTA?", race, kernelext.Axes{})
//		overtakesHolds(race) // its checks: they would give the answer away here
//	})
//
// The question, and what checks its numbers, is declared in a folded cell above. What outcome
// prints is covered like what it shows; only the chart of a training that is under way is not.
// outcome may be nil, for a question that needs no run.
func Predict(q Question, outcome func()) {
	options, right, err := q.shuffled()
	if err == nil && covering() {
		err = errors.New("a question cannot stand in the outcome of another one")
	}
	if err != nil {
		emit(complaint(q.Ask, fmt.Errorf("the question cannot be asked: %w", err)))
		return
	}
	id := q.id()
	emit(q.asked(id, options))
	c := newCover(func(c *cover) output { return c.answer(q, id, options, right) })
	defer c.lift() // also after a panic
	if outcome != nil {
		outcome()
	}
	c.done = true
}

// lettered are answers in the way that Reveal must not speak of them.
var lettered = regexp.MustCompile(`\([a-d]\)`)

// shuffled are the answers in the order in which they are shown, and which of them is right.
func (q Question) shuffled() (options []string, right int, err error) {
	options = append([]string{q.Right}, q.Wrong...)
	sorted := slices.Sorted(slices.Values(options))
	switch {
	case strings.TrimSpace(q.Ask) == "":
		return nil, 0, errors.New("its Ask is empty")
	case len(q.Wrong) < 1 || len(q.Wrong) > 3:
		return nil, 0, fmt.Errorf("it has %d wrong answers: give one to three", len(q.Wrong))
	case slices.ContainsFunc(options, func(o string) bool { return strings.TrimSpace(o) == "" || strings.Contains(o, "\n") }):
		return nil, 0, errors.New("an answer is empty, or longer than a line")
	case len(slices.Compact(sorted)) < len(options):
		return nil, 0, errors.New("two answers are the same")
	case lettered.MatchString(q.Reveal):
		return nil, 0, fmt.Errorf("its Reveal names the letter %s, and letters are shuffled: quote the answer", lettered.FindString(q.Reveal))
	}
	sum := sha256.Sum256([]byte(q.Ask))
	order := rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:]), 1)).Perm(len(options))
	out := make([]string, len(options))
	for place, i := range order {
		if out[place] = options[i]; i == 0 {
			right = place
		}
	}
	return out, right, nil
}

// id is the same for the same question, so that a page knows its answer again.
func (q Question) id() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", q))
	return "ask-" + hex.EncodeToString(sum[:6])
}

func letter(i int) string { return fmt.Sprintf("(%c)", 'a'+i) }

const prose = "font:15px/1.55 system-ui,sans-serif"

// asked is the question as it stands in a page: a list that predict.js turns into buttons.
func (q Question) asked(id string, options []string) output {
	var b, text strings.Builder
	fmt.Fprintf(&b, `<section class="l2o-ask" data-l2o="%s" data-lm-suppress-shortcuts="true" style="%s;max-width:46rem;margin:1em 0;padding:.3em 0 .3em 1em;border-left:4px solid %s">`+"\n", id, prose, draw.Blue)
	fmt.Fprintf(&b, `<div class="l2o-question" id="%s-text">%s</div>`+"\n", id, page.Fragment("**Predict.** "+q.Ask))
	b.WriteString(`<ol class="l2o-options" type="a" style="margin:.4em 0">` + "\n")
	fmt.Fprintf(&text, "Predict. %s\n", q.Ask)
	for i, o := range options {
		fmt.Fprintf(&b, "<li>%s</li>\n", page.Inline(o))
		fmt.Fprintf(&text, "%s %s\n", letter(i), o)
	}
	b.WriteString("</ol>\n" + `<div class="l2o-unplayed" style="opacity:.75">Choose one, then open the answer below.</div>` + "\n</section>\n")
	return output{html: b.String(), text: text.String()}
}

// answer is what came out, and the answer, folded. Without an end of the outcome there is no
// answer: its claim may not hold.
func (c *cover) answer(q Question, id string, options []string, right int) output {
	o := c.shown()
	var b strings.Builder
	fmt.Fprintf(&b, `<details class="l2o-answer" data-l2o="%s" data-l2o-right="%d" data-l2o-of="%d" style="margin:.6em 0">`+"\n", id, right, len(options))
	fmt.Fprintf(&b, `<summary style="cursor:pointer;font:600 15px/1.55 system-ui,sans-serif">Answer</summary>`+"\n%s", o.html)
	if c.done {
		reveal := fmt.Sprintf("**%s %s**", letter(right), options[right])
		fmt.Fprintf(&b, `<div class="l2o-reveal" style="%s;max-width:46rem;margin:.8em 0">%s%s</div>`+"\n", prose, page.Fragment(reveal), page.Fragment(q.Reveal))
		o.text += fmt.Sprintf("Answer: %s %s\n%s\n", letter(right), options[right], q.Reveal)
	}
	b.WriteString("</details>\n")
	o.html = b.String()
	return o
}

// printed is text as it came out of a program.
func printed(text string) string {
	return `<pre style="margin:.4em 0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:13px">` + html.EscapeString(text) + "</pre>\n"
}
