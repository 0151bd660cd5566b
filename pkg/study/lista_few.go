package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// Line are the networks of the LISTA line, those with few numbers first.
var Line = []string{"HyperLISTA", "Step-LISTA", "ALISTA", "TiLISTA", "LISTA-CPSS", "LISTA-CP", "LAMP", "LISTA", "LFISTA", "GLISTA"}

// ALISTA is the rule of given steps and thresholds on a dictionary.
func ALISTA(d *sparse.Dictionary, th nn.Params) optim.Rule {
	return lista.ALISTA(lista.Config{Dictionary: d, Single: true}).Rule(th)
}

// TwoNumbers is the search for ALISTA's first threshold and its factor from layer to layer,
// with steps of 1, by a measure after 16 layers on so many sets of 64 signals that are not
// used again. A third range in front is that of the step.
func TwoNumbers(fam sparse.Recovery, sets int, by trace.Measure) trace.Search {
	o := lista.ALISTA(lista.Config{Dictionary: fam.Dictionary, Single: true})
	c := Signals(99, sets, 16)
	c.Measure = by
	return trace.Search{
		Family: fam, Config: c, By: trace.LowestAt(16), Rule: func(at []float64) optim.Rule { return o.Rule(Fall(at)) },
		Over: []trace.Range{trace.Values("θ₁", 0.5, 0.6, 0.7, 0.8), trace.Values("q", 0.65, 0.7, 0.725, 0.75, 0.775, 0.8, 0.85)},
	}
}

// Fall are the steps and thresholds that two numbers make, or three with the step in front.
func Fall(at []float64) nn.Params {
	if len(at) == 2 {
		return lista.Geometric(16, 1, at[0], at[1])
	}
	return lista.Geometric(16, at[0], at[1], at[2])
}

// FISTABest is the search for the λ with which FISTA is best after so many steps.
func FISTABest(fam sparse.Recovery, by trace.Measure, lambdas ...float64) trace.Search {
	c := Signals(99, 1, 16)
	c.Measure = by
	return trace.Search{Family: fam, Config: c, By: trace.LowestAt(16), Rule: FISTAWith, Over: []trace.Range{trace.Values("λ", lambdas...)}}
}

// A Change is one of the four settings that the talk closes with.
type Change string

// Changes are: none, more nonzeros, larger ones, noise.
var Changes = []Change{"no mismatch", "15 % nonzeros", "σ = 2", "SNR 30 dB"}

// Race runs ALISTA and HyperLISTA as they ship, retuned to the change where that makes a
// difference, and FISTA with the best of four λ.
func (c Change) Race(ctx context.Context) (*trace.Results, error) {
	fam := sparse.TalkRecovery
	entries := []trace.Entry{weights.Entry("ALISTA", "alista-recovery-250x500"), weights.Entry("HyperLISTA", "hyperlista-recovery-250x500")}
	retuned := []optim.Rule{nil, nil}
	var err error
	switch c {
	case "15 % nonzeros":
		fam.Density = 0.15
		retuned, err = retune(ctx, fam)
	case "σ = 2":
		fam.Sigma = 2
		t, e := weights.Load("alista-recovery-250x500")
		retuned[0], err = ALISTA(fam.Dictionary, ScaleThresholds(t.Theta, 2)), e
	case "SNR 30 dB":
		fam = fam.WithNoise(30)
		retuned = []optim.Rule{weights.Rule("alista-recovery-250x500-30db"), weights.Rule("hyperlista-recovery-250x500-30db")}
	}
	if err != nil {
		return nil, err
	}
	best, err := FISTABest(fam, trace.NMSE, 0.05, 0.1, 0.2, 0.4).Run(ctx)
	if err != nil {
		return nil, err
	}
	all := []trace.Entry{best.Entry("FISTA, best λ")}
	for i, e := range entries {
		if all = append(all, e); retuned[i] != nil {
			all = append(all, trace.Entry{Name: e.Name + ", retuned", Rule: retuned[i]})
		}
	}
	return trace.RaceFamily(ctx, fam, Signals(Fresh, 16, 16), all...)
}

