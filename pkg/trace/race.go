package trace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// An Entry takes part in a race. Entries of one name are pooled: the same method
// trained from several seeds, or run from several starts.
type Entry struct {
	Name string
	Rule optim.Rule
}

// Config says how to race.
type Config struct {
	Problems int     // drawn from the family; 1 for a single problem
	Steps    int     // of each rule
	Seed     uint64  // of the problems and of the rules' random states
	Measure  Measure // default Gap
	Tol      float64 // asked of the certificate of F*, relative; default 1e-14, optimizee.Nought for as good a one as there is
	Timed    bool    // run one after the other, so that seconds mean something

	// Reference only lowers F*, such as a run from the truth, which the entries do not know.
	// It does not show in the results.
	Reference Entry

	// Streams takes the place of Seed, to race on the problems of other runs: the stream
	// that draws problem i, and that of a rule's random state on it, which then is the same
	// for every entry.
	Streams func(i int) (problem, state *rand.Rand)
}

// The purposes that key the random streams of a race.
const (
	forProblem uint64 = 100 + iota
	forState
)

// Problem is problem i = 0, 1, … of a race with this Config, to look at.
func (c Config) Problem(fam optimizee.Family, i int) *optimizee.Problem {
	return c.draw(fam, forProblem, i)
}

// draw makes problem i for a race or, from other streams, for a search.
func (c Config) draw(fam optimizee.Family, purpose uint64, i int) *optimizee.Problem {
	if c.Streams != nil {
		rng, _ := c.Streams(i)
		return fam.Draw(rng)
	}
	return fam.Draw(optimizee.Stream(c.Seed, purpose, uint64(i)))
}

// state is the random state of entry e on problem i.
func (c Config) state(i, e int) *rand.Rand {
	if c.Streams != nil {
		_, rng := c.Streams(i)
		return rng
	}
	return optimizee.Stream(c.Seed, forState, uint64(i), uint64(e))
}

// Race runs every entry on p from p.Start.
func Race(p *optimizee.Problem, c Config, entries ...Entry) (*Results, error) {
	return RaceContext(context.Background(), p, c, entries...)
}

// RaceContext is [Race] until ctx ends, which is an error. A step that is under way then, or
// the preparation of a rule, is left to end by itself.
func RaceContext(ctx context.Context, p *optimizee.Problem, c Config, entries ...Entry) (*Results, error) {
	if p == nil {
		return nil, errors.New("trace: a race needs a problem, and this one is nil")
	}
	c.Problems = 1
	return RaceFamily(ctx, optimizee.Only(p), c, entries...)
}

// RaceFamily runs every entry on the same fresh problems, each from its Start. An entry
// that misses an oracle, on any of the problems, does not fail the race: Refused says on
// how many and why, and it is left out, so that all others are measured on the same
// problems, which are all. A run that diverges is data. Where the measure needs F*, optima
// are certified if the problem has a Bound; else F* is the lowest value seen, and
// Results.Note says so.
func RaceFamily(ctx context.Context, fam optimizee.Family, c Config, entries ...Entry) (*Results, error) {
	if len(entries) == 0 {
		return nil, errors.New("trace: a race needs entries")
	}
	if fam == nil {
		return nil, errors.New("trace: a race needs a family, and this one is nil")
	}
	if err := c.check("race", entries); err != nil {
		return nil, err
	}
	workers := 0
	if c.Timed {
		workers = 1
	}
	heats := make([]heat, c.Problems)
	err := par.Until(ctx, func() error {
		return par.Each(ctx, workers, c.Problems, func(_, i int) error {
			p := c.Problem(fam, i)
			heats[i] = c.run(ctx, p, i, math.Inf(1), entries, func(*heat, int) {})
			return heats[i].err
		})
	})
	if err != nil {
		return nil, err
	}
	return collect(heats, c, entries), nil
}

// most bounds what a list is made for: a value after each step, and a run on each problem.
const most = 1 << 28

// check fills in the defaults.
func (c *Config) check(what string, entries []Entry) (err error) {
	if c.Steps < 1 || c.Problems < 1 || c.Steps > most || c.Problems > most {
		return fmt.Errorf("trace: a %s of %d steps on %d problems: both have to be positive, and at most %d", what, c.Steps, c.Problems, most)
	}
	for i, e := range entries {
		if e.Rule == nil || e.Name == "" {
			return fmt.Errorf("trace: entry %d, %q, needs a name and a rule", i, e.Name)
		}
	}
	if !(c.Tol >= 0) {
		return fmt.Errorf("trace: Tol is %g: the precision asked of F* has to be at least 0, which stands for 1e-14", c.Tol)
	}
	if c.Tol == 0 {
		c.Tol = 1e-14
	}
	c.Measure, err = c.Measure.orGap()
	return err
}

// heat is the race on one problem.
type heat struct {
	optimum Optimum
	runs    []Run
	parts   [][][]Part // of each run, after each step, where the measure has them
	refused []error    // nil where the entry ran
	err     error
}

