package trace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Search for the constants of a rule that has not run yet.
//
//	search := trace.Search{
//		Family: optimizee.PaperLasso, Config: trace.Config{Problems: 64, Steps: 100, Seed: 1},
//		By: trace.LowestAt(50), Rule: trace.TwoConstants,
//		Over: []trace.Range{trace.Lin("p·L", 0.8, 1.6, 9), trace.Lin("a", 0, 1, 21)},
//	}
//	tuned, err := search.Run(ctx)
type Search struct {
	Family optimizee.Family
	Config Config // on how many problems, for how many steps, by which measure
	By     Criterion
	Rule   func(at []float64) optim.Rule
	Over   []Range // the grid: every combination of their values
	Rounds int     // grids; each after the first lies between the neighbours of the best values so far; default 1

	Report func(done, of int, best Trial) // called after each run, one call at a time; best is that of the rounds that are over; nil for nobody
}

// A Criterion says what a search is for: it makes a score of the means of a measure after
// 0, 1, … steps, lower is better. NaN and +Inf are worse than all.
type Criterion struct {
	Name string // with %s for the measure
	Of   func(mean []float64) float64
}

// LowestAt asks for the lowest mean after k steps.
func LowestAt(k int) Criterion {
	return Criterion{fmt.Sprintf("mean %%s after %d steps", k), func(mean []float64) float64 {
		if k < 0 || k >= len(mean) {
			panic(fmt.Sprintf("trace: LowestAt: step %d of a search of %d steps", k, len(mean)-1))
		}
		return mean[k]
	}}
}

// StepsTo asks for the fewest steps until the mean is at most level. The score
// interpolates the logarithm of the mean between two steps, so that constants with the
// same number of steps are told apart; the mean itself for levels that are not positive,
// as of dB.
func StepsTo(level float64) Criterion {
	return Criterion{fmt.Sprintf("steps to a mean %%s of %g", level), func(mean []float64) float64 {
		for k, g := range mean {
			if !(g <= level) {
				continue
			}
			if k == 0 || g <= 0 && level > 0 {
				return float64(k)
			}
			before := mean[k-1]
			if level <= 0 {
				return float64(k) - (level-g)/(before-g)
			}
			return float64(k) - math.Log(level/g)/math.Log(before/g)
		}
		return math.Inf(1)
	}}
}

// LowestMean asks for the lowest mean over all steps but the start. With Value for the
// measure that is what L2O is trained for and chosen by.
func LowestMean() Criterion {
	return Criterion{"mean %s over all steps", func(mean []float64) float64 { return Mean(mean[1:]) }}
}

// A Trial is one combination of values.
type Trial struct {
	At    []float64 // a value for each range
	Mean  []float64 // the measure after 0, 1, … steps, over all problems
	Score float64
}

// A Tuning is what a search found.
type Tuning struct {
	Ranges []Range  // of the last round
	By     string   // the criterion
	Trials []Trial  // the grid of the last round; the last range runs fastest
	Best   Trial    // the lowest score of all rounds, the first of several
	Border []string // the ranges in the last round at whose end the best value lies
	Note   string   // what was searched and where F* comes from; a best value at the end of its range is named

	Rule func(at []float64) optim.Rule `json:"-"` // that of the search; not kept on disk
}

// forTuning keys the random streams of a search: other problems than those of a race
// with the same seed, on which the result may be tested.
const forTuning uint64 = 110

// Run runs the rule with every combination of values on the same c.Problems problems and
// scores the mean curves. Problems run in parallel, and the result does not depend on how
// many do.
//
// The problems are not those of a race with the same seed. Constants with which the
// rule does not start are an error; constants with which it diverges are data.
func (s Search) Run(ctx context.Context) (Tuning, error) {
	c := s.Config
	if err := c.check("search", nil); err != nil {
		return Tuning{}, err
	}
	if s.Family == nil || s.Rule == nil {
		return Tuning{}, errors.New("trace: a search needs a Family and a Rule")
	}
	if s.Rounds < 0 {
		return Tuning{}, fmt.Errorf("trace: a search of %d rounds: there has to be one, which 0 stands for", s.Rounds)
	}
	if s.By.Of == nil {
		return Tuning{}, errors.New("trace: a search needs a criterion: choose LowestAt, StepsTo or LowestMean")
	}
	t := Tuning{Ranges: s.Over, By: strings.ReplaceAll(s.By.Name, "%s", c.Measure.Name), Best: Trial{Score: math.Inf(1)}, Rule: s.Rule}
	rounds := max(1, s.Rounds)
	var known precision
	var first leader
	for round := range rounds {
		if round > 0 {
			ranges := make([]Range, len(t.Ranges))
			for i, r := range t.Ranges {
				ranges[i] = r.around(t.Best.At[i])
			}
			t.Ranges = ranges
		}
		outcomes, grid, err := s.round(ctx, c, t, first, round*c.Problems, rounds*c.Problems)
		if err != nil {
			return Tuning{}, err
		}
		first.judge(&t, outcomes, c.Measure, s.By)
		first.follow(t.choose(grid, outcomes, c.Measure, s.By), outcomes)
		known.add(outcomes, c.Measure)
		if t.Best.At == nil {
			return t, fmt.Errorf("trace: with none of the %d combinations is the %s finite: search elsewhere, or give more steps", len(grid), t.By)
		}
	}
	t.conclude(rounds, c)
	t.Note = strings.TrimSpace(t.Note + " " + known.note(t.Best, c.Measure, s.By))
	return t, nil
}

