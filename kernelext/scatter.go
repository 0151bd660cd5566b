package kernelext

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Group is one cluster of a scatter figure.
type Group struct {
	Name   string
	X, Y   []float64   // its points
	Centre []float64   // two coordinates, or nil
	Cov    [][]float64 // a 2×2 covariance around the centre, drawn as ellipses of one and two standard deviations, or nil
}

// maxDots is how many points of all groups together are drawn; a figure says
// when it leaves some out.
const maxDots = 4000

// Scatter shows groups of points in a plane with equal units, with their centres
// and ellipses. Of Axes, the names, Marks and Note are used.
func Scatter(caption string, groups []Group, a Axes) {
	s, err := scatter(groups, a)
	show(caption, s, err)
}

func scatter(groups []Group, a Axes) (*draw.Scene, error) {
	s := &draw.Scene{
		Kind: "Scatter plot", Square: true, Note: a.Note,
		X: draw.Axis{Name: cmp.Or(a.X, "x₁")}, Y: draw.Axis{Name: cmp.Or(a.Y, "x₂")},
	}
	total, names := 0, []string{}
	for _, g := range groups {
		if err := g.check(); err != nil {
			return nil, err
		}
		total += len(g.X)
		names = append(names, g.Name)
	}
	every := (total + maxDots - 1) / maxDots
	if every > 1 {
		s.Note = joinNotes(s.Note, fmt.Sprintf("One in %d of %d points is drawn.", every, total))
	}
	var centres, rings []draw.Layer
	gaps := 0
	for i, lk := range draw.Looks(names) {
		g := groups[i]
		dots := draw.Layer{Name: g.Name, Look: draw.Look{Hue: lk.Hue}, Size: 6, Symbol: "circle", Fade: .35}
		for k := range g.X {
			if math.IsNaN(g.X[k]+g.Y[k]) || math.IsInf(g.X[k]+g.Y[k], 0) {
				gaps++
			} else if k%max(every, 1) == 0 {
				dots.Pts = append(dots.Pts, [2]float64{g.X[k], g.Y[k]})
			}
		}
		s.Layers = append(s.Layers, dots)
		if g.Centre != nil {
			centres = append(centres, draw.Layer{Name: g.Name, Look: draw.Look{Hue: lk.Hue}, Size: 13, Symbol: "diamond", Pts: draw.Points{{g.Centre[0], g.Centre[1]}}})
			for sd := 1.; g.Cov != nil && sd <= 2; sd++ {
				rings = append(rings, draw.Layer{Name: g.Name, Look: draw.Look{Hue: lk.Hue}, Width: 1.6, Pts: ellipse(g.Centre, g.Cov, sd)})
			}
		}
	}
	if total-gaps == 0 && len(centres) == 0 {
		return nil, errEmpty
	}
	if gaps > 0 {
		s.Note = joinNotes(s.Note, fmt.Sprintf("%d points are not finite and left out.", gaps))
	}
	s.Layers = append(append(s.Layers, rings...), centres...)
	addMarks(s, a.Marks)
	s.Fit()
	s.Words = func() (says, table string) {
		var rows [][]string
		for _, g := range groups {
			row := []string{g.Name, draw.Num(float64(len(g.X))), "", ""}
			if g.Centre != nil {
				row[2], row[3] = s.X.Num(g.Centre[0]), s.Y.Num(g.Centre[1])
			}
			rows = append(rows, row)
		}
		return fmt.Sprintf("%d points in %d groups.", total, len(groups)), grid([]string{"group", "points", "centre " + s.X.Name, s.Y.Name}, rows)
	}
	return s, nil
}

func (g Group) check() error {
	switch {
	case len(g.X) != len(g.Y):
		return fmt.Errorf("group %q has %d values of X and %d of Y: give one Y for each X", g.Name, len(g.X), len(g.Y))
	case g.Centre != nil && (len(g.Centre) != 2 || !draw.Finite(g.Centre...)):
		return fmt.Errorf("group %q: Centre %v must be two finite coordinates", g.Name, g.Centre)
	case g.Cov != nil && g.Centre == nil:
		return fmt.Errorf("group %q has a Cov but no Centre to draw it around", g.Name)
	case g.Cov != nil && (len(g.Cov) != 2 || len(g.Cov[0]) != 2 || len(g.Cov[1]) != 2 || !draw.Finite(slices.Concat(g.Cov...)...)):
		return fmt.Errorf("group %q: Cov %v must be a finite 2×2 matrix", g.Name, g.Cov)
	case g.Cov != nil && (g.Cov[0][0] < 0 || g.Cov[1][1] < 0 || g.Cov[0][0]*g.Cov[1][1] < g.Cov[0][1]*g.Cov[1][0]*(1-1e-9)):
		return fmt.Errorf("group %q: Cov %v is not positive semi-definite, so it is no covariance", g.Name, g.Cov)
	}
	return nil
}

// ellipse is the curve sd standard deviations from the centre: the circle under
// the Cholesky factor of the covariance.
func ellipse(centre []float64, cov [][]float64, sd float64) draw.Points {
	l11 := math.Sqrt(cov[0][0])
	l21 := 0.
	if l11 > 0 {
		l21 = cov[0][1] / l11
	}
	l22 := math.Sqrt(max(cov[1][1]-l21*l21, 0))
	const n = 64
	ps := make(draw.Points, n+1)
	for i := range ps {
		sin, cos := math.Sincos(2 * math.Pi * float64(i%n) / n)
		ps[i] = [2]float64{centre[0] + sd*l11*cos, centre[1] + sd*(l21*cos+l22*sin)}
	}
	return ps
}

// Clusters shows the points of a mixture in the plane by the component that most probably
// drew each, with the weights, means and covariances of x and F there.
func Clusters(caption string, p *optimizee.Problem, x optimizee.Point) {
	groups, err := clustersOf(p, x)
	if err != nil {
		show(caption, nil, err)
		return
	}
	note := "F = %.3f. Diamonds are means, ellipses one and two standard deviations."
	Scatter(caption, groups, Axes{Note: fmt.Sprintf(note, p.Value(x).Item())})
}

func clustersOf(p *optimizee.Problem, x optimizee.Point) ([]Group, error) {
	if p == nil {
		return nil, errors.New("clusters need a problem: nil")
	}
	m, ok := p.Data.(*mixture.Data)
	if !ok || m.X.C != 2 {
		return nil, fmt.Errorf("%s is no mixture in the plane", p.Name)
	}
	var groups []Group
	for k, c := range m.Groups(x) {
		cov := c.Cov.Data
		g := Group{Name: fmt.Sprintf("component %d, π = %.2f", k+1, c.Weight), Centre: c.Mean, Cov: [][]float64{cov[:2], cov[2:]}}
		for i := range c.Points.R {
			g.X, g.Y = append(g.X, c.Points.At(i, 0)), append(g.Y, c.Points.At(i, 1))
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func joinNotes(a, b string) string {
	if a == "" {
		return b
	}
	return stop(a) + " " + b
}
