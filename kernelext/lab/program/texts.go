package main

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/console"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/kernelext/internal/record"
)

// varies is the tag of a cell whose text is another one in each run, such as a time that was measured.
const varies = "varies"

// textsOf returns what each cell says in words, output by output. Records are compared by themselves, and a figure is there
// with the text that describes it.
func textsOf(nb *jupyter.Notebook) [][]string {
	all := make([][]string, len(nb.Cells()))
	for i, c := range nb.Cells() {
		if c.Kind() != "code" || c.Tagged(varies) || c.Tagged(skipped) {
			continue
		}
		for _, o := range c.Outputs() {
			if text, ok := textOf(o); ok {
				all[i] = append(all[i], text)
			}
		}
	}
	return all
}

// textOf is what an output says in words; ok is false for one that says nothing or is a record.
func textOf(o jupyter.Output) (text string, ok bool) {
	for _, mime := range []string{record.CheckMIME, record.LedgerMIME, record.DataMIME} {
		if _, ok := o.Data[mime]; ok {
			return "", false
		}
	}
	switch o.Type {
	case "stream":
		text = o.Name + ": " + o.Text
	case "error":
		text = o.EName + ": " + o.EValue
	default:
		if text, ok = o.Data["text/plain"].(string); !ok {
			text, _ = o.Data["text/markdown"].(string)
		}
	}
	return text, strings.TrimSpace(text) != ""
}

// textDifferences compares what cells say, but for those whose data are others now. n counts the texts.
func textDifferences(committed, fresh *jupyter.Notebook, drift float64, other map[int]bool) (n int, diffs []string) {
	old, now := textsOf(committed), textsOf(fresh)
	for i := range min(len(old), len(now)) {
		if other[i] {
			continue
		}
		n += len(old[i])
		for j := range max(len(old[i]), len(now[i])) {
			var was, is string
			if j < len(old[i]) {
				was = old[i][j]
			}
			if j < len(now[i]) {
				is = now[i][j]
			}
			if where, differ := apart(was, is, drift); differ {
				diffs = append(diffs, fmt.Sprintf("cell %d: %s", i+1, where))
				break // what follows is another output's, or follows from it
			}
		}
	}
	return n, diffs
}

// changing matches what stack traces have of this machine and this run: addresses, goroutines, and folders.
var changing = regexp.MustCompile(`0x[0-9a-f]+|goroutine \d+|\S*/([^/\s]+\.go:\d+)`)

// numeral matches a number in a text, its sign left to the words.
var numeral = regexp.MustCompile(`\d+(?:\.\d+)?(?:[eE][-+]?\d+)?`)

// rounding is a size below which numbers of these notebooks are rounding errors, and any two are the same.
const rounding = 1e-10

// apart reports whether two texts differ in a word, or in a number by more than the drift, and where. Spaces do not count:
// columns move with their numbers.
func apart(was, is string, drift float64) (where string, differ bool) {
	if was == is {
		return "", false
	}
	a, b := pieces(was), pieces(is)
	for i := range max(len(a), len(b)) {
		if i < len(a) && i < len(b) && alike(a[i], b[i], drift) {
			continue
		}
		return fmt.Sprintf("its text was %s, is %s", around(a, i), around(b, i)), true
	}
	return "", false
}

// pieces cuts a text into numbers and the words between.
func pieces(s string) (list []string) {
	s = changing.ReplaceAllString(console.Plain(s), "$1")
	done := 0
	add := func(words string) {
		if words = strings.Join(strings.Fields(words), " "); words != "" {
			list = append(list, words)
		}
	}
	for _, m := range numeral.FindAllStringIndex(s, -1) {
		add(s[done:m[0]])
		list = append(list, s[m[0]:m[1]])
		done = m[1]
	}
	add(s[done:])
	return list
}

// alike compares two pieces.
func alike(a, b string, drift float64) bool {
	x, errA := strconv.ParseFloat(a, 64)
	y, errB := strconv.ParseFloat(b, 64)
	if a == b || errA != nil || errB != nil {
		return a == b
	}
	return math.Abs(x-y) <= drift*max(x, y) || max(x, y) < rounding
}

// around shows a piece between its neighbours.
func around(list []string, i int) string {
	if i >= len(list) {
		return "at its end"
	}
	near := slices.Clone(list[max(0, i-2):min(len(list), i+2)])
	return strconv.Quote(console.Fitted(strings.Join(near, " "), 120))
}