// outcome is the outcome on one problem, without the points that a race keeps.
type outcome struct {
	optimum Optimum
	values  [][]float64 // of each point of the grid after each step
	f       [][]float64 // F there, where the measure is made of it
	parts   [][][]Part
}

// round runs one grid.
func (s Search) round(ctx context.Context, c Config, t Tuning, first leader, before, of int) ([]outcome, [][]float64, error) {
	grid, err := combinations(t.Ranges)
	if err != nil {
		return nil, nil, err
	}
	entries := make([]Entry, len(grid))
	for i, at := range grid {
		if entries[i] = (Entry{describe(t.Ranges, at), s.Rule(at)}); entries[i].Rule == nil {
			return nil, nil, fmt.Errorf("trace: there is no rule for %s", entries[i].Name)
		}
	}
	var lock sync.Mutex
	done := before * len(grid)
	report := func() {
		lock.Lock()
		defer lock.Unlock()
		if done++; s.Report != nil {
			s.Report(done, of*len(grid), t.Best)
		}
	}
	outcomes := make([]outcome, c.Problems)
	one := func(_, i int) error {
		h := c.run(ctx, c.draw(s.Family, forTuning, i), i, first.lowest(i), entries, func(h *heat, e int) {
			h.runs[e].Last = optimizee.Point{}
			report()
		})
		if err := errors.Join(append(h.refused, h.err)...); err != nil {
			return err
		}
		outcomes[i] = outcome{optimum: h.optimum, parts: h.parts}
		for _, r := range h.runs {
			outcomes[i].values, outcomes[i].f = append(outcomes[i].values, r.Values), append(outcomes[i].f, r.F)
		}
		return nil
	}
	if err := par.Until(ctx, func() error { return par.Each(ctx, 0, c.Problems, one) }); err != nil {
		return nil, nil, err
	}
	return outcomes, grid, nil
}

// leader is what a round has to know of the best trial of those before it. Where nothing
// proves F*, it is the lowest value that all rounds have seen, and the leader is judged anew
// when another round sees a lower one.
type leader struct {
	optima []Optimum   // of each problem
	f      [][]float64 // of the leader on it
}

// lowest is the lowest value of F that was seen on problem i, +Inf where F* is proven.
func (l leader) lowest(i int) float64 {
	if l.optima == nil || !math.IsNaN(l.optima[i].Certificate) {
		return math.Inf(1)
	}
	return l.optima[i].F
}

// judge measures the best trial so far to the F* that are known now.
func (l leader) judge(t *Tuning, outcomes []outcome, m Measure, by Criterion) {
	if !m.star || !slices.ContainsFunc(l.optima, func(o Optimum) bool { return math.IsNaN(o.Certificate) }) {
		return
	}
	mean := make([]float64, len(t.Best.Mean))
	for k := range mean {
		for i, o := range outcomes {
			mean[k] += m.ofF(o.optimum, l.f[i][k]) / float64(len(outcomes))
		}
	}
	t.Best.Mean, t.Best.Score = mean, by.Of(mean)
}

// follow takes over from a trial of the last round, by its index; −1 for none.
func (l *leader) follow(trial int, outcomes []outcome) {
	l.optima = nil
	for i, o := range outcomes {
		if l.optima = append(l.optima, o.optimum); trial < 0 {
			continue
		}
		if i == 0 {
			l.f = nil
		}
		l.f = append(l.f, o.f[trial])
	}
}

