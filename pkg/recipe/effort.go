package recipe

import (
	"cmp"
	"context"
	_ "embed" // the efforts
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/atomicfile"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// An Effort is how much computing a recipe takes, as a stretch of it says.
type Effort struct {
	Hours   float64 // of processor time, in all
	AtMost  bool    `json:",omitempty"` // phases may end earlier, and no training that is kept says when
	Found   string  // how, in words
	Kernels string  // processor and kernel set on which it was found
}

//go:embed efforts.json
var efforts []byte

// String is the time with its unit, such as "0.35 h" or "≤ 12 h".
func (e Effort) String() string {
	digits := max(0, 1-int(math.Floor(math.Log10(max(e.Hours, 0.001)))))
	return map[bool]string{true: "≤ "}[e.AtMost] + strconv.FormatFloat(e.Hours, 'f', digits, 64) + " h"
}

// variant matches what the names of recipes have that take as long as the one without it: another
// seed, wiring, constant or noise, on problems of the same size.
var variant = regexp.MustCompile(`(-seed\d+|-noguard|-publicbias|-publicscale|-public|-printed|-2lambda|-\d+db)+$`)

// Alike is the name of the recipe that takes about as long as this one: its own, unless it is a variant.
func (r Recipe) Alike() string {
	name := variant.ReplaceAllString(r.Name, "")
	for _, terms := range learned.Variants() {
		name = strings.Replace(name, "l2opa-"+strings.ToLower(terms)+"-", "l2opa-", 1)
	}
	return name
}

// Efforts returns what is known of the efforts of recipes and tables, by their names.
func Efforts() (map[string]Effort, error) { return decodeEfforts("efforts.json", efforts) }

// ReadEfforts returns what SaveEffort wrote, nothing if there is no such file.
func ReadEfforts(file string) (map[string]Effort, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return map[string]Effort{}, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeEfforts(file, data)
}

func decodeEfforts(file string, data []byte) (map[string]Effort, error) {
	all := map[string]Effort{}
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("recipe: %s: %w", file, err)
	}
	return all, nil
}

// SaveEffort adds one to what ReadEfforts reads.
func SaveEffort(file, name string, e Effort) error {
	return atomicfile.Update(file, func(old []byte) ([]byte, error) {
		all := map[string]Effort{}
		if old != nil {
			var err error
			if all, err = decodeEfforts(file, old); err != nil {
				return nil, err
			}
		}
		all[name] = e
		data, err := json.MarshalIndent(all, "", "\t")
		return append(data, '\n'), err
	})
}

// The stretch of a training on which its effort is found: so many minibatches of each phase, the
// first to get warm, the last followed by a validation on so many problems at most; or so many
// runs of a search.
const (
	stretchMinibatches = 3
	stretchProblems    = 64
	stretchRuns        = 64
)

