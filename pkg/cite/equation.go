package cite

import (
	"fmt"
	"slices"
	"strings"
)

// An Equation is a numbered formula of a paper, in the notation of this library.
type Equation struct {
	Paper   string // key of the work
	Number  string // as the paper numbers it, without parentheses
	What    string // what it says, in a few words
	Formula string // LaTeX without dollar signs
	Note    string // where the printed form differs or leaves something open; may be ""
}

// String names the equation as a sentence would: "L2O-PA (18)".
func (e Equation) String() string { return fmt.Sprintf("%s (%s)", e.Paper, e.Number) }

// Markdown returns the formula as a displayed equation that carries its number.
func (e Equation) Markdown() string {
	return fmt.Sprintf("$$%s\\tag{%s, %s}$$", e.Formula, e.Paper, e.Number)
}

// Eq returns the equation with this number in the paper with this key. It panics
// when there is none, naming the numbers that the paper has.
func Eq(paper, number string) Equation {
	var known []string
	for _, e := range Equations(paper) {
		if e.Number == number {
			return e
		}
		known = append(known, e.Number)
	}
	panic(fmt.Sprintf("cite: %s has no equation %q here; there are: %s", paper, number, strings.Join(known, ", ")))
}

// Equations returns the equations of one paper in the paper's order.
func Equations(paper string) []Equation {
	Paper(paper) // an unknown key panics instead of giving an empty list
	var list []Equation
	for _, e := range equations {
		if e.Paper == paper {
			list = append(list, e)
		}
	}
	return list
}

var equations = slices.Concat(equationsL2OPA, equationsTalk, equationsMLAM, equationsGSO, equationsPrimer)
