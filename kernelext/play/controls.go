package play

import (
	"fmt"
	"math"
)

// A Control is what a reader moves. Make one with Slider, Choice, Drag, Paint or Button.
type Control struct {
	Name    string    `json:"name"`  // of its value
	Label   string    `json:"label"` // beside it
	Kind    string    `json:"kind"`
	Lo      float64   `json:"lo"`
	Hi      float64   `json:"hi"`
	Step    float64   `json:"step"`
	Log     bool      `json:"log,omitempty"`  // of a slider: it moves the logarithm to base ten
	Runs    bool      `json:"runs,omitempty"` // of a slider: a button lets it run to its end
	Options []string  `json:"options,omitempty"`
	Panel   int       `json:"panel"` // of a point or cells: where they are
	Rows    int       `json:"rows,omitempty"`
	Cols    int       `json:"cols,omitempty"`
	Hue     string    `json:"hue,omitempty"` // of a point
	Start   []float64 `json:"start"`
	When    string    `json:"when,omitempty"` // a choice on which it depends whether it is there
	Is      []int     `json:"is,omitempty"`   // for these options
}

// If makes a control one that is there for some options of a choice only.
func (c Control) If(choice string, options ...int) Control {
	c.When, c.Is = choice, options
	return c
}

// Slider is a number from lo to hi in steps.
func Slider(name, label string, lo, hi, step, start float64) Control {
	return Control{Name: name, Label: label, Kind: "slider", Lo: lo, Hi: hi, Step: step, Start: []float64{start}}
}

// LogSlider is a positive number from lo to hi that moves by equal factors.
func LogSlider(name, label string, lo, hi, start float64) Control {
	c := Slider(name, label, math.Log10(lo), math.Log10(hi), (math.Log10(hi)-math.Log10(lo))/100, start)
	c.Log = true
	return c
}

// Counter is a slider over 0 … n that a button lets run, such as the step of an iteration.
func Counter(name, label string, n, start int) Control {
	c := Slider(name, label, 0, float64(n), 1, float64(start))
	c.Runs = true
	return c
}

// Choice is the index of one of some options.
func Choice(name, label string, start int, options ...string) Control {
	return Control{Name: name, Label: label, Kind: "choice", Hi: float64(len(options) - 1), Step: 1, Options: options, Start: []float64{float64(start)}}
}

// Drag is a point in a panel, within its axes.
func Drag(name, label string, panel int, hue string, x, y float64) Control {
	return Control{Name: name, Label: label, Kind: "point", Panel: panel, Hue: hue, Start: []float64{x, y}}
}

// Paint is a matrix of zeros and ones, cell by cell in rows from above, over all of a panel.
func Paint(name, label string, panel, rows, cols int, start []float64) Control {
	return Control{Name: name, Label: label, Kind: "cells", Panel: panel, Rows: rows, Cols: cols, Hi: 1, Step: 1, Start: start}
}

// Button counts how often it was pressed: a seed, for another problem of the same kind.
func Button(name, label string) Control {
	return Control{Name: name, Label: label, Kind: "button", Hi: math.MaxInt32, Step: 1, Start: []float64{0}}
}

// Values are those of the controls, by name: one number, two of a point, or those of all cells.
type Values map[string][]float64

// Start is where the controls stand before anything is moved.
func (p Playground) Start() Values {
	v := Values{}
	for _, c := range p.Controls {
		v[c.Name] = c.Start
	}
	return v
}

func (v Values) of(name string, n int) []float64 {
	x, ok := v[name]
	if !ok || len(x) < n {
		panic(fmt.Sprintf("play: there is no control %q with %d values", name, n))
	}
	return x
}

// Num is the value of a slider.
func (v Values) Num(name string) float64 { return v.of(name, 1)[0] }

// Int is the value of a slider of whole numbers, of a choice or of a button.
func (v Values) Int(name string) int { return int(math.Round(v.Num(name))) }

// At is where a point is.
func (v Values) At(name string) (x, y float64) {
	p := v.of(name, 2)
	return p[0], p[1]
}

// Cells are the values of all painted cells, in rows from above.
func (v Values) Cells(name string) []float64 { return v.of(name, 1) }

// Check reports values that the controls cannot have: those of a page are of a reader's making.
func (p Playground) Check(v Values) error {
	for _, c := range p.Controls {
		x := v[c.Name]
		if len(x) != len(c.Start) {
			return fmt.Errorf("%s: %q has %d values and not %d", p.Name, c.Name, len(x), len(c.Start))
		}
		for _, n := range x {
			lo, hi := c.Lo-1e-9*(c.Hi-c.Lo), c.Hi+1e-9*(c.Hi-c.Lo)
			if c.Log {
				lo, hi = math.Pow(10, lo), math.Pow(10, hi)
			}
			if math.IsNaN(n) || math.IsInf(n, 0) || c.Kind != "point" && (n < lo || n > hi) {
				return fmt.Errorf("%s: %q is %g, and its range is %g to %g", p.Name, c.Name, n, lo, hi)
			}
		}
	}
	return nil
}
