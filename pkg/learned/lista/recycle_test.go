package lista_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/internal/spare"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/train"
)

// What layers recycle nobody reads again: trainings give the same numbers where it reads as NaN.
func TestRecyclingShowsNowhere(t *testing.T) {
	defer spare.Poison.Store(false)
	d := sparse.DrawDictionary(20, 40, 1)
	f := sparse.Recovery{Dictionary: d, Lambda: 0.1, Columns: 5}
	for _, rule := range []string{"LISTA", "LISTA-CP", "LISTA-CPSS", "TiLISTA", "ALISTA", "Step-LISTA", "LFISTA", "LAMP", "GLISTA"} {
		for _, single := range []bool{false, true} {
			losses := func(poison, atEnd bool) (lines []string) {
				spare.Poison.Store(poison)
				o, err := lista.Unroll(lista.Config{Rule: rule, Dictionary: d, Layers: 4, Single: single})
				if err != nil {
					t.Fatal(err)
				}
				c := train.Config{Minibatches: 3, Batch: 2, Iterations: 6, Segment: 3, LR: 1e-3, Validation: train.Validation{Problems: 2, Every: 1}}
				if atEnd {
					c.Loss = learned.Distance.AtEnd()
				}
				c.Report = func(e train.Event) { lines = append(lines, fmt.Sprintf("%x %x", e.Loss, e.Validation)) }
				r, err := train.Run(t.Context(), o, f, c)
				if err != nil {
					t.Fatal(rule, err)
				}
				return append(lines, r.Last.Hash())
			}
			for _, atEnd := range []bool{false, true} {
				if plain, got := losses(false, atEnd), losses(true, atEnd); !slices.Equal(got, plain) {
					t.Errorf("%s, single %t, at the end %t: somebody reads what was recycled:\n%q\nand without poison\n%q", rule, single, atEnd, got, plain)
				}
			}
		}
	}
}
