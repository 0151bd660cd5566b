package recipe_test

import (
	"context"
	"encoding/json"
	"flag"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

var update = flag.Bool("update", false, "write what the rehearsals give with these kernels into testdata/rehearsals.json")

// rehearsals are what short trainings gave.
type rehearsals struct {
	Numerics string
	Reached  map[string]map[string]rehearsed // by processor and kernel set, then by recipe
}

type rehearsed struct {
	Theta string  // hash
	Value float64 // validation
}

const rehearsalFile = "testdata/rehearsals.json"

// TestRehearsals shortens the recipes of the LISTA line and of MLAM: they train to the same bits
// with the kernels that made the golden file, to about the same validation with others.
func TestRehearsals(t *testing.T) {
	if !*update && (testing.Short() || os.Getenv("L2O_REQUIRE") != "1") {
		t.Skip("trains for minutes: runs with L2O_REQUIRE=1, without -short")
	}
	data, err := os.ReadFile(rehearsalFile)
	if err != nil {
		t.Fatal(err)
	}
	var golden rehearsals
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	if golden.Numerics != train.NumericsVersion && !*update {
		t.Fatalf("%s is of numerics %s, which are %s now: go test ./pkg/recipe -run Rehearsals -update with each set of kernels in it, and train what is kept again", rehearsalFile, golden.Numerics, train.NumericsVersion)
	}
	kernels, began := runtime.GOARCH+"/"+kern.Name(), time.Now()
	got := map[string]rehearsed{}
	for _, r := range recipe.All() {
		if r.Train.Phases == nil && r.Search.Rounds == 0 && !alternates(r) && !strings.HasSuffix(r.Name, "-coherent") || strings.HasPrefix(r.Name, "adalista") || r.Train.Validation.Ahead || strings.Contains(r.Name, "-seed") || strings.Contains(r.Name, "-paper-") {
			continue // TestNumerics of package train, TestAdaLISTARecipe, TestTrainingBits of a curriculum, the first seed and 2×20 hidden units stand for those
		}
		t.Run(r.Name, func(t *testing.T) {
			if strings.HasSuffix(r.Name, "-coherent") {
				dataFolder(t, "bsds500-test")
			}
			steps := 36 // of the 128 signals of 500 entries: a second
			switch {
			case strings.Contains(r.Name, "-minimise-"):
				steps = 200
			case alternates(r):
				steps = 4
			}
			th, value, err := rehearse(t.Context(), r, steps)
			if err != nil {
				t.Fatal(err)
			}
			now := rehearsed{th.Hash(), value}
			got[r.Name] = now
			if !*update {
				compare(t, golden, kernels, r.Name, now)
			}
		})
	}
	t.Logf("%d rehearsals with %s in %v", len(got), kernels, time.Since(began).Round(time.Second))
	if !*update {
		return
	}
	if golden.Numerics != train.NumericsVersion {
		golden = rehearsals{Numerics: train.NumericsVersion, Reached: map[string]map[string]rehearsed{}}
	}
	if golden.Reached[kernels] == nil {
		golden.Reached[kernels] = map[string]rehearsed{}
	}
	maps.Copy(golden.Reached[kernels], got)
	if data, err = json.MarshalIndent(golden, "", "\t"); err == nil {
		err = os.WriteFile(rehearsalFile, append(data, '\n'), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// compare holds a rehearsal against those in the golden file.
func compare(t *testing.T, golden rehearsals, kernels, name string, now rehearsed) {
	t.Helper()
	const how = "raise train.NumericsVersion if that is meant, then go test ./pkg/recipe -run Rehearsals -update"
	set, ok := golden.Reached[kernels]
	if ok {
		if want := set[name]; now != want {
			t.Errorf("with %s it gives %+v, it was %+v: %s", kernels, now, want, how)
		}
		return
	}
	for other, set := range golden.Reached {
		// K-SVD chooses atoms greedily, so that rounding leads to another dictionary of like coherence
		tolerance := 1e-3
		if strings.HasSuffix(name, "-coherent") {
			tolerance = 0.1
		}
		if want := set[name].Value; !(math.Abs(now.Value-want) <= tolerance*math.Abs(want)) {
			t.Errorf("with %s it reaches %.8g, with %s it was %.8g: %s", kernels, now.Value, other, want, how)
		}
	}
}

// dataFolder sets L2O_DATA to a folder with a file, $L2O_DATA or shared/data beside the
// checkout, and skips the test where there is none.
func dataFolder(t *testing.T, name string) {
	t.Helper()
	for _, dir := range []string{os.Getenv("L2O_DATA"), filepath.Join("..", "..", "..", "shared", "data")} {
		if _, err := os.Stat(filepath.Join(dir, name)); dir != "" && err == nil {
			t.Setenv("L2O_DATA", dir)
			return
		}
	}
	const how = "%s is not here: set L2O_DATA to a folder that holds it; the datasets package says where to fetch it"
	if os.Getenv("L2O_REQUIRE") == "1" && os.Getenv("L2O_DATA") != "" {
		t.Fatalf(how, name)
	}
	t.Skipf(how, name)
}

// rehearse is a short training by a recipe: the family, the network and the kinds of phases
// are those of the recipe, but there are three layers at most, about so many steps of Adam
// in all, and two problems for minibatch and validation; a grid has three points on each
// axis, and a training without phases has two segments of two steps. It returns θ and its
// validation, which show in a second whether the training is still the same.
func rehearse(ctx context.Context, r recipe.Recipe, steps int) (theta nn.Params, value float64, err error) {
	const layers, problems = 3, 2
	if r, err = r.Ready(); err != nil {
		return theta, 0, err
	}
	if r.Search.Rounds > 0 {
		s := r.Search
		s.Config.Steps, s.Config.Problems, s.By, s.Over = layers, problems, trace.LowestAt(layers), slices.Clone(s.Over)
		for i, o := range s.Over {
			n := len(o.Values)
			s.Over[i] = trace.Log(o.Name, o.Values[0], o.Values[n-1], 3)
		}
		got, err := s.Run(ctx)
		return recipe.Place(r.Optimizer, s.Config.Seed, s.Over, got.Best.At), got.Best.Score, err
	}
	c := r.Train
	c.Batch, c.Validation.Problems, c.Phases = min(c.Batch, problems), problems, nil
	for _, ph := range r.Train.Phases {
		ph.Iterations = min(ph.Iterations, layers)
		if !slices.ContainsFunc(c.Phases, func(p train.Phase) bool { return reflect.DeepEqual(p, ph) }) {
			c.Phases = append(c.Phases, ph)
		}
	}
	if n := len(c.Phases); n > 0 {
		c.Minibatches = max(1, steps/n)
		c.Validation.Every = max(1, c.Minibatches/2)
	} else {
		c.Segment, c.Iterations, c.Minibatches = 2, 4, max(1, steps/2)
		c.Validation.Every = c.Minibatches
	}
	got, err := train.Run(ctx, r.Optimizer, r.Family, c)
	return got.Theta, got.Best, err
}
