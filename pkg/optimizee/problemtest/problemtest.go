// Package problemtest holds problems against the laws that every problem obeys.
// One line in a test does it for a problem of your own:
//
//	func TestRidge(t *testing.T) { problemtest.Run(t, Ridge(a, b, 0.1), problemtest.Convex()) }
//
// A law is a subtest: it is checked, or skipped with the reason, most often an oracle
// that the problem does not have. [Run] returns which, and [Golden] keeps the list in a
// file, so that a law that silently stops being checked fails a test.
package problemtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// An Option tells Run what it cannot see from the oracles.
type Option func(*suite)

// Named is what the report calls the problem instead of its Name.
func Named(name string) Option { return func(s *suite) { s.name = name } }

// At gives the points at which the oracles are asked, in place of Start plus noise
// N(0, 1), which Prox brings back where it leaves a constraint. Value has to be smooth
// there.
func At(points ...optimizee.Point) Option { return func(s *suite) { s.generic = points } }

// Term gives r where Terms do not, so that F − r is the smooth part and Grad and Prox can
// each be checked by itself. Without it the two are held against Value together.
func Term(r func(x optimizee.Point) ad.Value) Option { return func(s *suite) { s.term = r } }

// Convex claims that F is convex: Subgrad (or Grad) has to lie below F everywhere.
func Convex() Option { return func(s *suite) { s.convex = true } }

// NotConvex takes Convex back, in a table that claims it of all problems.
func NotConvex() Option { return func(s *suite) { s.convex = false } }

// Loose says how many times the curvature seen at the points L may be; the default is
// 10. A published constant that is far too large needs more.
func Loose(times float64) Option { return func(s *suite) { s.loose = times } }

// SlackBound says that Bound is below F but does not reach it.
func SlackBound() Option { return func(s *suite) { s.slack = true } }

// Majorant says that Solve minimises an upper bound of F that touches it at the point,
// as the steps of EM do, and not F itself: F may not rise, and where Solve comes to
// rest the gradient is 0.
func Majorant() Option { return func(s *suite) { s.majorant = true } }

// Untrained says that the oracles are not differentiated through: they may compute
// outside of package ad.
func Untrained() Option { return func(s *suite) { s.untrained = true } }

// suite is a problem under test with the claims about it.
type suite struct {
	name      string
	p         *optimizee.Problem
	rng       *rand.Rand
	start     optimizee.Point   // Start, or Truth where F is infinite there
	generic   []optimizee.Point // where F should be smooth
	points    []optimizee.Point // those and start
	term      func(x optimizee.Point) ad.Value
	closed    bool // F is +Inf at some points
	convex    bool
	loose     float64
	slack     bool
	majorant  bool
	untrained bool
}

// A law checks a suite. It returns why it could not, "" when it did.
type law struct {
	name  string
	check func(t testing.TB, s *suite) (skipped string)
}

// laws in the order of the report.
var laws = []law{
	{"Value", value},
	{"Pure", pure},
	{"Grad", grad},
	{"ValueGrad", valueGrad},
	{"Subgrad", subgrad},
	{"Convex", convex},
	{"Prox", proximal},
	{"ProxEach", proximalEach},
	{"Terms", terms},
	{"Residual", residual},
	{"Lipschitz", lipschitz},
	{"Solve", solve},
	{"Bound", bound},
	{"Differentiable", differentiable},
	{"On", on},
	{"Count", count},
}

// Run checks every law, each in a subtest of its own, and returns what was checked
// and what was skipped.
func Run(t *testing.T, p *optimizee.Problem, opts ...Option) Report {
	t.Helper()
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	s := newSuite(p, opts)
	var report Report
	for _, l := range laws {
		out := Outcome{Subject: s.name, Law: l.name}
		t.Run(l.name, func(t *testing.T) {
			if out.Skipped = l.check(t, s); out.Skipped != "" {
				t.Log("skipped: " + out.Skipped)
			}
		})
		report = append(report, out)
	}
	return report
}

func newSuite(p *optimizee.Problem, opts []Option) *suite {
	s := &suite{name: p.Name, p: p, rng: rand.New(rand.NewPCG(1, 7)), loose: 10}
	for _, o := range opts {
		o(s)
	}
	s.closed, s.start = p.Constrained(), p.Start
	if s.closed && s.outside(p.Start) && !p.Truth.IsZero() {
		s.start = p.Truth
	}
	if s.term == nil && len(p.Terms) > 0 {
		s.term = s.sum
	}
	if s.generic == nil {
		for range 3 {
			s.generic = append(s.generic, s.feasible(s.start.Add(s.noise(s.start, 1))))
		}
	}
	s.points = append([]optimizee.Point{s.start}, s.generic...)
	return s
}

// noise is a point of independent entries N(0, scale²).
func (s *suite) noise(like optimizee.Point, scale float64) optimizee.Point {
	return like.Map(func(_ string, v ad.Value) ad.Value { return s.normal(v, scale) })
}

func (s *suite) normal(like ad.Value, scale float64) ad.Value {
	v := ad.New(like.R, like.C, nil)
	for i := range v.Data {
		v.Data[i] = scale * s.rng.NormFloat64()
	}
	return v
}

// f is F at a point, as a number.
func (s *suite) f(x optimizee.Point) float64 { return s.p.Value(x).Item() }

// step is a length that suits the block: 1/L, or 0.1 where L is not known.
func (s *suite) step(block string, x optimizee.Point) float64 {
	if s.p.Lipschitz == nil {
		return 0.1
	}
	return 1 / s.p.Lipschitz(block, x)
}

// smooth returns the smooth part of F as far as a block can tell: Smooth, or F − r
// where r is known, and F where there is no r; nil where r is not known.
func (s *suite) smooth(block string) func(x optimizee.Point) ad.Value {
	switch {
	case s.term != nil && s.p.Smooth != nil: // also outside of a constraint
		return s.p.Smooth
	case s.term != nil:
		return func(x optimizee.Point) ad.Value { return s.p.Value(x).Sub(s.term(x)) }
	case s.p.Prox == nil || s.identity(block):
		return s.p.Value
	}
	return s.p.Smooth
}

// identity reports whether Prox moves nothing, as it does only where r is constant.
func (s *suite) identity(block string) bool {
	for _, x := range s.points {
		v := x.At(block).Add(s.normal(x.At(block), 3))
		for _, t := range []float64{0.1, 10} {
			if distance(s.p.Prox(block, v, ad.Scalar(t)).Data, v.Data) != 0 {
				return false
			}
		}
	}
	return true
}

// each calls f for every block at every point.
func each(points []optimizee.Point, f func(x optimizee.Point, block string)) {
	for _, x := range points {
		for _, b := range x.Blocks() {
			f(x, b)
		}
	}
}

// distance is the largest difference, infinite for different lengths and for NaN.
func distance(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	var d float64
	for i := range a {
		switch e := math.Abs(a[i] - b[i]); {
		case math.Float64bits(a[i]) == math.Float64bits(b[i]):
		case math.IsNaN(e):
			return math.Inf(1)
		default:
			d = max(d, e)
		}
	}
	return d
}

// largest is the largest magnitude.
func largest(xs []float64) float64 {
	var top float64
	for _, x := range xs {
		top = max(top, math.Abs(x))
	}
	return top
}

func norm(v ad.Value) float64 { return math.Sqrt(v.SumSquares().Item()) }
