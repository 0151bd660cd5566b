package recipe

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/train"
)

const (
	mlamLimits    = "Trained for 50 outer steps on matrices of one size, law, rank and λ, without noise. Elsewhere it is slower or may diverge, and ALS with λ lowered is better even where it was trained: race the two."
	literalLimits = "Made to see what the published wiring does, which is little: use another one."
)

// alternating is the training of learned alternating minimisation on completions.
func alternating(name, about string, o learned.Optimizer, fam completion.Family, c train.Config) Recipe {
	return Recipe{
		Name: name, About: about + " on " + fam.String(), Optimizer: o, Family: fam,
		Train: c, Limits: mlamLimits, Fresh: 100,
	}
}

// falling is train.MLAM with a rate that begins higher and falls, and with
// fewer problems for validation: a minute or three at rank 5.
func falling(minibatches, batch, halve int) train.Config {
	c := train.MLAM
	c.Minibatches, c.Batch, c.LR, c.Halve = minibatches, batch, 3e-3, halve
	c.Validation.Problems = 8
	return c
}

// alternations lists the trainings of MLAM and GSO on matrix completion.
func alternations() []Recipe {
	at := func(rank int, lambda float64) completion.Family {
		s := completion.Paper
		s.Rank, s.Lambda = rank, lambda
		return s
	}
	additive, along := mlam.MLAM(mlam.Config{}), mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Output: learned.Along}})
	var all []Recipe
	for _, w := range []struct {
		name, about string
		rule        learned.Optimizer
		easy, wide  train.Config
	}{
		{"mlam", "MLAM", additive, falling(100, 4, 25), falling(30, 2, 10)}, // it has to learn to slow down
		{"mlam-pa", "MLAM that moves along gradients", along, falling(20, 2, 10), falling(5, 2, 5)},
	} {
		of := func(fam completion.Family, c train.Config) Recipe {
			return alternating(fmt.Sprintf("%s-rank%d-lambda%g", w.name, fam.Rank, fam.Lambda), w.about, w.rule, fam, c)
		}
		easy, hard, high := of(at(5, 0.1), w.easy), of(at(5, 1e-3), falling(50, 4, 20)), of(at(40, 1), w.wide)
		high.Fresh = 20
		all = append(all, easy, easy.seeded(2), easy.seeded(3), hard, hard.seeded(2), hard.seeded(3), high)
	}
	return append(all, literal(at(5, 1e-3))...)
}

// literal lists the wirings as they are published, trained as published: there is no
// guard, and they are here for what comes out. 2×500 hidden units take some days; the
// same with 2×20 trains in minutes.
func literal(fam completion.Family) []Recipe {
	c := train.PaperMLAM
	c.Validation = train.Validation{Problems: 4, Every: 25}
	literal, gso, public := mlam.Paper, mlam.GSO, completion.SmallCompletion
	literal.Hidden, gso.Hidden, public.Lambda = 20, 20, 0
	all := []Recipe{
		alternating("mlam-paper-rank5", "Algorithm 1 as it is written, with 2×500 hidden units,", mlam.MLAM(mlam.Paper), fam, c),
		alternating("mlam-literal-rank5", "Algorithm 1 as it is written, with 2×20 hidden units,", mlam.MLAM(literal), fam, c),
		alternating("gso-paper-rank5", "GSO with the settings of its paper", mlam.MLAM(mlam.GSO), fam, c),
		alternating("gso-literal-rank5", "GSO with 2×20 hidden units", mlam.MLAM(gso), fam, c),
		alternating("mlam-rows-10x10", "the row-wise perceptrons of MLAM's public code", mlam.Rows(mlam.RowsConfig{}), public, c),
	}
	for i := range all {
		all[i].CurveOnly, all[i].Limits, all[i].Fresh = true, literalLimits, 20
	}
	return all
}
