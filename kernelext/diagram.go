package kernelext

import (
	"fmt"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// Diagram draws blocks in rows and columns, and arrows between them. What is around a block's
// text says what it is: [prox] is an operation, {LSTM} a network with weights that are
// learned, (+) a place where values meet, and bare text a value. "" leaves a place empty.
// What follows # tells blocks of one text apart, and is not drawn. Arrows are chains of
// blocks; a dashed arrow is -->, and what follows a colon is written beside the last arrow of
// the chain.
//
//	kernelext.Diagram("What happens in one step?", [][]string{
//		{"xₖ", "[xₖ − p ∇f(xₖ)]", "[prox]", "xₖ₊₁"},
//		{"", "{LSTM}", "", ""},
//	}, []string{"xₖ -> [xₖ − p ∇f(xₖ)] -> [prox] -> xₖ₊₁", "xₖ --> {LSTM} -> [xₖ − p ∇f(xₖ)] : p"}, "")
func Diagram(caption string, rows [][]string, arrows []string, note string) {
	d, err := newDiagram(rows, arrows)
	if err != nil {
		showStill(caption, nil, err)
		return
	}
	showStill(caption, &still{kind: "Diagram", sketch: d.sketch(), note: note, words: d.words}, nil)
}

// The measures of a diagram, in pixels.
const (
	blockHeight, blockPad = 40., 14.
	columnGap, rowGap     = 38., 40.
	diagramMargin         = 12.
	letters               = 15.
)

type diagram struct {
	blocks map[string]*block
	at     map[[2]int]*block // by row and column
	order  []*block
	arrows []arrow
	w, h   float64
	above  float64 // room for arrows above the first row
	last   int     // the last row
}

type block struct {
	text     string
	kind     byte // '[', '{', '(' or 0
	row, col int
	x, y, w  float64
}

type arrow struct {
	from, to *block
	label    string
	dash     bool
}

func newDiagram(rows [][]string, arrows []string) (*diagram, error) {
	d := &diagram{blocks: map[string]*block{}, at: map[[2]int]*block{}}
	for i, row := range rows {
		for j, name := range row {
			if name == "" {
				continue
			}
			if d.blocks[name] != nil {
				return nil, fmt.Errorf("there are two blocks %q: tell them apart with #1 and #2 behind the text", name)
			}
			b := &block{row: i, col: j}
			shown, _, _ := strings.Cut(name, "#")
			b.text = shown
			if n := len(shown); n > 2 && slices.Contains([]string{"[]", "{}", "()"}, shown[:1]+shown[n-1:]) {
				b.kind, b.text = shown[0], shown[1:n-1]
			}
			d.blocks[name], d.at[[2]int{i, j}] = b, b
			d.order = append(d.order, b)
		}
	}
	if len(d.order) == 0 {
		return nil, errEmpty
	}
	for _, chain := range arrows {
		if err := d.chain(chain); err != nil {
			return nil, err
		}
	}
	d.place(len(rows))
	return d, nil
}

// chain reads arrows from one block to the next.
func (d *diagram) chain(s string) error {
	path, label, _ := strings.Cut(s, " : ")
	var from *block
	steps := strings.Split(strings.ReplaceAll(path, " --> ", " -> \x00"), " -> ")
	if len(steps) < 2 {
		return fmt.Errorf("the arrow %q leads nowhere: write it as a -> b", s)
	}
	for i, word := range steps {
		name, dash := strings.CutPrefix(word, "\x00")
		b := d.blocks[strings.TrimSpace(name)]
		if b == nil {
			return fmt.Errorf("the arrow %q names a block %q that is not in the rows", s, strings.TrimSpace(name))
		}
		if i > 0 {
			d.arrows = append(d.arrows, arrow{from: from, to: b, dash: dash})
		}
		from = b
	}
	d.arrows[len(d.arrows)-1].label = strings.TrimSpace(label)
	return nil
}

// place gives each column the width that it needs.
func (d *diagram) place(rows int) {
	widths, gaps := map[int]float64{}, map[int]float64{}
	last, below := 0, 0.
	d.last = rows - 1
	for _, b := range d.order {
		b.w = draw.WordsWidth(b.text, letters) + 2*blockPad
		switch b.kind {
		case '(':
			b.w = max(blockHeight*.8, b.w-blockPad)
		case 0:
			b.w -= blockPad
		}
		widths[b.col], last = max(widths[b.col], b.w), max(last, b.col)
	}
	for _, a := range d.arrows {
		if a.from.row == a.to.row && a.to.col == a.from.col+1 && a.label != "" {
			gaps[a.from.col] = max(gaps[a.from.col], draw.WordsWidth(a.label, 13)+26)
		}
		if way := d.lane(a); a.from.row == 0 && way < 0 {
			d.above = max(d.above, -way-blockHeight/2+8)
		} else if a.from.row == rows-1 && way > 0 {
			below = max(below, way-blockHeight/2+8)
		}
	}
	left := make([]float64, last+2)
	for j := range last + 1 {
		left[j+1] = left[j] + widths[j] + max(columnGap, gaps[j])
	}
	for _, b := range d.order {
		b.x = diagramMargin + left[b.col] + widths[b.col]/2
		b.y = diagramMargin + d.above + blockHeight/2 + float64(b.row)*(blockHeight+rowGap)
	}
	d.w = 2*diagramMargin + left[last] + widths[last]
	d.h = 2*diagramMargin + d.above + float64(rows)*(blockHeight+rowGap) - rowGap + below
}

// lane is how far beside their row arrows run that lead around blocks, negative above it, and 0
// for the others: ahead above, back above those, and in the last row below.
func (d *diagram) lane(a arrow) float64 {
	switch {
	case a.from.row != a.to.row, a.from != a.to && !d.around(a):
		return 0
	case a.to.col > a.from.col:
		return -blockHeight/2 - 14
	case a.from.row == d.last:
		return blockHeight/2 + 14
	}
	return -blockHeight/2 - 26
}

// around reports whether an arrow in a row has to pass other blocks, or leads back.
func (d *diagram) around(a arrow) bool {
	if a.from.row != a.to.row || a.from == a.to {
		return false
	}
	for j := a.from.col + 1; j < a.to.col; j++ {
		if d.at[[2]int{a.from.row, j}] != nil {
			return true
		}
	}
	return a.to.col < a.from.col
}

// route is the way of an arrow.
func (d *diagram) route(a arrow) draw.Points {
	f, t := a.from, a.to
	side := func(b *block, towards float64) float64 { // the edge of b that looks there
		if towards < b.x {
			return b.x - b.w/2
		}
		return b.x + b.w/2
	}
	edge := func(b *block, towards float64) float64 {
		if towards < b.y {
			return b.y - b.half()
		}
		return b.y + b.half()
	}
	switch {
	case f == t:
		y := f.y + d.lane(a)
		return draw.Points{{f.x + 10, edge(f, y)}, {f.x + 10, y}, {f.x - 10, y}, {f.x - 10, edge(f, y)}}
	case d.around(a):
		y := f.y + d.lane(a)
		return draw.Points{{f.x, edge(f, y)}, {f.x, y}, {t.x, y}, {t.x, edge(t, y)}}
	case f.row == t.row:
		return draw.Points{{side(f, t.x), f.y}, {side(t, f.x), t.y}}
	case f.col == t.col:
		return draw.Points{{f.x, edge(f, t.y)}, {t.x, edge(t, f.y)}}
	case d.at[[2]int{f.row, t.col}] == nil:
		return draw.Points{{side(f, t.x), f.y}, {t.x, f.y}, {t.x, edge(t, f.y)}}
	case d.at[[2]int{t.row, f.col}] == nil:
		return draw.Points{{f.x, edge(f, t.y)}, {f.x, t.y}, {side(t, f.x), t.y}}
	}
	y := edge(t, f.y) + (rowGap/2)*sign(f.y-t.y)
	return draw.Points{{f.x, edge(f, t.y)}, {f.x, y}, {t.x, y}, {t.x, edge(t, f.y)}}
}

func (b *block) half() float64 {
	switch b.kind {
	case '(':
		return b.w / 2
	case 0:
		return letters * .8
	}
	return blockHeight / 2
}

func sign(v float64) float64 {
	if v < 0 {
		return -1
	}
	return 1
}

func (d *diagram) sketch() *draw.Sketch {
	s := &draw.Sketch{W: d.w, H: d.h}
	for _, a := range d.arrows {
		pts := d.route(a)
		s.Shapes = append(s.Shapes, draw.Shape{Line: pts, Arrow: true, Dash: a.dash})
		if a.label != "" {
			s.Shapes = append(s.Shapes, beside(pts, a.label, a.from == a.to))
		}
	}
	for _, b := range d.order {
		sh := draw.Shape{X: b.x, Y: b.y, Words: b.text, Size: letters}
		switch b.kind {
		case '[':
			sh.W, sh.H, sh.Round, sh.Hue, sh.Tint = b.w, blockHeight, 6, draw.Blue, .12
		case '{':
			sh.W, sh.H, sh.Round, sh.Hue, sh.Tint = b.w, blockHeight, 14, draw.Vermilion, .16
		case '(':
			sh.W, sh.H, sh.Round = b.w, b.w, b.w/2
		}
		s.Shapes = append(s.Shapes, sh)
	}
	return s
}

// beside puts a label at the longest piece of a line: above it, or to its right. A loop is too
// small for that, and has it to the right of its first piece.
func beside(pts draw.Points, label string, loop bool) draw.Shape {
	best, length := 0, -1.
	if loop {
		pts = pts[:2]
	}
	for i := 1; i < len(pts); i++ {
		if l := abs(pts[i][0]-pts[i-1][0]) + abs(pts[i][1]-pts[i-1][1]); l > length {
			best, length = i, l
		}
	}
	a, z := pts[best-1], pts[best]
	sh := draw.Shape{X: (a[0] + z[0]) / 2, Y: (a[1] + z[1]) / 2, Words: label, Size: 13}
	if a[1] == z[1] {
		sh.Y -= 10
	} else {
		sh.X += 6 + draw.WordsWidth(label, 13)/2
	}
	return sh
}

func abs(v float64) float64 { return max(v, -v) }

// words say the diagram: what leads where.
func (d *diagram) words() (says, table string) {
	var ways, blocks []string
	for _, b := range d.order {
		blocks = append(blocks, b.text)
	}
	for _, a := range d.arrows {
		way := a.from.text + " → " + a.to.text
		if a.label != "" {
			way += " (" + a.label + ")"
		}
		ways = append(ways, way)
	}
	return fmt.Sprintf("%d blocks: %s. %s.", len(blocks), strings.Join(blocks, ", "), strings.Join(ways, "; ")), ""
}
