package weights

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/internal/near"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/trace"
)

// Names lists the weights that ship with the module.
func Names() []string {
	files, err := fs.Glob(theta, "theta/*.safetensors")
	if err != nil { // the pattern is a constant
		panic(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".safetensors")
	}
	return files
}

// Load returns an optimizer that ships with the module; see [Names].
func Load(name string) (Trained, error) {
	data, err := theta.ReadFile("theta/" + name + ".safetensors")
	if err != nil {
		return Trained{}, fmt.Errorf("weights: no weights %q ship with the module; nearest: %s. Names lists all of them; of networks with large matrices only curves are kept (recipe.Load), go run ./kernelext/lab train makes the weights, and LoadFile reads them",
			name, near.Keys(name, Names(), func(n string) string { return n }))
	}
	t, err := Decode(data)
	if err != nil {
		return Trained{}, fmt.Errorf("weights: %s: %w", name, err)
	}
	return t, nil
}

// Has reports whether weights of that name ship with the module.
func Has(name string) bool { return slices.Contains(Names(), name) }

// Rule returns the rule of weights that ship with the module. It is silent on problems
// from outside the training family, for those who know where they run it; the rule of
// [Trained.Rule] warns there. Names are constants of a program, so an unknown one panics.
func Rule(name string) optim.Rule {
	t, err := Load(name)
	if err != nil {
		panic(err)
	}
	return t.Optimizer.Rule(t.Theta)
}

// Entry lets weights take part in a race: their [Rule] under a name for figures.
func Entry(name, weights string) trace.Entry { return trace.Entry{Name: name, Rule: Rule(weights)} }