// choose averages over the problems in their order, and scores. It returns which trial is
// better than the best one so far, −1 where none is.
func (t *Tuning) choose(grid [][]float64, outcomes []outcome, m Measure, by Criterion) (best int) {
	t.Trials, best = nil, -1
	for g, at := range grid {
		trial := Trial{At: at, Mean: make([]float64, len(outcomes[0].values[g]))}
		for k := range trial.Mean {
			if m.Parts != nil {
				var all Part // over all instances of all problems, one after the other
				for _, l := range outcomes {
					parts := []Part{{math.NaN(), math.NaN()}}
					if k < len(l.parts[g]) {
						parts = l.parts[g][k]
					}
					for _, p := range parts {
						all.Num, all.Den = all.Num+p.Num, all.Den+p.Den
					}
				}
				trial.Mean[k] = m.Ratio(all)
				continue
			}
			for _, l := range outcomes {
				trial.Mean[k] += l.values[g][k] / float64(len(outcomes))
			}
		}
		if trial.Score = by.Of(trial.Mean); trial.Score < t.Best.Score { // false for NaN
			t.Best, best = trial, g
		}
		t.Trials = append(t.Trials, trial)
	}
	return best
}

// precision is how well the F* of a search are known.
type precision struct {
	floor  float64
	optima []Optimum
}

func (p *precision) add(outcomes []outcome, m Measure) {
	if !m.star {
		return
	}
	for _, l := range outcomes {
		p.floor, p.optima = max(p.floor, m.slack(l.optimum)), append(p.optima, l.optimum) // NaN when either is
	}
}

// note says what of the best score is not proven: F* is not, or so badly that it shows in
// the score.
func (p precision) note(best Trial, m Measure, by Criterion) string {
	if p.optima == nil {
		return ""
	}
	note := ""
	if strings.Contains(m.Name, Gap.Name) {
		note = notRelative(p.optima)
	}
	proven := make([]float64, len(best.Mean))
	for k, v := range best.Mean {
		proven[k] = max(v, p.floor)
	}
	if score := by.Of(proven); !(p.floor <= 1e-3) || !(math.Abs(score-best.Score) <= 1e-2*math.Abs(best.Score)) {
		note += " " + source(p.floor, "search")
	}
	return strings.TrimSpace(note)
}

// conclude says what was found.
func (t *Tuning) conclude(rounds int, c Config) {
	in := fmt.Sprintf("%d combinations", len(t.Trials))
	if rounds > 1 {
		in += fmt.Sprintf(" in each of %d rounds", rounds)
	}
	t.Note = fmt.Sprintf("The lowest %s of %s on %d problems is %s, at %s.", t.By, in, c.Problems, Number(t.Best.Score), describe(t.Ranges, t.Best.At))
	for i, r := range t.Ranges {
		if r.border(t.Best.At[i]) {
			t.Border = append(t.Border, r.Name)
			t.Note += fmt.Sprintf(" %s lies at the end of its range: search further.", r.Name)
		}
	}
}

// Key is what the result of the search depends on, as far as data can say it: for a cache.
// It names the family and the criterion, and leaves out the rule and Streams.
func (s Search) Key() any {
	if s.Family == nil {
		panic("trace: Key of a search without a Family")
	}
	return struct {
		Family                  string
		Problems, Steps, Rounds int
		Seed                    uint64
		Tol                     float64
		Measure, By             string
		Over                    []Range
	}{s.Family.String(), s.Config.Problems, s.Config.Steps, s.Rounds, s.Config.Seed, s.Config.Tol, s.Config.Measure.Name, s.By.Name, s.Over}
}

// Entry takes part in a race with the best constants.
func (t Tuning) Entry(name string) Entry {
	if t.Rule == nil {
		panic("trace: Entry of a tuning without its Rule, which is not kept on disk: set it")
	}
	return Entry{name, t.Rule(t.Best.At)}
}

// Where returns the trial with the lowest score among those of the last round with values
// that are ok; its score is +Inf and its At nil where there is none.
func (t Tuning) Where(ok func(at []float64) bool) Trial {
	best := Trial{Score: math.Inf(1)}
	for _, trial := range t.Trials {
		if ok(trial.At) && trial.Score < best.Score {
			best = trial
		}
	}
	return best
}

// Map returns the scores of a search over two ranges for a heat map: a row for each
// value of the first range and a column for each of the second, with their labels. It
// panics when there are not two.
func (t Tuning) Map() (scores [][]float64, rows, cols []string) {
	if len(t.Ranges) != 2 {
		panic(fmt.Sprintf("trace: a map of a search over %d constants: it takes two", len(t.Ranges)))
	}
	for _, v := range t.Ranges[0].Values {
		rows = append(rows, Number(v))
	}
	for _, v := range t.Ranges[1].Values {
		cols = append(cols, Number(v))
	}
	for i := range rows {
		var line []float64
		for _, trial := range t.Trials[i*len(cols) : (i+1)*len(cols)] {
			line = append(line, trial.Score)
		}
		scores = append(scores, line)
	}
	return scores, rows, cols
}
