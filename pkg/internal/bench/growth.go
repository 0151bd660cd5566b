package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// A growth is work whose size grows in one direction. Cost that grows in proportion has
// the same time for each unit at all sizes.
type growth struct {
	name, what string
	unit       string // of the time
	sizes      []int
	// make prepares work of a size; run does so many units of it each time.
	make func(size int) (units int, run func() error, err error)
}

var growths = []growth{
	{name: "unknowns-fista", what: "a step of FISTA that sharpens a blurred image of so many pixels", unit: "pixel and step", sizes: []int{10 * 10, 32 * 32, 100 * 100, 320 * 320, 1000 * 1000}, make: sharpening(optim.FISTA)},
	{name: "unknowns-l2o-pa", what: "the same with L2O-PA", unit: "pixel and step", sizes: []int{10 * 10, 32 * 32, 100 * 100, 320 * 320, 1000 * 1000}, make: sharpening(weights.Rule(grown))},
	{name: "unknowns-train", what: "a training step of L2O-PA through 10 iterations on such an image", unit: "pixel and iteration", sizes: []int{10 * 10, 32 * 32, 100 * 100, 320 * 320}, make: func(pixels int) (int, func() error, error) {
		return pixels * 10, training1(optimizee.Only(blurred(pixels)), 1, 10), nil
	}},
	{name: "instances-race", what: "a race of FISTA over 20 steps on so many Lasso problems 20×40", unit: "problem and step", sizes: []int{1, 10, 100, 1000, 10000, 100000}, make: func(n int) (int, func() error, error) {
		return n * 20, racing(n, 20), nil
	}},
	// A training keeps 0.12 MB for each instance of a minibatch here, so more would be a matter of memory.
	{name: "instances-train", what: "a training step of L2O-PA through 10 iterations on so many Lasso problems 5×10", unit: "problem and iteration", sizes: []int{1, 10, 100, 1000, 10000}, make: func(n int) (int, func() error, error) {
		return n * 10, training1(small(5, 10), n, 10), nil
	}},
	{name: "horizon-race", what: "a race of FISTA over so many steps on 4 Lasso problems 20×40", unit: "problem and step", sizes: []int{10, 100, 1000, 10000}, make: func(n int) (int, func() error, error) {
		return 4 * n, racing(4, n), nil
	}},
	{name: "horizon-train", what: "training L2O-PA in segments of 10 through so many iterations on 4 Lasso problems 20×40", unit: "problem and iteration", sizes: []int{10, 100, 1000, 10000}, make: func(n int) (int, func() error, error) {
		return 4 * n, training1(small(20, 40), 4, n), nil
	}},
}

// blurred is a sparse image seen through a Gaussian blur, ½‖Ax − b‖² + λ‖x‖₁ with an A that
// is never written down.
func blurred(pixels int) *optimizee.Problem {
	side := 1
	for side*side < pixels {
		side++
	}
	a := linear.Blur(side, side, linear.Gaussian(5, 1))
	x, rng := ad.New(pixels, 1, nil), optimizee.Stream(9, uint64(pixels))
	for i := range x.Data {
		if rng.Float64() < 0.1 {
			x.Data[i] = rng.NormFloat64()
		}
	}
	return optimizee.LeastSquares(a, a.Apply(x)).Plus(prox.L1(0.01))
}

// grown are the weights that run, and with which trainings begin and all but stay.
const grown = "l2opa-lasso-250x500"

// sharpening takes steps on a blurred image.
func sharpening(rule optim.Rule) func(pixels int) (int, func() error, error) {
	return func(pixels int) (int, func() error, error) {
		p := blurred(pixels)
		step, err := rule(p, optimizee.Stream(2))
		x := p.Start
		return pixels, func() error { x = step(x); return nil }, err
	}
}

// small are Lasso problems like those of the paper.
func small(rows, cols int) optimizee.Family {
	return optimizee.FamilyFunc(fmt.Sprintf("Lasso %d×%d", rows, cols), func(rng *rand.Rand) *optimizee.Problem {
		a, _, b := sparseCode(rng, rows, cols, 1)
		return optimizee.Lasso(a, b, lambda)
	})
}

// racing is a race of FISTA, which keeps F of every step.
func racing(problems, steps int) func() error {
	c := trace.Config{Problems: problems, Steps: steps, Seed: 1, Measure: trace.Value}
	return func() error {
		_, err := trace.RaceFamily(context.Background(), small(20, 40), c, trace.Entry{Name: "FISTA", Rule: optim.FISTA})
		return err
	}
}

// training1 trains L2O-PA for one minibatch.
func training1(f optimizee.Family, batch, iterations int) func() error {
	t, err := weights.Load(grown)
	c := train.Config{
		Minibatches: 1, Batch: batch, Iterations: iterations, Segment: 10, LR: dmStill, Seed: 1,
		Guard: train.Guard{Above: math.MaxFloat64, To: 1}, Start: t.Theta,
	}
	return func() error {
		if err != nil {
			return err
		}
		_, err := train.Run(context.Background(), t.Optimizer, f, c)
		return err
	}
}

// growing begins the name of a child that measures one size.
const growing = "growth "

// grow measures one size: the fastest of some runs, because whatever else the machine does only
// adds, the processors' time, which a busy machine hardly changes, and the memory at its peak.
func grow(which string, out io.Writer) error {
	name, size, _ := strings.Cut(which, " ")
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	for _, g := range growths {
		if g.name != name {
			continue
		}
		units, run, err := g.make(n)
		if err != nil {
			return err
		}
		var best time.Duration
		k, start, busy := 0, time.Now(), cpuTime()
		for ; k == 0 || k == 1 && time.Since(start) < 3*time.Second || time.Since(start) < 400*time.Millisecond; k++ {
			began := time.Now()
			if err := run(); err != nil {
				return err
			}
			if d := time.Since(began); k == 0 || d < best {
				best = d
			}
		}
		busy = cpuTime() - busy
		return json.NewEncoder(out).Encode(answer{MS: best.Seconds() * 1e3 / float64(units), CPU: busy.Seconds() * 1e3 / float64(units*k), MB: peakMB()})
	}
	return fmt.Errorf("nothing that grows is called %q", name)
}

// growth says a line for each size on one core and on as many as there are: name, size, cores,
// nanoseconds for a unit by the clock and on all processors together, MB. Package study reads these lines.
// Names choose kinds by their beginnings, all without any.
func (b *bench) growth(ctx context.Context, names []string) error {
	chosen := slices.DeleteFunc(slices.Clone(growths), func(g growth) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(g.name, n) })
	})
	for _, g := range chosen {
		b.say("# %s: %s; ns for each %s", g.name, g.what, g.unit)
	}
	for _, g := range chosen {
		for _, size := range g.sizes {
			for cores := 1; cores <= runtime.NumCPU(); cores *= 2 {
				t, err := begin(ctx, []string{childVariable + "=" + growing + g.name + " " + strconv.Itoa(size), "GOMAXPROCS=" + strconv.Itoa(cores)}, b.self)
				if err != nil {
					return fmt.Errorf("%s at %d: %w", g.name, size, err)
				}
				b.say("%-16s %8d %2d %10.1f ns %10.1f ns CPU %6.0f MB", g.name, size, cores, t.first.MS*1e6, t.first.CPU*1e6, t.first.MB)
				if err := errors.Join(t.end(), ctx.Err()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
