package recipe_test

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// megabyte is the size from which on a θ does not ship.
const megabyte = 1e6

// What is kept of the LISTA line is what the recipes say: small θ ship, large ones do
// not, and phases train what there is.
func TestLISTARecipes(t *testing.T) {
	count := map[string]int{}
	for _, r := range recipe.All() {
		kind := ""
		for _, k := range []string{"-recovery-", "-minimise-"} {
			if strings.Contains(r.Name, k) {
				kind = k
			}
		}
		if count[kind]++; kind == "" || strings.HasSuffix(r.Name, "-coherent") {
			continue
		}
		th := nn.NewParams()
		r.Optimizer.Init(th, nil)
		if size := 8 * th.Count(); r.CurveOnly != (size > megabyte) {
			t.Errorf("%s has %d bytes of θ, and the curve alone is kept: %v", r.Name, size, r.CurveOnly)
		}
		if (kind == "-recovery-") != (r.Fresh == 16) {
			t.Errorf("%s measures what it recovers on %d problems", r.Name, r.Fresh)
		}
		if p := r.Family.Draw(optimizee.Stream(1)); p.Check() != nil || p.Truth.X().C != 64 {
			t.Errorf("%s: %v, truth of %s", r.Name, p.Check(), p.Truth.X().Shape())
		}
		if minimises := kind == "-minimise-" || strings.HasPrefix(r.Name, "step-lista-"); r.Search.Rounds == 0 && (r.Train.Loss.Name == learned.PerInstance.Name) != minimises {
			t.Errorf("%s trains for %s", r.Name, r.Train.Loss.Name)
		}
	}
	if count["-recovery-"] != 36 || count["-minimise-"] != 12 {
		t.Errorf("%d trainings for recovery and %d for minimisation", count["-recovery-"], count["-minimise-"])
	}
	cp := find(t, "lista-cp-recovery-250x500").Train
	if len(cp.Phases) != 48 || !reflect.DeepEqual(cp.Phases[45], train.Phase{Iterations: 16, New: true, LR: 5e-4}) || cp.Minibatches != 1000 {
		t.Errorf("LISTA-CP trains with %+v", cp)
	}
	cpss, noisy := find(t, "lista-cpss-recovery-250x500").Train, find(t, "lista-cpss-recovery-250x500-20db").Train
	if cpss.Minibatches != 2000 || cpss.Validation.Patience != 5 || noisy.Minibatches != cp.Minibatches || noisy.Validation.Patience != cp.Validation.Patience {
		t.Errorf("LISTA-CPSS trains with %+v, with noise with %+v", cpss, noisy)
	}
	end := find(t, "lista-cpss-recovery-250x500-endtoend").Train
	if len(end.Phases) != 3 || !reflect.DeepEqual(end.Phases[2], train.Phase{Iterations: 16, LR: 1e-5}) || end.Minibatches*3 != cpss.Minibatches*48 {
		t.Errorf("end to end it trains with %+v", end)
	}
	doubled := find(t, "lista-minimise-25x50-2lambda")
	if p := doubled.Family.Draw(optimizee.Stream(1)); p.Traits["lambda"] != 0.01 || !strings.Contains(doubled.Family.String(), "λ = 0.01") {
		t.Errorf("2λ is %g in %s", p.Traits["lambda"], doubled.Family)
	}
}

// alternates tells learned alternating minimisation.
func alternates(r recipe.Recipe) bool {
	return strings.HasPrefix(r.Name, "mlam-") || strings.HasPrefix(r.Name, "gso-")
}

