package kernelext

import (
	"errors"
	"fmt"
	"html"
	"reflect"
	"runtime"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// Exercise says whether a reader's answer solves an exercise: a number, a rule, or a
// function that the check calls. An answer that is missing (nil, or zero), panics, fails or
// is wrong does not fail the cell, so a notebook with open exercises runs from top to
// bottom.
//
//	kernelext.Exercise("Lipschitz constant", isBound, lipschitz)
func Exercise[A any](name string, check func(answer A) (solved bool, message string), answer A) {
	solved, message := try(check, answer)
	verdict(name, solved, message)
}

// Solution checks the published solution of an exercise, which stands in the call, and
// fails the cell unless it solves it.
//
//	kernelext.Solution("Lipschitz constant", isBound, func(norm, m float64) float64 { return norm * norm / (4 * m) })
func Solution[A any](name string, check func(answer A) (solved bool, message string), answer A) {
	solved, message := try(check, answer)
	verdict(name, solved, message)
	if !solved {
		fail("the solution of %q does not solve it: %s", name, message)
	}
}

// A failure is what ends a cell; inside of an exercise it is an answer that does not work.
type failure string

// try ends with Stop, whether the check does or not.
func try[A any](check func(A) (bool, string), answer A) (solved bool, message string) {
	if v := reflect.ValueOf(&answer).Elem(); v.IsZero() {
		return false, ""
	}
	if check == nil {
		return false, "there is nothing that checks it: give a check"
	}
	setTrying(true)
	defer setTrying(false)
	_, err := until(stopped, "it", func() (_ struct{}, err error) {
		defer func() {
			if r := recover(); r != nil {
				solved, message = false, said(r)
			}
		}()
		solved, message = check(answer)
		return struct{}{}, nil
	})
	if err != nil {
		return false, err.Error()
	}
	return solved, message
}

// said is what a panic says of an answer. Readers panic in words of their own, and rules of
// the library in its words; what the language says of it needs a verb.
func said(r any) string {
	if err, ok := r.(error); ok && errors.As(err, new(runtime.Error)) {
		return "it panics: " + reason(r)
	}
	return reason(r)
}

func setTrying(on bool) {
	state.Lock()
	state.trying = on
	state.Unlock()
}

func verdict(name string, solved bool, message string) {
	sign, text, hue := "☐", "not solved yet", draw.Grey
	if solved {
		sign, text, hue = "☑", "solved", draw.Green
	}
	if message != "" {
		text += ": " + message
	}
	emit(output{
		text: fmt.Sprintf("%s %s: %s", sign, name, text),
		html: fmt.Sprintf(`<div style="font:14px/1.6 system-ui,sans-serif"><b style="color:%s">%s %s</b>: %s</div>`, hue, sign, html.EscapeString(name), html.EscapeString(text)),
	})
}
