package learned

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// golden is one file of testdata/golden: losses, iterates and gradients from an
// independent float64 implementation. Its note says what each field holds.
type golden struct {
	Kind                 string
	Batch, M, N          int
	Rho                  float64
	Iterations           int             // of files with one segment
	IterationsPerSegment int             `json:"iterations_per_segment"`
	W                    [][][]float64   // batch × m × n
	Y                    [][][]float64   // batch × m × 1
	H0, C0               [][][]float64   // layer × batch·n × hidden
	Params               map[string]any  // by the names of that implementation
	SegmentResults       []goldenSegment `json:"segment_results"`
	Loss                 float64         // of files with one segment
	Objective            []float64       //
	X                    [][]float64     //
	Grads                map[string]any  //
}

type goldenSegment struct {
	Loss      float64
	Objective []float64
	X, Y      [][][]float64 // iteration × batch × n
	Grads     map[string]any
}

// names maps that implementation's parameters to ours. A bias of an LSTM layer is
// the sum of our two, and its gradient the gradient of each.
var names = map[string][]string{
	"Wih1": {"lstm.weight_ih_l0"}, "Whh1": {"lstm.weight_hh_l0"}, "b1": {"lstm.bias_ih_l0", "lstm.bias_hh_l0"},
	"Wih2": {"lstm.weight_ih_l1"}, "Whh2": {"lstm.weight_hh_l1"}, "b2": {"lstm.bias_ih_l1", "lstm.bias_hh_l1"},
	"Wl": {"linear.weight"}, "bl": {"linear.bias"},
	"linear.weight": {"linear.weight"}, "linear.bias": {"linear.bias"},
	"linear_in.weight": {"linear_in.weight"}, "linear_in.bias": {"linear_in.bias"},
	"linear_out.weight": {"linear_out.weight"}, "linear_out.bias": {"linear_out.bias"},
}

// heads lists that implementation's head for each of our terms.
var heads = map[string]string{"p": "p", "a": "a", "b": "b", "b1": "b1h", "b2": "b2h"}

// flat reads a number, or nested lists of numbers, row by row.
func flat(v any) []float64 {
	if x, ok := v.(float64); ok {
		return []float64{x}
	}
	var out []float64
	for _, e := range v.([]any) {
		out = append(out, flat(e)...)
	}
	return out
}

// theta sets the parameters that the optimizer has to the golden ones.
func (g golden) theta(o Optimizer, learn []string) nn.Params {
	th := o.First(stream(1))
	set := func(name string, data []float64) {
		v := th.At(name)
		th.Set(name, ad.New(v.R, v.C, data))
	}
	for theirs, ours := range names {
		if p, ok := g.Params[theirs]; ok {
			set(ours[0], flat(p))
			for _, second := range ours[1:] {
				set(second, make([]float64, len(flat(p))))
			}
		}
	}
	var w, b []float64
	for _, t := range learn {
		w, b = append(w, flat(g.Params["W"+heads[t]])...), append(b, flat(g.Params["b"+heads[t]])...)
	}
	if w != nil {
		set("head.weight", w)
		set("head.bias", b)
	}
	return th
}

// unrolled runs every instance over the segments and returns, for each segment,
// the loss, the points that the step returned and the gradients.
func (g golden) unrolled(t *testing.T, o Optimizer, theta nn.Params, segments, iterations int) (losses []float64, points [][][]float64, grads []map[string][]float64) {
	losses = make([]float64, segments)
	for range segments {
		grads = append(grads, map[string][]float64{})
		points = append(points, nil)
	}
	for b := range g.Batch {
		p := g.problem(b)
		var tape ad.Tape
		th := theta.Clone()
		step, err := o.Rule(th)(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		x := p.Start
		for s := range segments {
			tape.Reset()
			for _, n := range th.Names() {
				th.Set(n, tape.Watch(theta.At(n)))
			}
			loss := ad.Scalar(0)
			for range iterations {
				x = step(x)
				points[s] = append(points[s], x.X().Data)
				loss = loss.Add(p.Value(x))
			}
			loss = loss.Scale(1 / float64(iterations*g.Batch))
			losses[s] += loss.Item()
			loss.Backward()
			for _, n := range th.Names() {
				sum := grads[s][n]
				if sum == nil {
					sum = make([]float64, th.At(n).Len())
				}
				for i, v := range th.At(n).Grad() {
					sum[i] += v
				}
				grads[s][n] = sum
			}
		}
	}
	return losses, points, grads
}

func (g golden) problem(b int) *optimizee.Problem {
	w, y := ad.New(g.M, g.N, slices.Concat(g.W[b]...)), ad.New(g.M, 1, slices.Concat(g.Y[b]...))
	if g.Kind == "LASSO" {
		return optimizee.Lasso(w, y, g.Rho)
	}
	return optimizee.WithLipschitz(optimizee.Logistic(w, y, g.Rho), linear.SpectralNorm(w)) // the published step
}

// states hands out the golden initial states, instance after instance.
func (g golden) states() func(l nn.LSTM, rows int) nn.State {
	next := 0
	return func(l nn.LSTM, rows int) nn.State {
		at := next * rows
		next++
		pick := func(v [][][]float64) (vs []ad.Value) {
			for _, layer := range v {
				vs = append(vs, ad.New(rows, l.Hidden, slices.Concat(layer[at:at+rows]...)))
			}
			return vs
		}
		return l.StateOf(pick(g.H0), pick(g.C0))
	}
}

func read(t *testing.T, file string) golden {
	data, err := os.ReadFile(filepath.Join("testdata", "golden", file))
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.SegmentResults) == 0 {
		g.IterationsPerSegment = g.Iterations
		s := goldenSegment{Loss: g.Loss, Objective: g.Objective, Grads: g.Grads}
		for _, x := range g.X {
			s.X = append(s.X, [][]float64{x})
		}
		s.Y = s.X
		g.SegmentResults = []goldenSegment{s}
	}
	return g
}