// run is the heat on problem i, of which lowest is the lowest value that was seen before.
// done is told after each entry.
func (c Config) run(ctx context.Context, p *optimizee.Problem, i int, lowest float64, entries []Entry, done func(h *heat, e int)) heat {
	h := heat{runs: make([]Run, len(entries)), parts: make([][][]Part, len(entries)), refused: make([]error, len(entries))}
	if h.err = p.Check(); h.err != nil {
		return h
	}
	g, err := c.Measure.on(ctx, p)
	if h.err = err; err != nil {
		return h
	}
	all := entries
	if c.Reference.Rule != nil && c.Measure.star {
		all = append(slices.Clone(entries), c.Reference)
	}
	for e, entry := range all {
		counted, calls := optimizee.Count(p)
		step, err := entry.Rule(counted, c.state(i, e))
		switch {
		case err != nil && e == len(entries):
			h.err = fmt.Errorf("trace: the reference: %w", err)
			return h
		case err != nil:
			h.refused[e] = err
			if !strings.HasPrefix(strings.ToLower(err.Error()), strings.ToLower(entry.Name)) { // most name themselves
				h.refused[e] = fmt.Errorf("%s: %w", entry.Name, err)
			}
			continue
		}
		r, parts := g.follow(ctx, step, calls, c.Steps)
		if h.err = ctx.Err(); h.err != nil {
			return h
		}
		for _, f := range r.F {
			if f < lowest { // false for NaN
				lowest = f
			}
		}
		if r.Problem = i; e < len(entries) {
			h.runs[e], h.parts[e] = r, parts
			done(&h, e)
		}
	}
	if c.Measure.star {
		if h.optimum, h.err = c.optimum(ctx, p, lowest); h.err != nil {
			return h
		}
	}
	if c.Measure.ofF != nil {
		for e, r := range h.runs {
			h.runs[e].Values = make([]float64, len(r.F))
			for k, f := range r.F {
				h.runs[e].Values[k] = c.Measure.ofF(h.optimum, f)
			}
		}
	}
	return h
}

// follow takes the steps of one run and measures each point, by F where the measure is
// made of it. All is taken from p itself, so that measuring is not counted.
func (g gauge) follow(ctx context.Context, step optim.Step, calls *optimizee.Calls, steps int) (Run, [][]Part) {
	r := Run{Calls: make([]int, steps+1), Seconds: make([]float64, steps+1)}
	values, parts := make([]float64, steps+1), [][]Part(nil)
	x := g.p.Start
	var spent time.Duration
	for k := range steps + 1 {
		if k > 0 {
			began := time.Now()
			x = step(x)
			spent += time.Since(began)
		}
		lost := false
		switch {
		case g.ofF != nil:
			values[k] = g.p.Value(x).Item()
			lost = !check.IsFinite(values[k])
		case g.Parts != nil:
			parts = append(parts, g.Parts(g.p, x))
			values[k] = g.Ratio(Total(parts[k]))
			lost = !(values[k] <= math.MaxFloat64) // −∞ is an exact recovery
		default:
			values[k] = g.of(x)
			lost = !(values[k] <= math.MaxFloat64)
		}
		if lost {
			r.Diverged = k
		}
		if lost || ctx.Err() != nil {
			for ; k <= steps; k++ {
				values[k], r.Calls[k], r.Seconds[k] = math.NaN(), calls.Oracle(), spent.Seconds()
			}
			break
		}
		r.Calls[k], r.Seconds[k], r.Last = calls.Oracle(), spent.Seconds(), x
	}
	if g.ofF != nil {
		r.F = values
	} else {
		r.Values = values
	}
	return r, parts
}

func collect(heats []heat, c Config, entries []Entry) *Results {
	m := c.Measure
	res := &Results{Measure: m.Name, Unit: m.Unit, Linear: m.Linear, Problems: len(heats), Steps: c.Steps}
	for _, h := range heats {
		if m.star {
			res.Optima, res.Precision = append(res.Optima, h.optimum), append(res.Precision, m.slack(h.optimum))
		}
	}
	place := make([]int, len(entries)) // among the names, −1 for whom a problem refused
	for e, entry := range entries {
		if why := refusal(heats, e); why != "" {
			res.Refused, place[e] = append(res.Refused, why), -1
			continue
		}
		if place[e] = slices.Index(res.Names, entry.Name); place[e] < 0 {
			place[e] = len(res.Names)
			res.Names, res.Runs = append(res.Names, entry.Name), append(res.Runs, nil)
		}
	}
	sums := make([][]Part, len(res.Names)) // after each step
	for _, h := range heats {
		for e, n := range place {
			if n < 0 {
				continue
			}
			run := h.runs[e]
			if m.Parts != nil {
				res.Ratio = res.Ratio || slices.ContainsFunc(h.parts[e][0], func(p Part) bool { return p.Den != 1 })
				sums[n] = pool(sums[n], h.parts[e], c.Steps)
				run.Each = m.each(h.parts[e], c.Steps)
			}
			res.Runs[n] = append(res.Runs[n], run)
		}
	}
	if m.Parts != nil {
		res.Pooled = map[string][]float64{}
		for n, name := range res.Names {
			for _, s := range sums[n] {
				res.Pooled[name] = append(res.Pooled[name], m.Ratio(s))
			}
		}
	}
	return res
}

// refusal says why an entry is not in the race, "" where it is: what it misses, and on how
// many problems where that is not on all.
func refusal(heats []heat, e int) string {
	var why error
	n, at := 0, 0
	for i, h := range heats {
		if err := h.refused[e]; err != nil {
			if n++; n == 1 {
				why, at = err, i
			}
		}
	}
	switch n {
	case 0:
		return ""
	case len(heats):
		return why.Error()
	}
	return fmt.Sprintf("%v (problem %d). It started on %d of %d problems and is left out: means are over the same problems for every method", why, at, len(heats)-n, len(heats))
}
