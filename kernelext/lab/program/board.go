package main

import (
	"slices"
	"strings"
	"sync"

	"github.com/l2olab/l2o/kernelext/internal/console"
)

// A board is the one progress line of notebooks that run at the same time.
type board struct {
	mu    sync.Mutex
	step  *console.Step
	total int
	done  int
	now   []*running
}

// A running notebook.
type running struct {
	name string
	cell func() string // where it is
}

func newBoard(total int) *board { return &board{total: total} }

// begin adds a notebook and returns what hears of its cells.
func (b *board) begin(name string) listener {
	n := &running{name: name, cell: func() string { return "starts" }}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = append(b.now, n)
	b.show()
	return func(cell, of int, reached func() string, words string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.now) > 1 {
			words = "" // for want of space
		}
		n.cell = inCell(cell, of, reached, words)
		b.show()
	}
}

// end removes a notebook and clears the line for what is to be said of it. It says one thing at a time.
func (b *board) end(name string, say func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	b.now = slices.DeleteFunc(b.now, func(n *running) bool { return n.name == name })
	if b.step != nil {
		b.step.Clear()
		b.step = nil
	}
	if say(); len(b.now) > 0 {
		b.show()
	}
}

// show is called with the lock held.
func (b *board) show() {
	if b.step == nil {
		b.step = newStep("check")
	}
	var parts []func() string
	for _, n := range b.now {
		name, cell := n.name, n.cell
		parts = append(parts, func() string { return name + ", " + cell() })
	}
	b.step.SetFunc(b.done, b.total, func() string {
		texts := make([]string, len(parts))
		for i, of := range parts {
			texts[i] = of()
		}
		return strings.Join(texts, "; ")
	})
}
