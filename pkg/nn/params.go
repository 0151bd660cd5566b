package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
)

// Params are named parameters in the order in which they were first set. Sub
// looks into the same store under a prefix, so a part of a model always sees the
// values that the whole was given. The zero Params stand for none given: they hold
// nothing, and nothing can be set in them.
type Params struct {
	store  *store
	prefix string
}

type store struct {
	names  []string
	values map[string]ad.Value
	sets   int // how often a parameter was set

	singles *singles
}

// NewParams returns an empty store.
func NewParams() Params {
	return Params{store: &store{values: map[string]ad.Value{}, singles: &singles{}}}
}

// IsZero reports whether p is the zero Params, which is no store, not even an empty one.
func (p Params) IsZero() bool { return p.store == nil }

// Sub returns a view of the parameters whose names start with prefix and a dot.
func (p Params) Sub(prefix string) Params { return Params{p.store, p.prefix + prefix + "."} }

// At returns a parameter; a name that is not there panics and lists those that are.
func (p Params) At(name string) ad.Value {
	if !p.Has(name) {
		panic(fmt.Sprintf("nn: no parameter %q among %q", p.prefix+name, Params{store: p.store}.Names()))
	}
	return p.store.values[p.prefix+name]
}

// Has reports whether there is a parameter of that name.
func (p Params) Has(name string) bool {
	if p.IsZero() {
		return false
	}
	_, ok := p.store.values[p.prefix+name]
	return ok
}

// Set stores a parameter, in the place of an older one of that name.
func (p Params) Set(name string, v ad.Value) {
	if p.IsZero() {
		panic(fmt.Sprintf("nn: %q cannot be set in the zero Params: begin with NewParams", name))
	}
	name = p.prefix + name
	if _, ok := p.store.values[name]; !ok {
		p.store.names = append(p.store.names, name)
	}
	p.store.values[name] = v
	p.store.sets++
}

// sets is how often a parameter was set in the store that p looks into.
func (p Params) sets() int {
	if p.IsZero() {
		return 0
	}
	return p.store.sets
}

// Names lists the parameters in this view in order, without the view's prefix.
func (p Params) Names() []string {
	if p.IsZero() {
		return nil
	}
	var names []string
	for _, n := range p.store.names {
		if rest, ok := strings.CutPrefix(n, p.prefix); ok {
			names = append(names, rest)
		}
	}
	return names
}

// Count returns the number of scalars in this view.
func (p Params) Count() int {
	n := 0
	for _, name := range p.Names() {
		n += p.At(name).Len()
	}
	return n
}

// Map returns a new store in which every parameter of this view is f of the old one.
func (p Params) Map(f func(name string, v ad.Value) ad.Value) Params {
	q := NewParams()
	if !p.IsZero() {
		q.store.singles = p.store.singles
	}
	for _, name := range p.Names() {
		q.Set(name, f(name, p.At(name)))
	}
	return q
}

// Clone returns a copy that shares no data with p.
func (p Params) Clone() Params {
	q := p.Map(func(_ string, v ad.Value) ad.Value { return ad.New(v.R, v.C, slices.Clone(v.Data)) })
	q.store.singles = &singles{}
	return q
}

// Watch returns the parameters as leaves of a tape.
func (p Params) Watch(t *ad.Tape) Params {
	return p.Map(func(_ string, v ad.Value) ad.Value { return t.Watch(v) })
}

// Flat returns all numbers of this view as one row, parameter after parameter.
func (p Params) Flat() []float64 {
	row := make([]float64, 0, p.Count())
	for _, name := range p.Names() {
		row = append(row, p.At(name).Data...)
	}
	return row
}

// With is the way back from Flat: a new store of the same names and shapes with these
// numbers. It panics where there are more or fewer of them.
func (p Params) With(flat []float64) Params {
	if n := p.Count(); len(flat) != n {
		panic(fmt.Sprintf("nn: With: %d numbers for %d parameters", len(flat), n))
	}
	return p.Map(func(_ string, v ad.Value) ad.Value {
		own := flat[:v.Len()]
		flat = flat[v.Len():]
		return ad.New(v.R, v.C, slices.Clone(own))
	})
}