// Estimate trains a stretch of the recipe and says how long all of it would take. cpu returns the
// processor time that this process has used.
func (r Recipe) Estimate(ctx context.Context, cpu func() time.Duration) (Effort, error) {
	start := cpu()
	e := Effort{Kernels: runtime.GOARCH + "/" + kern.Name()}
	r, err := r.Ready()
	if err != nil {
		return e, err
	}
	if r.Search.Rounds > 0 {
		return r.estimateSearch(ctx, e, cpu)
	}
	c := r.Train
	phases, minibatches := slices.Clone(c.Phases), r.minibatches()
	for i := range phases {
		phases[i].Minibatches, phases[i].Patience = stretchMinibatches, -1
	}
	c.Phases, c.Minibatches = phases, stretchMinibatches
	c.Validation.MustImprove = false // three minibatches need not
	c.Validation.Every, c.Validation.Problems = stretchMinibatches, min(c.Validation.Problems, stretchProblems)
	var first, last []time.Duration // after each minibatch: when the first event came, and the last
	c.Report = func(ev train.Event) {
		for len(last) <= ev.Done {
			first, last = append(first, cpu()), append(last, 0)
		}
		last[ev.Done] = cpu()
	}
	if _, err := train.Run(ctx, r.Optimizer, r.Family, c); err != nil {
		return e, err
	}
	if want := 1 + stretchMinibatches*len(minibatches); len(last) != want {
		return e, fmt.Errorf("recipe: %s: the stretch has %d events, not %d", r.Name, len(last), want)
	}
	total, validations := time.Duration(0), 0
	for i, n := range minibatches {
		k := stretchMinibatches * i
		minibatch := last[k+2] - last[k+1]
		validation := max(0, first[k+3]-last[k+2]-minibatch)
		if i == 0 { // what comes before the first minibatch: dictionaries, analytic weights
			total += max(0, first[1]-start-minibatch)
		}
		total += time.Duration(n) * minibatch
		if c.Validation.Problems > 0 {
			of := (n + r.Train.Validation.Every - 1) / r.Train.Validation.Every
			validations += of
			total += time.Duration(of*r.Train.Validation.Problems/c.Validation.Problems) * validation
		}
	}
	sum := 0
	for _, n := range minibatches {
		sum += n
	}
	_, kept := r.curve()
	e.Hours = total.Hours()
	e.AtMost = !kept && slices.ContainsFunc(r.Train.Phases, func(p train.Phase) bool { return cmp.Or(p.Patience, r.Train.Validation.Patience) > 0 })
	e.Found = fmt.Sprintf("from %d of %d minibatches and %d of %d validations", len(last)-1, sum, min(len(minibatches), validations), validations)
	if kept {
		e.Found += ", as many as the training behind the kept curve took"
	}
	return e, nil
}

// minibatches are those of each phase: as many as the training took of which the curve is kept,
// else all that are planned.
func (r Recipe) minibatches() []int {
	if len(r.Train.Phases) == 0 {
		return []int{r.Train.Minibatches}
	}
	list := make([]int, len(r.Train.Phases))
	curve, kept := r.curve()
	before := 0
	for i, p := range r.Train.Phases {
		list[i] = cmp.Or(p.Minibatches, r.Train.Minibatches)
		if kept {
			list[i], before = curve[i].After-before, curve[i].After
		}
	}
	return list
}

// curve is where the phases ended of a training of the recipe that is kept.
func (r Recipe) curve() (curve []weights.Validation, ok bool) {
	if len(r.Train.Phases) == 0 {
		return nil, false
	}
	if k, err := Load(r.Name); err == nil {
		curve = k.Card.Curve
	} else if weights.Has(r.Name) {
		if t, err := weights.Load(r.Name); err == nil {
			curve = t.Card.Curve
		}
	}
	return curve, len(curve) == len(r.Train.Phases)
}

// estimateSearch is Estimate of a recipe with a search.
func (r Recipe) estimateSearch(ctx context.Context, e Effort, cpu func() time.Duration) (Effort, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s, start := r.Search, cpu()
	var used time.Duration
	var runs, all int
	s.Report = func(done, of int, _ trace.Trial) {
		if used == 0 && (done >= stretchRuns || done == of) {
			used, runs, all = cpu()-start, done, of
			stop()
		}
	}
	if _, err := s.Run(ctx); err != nil && (used == 0 || !errors.Is(err, context.Canceled)) {
		return e, err
	}
	e.Hours = used.Hours() * float64(all) / float64(runs)
	e.Found = fmt.Sprintf("from %d of %d runs", runs, all)
	return e, nil
}

// EffortOf measures a table, all of it, and says how long that took.
func EffortOf(ctx context.Context, table train.Sweep, cpu func() time.Duration) (Effort, error) {
	start := cpu()
	table.File = ""
	_, err := table.Run(ctx)
	return Effort{
		Hours: (cpu() - start).Hours(), Found: fmt.Sprintf("from all of its %d cells", len(table.Cells)), Kernels: runtime.GOARCH + "/" + kern.Name(),
	}, err
}
