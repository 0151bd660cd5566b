package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/kernelext/internal/console"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/train"
)

// runTrain makes the weights and kept curves of recipes again. An interrupted training goes on where it was.
func runTrain(ctx context.Context, args []string) error {
	fs := flags("train")
	out := fs.String("o", "", "folder for what is made; default pkg/weights/theta, pkg/recipe/curves and pkg/recipe/tables in this repository; until it is complete, a checkpoint lies in .l2o/train")
	estimating := fs.Bool("estimate", false, "train a stretch of each and say how many hours all of it takes; without a name, of those for which that is not known")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	efforts, err := recipe.Efforts()
	if err != nil {
		return err
	}
	if len(names) == 0 && !*estimating {
		fmt.Print(recipeList(efforts, console.Columns(os.Stdout)))
		return nil
	}
	recipes, tables, err := find(names)
	if err != nil {
		return err
	}
	repo, err := findRepo(ctx)
	if err != nil {
		return err
	}
	if *estimating {
		return repo.estimate(ctx, names, *out)
	}
	weights, curves := *out, *out
	if *out == "" {
		weights, curves = filepath.Join(repo.root, "pkg", "weights", "theta"), filepath.Join(repo.root, "pkg", "recipe", "curves")
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(20) // what a training keeps are numbers, which a collection need not look at
	}
	for _, r := range recipes {
		effort := "not estimated"
		if e, ok := efforts[r.Name]; ok {
			effort = fmt.Sprintf("%v of processor time (%s, with the kernels of %s)", e, e.Found, e.Kernels)
		}
		fmt.Printf("%s: %s\n", r.Name, effort)
		if err := repo.train(ctx, r, weights, curves); err != nil {
			return fmt.Errorf("train %s: %w", r.Name, err)
		}
	}
	for _, t := range tables {
		s := newStep("train " + t.Name)
		file := filepath.Join(cmp.Or(*out, filepath.Join(repo.root, "pkg", "recipe", "tables")), t.Name+".json")
		t.File, t.Report = file, func(e train.Event) { s.Set(e.Done, e.Of, e.Note) }
		_, err := t.Run(ctx)
		if s.End(err); err != nil {
			return fmt.Errorf("train %s: %w", t.Name, err)
		}
		fmt.Println("complete:", file)
	}
	return nil
}

// inWords is a duration in seconds, from an hour on in minutes.
func inWords(d time.Duration) string {
	if d >= time.Hour {
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return d.Round(time.Second).String()
}

// train runs one recipe with a checkpoint in .l2o/train, which is removed when its weights and its curve are written.
func (r *repo) train(ctx context.Context, rec recipe.Recipe, weights, curves string) error {
	checkpoint := filepath.Join(r.state, "train", rec.Name+".checkpoint")
	old := filepath.Join(r.state, "train", rec.Name+".safetensors")
	if _, err := os.Stat(old); err == nil {
		return fmt.Errorf("%s is a checkpoint of an earlier version of L2O Lab, and this one cannot go on from it: delete it to start over", old)
	}
	s := newStep("train")
	before, of := -1, 0 // minibatches that an earlier run has done, and all
	trained, res, err := rec.Run(ctx, checkpoint, func(e train.Event) {
		if before < 0 {
			if before = e.Done - 1; before > 0 {
				fmt.Printf("going on after %d of %d minibatches\n", before, e.Of)
			}
		}
		of = e.Of
		left := e.Elapsed * time.Duration(e.Of-e.Done) / time.Duration(max(e.Done-before, 1))
		text := fmt.Sprintf("%s left · loss %.4g", inWords(left), e.Loss)
		if !math.IsNaN(e.Best) {
			text += fmt.Sprintf(", best validation %.6g", e.Best)
		}
		s.Set(e.Done, e.Of, strings.TrimSuffix(text+" · "+e.Note, " · "))
	})
	var unsaved *train.Unsaved
	if errors.As(err, &unsaved) { // its weights are written below
		fmt.Println(err)
		err = nil
	}
	if err != nil {
		s.End(err)
		if errors.Is(err, context.Canceled) {
			fmt.Printf("stopped after %d of %d minibatches; the same command goes on from there\n", res.Minibatches, of)
		}
		return err
	}
	s.End(nil)
	fmt.Printf("%s: %s\n", rec.Name, trained.Card.Reached)
	if !rec.CurveOnly {
		file := filepath.Join(weights, rec.Name+".safetensors")
		if err := trained.Save(file); err != nil {
			return err
		}
		fmt.Println("written to", file)
	}
	if rec.CurveOnly || rec.Fresh > 0 {
		s := newStep("measure on fresh problems")
		kept, err := rec.Keep(ctx, trained)
		s.End(err)
		if err != nil {
			return err
		}
		if n := len(kept.RatioOfSums); n > 0 {
			fmt.Printf("on %d fresh signals: NMSE %.2f dB after %d layers as the ratio of sums, %.2f dB as the mean of dB\n", kept.Signals, kept.RatioOfSums[n-1], n-1, kept.MeanOfDB[n-1])
		}
		if n := float64(len(kept.RMSE)); n > 0 {
			fmt.Printf("on %g fresh completions: mean RMSE %.4g, mean F %.5g\n", n, floats.Sum(kept.RMSE)/n, floats.Sum(kept.F)/n)
		}
		file := filepath.Join(curves, rec.Name+".json")
		if err := kept.Save(file); err != nil {
			return err
		}
		fmt.Println("written to", file)
	}
	if err := os.Remove(checkpoint); !errors.Is(err, os.ErrNotExist) { // a grid search has none
		return err
	}
	return nil
}
