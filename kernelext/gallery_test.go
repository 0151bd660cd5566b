package kernelext

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/trace"
)

// decay is a curve of a method with rate r, a band of w decades and k iterations.
func decay(name string, k int, start, rate, w float64) trace.Curve {
	c := trace.Curve{Name: name}
	for i := range k + 1 {
		y := start * math.Exp(-rate*float64(i)) * (1 + .15*math.Sin(float64(i)/5))
		c.X, c.Y = append(c.X, float64(i)), append(c.Y, y)
		if w > 0 {
			c.Lo, c.Hi = append(c.Lo, y*math.Pow(10, -w)), append(c.Hi, y*math.Pow(10, w))
		}
	}
	return c
}

func raceCurves() []trace.Curve {
	bad := decay("L2O-DM", 100, 2, .25, 0)
	for i := range bad.Y {
		if i > 20 {
			bad.Y[i] *= math.Exp(.6 * float64(i-20))
		}
		if i > 60 {
			bad.Y[i] = math.NaN()
		}
	}
	zero := decay("L2O-PA", 100, 1.4, .5, .35)
	for i := 80; i < len(zero.Y); i++ {
		zero.Y[i], zero.Lo[i], zero.Hi[i] = 0, 0, 0
	}
	return []trace.Curve{
		decay("ISTA", 100, 2, .05, .2), decay("FISTA", 100, 2, .12, .3), decay("FISTA restart", 100, 2, .28, .3),
		decay("two tuned constants", 100, 1.9, .3, 0), zero, bad,
	}
}

func tenCurves() []trace.Curve {
	var cs []trace.Curve
	for i := range 10 {
		cs = append(cs, decay(fmt.Sprintf("a method with a rather long name, number %d", i+1), 1000, 1, .002*float64(i+1), 0))
	}
	cs[3].Name += ", published step, and a remark that nobody would want to read in a legend of any figure whatsoever"
	return cs
}

func clusters() []Group {
	rng := rand.New(rand.NewPCG(1, 2))
	var gs []Group
	for k, c := range [][2]float64{{-2, 1}, {2, 2}, {.5, -2}} {
		g := Group{Name: fmt.Sprintf("cluster %d", k+1), Centre: c[:], Cov: [][]float64{{.5, .2 * float64(k)}, {.2 * float64(k), .4}}}
		for range 120 {
			a, b := rng.NormFloat64(), rng.NormFloat64()
			g.X = append(g.X, c[0]+.7*a)
			g.Y = append(g.Y, c[1]+.28*float64(k)*a+.55*b)
		}
		gs = append(gs, g)
	}
	return gs
}

func rosenbrock(x, y float64) float64 { return (1-x)*(1-x) + 100*(y-x*x)*(y-x*x) }

func descent(name string, step, momentum float64, n int) Path {
	p := Path{Name: name}
	x, y, vx, vy := -1.2, 1., 0., 0.
	for range n {
		p.X, p.Y = append(p.X, x), append(p.Y, y)
		gx, gy := -2*(1-x)-400*x*(y-x*x), 200*(y-x*x)
		vx, vy = momentum*vx-step*gx, momentum*vy-step*gy
		x, y = x+vx, y+vy
	}
	return p
}

func samples() []Sample {
	rng := rand.New(rand.NewPCG(3, 4))
	var ss []Sample
	for i, name := range []string{"ISTA", "FISTA", "L2O-PA", "L2O-PA untrained", "two tuned constants"} {
		s := Sample{Name: name}
		for range 40 {
			s.Values = append(s.Values, math.Pow(10, -1.5*float64(i)+.6*rng.NormFloat64()))
		}
		ss = append(ss, s)
	}
	return ss
}

func matrix(rows, cols int, f func(i, j int) float64) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = make([]float64, cols)
		for j := range m[i] {
			m[i][j] = f(i, j)
		}
	}
	return m
}