// ChangesTable lists the end of each method in each setting; what needs no retuning is
// "the same".
func ChangesTable(of map[Change]*trace.Results) trace.Table {
	methods := []string{"FISTA, best λ", "ALISTA", "ALISTA, retuned", "HyperLISTA", "HyperLISTA, retuned"}
	t := trace.Table{Header: append([]string{""}, methods...)}
	for _, c := range Changes {
		row := []string{string(c)}
		for _, m := range methods {
			cell := "the same"
			if slices.Contains(of[c].Names, m) {
				cell = fmt.Sprintf("%.1f", of[c].Mean(m, -1))
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ScaleThresholds multiplies the threshold of each layer: what signals of other magnitudes
// ask for.
func ScaleThresholds(th nn.Params, by float64) nn.Params {
	return th.Map(func(name string, v ad.Value) ad.Value {
		if strings.HasSuffix(name, "theta") {
			return v.Scale(by)
		}
		return v
	})
}

// retune trains all layers of ALISTA on for another family, and searches 27 points around the
// three numbers of HyperLISTA on 256 signals of it.
func retune(ctx context.Context, fam sparse.Recovery) ([]optim.Rule, error) {
	alista, err1 := weights.Load("alista-recovery-250x500")
	hyper, err2 := weights.Load("hyperlista-recovery-250x500")
	if err := cmp.Or(err1, err2); err != nil {
		return nil, err
	}
	trained, err := train.Run(ctx, alista.Optimizer, fam, train.Config{
		Phases: train.EndToEnd(16, 2e-3, 2e-4), Minibatches: 100, Batch: 1, Loss: learned.Distance.AtEnd(), Seed: 7, Start: alista.Theta,
		Validation: train.Validation{Problems: 2, Every: 50, Patience: 2, Measure: trace.NMSE},
	})
	if err != nil {
		return nil, err
	}
	var over []trace.Range
	for _, name := range []string{"c1", "c2", "c3"} {
		c := hyper.Theta.At(name).Item()
		over = append(over, trace.Log(name, c/1.5, c*1.5, 3))
	}
	found, err := recipe.ParameterSearch(hyper.Optimizer, fam, 16, 4, 7, over...).Run(ctx)
	if err != nil {
		return nil, err
	}
	return []optim.Rule{trained.Rule(), found.Rule(found.Best.At)}, nil
}

// Numbers counts the parameters that the first 1, 2, …, 16 layers of a network need at
// 250×500. It panics where no network of [Line] has that name.
func Numbers(network string) (count []float64) {
	r, err := recipe.Get(strings.ToLower(network) + "-recovery-250x500")
	if err != nil {
		panic(err)
	}
	th := r.Optimizer.First(optimizee.Stream(Fresh))
	for k := 1; k <= 16; k++ {
		sum := 0.0
		for _, name := range th.Names() {
			layer := 0
			if _, _ = fmt.Sscanf(name, "layer%d.", &layer); layer <= k { // 0 for what all layers share
				sum += float64(th.At(name).Len())
			}
		}
		count = append(count, sum)
	}
	return count
}

// Against draws decibels over the numbers in the layers so far, and lists the ends in both
// units. What is not in Line has as many numbers as its name is given in few.
func (r Recovered) Against(few map[string]float64) (curves []trace.Curve, t trace.Table) {
	t.Header = []string{"layer 16, the same signals", "numbers", "ratio of sums, dB", "mean of dB"}
	for _, c := range r.Ratio.Curves(trace.Iterations) {
		count := slices.Repeat([]float64{few[c.Name]}, 16)
		if few[c.Name] == 0 {
			count = Numbers(c.Name)
		}
		over := trace.Curve{Name: c.Name, Y: c.Y[1:]}
		for k, n := range count { // a line needs an x that rises, also where all layers share all numbers
			over.X = append(over.X, n+1e-7*float64(k+1))
		}
		curves = append(curves, over)
		t.Rows = append(t.Rows, []string{c.Name, grouped(int(count[15])), fmt.Sprintf("%.1f", c.Y[16]), fmt.Sprintf("%.1f", r.Mean.Mean(c.Name, 16))})
	}
	return curves, t
}

// grouped writes a number with commas.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// A Panel is a setting of the Primer's Figures 2 and 5.
type Panel struct {
	Name   string
	Family sparse.Recovery
	Key    string // among the published numbers, "" for none

	setting, away string // of the kept networks beside, and where these were trained, if elsewhere
	images        string // where atoms come from
	standIn       bool   // from synthetic ones, which compare nothing
}

// Panels are all of them. The name of one whose atoms come from a stand-in says so.
func Panels() ([]Panel, error) {
	c, err := recipe.Coherent()
	name := "5 (c): coherent"
	if c.StandIn {
		name += ", stand-in"
	}
	talk, primer := sparse.TalkRecovery, sparse.PrimerRecovery
	return []Panel{
		{Name: "5 (a): 256×512", Family: primer, Key: "noiseless", setting: "256x512"},
		{Name: "5 (b): 20 dB", Family: primer.WithNoise(20), Key: "noisy", setting: "250x500-20db", away: "250×500"},
		{Name: name, Family: c.Recovery, Key: "coherent", setting: "coherent", away: "another dictionary", images: c.Images, standIn: c.StandIn},
		{Name: "5 (d): 512×1024", Family: sparse.LargeRecovery, Key: "large", setting: "512x1024"},
		{Name: "2, left: 250×500", Family: talk, setting: "250x500"},
		{Name: "2, right: 20 dB", Family: talk.WithNoise(20), setting: "250x500-20db"},
	}, err
}

// The names of methods in a panel. Networks that were trained for it are called
// "ALISTA, trained here".
const (
	Moved32 = "ALISTA, 32 numbers of 250×500"
	Found2  = "ALISTA, searched here"
	Moved3  = "HyperLISTA, 3 numbers of 250×500"
	Here    = ", trained here"
)

// Race compares in the mean of dB, as the Primer does, and says what was searched. Who
// diverges is left out, and said.
func (p Panel) Race(ctx context.Context) (res Noted, err error) {
	d, search := p.Family.Dictionary, TwoNumbers(p.Family, 1, trace.MeanOfDB)
	search.Over = []trace.Range{trace.Values("θ₁", 0.5, 0.6, 0.7, 0.8, 1), trace.Values("q", 0.65, 0.7, 0.725, 0.75, 0.775, 0.8, 0.85, 0.9, 0.95)}
	if p.Key == "coherent" { // a common step, where atoms come from images
		search.Over = []trace.Range{trace.Values("α", 0.2, 0.3, 0.4), trace.Values("θ₁", 0.1, 0.2, 0.4), trace.Values("q", 0.8, 0.9, 1)}
		search.Config.Problems = 2
	}
	found, err1 := search.Run(ctx)
	best, err2 := FISTABest(p.Family, trace.NMSE, 0.05, 0.1, 0.2).Run(ctx)
	few, err3 := weights.Load("alista-recovery-250x500")
	three, err4 := weights.Load("hyperlista-recovery-250x500")
	if err := cmp.Or(err1, err2, err3, err4); err != nil {
		return res, err
	}
	th := three.Theta.Clone()
	th.Set("c3", th.At("c3").Scale(float64(d.Cols())/500))
	c := search.Config
	c.Problems, c.Streams = 16, Signals(Fresh, 16, 16).Streams
	race, err := trace.RaceFamily(ctx, p.Family, c, best.Entry("FISTA, best λ"), trace.Entry{Name: Moved32, Rule: ALISTA(d, few.Theta)},
		found.Entry(Found2), trace.Entry{Name: Moved3, Rule: lista.HyperLISTA(lista.Config{Dictionary: d, Single: true}).Rule(th)})
	if err != nil {
		return res, err
	}
	res.Tuned = p.Name + ": " + found.Note
	for _, name := range race.Names {
		if end := race.Mean(name, 16); end >= 1 {
			race, res.Tuned = race.Without(name), res.Tuned+fmt.Sprintf(" %s diverges, to %.0f dB.", name, end)
		}
	}
	res.Results = trace.Join(race, p.kept().Mean)
	return res, nil
}

// kept are networks that were trained for the panel. At 250×500 only those are shown that
// are not in it already and that are meant for recovery.
func (p Panel) kept() Recovered {
	networks := slices.Clone(Line)
	if p.setting == "250x500" {
		networks = networks[3:]
	}
	networks = slices.DeleteFunc(networks, func(n string) bool {
		k, ok := Load(n, p.setting)
		return ok && p.images != "" && !strings.Contains(k.Card.Family, p.images) // trained for atoms of other images
	})
	return Kept(p.setting, Here, networks...)
}

// Rows answers the panel for each network that was trained for it, and for ALISTA without
// such a training by the better of searched numbers and those of 250×500. Beside it is the
// best with two or three numbers. Figure 5 (a) is answered by [Figure5a], and a stand-in
// for images answers nothing.
func (p Panel) Rows(res *trace.Results) (rows []cite.Row) {
	first := func(names ...string) (float64, bool) {
		for _, n := range names {
			if slices.Contains(res.Names, n) {
				return res.Mean(n, 16), true
			}
		}
		return 0, false
	}
	few, _ := first(Found2)
	rival := few
	if three, ok := first("HyperLISTA"+Here, Moved3); ok {
		rival = min(few, three)
	}
	for _, n := range cite.Numbers("primer.f5.") {
		part := strings.Split(n.ID, ".")
		at := slices.IndexFunc(Line, func(name string) bool { return strings.ToLower(name) == part[2] })
		if p.Key == "noiseless" || p.standIn || part[3] != p.Key || at < 0 {
			continue
		}
		is, ok := first(Line[at] + Here)
		if !ok && Line[at] == "ALISTA" {
			is, ok = first(Moved32, Found2)
			is = min(is, few)
		}
		if !ok {
			continue
		}
		ours, verdict := cite.Num(is), cite.JudgeDB(n.Value, is, math.NaN())
		if p.away != "" {
			ours = cite.Text(fmt.Sprintf("%s: %.1f", p.away, is))
		}
		if p.Key == "coherent" {
			verdict = cite.NotRecoverable // their dictionary is not public
		}
		rows = append(rows, cite.NewRow(n.ID, ours, rival, verdict))
	}
	return rows
}
