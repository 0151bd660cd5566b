package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Sweep computes one number for every setting of t_in × t_out (MLAM Fig. 4: both from
// 1 to 20). Cells run side by side, one on each core; a cell depends on nothing but its
// setting, so neither the number of cores nor an interruption changes a number.
type Sweep struct {
	Name         string
	Key          any   // what else decides the numbers, to be encoded as JSON: a file of another key is refused
	Inner, Outer []int // t_in and t_out
	Cell         func(ctx context.Context, c Cell) (float64, error)

	File   string      // of finished cells, to resume from and write to after each; "" for none
	Report func(Event) // called from the goroutine of Run, after each cell; nil for nobody
}

// A Cell is one setting of a [Sweep].
type Cell struct {
	Inner, Outer int     // t_in and t_out
	Value        float64 // NaN until it is done, and where it diverged
	Done         bool
	Diverged     bool
	Seconds      float64 // that it took

	Checkpoint string `json:"-"` // a file for a training of this cell alone, which the sweep removes when the cell is done; "" for none
}

// A SweepResult is what a sweep has found so far, the cells in the order of the grid: t_out runs
// fastest.
type SweepResult struct {
	Inner, Outer []int
	Cells        []Cell
}

// At is the cell of Inner[i] and Outer[j].
func (s SweepResult) At(i, j int) Cell { return s.Cells[i*len(s.Outer)+j] }

// Values has a row for each t_in; NaN stands for a cell that diverged or is not done.
func (s SweepResult) Values() [][]float64 {
	out := make([][]float64, len(s.Inner))
	for i := range out {
		for j := range s.Outer {
			out[i] = append(out[i], s.At(i, j).Value)
		}
	}
	return out
}

// Done is the number of finished cells.
func (s SweepResult) Done() (n int) {
	for _, c := range s.Cells {
		if c.Done {
			n++
		}
	}
	return n
}

// Best is the finished cell of the lowest value; its Value is NaN when there is none.
func (s SweepResult) Best() Cell {
	best := Cell{Value: math.NaN()}
	for _, c := range s.Cells {
		if c.Done && !(c.Value >= best.Value) && !math.IsNaN(c.Value) {
			best = c
		}
	}
	return best
}

// Run computes the cells that File does not hold yet. A cell that ends in a *[Divergence], or
// in a number that is not finite, counts as diverged and the sweep goes on; any other
// error ends it. When the context ends, Run returns its error and what was reached.
func (s Sweep) Run(ctx context.Context) (SweepResult, error) {
	if err := s.check(); err != nil {
		return SweepResult{}, err
	}
	r := sweepRun{Sweep: s, began: time.Now(), found: SweepResult{Inner: s.Inner, Outer: s.Outer}}
	for _, in := range s.Inner {
		for _, out := range s.Outer {
			r.found.Cells = append(r.found.Cells, Cell{Inner: in, Outer: out, Value: math.NaN(), Checkpoint: s.checkpoint(in, out)})
		}
	}
	if err := r.resume(); err != nil {
		return SweepResult{}, err
	}
	err := r.run(ctx)
	if err != nil {
		r.report(math.NaN(), fmt.Sprintf("stopped with %d of %d cells: %v", r.found.Done(), len(r.found.Cells), err), true)
	}
	return r.found, err
}

// sweepRun is a sweep on its way.
type sweepRun struct {
	Sweep
	found SweepResult
	began time.Time
	note  string // for the next event
}

// finished is what a worker hands in.
type finished struct {
	at   int
	cell Cell
}

// run computes the open cells and keeps what the workers hand in. A cell that is done
// when the sweep is stopped is kept too.
func (r *sweepRun) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var open []finished
	for i, c := range r.found.Cells {
		if !c.Done {
			open = append(open, finished{i, c})
		}
	}
	handed, ended := make(chan finished), make(chan error, 1)
	go func() {
		ended <- par.Each(ctx, 0, len(open), func(_, i int) error {
			c, err := r.compute(ctx, open[i].cell)
			if err != nil {
				stop(err) // the first error is the cause
				return err
			}
			handed <- finished{open[i].at, c}
			return nil
		})
		close(handed)
	}()
	for f := range handed {
		if err := r.keep(f); err != nil {
			stop(err)
		}
	}
	if err := <-ended; err != nil {
		return context.Cause(ctx)
	}
	return nil
}

