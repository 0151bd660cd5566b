package train_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// trainings are those that take most of the time when all recipes are trained, with 64
// problems in a validation.
var trainings = []struct {
	name   string
	o      learned.Optimizer
	family optimizee.Family
	config train.Config
}{
	{"PA", learned.PA(learned.PAConfig{}), optimizee.PaperLasso, func() train.Config {
		c := train.Paper
		c.Validation.Problems = 64
		return c
	}()},
	{"CP-16", lista.CP(lista.Config{Dictionary: sparse.TalkRecovery.Dictionary, Single: true}), sparse.TalkRecovery, layerWise(train.Phase{Iterations: 16, LR: 1e-4})},
	{"CP-16-new", lista.CP(lista.Config{Dictionary: sparse.TalkRecovery.Dictionary, Single: true}), sparse.TalkRecovery, layerWise(train.Phase{Iterations: 16, LR: 5e-4, New: true})},
	{"CP-4", lista.CP(lista.Config{Dictionary: sparse.TalkRecovery.Dictionary, Single: true}), sparse.TalkRecovery, layerWise(train.Phase{Iterations: 4, LR: 1e-4})},
}

// layerWise is a phase of a network of the LISTA line.
func layerWise(p train.Phase) train.Config {
	return train.Config{
		Phases: []train.Phase{p}, Minibatches: 1000, Batch: 2, Loss: learned.Distance.AtEnd(), Seed: 1,
		Validation: train.Validation{Problems: 64, Every: 100, Measure: trace.NMSE},
	}
}

func BenchmarkMinibatch(b *testing.B) {
	for _, t := range trainings {
		b.Run(t.name, func(b *testing.B) {
			minibatch, _, err := train.Begin(t.o, t.family, t.config)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := minibatch(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkValidation(b *testing.B) {
	for _, t := range trainings {
		b.Run(t.name, func(b *testing.B) {
			_, validation, err := train.Begin(t.o, t.family, t.config)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := validation(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
