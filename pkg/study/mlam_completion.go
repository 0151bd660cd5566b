package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
)

// A CompletionTable is a table of MLAM on matrix completion in notebook mlam/04, of the
// measurements that package recipe keeps. P chooses columns in Table V.
type CompletionTable struct {
	Name string
	P    int
}

// The tables at hand.
var (
	TableI   = CompletionTable{Name: "I"}   // share of observed entries
	TableII  = CompletionTable{Name: "II"}  // rank, and Table 2 of GSO
	TableIII = CompletionTable{Name: "III"} // columns of the factors
)

// TableV is Table V, ranks that are not known, for p columns of the factors.
func TableV(p int) CompletionTable { return CompletionTable{Name: "V", P: p} }

// Completer is a method of the tables by its name.
func Completer(name string) recipe.Completer {
	all := recipe.Completers()
	i := slices.IndexFunc(all, func(c recipe.Completer) bool { return c.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("study: no method %q completes matrices", name))
	}
	return all[i]
}

// completed are the kept measurements.
var completed = sync.OnceValue(func() []recipe.CompletionErrors {
	all, err := recipe.Completions()
	if err != nil { // they are a part of the module
		panic(err)
	}
	return all
})

// has says whether a setting is a column of the table under a law.
func (t CompletionTable) has(table string, s completion.Family, law completion.Law) bool {
	return table == t.Name && s.Law == law && (t.P == 0 || s.P == t.P)
}

// column is the head of a setting, and its key in package cite.
func (t CompletionTable) column(s completion.Family) (head, key string) {
	switch t.Name {
	case "I":
		return fmt.Sprintf("%g %%", 100*s.Observe), fmt.Sprintf("obs%g", s.Observe)
	case "III":
		return fmt.Sprint("p = ", s.P), fmt.Sprint("p", s.P)
	}
	return fmt.Sprint("rank ", s.Rank), fmt.Sprint("r", s.Rank)
}

// columns are those under a law.
func (t CompletionTable) columns(law completion.Law) (heads, keys []string) {
	for _, c := range recipe.Columns() {
		if t.has(c.Table, c.Spec, law) {
			head, key := t.column(c.Spec)
			heads, keys = append(heads, head), append(keys, key)
		}
	}
	return heads, keys
}

// Errors are the mean errors of a method under a law, by columns, which are called as in
// package cite: "obs0.2", "r10", "p40".
func (t CompletionTable) Errors(law completion.Law, method string) map[string]float64 {
	means := map[string]float64{}
	for _, c := range completed() {
		if t.has(c.Table, c.Spec, law) && c.Method == method {
			_, key := t.column(c.Spec)
			means[key] = trace.Mean(c.RMSE)
		}
	}
	return means
}

// At is the mean error of a method in a column for uniform factors.
func (t CompletionTable) At(method, column string) float64 {
	e, ok := t.Errors(completion.UniformFactors, method)[column]
	if !ok {
		panic(fmt.Sprintf("study: nothing is kept of %q in column %q of Table %s", method, column, t.Name))
	}
	return e
}

// Published are the errors that a paper, "mlam" or "gso", publishes of a method, by columns.
func (t CompletionTable) Published(paper, method string) map[string]float64 {
	out := map[string]float64{}
	_, keys := t.columns(completion.UniformFactors)
	for _, k := range keys {
		out[k] = cite.Get(t.prefix(paper, method) + k).Value
	}
	return out
}

// prefix begins the keys of the published errors.
func (t CompletionTable) prefix(paper, method string) string {
	number := map[string]string{"I": "1", "II": "2", "III": "3", "V": "5"}[t.Name]
	if t.P > 0 {
		method = fmt.Sprint("p", t.P) // of MLAM alone
	}
	return paper + ".t" + number + "." + method + "."
}

