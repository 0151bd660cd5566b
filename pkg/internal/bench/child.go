package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// child offers one workload to the parent, as the scripts of the peers do.
func child(name string, in io.Reader, out io.Writer) error {
	switch {
	case name == trainOnly:
		return trainAlone(out)
	case name == neighbourly:
		return neighbour(in, out)
	case strings.HasPrefix(name, growing):
		return grow(strings.TrimPrefix(name, growing), out)
	}
	all := slices.Concat(workloads, opponents)
	i := slices.IndexFunc(all, func(w workload) bool { return w.name == name })
	if i < 0 {
		return fmt.Errorf("no workload is called %q", name)
	}
	w := all[i]
	if n, err := strconv.Atoi(os.Getenv(unitsVariable)); err == nil {
		w.units = n
	}
	j, err := w.make()
	if err != nil {
		return err
	}
	defer j.stop()
	check, err := j.check()
	if err != nil {
		return err
	}
	say := json.NewEncoder(out)
	if err := say.Encode(answer{Peer: w.what, Check: check}); err != nil {
		return err
	}
	if _, err := j.run(max(1, w.units/10)); err != nil { // as the peers warm up
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		d, err := j.run(w.units)
		if err != nil {
			return err
		}
		if err := say.Encode(answer{MS: d.Seconds() * 1e3 / float64(w.units), MB: peakMB()}); err != nil {
			return err
		}
	}
	return nil
}

// trainOnly names the child that does nothing but train.
const trainOnly = "training alone"

// trainAlone trains for three minibatches at the paper's setting, fresh problems and
// all, and reports its peak memory and the time of a minibatch.
func trainAlone(out io.Writer) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(20) // as in lab train
	}
	c := train.Paper
	c.Minibatches, c.Validation = 3, train.Validation{}
	start := time.Now()
	if _, err := train.Run(context.Background(), learned.PA(learned.PAConfig{}), optimizee.PaperLasso, c); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(answer{MB: peakMB(), MS: time.Since(start).Seconds() * 1e3 / 3})
}

// training runs trainAlone in a process of its own.
func training(ctx context.Context, self string) (answer, error) {
	t, err := itself(ctx, self, trainOnly)
	if err != nil {
		return answer{}, err
	}
	return t.first, t.end()
}
