package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// runTrain makes the weights and kept curves of recipes again. An interrupted training goes on where it was.
func runTrain(ctx context.Context, args []string) error {
	fs := flags("train")
	out := fs.String("o", "", "folder for what is made; default pkg/weights/theta, pkg/recipe/curves and pkg/recipe/tables in this repository; until it is complete, a checkpoint lies in .l2o/train")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Print("go run ./kernelext/lab train NAME makes one of these again, from seconds for small problems over half an hour at a paper's size\nto days for 2×500 hidden units; it shows the time left.\n\n* its weights ship with the module, for weights.Load\nc only its kept curve does, for recipe.Load\nt a kept table, in which what is missing is measured\n  not made yet, or nothing of it ships\n\n")
		for _, r := range recipe.All() {
			ships := " "
			if weights.Has(r.Name) {
				ships = "*"
			} else if slices.Contains(recipe.KeptNames(), r.Name) {
				ships = "c"
			}
			fmt.Printf("%s %-40s %s\n", ships, r.Name, r.About)
		}
		fmt.Println()
		for _, t := range recipe.Tables() {
			fmt.Printf("t %-40s %s\n", t.Name, t.About)
		}
		return nil
	}
	var recipes []recipe.Recipe
	var tables []train.Sweep
	for _, n := range names {
		if i := slices.IndexFunc(recipe.Tables(), func(t train.Sweep) bool { return t.Name == n }); i >= 0 {
			tables = append(tables, recipe.Tables()[i])
			continue
		}
		r, err := recipe.Get(n)
		if err != nil {
			return usageError{"train: " + err.Error()}
		}
		recipes = append(recipes, r)
	}
	repo, err := findRepo(ctx)
	if err != nil {
		return err
	}
	weights, curves := *out, *out
	if *out == "" {
		weights, curves = filepath.Join(repo.root, "pkg", "weights", "theta"), filepath.Join(repo.root, "pkg", "recipe", "curves")
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40) // a training keeps little and frees much: a third less memory, no slower
	}
	for _, r := range recipes {
		if err := repo.train(ctx, r, weights, curves); err != nil {
			return fmt.Errorf("train %s: %w", r.Name, err)
		}
	}
	for _, t := range tables {
		s := newStep("train " + t.Name)
		file := filepath.Join(cmp.Or(*out, filepath.Join(repo.root, "pkg", "recipe", "tables")), t.Name+".json")
		t.File, t.Report = file, func(e train.Event) { s.set(e.Done, e.Of, e.Note) }
		_, err := t.Run(ctx)
		if s.end(err); err != nil {
			return fmt.Errorf("train %s: %w", t.Name, err)
		}
		fmt.Println("complete:", file)
	}
	return nil
}

// train runs one recipe with a checkpoint in .l2o/train, which is removed when its weights and its curve are written.
func (r *repo) train(ctx context.Context, rec recipe.Recipe, weights, curves string) error {
	checkpoint := filepath.Join(r.state, "train", rec.Name+".checkpoint")
	old := filepath.Join(r.state, "train", rec.Name+".safetensors")
	if _, err := os.Stat(old); err == nil {
		return fmt.Errorf("%s is a checkpoint of an earlier version of L2O Lab, and this one cannot go on from it: delete it to start over", old)
	}
	s := newStep("train " + rec.Name)
	before, of := -1, 0 // minibatches that an earlier run has done, and all
	trained, res, err := rec.Run(ctx, checkpoint, func(e train.Event) {
		if before < 0 {
			if before = e.Done - 1; before > 0 {
				fmt.Printf("going on after %d of %d minibatches\n", before, e.Of)
			}
		}
		of = e.Of
		left := e.Elapsed * time.Duration(e.Of-e.Done) / time.Duration(max(e.Done-before, 1))
		s.set(e.Done, e.Of, fmt.Sprintf("loss %.4g, best validation %.6g, %s left %s", e.Loss, e.Best, left.Round(time.Second), e.Note))
	})
	if err != nil {
		s.end(err)
		if errors.Is(err, context.Canceled) {
			fmt.Printf("stopped after %d of %d minibatches; the same command goes on from there\n", res.Minibatches, of)
		}
		return err
	}
	s.end(nil)
	fmt.Printf("%s: %s\n", rec.Name, trained.Card.Reached)
	if !rec.CurveOnly {
		file := filepath.Join(weights, rec.Name+".safetensors")
		if err := trained.Save(file); err != nil {
			return err
		}
		fmt.Println("written to", file)
	}
	if rec.CurveOnly || rec.Fresh > 0 {
		kept, err := rec.Keep(ctx, trained)
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