// Under lists the methods under a law, and for uniform factors what is published. For the
// other laws some methods are left out that end near those that are shown.
func (t CompletionTable) Under(law completion.Law) trace.Table {
	heads, keys := t.columns(law)
	out := trace.Table{Header: append([]string{"Table " + t.Name + ", " + law.String()}, heads...)}
	row := func(name string, cell func(key string) string) {
		cells := []string{name}
		for _, k := range keys {
			cells = append(cells, cell(k))
		}
		out.Rows = append(out.Rows, cells)
	}
	published := func(paper, method string) {
		row(strings.ToUpper(method)+", published", func(key string) string {
			return cite.Get(t.prefix(paper, method) + key).Published().String()
		})
	}
	uniform := law == completion.UniformFactors
	if uniform && t.Name == "II" {
		published("gso", "gso")
	}
	if uniform {
		published("mlam", "mlam")
	}
	if uniform && t.P == 0 {
		for _, m := range []string{"sgd", "als", "dmf", "umf"} {
			published("mlam", m)
		}
	}
	minor := []string{"SGD, lr 1e-3", "DMF, λ = 0.1", "UMF", "Adam, λ = 0.1", "ALS, λ = 1"}
	for _, m := range recipe.Completers() {
		if e := t.Errors(law, m.Name); len(e) > 0 && (uniform || !slices.Contains(minor, m.Name)) {
			row(m.Name, func(key string) string { return relative(e[key]) })
		}
	}
	return out
}

// relative writes an error as the papers do.
func relative(e float64) string {
	switch {
	case e > 10:
		return "> 10"
	case e < 0.001:
		return fmt.Sprintf("%.1e", e)
	case e < 0.01:
		return fmt.Sprintf("%.4f", e)
	}
	return fmt.Sprintf("%.3f", e)
}

// Rows are the rows of the ledger for what a paper, "mlam" or "gso", publishes of its own
// method: ours is MLAM with the best λ of three, the baseline ALS with λ lowered or held
// out, or what shows the number to be trivial or impossible. floors are what no method can
// reach, by column; of Table V there are rows for three ranks, which speak for the others.
func (t CompletionTable) Rows(paper string, floors map[string]float64) (rows []cite.Row) {
	_, keys := t.columns(completion.UniformFactors)
	for _, key := range keys {
		if t.Name == "V" && !slices.Contains([]string{"r10", "r40", "r100"}, key) {
			continue
		}
		n := cite.Get(t.prefix(paper, paper) + key)
		learned, ours := t.least(key, "MLAM, λ = 1e-3", "MLAM, λ = 0.1", "MLAM, λ = 1")
		classic, tuned := t.least(key, "ALS, λ lowered", "ALS, λ held out")
		trivial, easy := t.least(key, "rank 1", "constant")
		row := cite.NewRow(n.ID, learned+": "+relative(ours), classic+": "+relative(tuned), cite.BaselineArtefact)
		switch {
		case floors[key] > n.Value:
			row.OursTuned, row.Verdict = cite.Text("no method below: "+relative(floors[key])), cite.Impossible
		case paper == "gso" && n.Contradicted: // by MLAM, its last version
			row.Verdict = cite.Contradictory
		case easy <= n.Value:
			row.OursTuned, row.Verdict = cite.Text(trivial+": "+relative(easy)), cite.TrivialModel
		case ours > 1.1*n.Value:
			row.Verdict = cite.NotReached
		case tuned > n.Value:
			row.Verdict = cite.Holds
		}
		rows = append(rows, row)
	}
	return rows
}

// least is the method of some with the smallest error in a column.
func (t CompletionTable) least(column string, methods ...string) (name string, e float64) {
	e = math.Inf(1)
	for _, m := range methods {
		if v, ok := t.Errors(completion.UniformFactors, m)[column]; ok && v < e {
			name, e = m, v
		}
	}
	return name, e
}

// Floors are the floors under the error of every method on the columns of Table II, for
// uniform factors, from 25 rows of one matrix each: see [completion.Family.Floor].
func Floors(seed uint64, steps int) (map[string]float64, error) {
	floors := map[string]float64{}
	for _, c := range recipe.Columns() {
		if c.Table != "II" || c.Spec.Law != completion.UniformFactors {
			continue
		}
		floor, err := c.Spec.Floor(25, steps, optimizee.Stream(seed, uint64(c.Spec.Rank)))
		if err != nil {
			return nil, err
		}
		floors[fmt.Sprint("r", c.Spec.Rank)] = floor
	}
	return floors, nil
}
