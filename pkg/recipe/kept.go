package recipe

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"

	"github.com/l2olab/l2o/pkg/atomicfile"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// curves holds what was kept of trainings, and a README that explains it.
//
//go:embed curves
var curves embed.FS

// Kept is what ships of a training besides θ, or instead of a θ that is too large: its
// card with the curve of validation, and what each layer of an unrolled network recovers.
type Kept struct {
	Card    weights.Card
	Theta   string // its nn.Params.Hash
	Kernels string // processor and kernel set that computed it

	Signals     int       `json:",omitempty"` // fresh ones, of which no training saw any
	RatioOfSums []float64 `json:",omitempty"` // their NMSE in dB after 0, 1, … layers: trace.NMSE
	MeanOfDB    []float64 `json:",omitempty"` // the same by the other convention: trace.MeanOfDB

	F    []float64 `json:",omitempty"` // of learned alternating minimisation: where each fresh problem ends after the outer steps of training
	RMSE []float64 `json:",omitempty"` // of matrix completions: completion.RMSE there
}

// Keep returns what is to be kept of the training that found a θ.
func (r Recipe) Keep(ctx context.Context, t weights.Trained) (Kept, error) {
	k := Kept{Card: t.Card, Theta: t.Theta.Hash(), Kernels: runtime.GOARCH + "/" + kern.Name()}
	r, err := r.Ready()
	if err != nil || r.Fresh == 0 {
		return k, err
	}
	c := trace.Config{Problems: r.Fresh, Steps: r.layers(), Streams: FreshSignals}
	if c.Steps == 0 {
		c.Steps, c.Streams = r.Train.Iterations, FreshProblems
	}
	measured := func(m trace.Measure) *trace.Results {
		c.Measure = m
		res, failed := race(ctx, r.Family, c, t.Optimizer.Rule(t.Theta))
		err = errors.Join(err, failed)
		return res
	}
	if r.layers() > 0 {
		ratio, mean := measured(trace.NMSE), measured(trace.MeanOfDB)
		if err != nil {
			return k, err
		}
		k.Signals = r.Fresh * len(ratio.Runs[0][0].Each[0])
		k.RatioOfSums, k.MeanOfDB = train.Encodable(ratio.Pooled[alone]), train.Encodable(mean.Pooled[alone])
		return k, nil
	}
	if res := measured(trace.Value); err == nil {
		k.F = train.Encodable(res.At(alone, -1))
	}
	if _, ok := c.Problem(r.Family, 0).Data.(*completion.Data); ok && err == nil {
		if res := measured(trace.RMSE); err == nil {
			k.RMSE = train.Encodable(res.At(alone, -1))
		}
	}
	return k, err
}

// layers is the depth of the unrolled network that the recipe trains, 0 for no such one.
func (r Recipe) layers() int {
	if r.Search.Rounds > 0 {
		return r.Search.Config.Steps
	}
	if len(r.Train.Phases) > 0 {
		return r.Train.Layers()
	}
	return 0
}

// Save writes a JSON file.
func (k Kept) Save(file string) error {
	data, err := json.MarshalIndent(k, "", "\t")
	if err != nil {
		return err
	}
	return atomicfile.Write(file, append(data, '\n'))
}

// KeptNames lists the trainings of which something is kept.
func KeptNames() []string {
	files, err := fs.Glob(curves, "curves/*.json")
	if err != nil { // the pattern is a constant
		panic(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".json")
	}
	return files
}

// Load returns what is kept of a training.
func Load(name string) (Kept, error) {
	data, err := curves.ReadFile("curves/" + name + ".json")
	if err != nil {
		return Kept{}, fmt.Errorf("recipe: nothing is kept of %q: go run ./kernelext/lab train %[1]s makes it; there are %q", name, KeptNames())
	}
	var k Kept
	if err := json.Unmarshal(data, &k); err != nil {
		return Kept{}, fmt.Errorf("recipe: curves/%s.json: %w", name, err)
	}
	return k, nil
}