func find(t *testing.T, name string) recipe.Recipe {
	t.Helper()
	r, err := recipe.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCoherent: recipes with a dictionary of patches do not run on another one, and are
// complete when they are ready.
func TestCoherent(t *testing.T) {
	r := find(t, "alista-recovery-coherent")
	if err := r.Family.Draw(nil).Check(); err == nil || !strings.Contains(err.Error(), "Ready") {
		t.Errorf("before it is ready: %v", err)
	}
	if testing.Short() {
		t.Skip("learns a dictionary for some seconds: leave out -short")
	}
	dataFolder(t, "bsds500-test")
	r, err := r.Ready()
	if err != nil {
		t.Fatal(err)
	}
	p := r.Family.Draw(optimizee.Stream(1))
	d := r.Optimizer.Config.(lista.Config).Dictionary
	coherence, drawn := sparse.Coherence(d.A(), d.A()), sparse.Coherence(sparse.PrimerRecovery.Dictionary.A(), sparse.PrimerRecovery.Dictionary.A())
	t.Logf("%s: coherence %.3f, that of a drawn dictionary is %.3f; L = %.3g", r.Family, coherence, drawn, d.Lipschitz())
	if d.Rows() != 256 || d.Cols() != 512 || !(coherence > 2*drawn) || !strings.Contains(p.Name, "BSDS500") || !strings.Contains(r.Family.String(), "BSDS500") {
		t.Errorf("%s of %d×%d with coherence %.3f", p.Name, d.Rows(), d.Cols(), coherence)
	}
	th := nn.NewParams()
	r.Optimizer.Init(th, nil)
	if _, err := r.Optimizer.Rule(th)(p, nil); err != nil {
		t.Error(err) // the analytic weights need full rank
	}
}

// Everything kept was made by its recipe, with today's numerics.
func TestKept(t *testing.T) {
	for _, name := range recipe.KeptNames() {
		r, k := find(t, name), load(t, name)
		if k.Card.Name != name || !alternates(r) && r.Fresh > 0 && len(k.RatioOfSums) != 17 || len(k.MeanOfDB) != len(k.RatioOfSums) {
			t.Errorf("%s: %+v", name, k)
		}
		if alternates(r) && len(k.F) != r.Fresh {
			t.Errorf("%s ends on %d fresh problems, its recipe says %d", name, len(k.F), r.Fresh)
		}
		if k.Card.Numerics != train.NumericsVersion {
			t.Errorf("%s was trained with numerics %s, which are %s now: go run ./kernelext/lab train %[1]s", name, k.Card.Numerics, train.NumericsVersion)
		}
		if !strings.HasSuffix(name, "-coherent") && k.Card.Family != r.Family.String() { // whose images may not be here
			t.Errorf("%s was trained on %s, its recipe says %s", name, k.Card.Family, r.Family)
		}
		info, err := os.Stat(filepath.Join("curves", name+".json"))
		if err != nil || info.Size() > 1<<16 {
			t.Errorf("%s: %v of %d bytes", name, err, info.Size())
		}
	}
	if _, err := recipe.Load("nothing"); err == nil || !strings.Contains(err.Error(), "lab train nothing") {
		t.Error(err)
	}
}

func load(t *testing.T, name string) recipe.Kept {
	t.Helper()
	k, err := recipe.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Weights that ship give the curve that was kept of them, and the best two the NMSE for
// which they are there.
func TestKeptCurvesHold(t *testing.T) {
	if testing.Short() || os.Getenv("L2O_REQUIRE") != "1" {
		t.Skip("runs networks on 1,024 signals: runs with L2O_REQUIRE=1, without -short")
	}
	for name, want := range map[string]float64{"alista-recovery-250x500": -60, "hyperlista-recovery-250x500": -50} {
		if db := load(t, name).RatioOfSums; !(db[16] <= want) {
			t.Errorf("%s recovers to %.2f dB, want %g dB", name, db[16], want)
		}
	}
	for _, name := range recipe.KeptNames() {
		r, k := find(t, name), load(t, name)
		if r.CurveOnly || r.Fresh == 0 || alternates(r) {
			continue // see TestKeptEndsHold
		}
		shipped, err := weights.Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		now, err := r.Keep(t.Context(), shipped)
		if err != nil {
			t.Fatal(err)
		}
		if now.Theta != k.Theta || now.Signals != 1024 || k.Signals != 1024 {
			t.Errorf("%s: θ %s on %d signals, kept is %s on %d", name, now.Theta, now.Signals, k.Theta, k.Signals)
		}
		for i, y := range k.RatioOfSums {
			if x := now.RatioOfSums[i]; !(math.Abs(x-y) <= 0.1) || now.Kernels == k.Kernels && x != y {
				t.Errorf("%s: %g dB after layer %d with %s, kept are %g dB with %s", name, x, i, now.Kernels, y, k.Kernels)
			}
		}
	}
}

// A recipe with a search runs, says at which border it stopped, and what is kept of it
// comes back from disk.
func TestSearchRecipe(t *testing.T) {
	small := sparse.Recovery{Dictionary: sparse.DrawDictionary(15, 30, 3), Columns: 8}
	r := recipe.Recipe{
		Name: "hyper", Optimizer: lista.HyperLISTA(lista.Config{Dictionary: small.Dictionary, Layers: 3}), Family: small, Fresh: 2,
	}
	r.Search = recipe.ParameterSearch(r.Optimizer, small, 3, 2, 1, trace.Log("c1", 1e-3, 2e-3, 2))
	r.Search.Rounds = 1
	trained, res, err := r.Run(t.Context(), filepath.Join(t.TempDir(), "none"), nil)
	if err != nil || res.Minibatches != 4 || trained.Theta.At("c1").Item() != 2e-3 || !strings.Contains(trained.Card.Reached, "of 2 combinations on 2 problems is") || !strings.Contains(trained.Card.Reached, "c1 lies at the end") {
		t.Fatal(trained.Card, res.Minibatches, err)
	}
	k, err := r.Keep(t.Context(), trained)
	if err != nil {
		t.Fatal(err)
	}
	if c := k.RatioOfSums; len(c) != 4 || c[0] != 0 || k.Signals != 16 {
		t.Errorf("%v of %d signals", c, k.Signals)
	}
	file := filepath.Join(t.TempDir(), "hyper.json")
	if err := k.Save(file); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), k.Theta) || !strings.Contains(string(data), `"MeanOfDB"`) {
		t.Error(err, string(data))
	}
	other := nn.NewParams()
	if small := trained.Theta.Clone(); small.Hash() != k.Theta || other.Hash() == k.Theta {
		t.Error("the hash does not tell θ apart")
	}
}
