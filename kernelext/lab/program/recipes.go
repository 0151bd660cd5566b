package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

const recipesHead = `go run ./kernelext/lab train NAME makes one of these again; it shows the time left. Hours are of processor time, found on a
stretch of each training beside other work, so they may be too many (train -estimate NAME finds them on this machine): two cores
that have nothing else to do take half as long.

`

const recipesLegend = `*  its weights ship with the module, for weights.Load
c  only its kept curve does, for recipe.Load
t  a kept table, in which what is missing is measured
   not made yet, or nothing of it ships
≤  phases may end earlier
≈  found on its like: another seed, wiring or noise on problems of the same size
–  not estimated

`

// recipeList lists recipes and tables in at most width columns.
func recipeList(efforts map[string]recipe.Effort, width int) string {
	var b strings.Builder
	b.WriteString(strings.Join(wrap(recipesHead, width), "\n") + "\n\n" + recipesLegend)
	const name = 40
	row := func(ships, key, alike, about string) {
		sign, hours := " ", "–"
		if e, ok := efforts[key]; ok {
			hours = e.String()
		} else if e, ok = efforts[alike]; ok {
			sign, hours = "≈", e.String()
		}
		if h, ok := strings.CutPrefix(hours, "≤ "); ok {
			sign, hours = cmp.Or(strings.TrimSpace(sign), "≤"), h
		}
		head := fmt.Sprintf("%s %s %7s  %-*s ", ships, sign, hours, name, key)
		b.WriteString(indented(head, about, strings.Repeat(" ", len([]rune(head))), width))
	}
	for _, r := range recipe.All() {
		ships := " "
		if weights.Has(r.Name) {
			ships = "*"
		} else if slices.Contains(recipe.KeptNames(), r.Name) {
			ships = "c"
		}
		row(ships, r.Name, r.Alike(), r.About)
	}
	b.WriteString("\n")
	for _, t := range recipe.Tables() {
		row("t", t.Name, "", t.About)
	}
	return b.String()
}

// find returns what names ask for.
func find(names []string) (recipes []recipe.Recipe, tables []train.Sweep, err error) {
	for _, n := range names {
		if i := slices.IndexFunc(recipe.Tables(), func(t train.Sweep) bool { return t.Name == n }); i >= 0 {
			tables = append(tables, recipe.Tables()[i])
			continue
		}
		r, err := recipe.Get(n)
		if err != nil {
			return nil, nil, usageError{"train: " + err.Error()}
		}
		recipes = append(recipes, r)
	}
	return recipes, tables, nil
}

// estimate finds the efforts of recipes and writes them to a file, those of all without one if there are no names.
func (r *repo) estimate(ctx context.Context, names []string, folder string) error {
	file := filepath.Join(cmp.Or(folder, filepath.Join(r.root, "pkg", "recipe")), "efforts.json")
	known, err := recipe.ReadEfforts(file)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		for _, r := range recipe.All() {
			if _, ok := known[r.Name]; !ok {
				names = append(names, r.Name)
			}
		}
	}
	recipes, tables, err := find(names)
	if err != nil {
		return err
	}
	one := func(name string, of func() (recipe.Effort, error)) error {
		s := newStep("estimate " + name)
		e, err := of()
		if s.End(err); ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil {
			return fmt.Errorf("estimate %s: %w", name, err)
		}
		fmt.Printf("%s: %v of processor time, %s\n", name, e, e.Found)
		return recipe.SaveEffort(file, name, e)
	}
	for _, rec := range recipes {
		err = errors.Join(err, one(rec.Name, func() (recipe.Effort, error) { return rec.Estimate(ctx, cpuTime) }))
	}
	for _, t := range tables {
		err = errors.Join(err, one(t.Name, func() (recipe.Effort, error) { return recipe.EffortOf(ctx, t, cpuTime) }))
	}
	return err
}