// compute is one cell.
func (r *sweepRun) compute(ctx context.Context, c Cell) (Cell, error) {
	began := time.Now()
	value, err := r.Cell(ctx, c)
	c.Seconds = time.Since(began).Seconds()
	var d *Divergence
	switch {
	case errors.As(err, &d), err == nil && !finite(value):
		c.Value, c.Diverged, c.Done = math.NaN(), true, true
	case err != nil:
		return c, fmt.Errorf("train: %s, t_in = %d, t_out = %d: %w", r.Name, c.Inner, c.Outer, err)
	default:
		c.Value, c.Done = value, true
	}
	return c, nil
}

// keep enters a cell and writes the file.
func (r *sweepRun) keep(f finished) error {
	r.found.Cells[f.at] = f.cell
	if err := r.save(); err != nil {
		return err
	}
	if f.cell.Checkpoint != "" {
		_ = os.Remove(f.cell.Checkpoint) // most cells have left none
	}
	note := fmt.Sprintf("t_in = %d, t_out = %d", f.cell.Inner, f.cell.Outer)
	if f.cell.Diverged {
		note += ": diverged"
	}
	r.report(f.cell.Value, note, r.found.Done() == len(r.found.Cells))
	return nil
}

func (r *sweepRun) report(value float64, note string, over bool) {
	if r.Report == nil {
		return
	}
	if r.note != "" {
		note, r.note = r.note+"; "+note, ""
	}
	r.Report(Event{
		Name: r.Name, Unit: "cells", Done: r.found.Done(), Of: len(r.found.Cells), Loss: value, Validation: value, Best: r.found.Best().Value,
		Elapsed: time.Since(r.began), Note: note, Over: over,
	})
}

func (s Sweep) check() error {
	var errs []error
	if len(s.Inner) == 0 || len(s.Outer) == 0 || s.Cell == nil {
		errs = append(errs, fmt.Errorf("train: a sweep of %d by %d cells: there have to be values of both, and what computes a cell", len(s.Inner), len(s.Outer)))
	}
	for _, axis := range [][]int{s.Inner, s.Outer} {
		for i, n := range axis {
			if n < 1 || slices.Contains(axis[:i], n) {
				errs = append(errs, fmt.Errorf("train: %d stands on an axis %v of a sweep: numbers of steps are positive and stand there once", n, axis))
			}
		}
	}
	return errors.Join(errs...)
}

// TrainingCell is a cell of a sweep over trainings: it trains the optimizer of that
// t_in with updates every t_out outer steps, and measures the rule that comes out. As in
// Algorithm 1 θ learns from whole segments only, so T is rounded down to a multiple of
// t_out.
func TrainingCell(of func(inner int) learned.Optimizer, fam optimizee.Family, c Config, measure func(r optim.Rule) (float64, error)) func(context.Context, Cell) (float64, error) {
	return func(ctx context.Context, cell Cell) (float64, error) {
		c := c
		if cell.Outer > c.Iterations {
			return 0, fmt.Errorf("train: %d outer steps hold no segment of %d", c.Iterations, cell.Outer)
		}
		c.Segment, c.Iterations, c.Checkpoint, c.Report = cell.Outer, c.Iterations/cell.Outer*cell.Outer, cell.Checkpoint, nil
		r, err := Run(ctx, of(cell.Inner), fam, c)
		if err != nil {
			return 0, err
		}
		return measure(r.Rule())
	}
}
