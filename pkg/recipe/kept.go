package recipe

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"path"
	"runtime"
	"strings"

	"github.com/l2olab/l2o/pkg/atomicfile"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/trace"
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
	if r.layers() == 0 {
		return k, r.alternate(ctx, &k, t.Optimizer.Rule(t.Theta))
	}
	c := trace.Config{Problems: r.Fresh, Steps: r.layers(), Measure: trace.NMSE, Streams: FreshSignals}
	rule := t.Optimizer.Rule(t.Theta)
	ratio, err := race(ctx, r.Family, c, rule)
	if err != nil {
		return k, err
	}
	c.Measure = trace.MeanOfDB
	mean, err := race(ctx, r.Family, c, rule)
	if err != nil {
		return k, err
	}
	k.Signals = r.Fresh * len(ratio.Runs[0][0].Each[0])
	k.RatioOfSums, k.MeanOfDB = ratio.Pooled[alone], mean.Pooled[alone]
	return k, nil
}

// alternate measures where fresh problems end. A run that diverges ends at 1e300, which
// JSON can say.
func (r Recipe) alternate(ctx context.Context, k *Kept, rule optim.Rule) error {
	c := trace.Config{Problems: r.Fresh, Steps: r.Train.Iterations, Measure: trace.Value, Streams: FreshProblems}
	res, err := race(ctx, r.Family, c, rule)
	if err != nil {
		return err
	}
	for i, run := range res.Runs[0] {
		k.F = append(k.F, finite(run.F[res.Steps]))
		p := c.Problem(r.Family, i)
		if _, ok := p.Data.(*completion.Data); ok {
			e := math.NaN()
			if run.Diverged == 0 {
				e = completion.RMSE(p, run.Last)
			}
			k.RMSE = append(k.RMSE, finite(e))
		}
	}
	return nil
}

// finite is what JSON can say.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 1e300
	}
	return x
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
