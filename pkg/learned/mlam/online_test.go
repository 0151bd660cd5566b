package mlam_test

import (
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// TestOnline holds online learning against a loop by hand: frozen θ for t_out steps,
// the gradient of the mean loss, clipped, and Adam.
func TestOnline(t *testing.T) {
	p, o := factors.Draw(optimizee.Stream(6)), mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: exact}, Inner: 2})
	start := drawn(o)
	c := mlam.OnlineConfig{Update: 3, LR: 0.02, Clip: 0.5, Loss: learned.LogObjective.Weighted(1, 2, 3, 4)}
	got := path(t, mlam.Online(o, c).Rule(start), p, 12)
	if !reflect.DeepEqual(fingerprints(start), fingerprints(drawn(o))) {
		t.Error("the θ that was given has changed")
	}

	var tape ad.Tape
	live := start.Clone()
	step, err := o.Rule(live)(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, v := map[string][]float64{}, map[string][]float64{}
	x, clipped := p.Start, 0
	for s := 1; s <= 4; s++ {
		for _, n := range live.Names() {
			live.Set(n, tape.Watch(live.At(n)))
		}
		loss := ad.Scalar(0)
		for i := 1; i <= 3; i++ {
			x = step(x)
			k := 3*(s-1) + i
			if d := apart(got[k], x); !(d <= 1e-9) {
				t.Fatalf("point %d is off by %.2g", k, d)
			}
			loss = loss.Add(p.Value(x).Log().Scale(min(float64(k), 4) / 3))
		}
		loss.Backward()
		var norm float64
		for _, n := range live.Names() {
			norm += ad.New(1, live.At(n).Len(), live.At(n).Grad()).SumSquares().Item()
		}
		factor := min(1, 0.5/math.Sqrt(norm))
		if factor < 1 {
			clipped++
		}
		next := map[string]ad.Value{}
		for _, n := range live.Names() {
			old := live.At(n)
			if m[n] == nil {
				m[n], v[n] = make([]float64, old.Len()), make([]float64, old.Len())
			}
			w := ad.New(old.R, old.C, slices.Clone(old.Data))
			for j, g := range old.Grad() {
				g *= factor
				m[n][j], v[n][j] = 0.9*m[n][j]+0.1*g, 0.999*v[n][j]+0.001*g*g
				w.Data[j] -= 0.02 * m[n][j] / (1 - math.Pow(0.9, float64(s))) / (math.Sqrt(v[n][j]/(1-math.Pow(0.999, float64(s)))) + 1e-8)
			}
			next[n] = w
		}
		for n, w := range next {
			live.Set(n, w)
		}
		tape.Reset()
	}
	if clipped == 0 {
		t.Error("no gradient was clipped")
	}
	along(t, "before its first update it is the rule that it trains", 0, got[:4], path(t, o.Rule(start), p, 3))
}

// TestOnlineLearns: on one problem, from nothing.
func TestOnlineLearns(t *testing.T) {
	p := completion.Family{Rows: 20, Cols: 20, Rank: 2, Observe: 0.4, Lambda: 0.1}.Draw(optimizee.Stream(8))
	first := p.Value(p.Start).Item()
	end := func(c mlam.Config) float64 {
		xs := path(t, learned.Untrained(mlam.Online(mlam.MLAM(c), mlam.OnlineConfig{})), p, 80)
		return p.Value(xs[80]).Item()
	}
	plain := mlam.Config{Wiring: learned.Wiring{ZeroHead: true}} // stands still but for what it learns
	one := end(plain)
	if !(one < 0.3*first) {
		t.Errorf("additive: F is %g after 80 outer steps, %g at the start", one, first)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	if three := end(plain); three != one {
		t.Errorf("F is %x, and on three processors %x", one, three)
	}
}

func fingerprints(th nn.Params) map[string][]float64 {
	out := map[string][]float64{}
	for _, n := range th.Names() {
		out[n] = slices.Clone(th.At(n).Data)
	}
	return out
}
