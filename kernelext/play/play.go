// Package play holds playgrounds: pictures that a reader moves. A playground is a function
// from the values of its controls to a scene, computed by the library itself:
//
//	Playground{Name: "descent", Controls: []Control{Slider("step", …), Drag("start", …)},
//		Draw: func(v Values) Scene { … }}
//
// The same function runs in the page, compiled to WebAssembly (package main in the folder
// wasm), where each move of a control draws the scene anew, and natively, where its first
// scene becomes the still picture of a notebook and is held by a golden file.
//
// A playground of your own is a file beside these and a line in All.
package play

import (
	"fmt"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// A Playground is a picture that a reader moves by its controls.
type Playground struct {
	Name     string // by which notebooks ask for it
	Title    string // what it lets you find out, in a few words
	How      string // what to move, and what to look for
	Controls []Control
	Draw     func(v Values) Scene // the same values give the same scene; the first call may prepare things for the next ones
}

// A Scene is what a playground shows: one panel or two, and what there is to be seen in a
// sentence with numbers, for the eyes and for screen readers.
type Scene struct {
	Panels []*draw.Scene
	Says   string
}

// All lists the playgrounds, in the order of the course.
func All() []Playground {
	return []Playground{descent(), proximal(), sparsity(), lasso2d(), tape(), momentum(), steplength(), lstm(), layers(), guard(), start(), seeds(), holes(), rastrigin(), blackbox()}
}

// Names lists their names.
func Names() (names []string) {
	for _, p := range All() {
		names = append(names, p.Name)
	}
	return names
}

// Find returns a playground by its name.
func Find(name string) (Playground, error) {
	all := All()
	i := slices.IndexFunc(all, func(p Playground) bool { return p.Name == name })
	if i < 0 {
		return Playground{}, fmt.Errorf("there is no playground %q: they are %s", name, strings.Join(Names(), ", "))
	}
	return all[i], nil
}

// First is the scene that is seen before anything is moved.
func (p Playground) First() Scene { return p.Draw(p.Start()) }

// A Frame is a scene in a page: an SVG, where its plots lie in it, and what is to be seen.
type Frame struct {
	SVG    string      `json:"svg"`
	Height float64     `json:"height"`
	Plots  []draw.Plot `json:"plots"`
	Says   string      `json:"says"`
}

// Frame draws a scene at a width in pixels, for a dark page or a light one.
func (s Scene) Frame(width float64, dark bool) Frame {
	svg, height, plots := draw.SVG(s.Panels, width, dark)
	return Frame{svg, height, plots, s.Says}
}
