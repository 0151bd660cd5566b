package recipe_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// goldenKernels computed the golden bits.
const goldenKernels = "amd64/avx512"

// TestTrainingBits holds very short trainings of shipped recipes, with guards that act,
// losses of all kinds and phases, against what they gave when the recipes were made: to
// the bit, because only then do they make the shipped weights again. What is wanted is the
// number of minibatches, the hash of the best θ, where there are no phases that of the
// last θ, and the best validation.
func TestTrainingBits(t *testing.T) {
	if set := runtime.GOARCH + "/" + kern.Name(); set != goldenKernels {
		t.Skipf("SKIPPED: the golden bits of trainings are those of the kernels %s, here they are %s", goldenKernels, set)
	}
	guard := func(above, to, loss float64) train.Guard { return train.Guard{Above: above, To: to, Loss: loss} }
	rates := func(k int, lr ...float64) func(*train.Config) {
		return func(c *train.Config) { c.Phases = train.LayerWise(k, lr...)[:min(4, 3*k)] }
	}
	for _, c := range []struct {
		name  string
		batch int
		edit  func(c *train.Config)
		want  string
	}{
		{"l2opa-lasso-20x40", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Guard = 40, 20, 1e-2, guard(0.05, 0.02, 0.3)
			c.Validation = train.Validation{Problems: 4, Every: 3}
		}, "4 a0cf27e746a3 a0cf27e746a3 0x1.8654aaa24613cp-02"},
		{"l2opa-p-lasso-250x500", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Guard = 40, 20, 1e-2, guard(1, 0.5, 0.5)
			c.Validation = train.Validation{Problems: 4, Every: 2}
		}, "4 3719fd9d94d7 3719fd9d94d7 0x1.335f89b16c7e7p+02"},
		{"l2odm-lasso-20x40", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Guard = 40, 20, 1e-2, guard(5, 0.5, 2)
			c.Validation = train.Validation{Problems: 4, Every: 3}
		}, "4 4c0c55109e50 4c0c55109e50 0x1.96b291a894ca4p-01"},
		{"rnnprop-lasso-20x40", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Guard = 40, 20, 3e-3, guard(5, 0.5, 2)
			c.Validation = train.Validation{Problems: 4, Every: 3}
		}, "4 14ecf7ad2dfe 14ecf7ad2dfe 0x1.731513cd1e4ebp-01"},
		{"mlam-pa-rank5-lambda0.1", 2, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Halve, c.Guard = 8, 4, 3e-3, 5, guard(0.1, 0.1, 0)
			c.Validation = train.Validation{Problems: 2, Every: 2}
		}, "4 48e574006a0c 48e574006a0c 0x1.c22d0a9832bb6p+01"},
		{"mlam-mixture-2d", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Halve, c.Guard = 6, 3, 3e-2, 12, guard(0.05, 0.05, 0)
			c.Validation = train.Validation{Problems: 4, Every: 3}
		}, "4 5c4d27728da4 5c4d27728da4 0x1.02cc4a09a1884p+01"},
		{"mlam-mixture-2d-printed", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Halve, c.Guard = 4, 2, 6e-3, 4, guard(1, 1, 0)
			c.Validation = train.Validation{Problems: 4, Every: 2}
		}, "4 276dbbfa5283 276dbbfa5283 0x1.5388a1c588bfdp+04"},
		{"mlam-rank5-lambda0.1", 2, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Halve, c.Guard, c.Loss = 4, 2, 3e-3, 2, guard(1, 1, 0), learned.LogObjective.Weighted(0.5, 0, 0.25, 1.5)
			c.Validation = train.Validation{Problems: 2, Every: 2}
		}, "4 743aec9b6670 743aec9b6670 0x1.cf34ef1490c7cp+01"},
		{"mlam-mixture-2d-seed2", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Halve, c.Guard, c.Loss = 6, 3, 6e-3, 0, guard(0, 0, 0), learned.Objective.Weighted(0.5, 0.3, 2)
			c.Validation = train.Validation{}
		}, "4 4a96c5b93be6 4a96c5b93be6 NaN"},
		{"l2oscale-rastrigin-10", 2, func(c *train.Config) {
			c.Iterations, c.Segment, c.Guard = 40, 20, guard(1, 1, 0)
			c.Validation = train.Validation{Problems: 2, Every: 2}
		}, "4 d34f4f1a827e d34f4f1a827e 0x1.f0d0e27b216bp+06"},
		{"l2odm-lasso-250x500", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Guard = 40, 20, 0.3, guard(0, 0, 2)
			c.Validation = train.Validation{Problems: 4, Every: 3}
		}, "4 54415706c417 d8eeaf7c231d 0x1.77eebce0fb98p+06"},
		{"l2opa-lasso-250x500-noguard", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR = 40, 20, 5
			c.Validation = train.Validation{Problems: 4, Every: 2}
		}, "4 e6f9f3b5e677 bb0e375a0c1c 0x1.2f7029cf45a1dp+02"},
		{"l2odm-logistic-1000x50", 4, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Guard = 20, 10, 1e200, guard(0, 0, 0)
			c.Validation = train.Validation{Problems: 4, Every: 2}
		}, "0 8e84f177df57 8e84f177df57 NaN"},
		{"mlam-rank5-lambda0.001", 2, func(c *train.Config) {
			c.Iterations, c.Segment, c.LR, c.Halve, c.Guard = 4, 2, 1e100, 0, guard(1, 1, 0)
			c.Validation = train.Validation{Problems: 2, Every: 2}
		}, "4 63731e661e4c 01177e21088a NaN"},
		{"l2oswarm-rastrigin-2", 2, func(c *train.Config) {
			c.Iterations, c.Segment = 8, 4
			c.Validation.Problems, c.Validation.Every = 4, 2
		}, "4 08216ea8846b dc142292e292 0x1.1ce454f0dbe3fp+03"},
		{"lista-cp-recovery-250x500", 2, rates(2, 1e-2, 1e-3, 1e-4), "16 fcd4c8069803 -0x1.2f112d80bce52p+01"},
		{"alista-recovery-250x500", 2, rates(3, 5e-2, 2e-2, 1e-2), "16 a8ae59a00b7d -0x1.05c423d9c73e7p+03"},
		{"adalista-lasso-250x500", 4, func(c *train.Config) {
			c.Phases = []train.Phase{{Iterations: 1, LR: 2e-2}, {Iterations: 1, LR: 4e-2}, {Iterations: 1, LR: 0.02 * 2e-3}, {Iterations: 2, LR: 2e-2}}
		}, "16 c2e38896a2c8 -0x1.bb3c6277e595cp+00"},
		{"lista-minimise-5x10", 2, rates(3, 2e-2, 1e-2, 5e-3), "16 1894fb61d296 0x1.0a019a26916b1p-06"},
		{"alista-recovery-250x500-endtoend", 2, func(c *train.Config) { c.Phases = train.EndToEnd(4, 1e-2, 2e-3, 2e-4) }, "12 bba810e302f1 -0x1.a57f0fccee7f7p+02"},
		{"step-lista-recovery-250x500", 2, rates(2, 1e-2, 2e-3, 2e-4), "16 abf7312d838b 0x1.e610bbfa6d92ep+02"},
		{"enhanced-rastrigin-2", 2, func(c *train.Config) {
			c.Segment, c.Phases, c.Imitate.Chance = 4, []train.Phase{{Iterations: 4}, {Iterations: 8}, {Iterations: 12}}, []float64{0, 0.5}
			c.Validation.MustImprove = false
		}, "12 26192c82f7e5 0x1.2c4e2d14e7152p+04"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := find(t, c.name)
			r.Train.Minibatches, r.Train.Batch = 4, c.batch
			if v := &r.Train.Validation; r.Train.Phases != nil {
				v.Problems, v.Every, v.Patience = 2, 2, 2
			}
			c.edit(&r.Train)
			got, err := train.Run(t.Context(), r.Optimizer, r.Family, r.Train)
			if err != nil && got.Theta.IsZero() { // some diverge on purpose, and come with what they had
				t.Fatal(err)
			}
			words := []string{fmt.Sprint(got.Minibatches), got.Theta.Hash()[:12], got.Last.Hash()[:12], fmt.Sprintf("%x", got.Best)}
			if r.Train.Phases != nil {
				words = append(words[:2], words[3])
			}
			if now := strings.Join(words, " "); now != c.want {
				t.Errorf("it gives %s, it was %s: raise train.NumericsVersion if that is meant, and train what is kept again", now, c.want)
			}
		})
	}
}

// The same of the search for the numbers of HyperLISTA.
func TestSearchBits(t *testing.T) {
	if set := runtime.GOARCH + "/" + kern.Name(); set != goldenKernels {
		t.Skipf("SKIPPED: the golden bits are those of the kernels %s, here they are %s", goldenKernels, set)
	}
	s := find(t, "hyperlista-recovery-250x500").Search
	s.Config.Problems, s.Config.Steps, s.By = 2, 4, trace.LowestAt(4)
	s.Over = []trace.Range{trace.Log("c1", 0.005, 0.5, 3), trace.Log("c2", 0.0025, 0.25, 3), trace.Log("c3", 10, 1000, 3)}
	got, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const want = "0x1.999999999999ap-05 0x1.030dc4ea03a72p-07 0x1.9p+06 -0x1.3546bda1d3db8p+04 [c2]"
	if now := fmt.Sprintf("%x %x %x %x %v", got.Best.At[0], got.Best.At[1], got.Best.At[2], got.Best.Score, got.Border); now != want {
		t.Errorf("it finds %s, it was %s", now, want)
	}
}
