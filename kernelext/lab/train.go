package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/train"
)

// runTrain makes the weights of recipes again. An interrupted training goes on where it was.
func runTrain(ctx context.Context, args []string) error {
	fs := flags("train")
	out := fs.String("o", "", "folder for the weights; default pkg/learned/weights in this repository")
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		for _, r := range recipe.All() {
			ships := " "
			if slices.Contains(learned.Names(), r.Name) {
				ships = "*"
			}
			fmt.Printf("%s %-40s %s\n", ships, r.Name, r.About)
		}
		fmt.Println("\n* ships with the module. go run ./kernelext/lab train NAME makes the weights of one again.")
		return nil
	}
	var recipes []recipe.Recipe
	for _, n := range names {
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
	if *out == "" {
		*out = filepath.Join(repo.root, "pkg", "learned", "weights")
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40) // a training keeps little and frees much: a third less memory, no slower
	}
	for _, r := range recipes {
		if err := repo.train(ctx, r, *out); err != nil {
			return fmt.Errorf("train %s: %w", r.Name, err)
		}
	}
	return nil
}

// train runs one recipe with a checkpoint in .l2o/train, which is removed when the weights are written.
func (r *repo) train(ctx context.Context, rec recipe.Recipe, folder string) error {
	checkpoint := filepath.Join(r.state, "train", rec.Name+".safetensors")
	s := newStep("train " + rec.Name)
	before := -1 // minibatches that an earlier run has done
	trained, res, err := rec.Run(ctx, checkpoint, func(e train.Event) {
		if before < 0 {
			before = e.Minibatch - 1
		}
		left := e.Elapsed * time.Duration(e.Of-e.Minibatch) / time.Duration(max(e.Minibatch-before, 1))
		s.set(e.Minibatch, e.Of, fmt.Sprintf("loss %.4g, best validation %.6g, %s left %s", e.Loss, e.Best, left.Round(time.Second), e.Note))
	})
	if err != nil {
		s.end(err)
		if errors.Is(err, context.Canceled) {
			fmt.Printf("stopped after %d of %d minibatches; the same command goes on from there\n", res.Minibatch, rec.Train.Minibatches)
		}
		return err
	}
	s.end(nil)
	file := filepath.Join(folder, rec.Name+".safetensors")
	if err := trained.Save(file); err != nil {
		return err
	}
	fmt.Printf("%s: %s; the guard rescaled %d segments, skipped %d, ended %d minibatches\nwritten to %s\n",
		rec.Name, trained.Card.Reached, res.Clipped, res.Skipped, res.Ended, file)
	return os.Remove(checkpoint)
}