func TestGolden(t *testing.T) {
	for file, build := range map[string]func(g golden, n Network) (Optimizer, []string){
		"l2opa_lasso.json": func(_ golden, n Network) (Optimizer, []string) {
			return PA(PAConfig{Network: n}), learns["PA"]
		},
		"l2opa_pba12_lasso.json": func(_ golden, n Network) (Optimizer, []string) {
			return PA(PAConfig{Network: n, Learn: "PBA12", PublicBias: true}), learns["PBA12"]
		},
		"l2opa_logistic.json": func(_ golden, n Network) (Optimizer, []string) {
			c := LogisticPA
			c.Network = n
			return PA(c), learns["PA"]
		},
		"l2odm_lasso.json":   func(_ golden, n Network) (Optimizer, []string) { return DM(DMConfig{Network: n}), nil },
		"rnnprop_lasso.json": func(_ golden, n Network) (Optimizer, []string) { return RNNprop(RNNpropConfig{Network: n}), nil },
	} {
		for _, form := range []struct {
			name     string
			composed bool
			tol      float64
		}{{"float64", true, 1e-10}, {"fused", false, 1e-5}} {
			t.Run(file+"/"+form.name, func(t *testing.T) {
				g := read(t, file)
				o, learn := build(g, Network{Composed: form.composed, given: g.states()})
				losses, points, grads := g.unrolled(t, o, g.theta(o, learn), len(g.SegmentResults), g.IterationsPerSegment)
				for s, want := range g.SegmentResults {
					if d := math.Abs(losses[s] - want.Loss); !(d <= form.tol*math.Abs(want.Loss)) {
						t.Errorf("segment %d: loss %.12g, want %.12g", s, losses[s], want.Loss)
					}
					for k := range want.Y {
						for b := range g.Batch {
							if d := adtest.Distance(points[s][b*g.IterationsPerSegment+k], want.Y[k][b]); !(d <= form.tol) {
								t.Fatalf("segment %d iterate %d instance %d differs by %.2g", s, k, b, d)
							}
						}
					}
					checked := 0
					for theirs, v := range want.Grads {
						for _, ours := range names[theirs] {
							checked++
							if d := adtest.Distance(grads[s][ours], flat(v)); !(d <= form.tol) {
								t.Errorf("segment %d: gradient of %s differs by %.2g of its largest entry", s, ours, d)
							}
						}
					}
					for i, term := range learn {
						w, b := flat(want.Grads["W"+heads[term]]), flat(want.Grads["b"+heads[term]])
						h := len(w)
						checked++
						if d := adtest.Distance(grads[s]["head.weight"][i*h:(i+1)*h], w); !(d <= form.tol) {
							t.Errorf("segment %d: gradient of the head of %s differs by %.2g", s, term, d)
						}
						if d := adtest.Distance(grads[s]["head.bias"][i:i+1], b); !(d <= form.tol) {
							t.Errorf("segment %d: gradient of the bias of %s differs by %.2g", s, term, d)
						}
					}
					if checked < 10 {
						t.Errorf("segment %d: only %d gradients were compared", s, checked)
					}
				}
			})
		}
	}
}
