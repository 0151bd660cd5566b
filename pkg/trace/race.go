package trace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// An Entry takes part in a race. Entries of one name are pooled: the same method
// trained from several seeds.
type Entry struct {
	Name string
	Rule optim.Rule
}

// Config says how to race.
type Config struct {
	Problems int     // drawn from the family; 1 for a single problem
	Steps    int     // of each rule
	Seed     uint64  // of the problems and of the rules' random states
	Tol      float64 // asked of the certificate, relative; default 1e-14
	Timed    bool    // run one after the other, so that seconds mean something
}

// The purposes that key the random streams of a race.
const (
	forProblem uint64 = 100 + iota
	forState
)

// A Run is one rule on one problem.
type Run struct {
	F        []float64 // F(x⁰)…F(xⁿ); NaN from where it was no longer finite
	Calls    []int     // oracle calls (see optimizee.Calls.Oracle) that led to each point
	Seconds  []float64 // spent in the rule until then
	Diverged int       // the step at which F was no longer finite; 0 when it always was
	Last     optimizee.Point
}

// Results holds what a race measured.
type Results struct {
	Names   []string  // of the entries that ran, in order, each once
	Runs    [][]Run   // for each name: one run for each problem and each entry of the name
	Optima  []Optimum // for each problem
	Refused []error   // for each entry that did not start: its name and the oracle it misses
	Steps   int

	problem [][]int // the problem of each run
}

// Race runs every entry on p from p.Start.
func Race(p *optimizee.Problem, c Config, entries ...Entry) (*Results, error) {
	c.Problems = 1
	return RaceFamily(context.Background(), optimizee.Only(p), c, entries...)
}

// RaceFamily runs every entry on the same fresh problems, each from its Start. A rule
// that misses an oracle does not fail the race: it is listed in Refused. A run that
// diverges is data. Optima are certified where the problem has a Bound; else F* is
// the lowest value seen, and Results.Note says so.
func RaceFamily(ctx context.Context, fam optimizee.Family, c Config, entries ...Entry) (*Results, error) {
	if c.Steps < 1 || c.Problems < 1 {
		return nil, fmt.Errorf("trace: a race of %d steps on %d problems: both have to be positive", c.Steps, c.Problems)
	}
	if len(entries) == 0 {
		return nil, errors.New("trace: a race needs entries")
	}
	for i, e := range entries {
		if e.Rule == nil || e.Name == "" {
			return nil, fmt.Errorf("trace: entry %d, %q, needs a name and a rule", i, e.Name)
		}
	}
	if c.Tol == 0 {
		c.Tol = 1e-14
	}
	heats := make([]heat, c.Problems)
	workers := min(runtime.GOMAXPROCS(0), c.Problems)
	if c.Timed {
		workers = 1
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < c.Problems && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				heats[i] = run(fam.Draw(optimizee.Stream(c.Seed, forProblem, uint64(i))), c, i, entries)
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return collect(heats, c, entries)
}

// heat is the race on one problem.
type heat struct {
	optimum Optimum
	runs    []Run
	refused []error // nil where the entry ran
	err     error
}

func run(p *optimizee.Problem, c Config, i int, entries []Entry) heat {
	h := heat{runs: make([]Run, len(entries)), refused: make([]error, len(entries))}
	if h.err = p.Check(); h.err != nil {
		return h
	}
	lowest := math.Inf(1)
	for e, entry := range entries {
		counted, calls := optimizee.Count(p)
		step, err := entry.Rule(counted, optimizee.Stream(c.Seed, forState, uint64(i), uint64(e)))
		if err != nil {
			h.refused[e] = err
			if !strings.HasPrefix(strings.ToLower(err.Error()), strings.ToLower(entry.Name)) { // most name themselves
				h.refused[e] = fmt.Errorf("%s: %w", entry.Name, err)
			}
			continue
		}
		h.runs[e] = follow(p, step, calls, c.Steps)
		for _, f := range h.runs[e].F {
			if f < lowest { // false for NaN
				lowest = f
			}
		}
	}
	var err error
	if h.optimum, err = Certified(p, c.Tol); err != nil {
		h.optimum = Optimum{F: lowest, Certificate: math.NaN(), Source: "the lowest value seen in this race, which is no proof"}
	}
	h.optimum.F = min(h.optimum.F, lowest)
	return h
}

// follow takes the steps of one run. Values are taken from p itself, so that
// measuring is not counted.
func follow(p *optimizee.Problem, step optim.Step, calls *optimizee.Calls, steps int) Run {
	r := Run{F: make([]float64, steps+1), Calls: make([]int, steps+1), Seconds: make([]float64, steps+1)}
	x := p.Start
	var spent time.Duration
	for k := range steps + 1 {
		if k > 0 {
			began := time.Now()
			x = step(x)
			spent += time.Since(began)
		}
		f := p.Value(x).Item()
		r.F[k], r.Calls[k], r.Seconds[k] = f, calls.Oracle(), spent.Seconds()
		if !finite(f) {
			r.Diverged = k
			for ; k <= steps; k++ {
				r.F[k], r.Calls[k], r.Seconds[k] = math.NaN(), calls.Oracle(), spent.Seconds()
			}
			break
		}
		r.Last = x
	}
	return r
}

func collect(heats []heat, c Config, entries []Entry) (*Results, error) {
	res := &Results{Steps: c.Steps}
	at := map[string]int{}
	for i, h := range heats {
		if h.err != nil {
			return nil, h.err
		}
		res.Optima = append(res.Optima, h.optimum)
		for e, entry := range entries {
			if h.refused[e] != nil {
				if i == 0 {
					res.Refused = append(res.Refused, h.refused[e])
				}
				continue
			}
			n, ok := at[entry.Name]
			if !ok {
				n = len(res.Names)
				at[entry.Name] = n
				res.Names, res.Runs, res.problem = append(res.Names, entry.Name), append(res.Runs, nil), append(res.problem, nil)
			}
			res.Runs[n], res.problem[n] = append(res.Runs[n], h.runs[e]), append(res.problem[n], i)
		}
	}
	return res, nil
}
