package recipe

import (
	"context"
	"embed"
	"fmt"
	"slices"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// tables holds measurements that take minutes.
//
//go:embed tables
var tables embed.FS

// A Completer is a method in the tables of matrix completion.
type Completer struct {
	Name   string
	Rule   optim.Rule
	Steps  int
	Lambda float64 // of the problems that it gets, 0 for that of the family
}

// Completers are the methods of MLAM's tables and the baselines that we add. SGD has the
// published rate and 100 alternating steps, the papers' T; the rates of Adam, DMF and UMF
// were chosen on other problems. Two constants, a step of 1/L and a momentum of 0.95,
// stand where the learned rule has a network; that has the weights for three λ.
func Completers() []Completer {
	alternating := func(r optim.Rule) optim.Rule { return optim.Alternate(optim.On("U", r), optim.On("V", r)) }
	inner := optim.Repeat(10, optim.HeavyBall(optim.InverseLipschitz, 0.95))
	return []Completer{
		{"constant", completion.Constant, 1, 0},
		{"rank 1", completion.RankOne, 30, 0},
		{"SGD, lr 1e-3", alternating(optim.GD(optim.Fixed(1e-3))), 100, 0},
		{"Adam, λ = 0.1", optim.Adam(optim.AdamConfig{LR: 0.1}), 300, 0.1},
		{"Adam, λ = 1", optim.Adam(optim.AdamConfig{LR: 0.1}), 300, 1},
		{"DMF, λ = 0.1", completion.DeepFactors(completion.DeepConfig{Adam: optim.AdamConfig{LR: 0.03}}), 300, 0.1},
		{"UMF", completion.Unfolded(completion.Layers(1, 1.8, 1.8)), 100, 0},
		{"ALS, λ = 1e-3", completion.ALS, 50, 0},
		{"ALS, λ = 1", completion.ALS, 50, 1},
		{"ALS, λ held out", completion.ALSHeldOut(completion.HeldOutConfig{}), 10, 0},
		{"ALS, λ lowered", completion.ALSLowered(completion.LoweredConfig{}), 50, 0},
		{"two constants", alternating(inner), 50, 0},
		{"MLAM, λ = 1e-3", weights.Rule("mlam-pa-rank5-lambda0.001"), 50, 1e-3},
		{"MLAM, λ = 0.1", weights.Rule("mlam-pa-rank5-lambda0.1"), 50, 0.1},
		{"MLAM, λ = 1", weights.Rule("mlam-pa-rank40-lambda1"), 50, 1},
	}
}

// Complete returns the RMSE that the method reaches on fresh problems, which are the same
// for every method. It does not depend on the number of cores.
func (c Completer) Complete(ctx context.Context, s completion.Family, problems int) ([]float64, error) {
	if c.Lambda > 0 {
		s.Lambda = c.Lambda
	}
	on := trace.Config{Problems: problems, Steps: c.Steps, Measure: trace.RMSE, Streams: FreshProblems}
	res, err := race(ctx, s, on, c.Rule)
	if err != nil {
		return nil, fmt.Errorf("recipe: %s on %v: %w", c.Name, s, err)
	}
	return res.At(alone, -1), nil
}

// CompletionErrors are what a method reached in one column of a table: the RMSE of each fresh
// problem, [train.Diverged] where it diverged.
type CompletionErrors struct {
	Table  string // of MLAM
	Spec   completion.Family
	Method string
	RMSE   []float64
}

// A Column of a table is a family and the number of problems to measure on.
type Column struct {
	Table    string
	Spec     completion.Family
	Problems int
}

// Columns are the settings of MLAM's Tables I, II, III and V, under products of uniform
// factors, the law that makes the published errors possible, and then with fewer problems
// under the other two. Wide factors take seconds, so there are few problems.
func Columns() (all []Column) {
	for _, law := range []completion.Law{completion.UniformFactors, completion.UniformSVD, completion.GaussianFactors} {
		add := func(table string, rank, p int, observe float64, problems int) {
			s := completion.Paper
			s.Law, s.Rank, s.P, s.Observe = law, rank, p, observe
			if law != completion.UniformFactors {
				problems = (problems + 2) / 3
			}
			all = append(all, Column{table, s, problems})
		}
		for _, observe := range []float64{0.2, 0.4, 0.6, 0.8} {
			add("I", 5, 0, observe, 6)
		}
		for _, rank := range []int{5, 10, 20, 40, 80, 100} {
			add("II", rank, 0, 0.2, 3)
		}
		for _, p := range []int{10, 20, 40, 80, 100} {
			add("III", 10, p, 0.2, 2)
		}
		for _, p := range []int{10, 50, 100} {
			for rank := 10; rank <= 100; rank += 10 {
				if p == 10 || law == completion.UniformFactors && (p == 50 || rank%30 == 10) {
					add("V", rank, p, 0.2, 1)
				}
			}
		}
	}
	return all
}

// In says whether a method takes part in a column: those for the smallest λ at rank 5
// alone, and in Table V, the largest, only those that large ranks need.
func (c Completer) In(col Column) bool {
	switch col.Table {
	case "I":
		return true
	case "V":
		return slices.Contains([]string{"constant", "rank 1", "ALS, λ = 1", "ALS, λ held out", "ALS, λ lowered", "MLAM, λ = 1"}, c.Name)
	}
	return c.Name != "MLAM, λ = 1e-3" && c.Name != "two constants"
}

// Tables lists the sweeps of which all results are kept: measurements that take minutes.
func Tables() []train.Sweep { return []train.Sweep{completions(), Figure4(), rastrigin()} }

// Measured returns what is kept of one of the [Tables], by the names of its cells.
func Measured(s train.Sweep) (map[string][]float64, error) {
	data, err := tables.ReadFile("tables/" + s.Name + ".json")
	if err != nil {
		return nil, fmt.Errorf("recipe: nothing is kept of %s: %w", s.Name, err)
	}
	kept, err := s.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("recipe: tables/%s.json: %w", s.Name, err)
	}
	return kept, nil
}

// completions measures every method in every column that it takes part in.
func completions() train.Sweep {
	s := train.Sweep{Name: "completions", About: "the RMSE of every method in MLAM's tables of matrix completion"}
	for _, col := range Columns() {
		for _, m := range Completers() {
			if m.In(col) {
				s.Cells = append(s.Cells, train.Cell{Name: m.cell(col), Measure: func(ctx context.Context, _ string) ([]float64, error) {
					return m.Complete(ctx, col.Spec, col.Problems)
				}})
			}
		}
	}
	return s
}

// cell names the cell of a method in a column.
func (c Completer) cell(col Column) string {
	return fmt.Sprintf("Table %s, %v: %s", col.Table, col.Spec, c.Name)
}

// Completions returns what is kept of the tables.
func Completions() (all []CompletionErrors, err error) {
	kept, err := Measured(completions())
	for _, col := range Columns() {
		for _, m := range Completers() {
			if rmse := kept[m.cell(col)]; rmse != nil {
				all = append(all, CompletionErrors{col.Table, col.Spec, m.Name, rmse})
			}
		}
	}
	return all, err
}