// gallery calls every figure function once or more.
func gallery() {
	Markdown("# Every figure once\n\nA page of the figures, with $x_{k+1} = \\operatorname{prox}_{r}(x_k - t\\nabla f(x_k))$ between them.")
	Convergence("Adaptive restart keeps pace with the learned rule until the learned rule reaches the floor", raceCurves(), Axes{
		Floor: 1e-15, Y: "relative gap (F−F*)/F*", Note: "F* from a duality gap below 2e-14; bands hold 80 % of 256 problems.",
		Marks: []Mark{AtY("threshold 1e-6", 1e-6), AtX("trained horizon", 40)},
	})
	Convergence("Ten curves with long names leave room for the plot", tenCurves(), Axes{LogX: true, X: "gradient evaluations", Y: "objective F"})
	Convergence("A linear axis", raceCurves()[:3], Axes{Linear: true, Y: "objective", Marks: []Mark{AtY("optimum", 0)}})
	Scatter("Three clusters, found by EM", clusters(), Axes{Note: "Ellipses of one and two standard deviations."})
	Contour("Momentum follows the valley that gradient descent bounces in", rosenbrock, Region{-1.6, 1.4, -.6, 1.8},
		[]Path{descent("GD", .001, 0, 400), descent("heavy ball", .001, .9, 200)}, Axes{Marks: []Mark{AtPoint("minimum", 1, 1)}})
	Heat("The correlation falls off with the distance", matrix(6, 8, func(i, j int) float64 { return math.Cos(float64(i-j)/2) / (1 + .2*float64(i)) }),
		nil, nil, Axes{X: "column", Y: "row"})
	Heat("The gap in step size and momentum", matrix(12, 20, func(i, j int) float64 { return math.Pow(10, -float64(i*j)/12) }),
		nil, nil, Axes{X: "step", Y: "momentum", LogColour: true})
	Box("The learned rule is better on nearly every problem", samples(), Axes{Marks: []Mark{AtY("target", 1e-4)}})
	Table("Relative gap after k iterations", []string{"method", "k = 10", "k = 100"},
		[][]any{{"ISTA", .425, 1.8e-3}, {"FISTA", .228, 9.9e-7}, {"L2O-PA <y>", 3.1e-3, 6e-16}})
	Timeline("The race gets shorter as λ grows", "λ", []float64{.01, .1, 1}, 1, func(lambda float64) {
		Convergence("", []trace.Curve{decay("ISTA", 100, 2, .2*lambda, .2), decay("FISTA", 100, 2, .5*lambda, .3)}, Axes{Y: "relative gap (F−F*)/F*"})
	})
	Convergence("Nothing to see", []trace.Curve(nil), Axes{})
	Stems("Which spikes were found?", spikes(), Axes{Note: "Broad and grey: the truth."})
	Images("How much of it can be filled in?", []Panel{{"half is missing", holes(photo())}, {"filled in", photo()}}, "")
	Matrix("What is left of the correlation?", []Panel{{"AᵀA", ad.FromLists(matrix(30, 30, correlation))}, {"WᵀA", ad.FromLists(matrix(30, 30, func(i, j int) float64 { return correlation(i, j) / 3 }))}}, "")
	Images("Which atoms did it learn?", []Panel{{"a dictionary of 8×8 patches", Tiles(atoms(), 8, 8)}}, "")
	Diagram("What happens in one step of scheme (18)?", stepRows, stepArrows, "The network has one memory for each coordinate.")
	Timeline("How does the picture change?", "missing", []float64{.1, .5}, 1, func(float64) { Images("", []Panel{{"holes", holes(photo())}}, "") })
	Explore("Where does it begin to swing?", []Control{{trace.Lin("step", .1, 1, 4), .4}, {trace.Lin("momentum", 0, 1, 3), .5}}, func(at []float64) {
		Convergence("", []trace.Curve{decay("ISTA", 100, 2, .2*at[0], .2), decay("FISTA", 100, 2, .5*at[1]+.1, .3)}, Axes{})
	})
	Predict(overtakes(), outcome)
}

var (
	stepRows = [][]string{
		{"xₖ, yₖ", "[∇f]", "(−)", "[prox]", "xₖ₊₁", "[1 + a]", "yₖ₊₁"},
		{"", "{LSTM}", "(⊙)", "", "", "(⊙)#a", ""},
	}
	stepArrows = []string{
		"xₖ, yₖ -> [∇f] -> (−) -> [prox] -> xₖ₊₁ -> [1 + a] -> yₖ₊₁",
		"[∇f] -> {LSTM} -> (⊙) : pₖ", "(⊙) -> (−)", "{LSTM} --> {LSTM}", "yₖ₊₁ --> xₖ, yₖ : next step", "(⊙) --> (⊙)#a : aₖ", "(⊙)#a -> [1 + a]",
	}
)

func spikes() []Signal {
	truth, x := make([]float64, 60), make([]float64, 60)
	for i, k := range []int{3, 11, 19, 34, 35, 52} {
		truth[k] = 1.5 * math.Cos(float64(3*i))
		x[k] = .85 * truth[k]
	}
	x[52], x[40], x[27] = 0, .3, -.2
	return []Signal{{"truth", truth}, {"ISTA, 50 steps", x}}
}

func correlation(i, j int) float64 { return math.Cos(float64(i-j)/2) / (1 + math.Abs(float64(i-j))) }

func photo() ad.Value {
	return ad.FromLists(matrix(24, 32, func(i, j int) float64 { return .5 + .3*math.Sin(float64(i)/4)*math.Cos(float64(j)/5) + .006*float64(j) }))
}

// holes is an image without every other pixel or so.
func holes(v ad.Value) ad.Value {
	out := ad.New(v.R, v.C, append([]float64(nil), v.Data...))
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range out.Data {
		if rng.Float64() < .5 {
			out.Data[i] = math.NaN()
		}
	}
	return out
}

func atoms() ad.Value {
	d := ad.New(64, 20, nil)
	for k := range d.C {
		for i := range d.R {
			d.Data[i*d.C+k] = math.Cos(math.Pi*float64(k%5)*(float64(i/8)+.5)/8) * math.Cos(math.Pi*float64(k/5)*(float64(i%8)+.5)/8)
		}
	}
	return d
}
