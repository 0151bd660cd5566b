// Package optimtest holds rules against the laws that every rule obeys. One line in a
// test does it for a rule of your own:
//
//	func TestMine(t *testing.T) { optimtest.Run(t, optimtest.Case{Name: "mine", Rule: Mine}, problem) }
//
// What a rule claims beyond the contract of [optim.Step] is said in its [Case]. A law
// is a subtest: it is checked on every problem, or skipped with the reason.
package optimtest

import (
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

// A Case is a rule and what it claims.
type Case struct {
	Name string
	Rule optim.Rule

	Called     []string // what its errors call it or its parts, where that is not Name
	Keeps      string   // what it keeps when it is given a foreign point, such as "moments"; "" when it starts afresh
	Random     string   // what it draws from its rng; "" when it works without one
	Indirect   string   // why the derivative on a tape is not that of its points, such as "the step size is a constant to the tape"; "" when it is
	Ordered    string   // why coordinates in another order are another run, such as "one matrix belongs to them"; "" when they are not
	Rounds     bool     // off the tape it sums in another order, so that a recorded run differs by rounding
	Memoryless bool     // the next point is a function of the last
	Monotone   bool     // F never rises
}

// A law checks a case on a problem. It returns why it could not, "" when it did.
type law struct {
	name  string
	check func(t testing.TB, c Case, p *optimizee.Problem) (skipped string)
}

// laws in the order of the report.
var laws = []law{
	{"Oracles", oracles},
	{"Lazy", lazy},
	{"Deterministic", deterministic},
	{"Untouched", untouched},
	{"Fresh", fresh},
	{"Constant", constant},
	{"Training", training},
	{"Derivative", derivative},
	{"Monotone", monotone},
	{"Goes on", goesOn},
	{"Foreign", foreign},
	{"On", on},
	{"Combinators", combinators},
	{"Memoryless", memoryless},
	{"Renaming", renaming},
}

// Run checks every law on every problem and returns what was checked and what was
// skipped. Of laws about one block those in several say so.
func Run(t *testing.T, c Case, problems ...*optimizee.Problem) problemtest.Report {
	t.Helper()
	if c.Called == nil {
		c.Called = []string{c.Name}
	}
	for _, p := range problems {
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Rule(p, stream(1)); err != nil {
			t.Fatalf("on %s: %v", p.Name, err)
		}
	}
	var report problemtest.Report
	for _, l := range laws {
		out := problemtest.Outcome{Subject: c.Name, Law: l.name}
		t.Run(l.name, func(t *testing.T) {
			for _, p := range problems {
				if skipped := l.check(t, c, p); skipped != "" {
					out.Skipped = skipped
					t.Logf("skipped on %s: %s", p.Name, skipped)
				}
			}
		})
		report = append(report, out)
	}
	return report
}

// steps is how far the laws follow a run.
const steps = 12

func stream(seed uint64) *rand.Rand { return optimizee.Stream(seed, 31) }

// start starts a rule that has to start.
func start(t testing.TB, r optim.Rule, p *optimizee.Problem, seed uint64) optim.Step {
	t.Helper()
	s, err := r(p, stream(seed))
	if err != nil {
		t.Fatalf("on %s: %v", p.Name, err)
	}
	return s
}

// follow takes n steps and returns the points, x itself first.
func follow(s optim.Step, x optimizee.Point, n int) []optimizee.Point {
	xs := []optimizee.Point{x}
	for range n {
		x = s(x)
		xs = append(xs, x)
	}
	return xs
}

// elsewhere is a point away from Start, the same for the same seed.
func elsewhere(p *optimizee.Problem, seed uint64) optimizee.Point {
	rng := stream(seed)
	return p.Start.Map(func(_ string, v ad.Value) ad.Value {
		w := ad.New(v.R, v.C, nil)
		for i := range w.Data {
			w.Data[i] = v.Data[i] + rng.NormFloat64()
		}
		return w
	})
}
