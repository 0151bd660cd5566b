package weights

import (
	"errors"
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/sparse"
)

// A file says how large its optimizer is, and could say anything. So before anything is
// built from it, its settings are compared with the numbers that it holds: each kind has
// at least so many parameters, and building it takes no more than a multiple of that.
// Sizes are multiplied in float64, which does not overflow.

// fits reports a θ that cannot be of an optimizer that has at least so many parameters.
func fits(th nn.Params, least float64, settings ...int) error {
	for _, s := range settings {
		if s < 1 {
			return fmt.Errorf("weights: the metadata's config has a size of %d: sizes are positive", s)
		}
	}
	if n := th.Count(); float64(n) < least {
		return fmt.Errorf("weights: the metadata's config asks for at least %.0f parameters, and the file holds %d: these are weights of another size", least, n)
	}
	return nil
}

// recurrent is how many weights the hidden units of a network have, which are most of it.
func recurrent(n learned.Network) float64 {
	h := float64(n.Hidden)
	return 4 * h * h * float64(n.Layers)
}

func fitsNetwork(n learned.Network, th nn.Params) error {
	return fits(th, recurrent(n), n.Hidden, n.Layers)
}

func fitsPA(c learned.PAConfig, th nn.Params) error           { return fitsNetwork(c.Network, th) }
func fitsDM(c learned.DMConfig, th nn.Params) error           { return fitsNetwork(c.Network, th) }
func fitsRNNprop(c learned.RNNpropConfig, th nn.Params) error { return fitsNetwork(c.Network, th) }
func fitsOriginalDM(c learned.OriginalDMConfig, th nn.Params) error {
	return fitsNetwork(c.Network, th)
}
func fitsWiring(c learned.Wiring, th nn.Params) error { return fitsNetwork(c.Network, th) }

func fitsScale(c learned.ScaleConfig, th nn.Params) error {
	p, t, g := float64(c.Parameter), float64(c.Tensor), float64(c.Global)
	return fits(th, 3*(p*p+t*t+g*g), c.Parameter, c.Tensor, c.Global)
}

func fitsSwarm(c learned.SwarmConfig, th nn.Params) error {
	return fits(th, recurrent(c.Network)+2*float64(c.Dim)*float64(c.Units), c.Hidden, c.Layers, c.Dim, c.Units, c.Particles)
}

func fitsMLAM(c mlam.Config, th nn.Params) error {
	return fits(th, float64(len(c.Blocks))*recurrent(c.Network), c.Hidden, c.Layers)
}

func fitsRows(c mlam.RowsConfig, th nn.Params) error {
	p, h := float64(c.P), float64(c.Hidden)
	return fits(th, float64(len(c.Blocks))*(2*p*h+h*h), c.P, c.Hidden)
}

func fitsAdaLISTA(c lista.AdaLISTAConfig, th nn.Params) error {
	m := float64(c.Rows)
	return fits(th, 2*m*m+2*float64(c.Layers), c.Rows, c.Layers)
}

func fitsUnrolled(c lista.Config, th nn.Params) error {
	d := c.Dictionary
	if d == nil {
		return errors.New("weights: the metadata's config has no dictionary")
	}
	m, n, k := float64(d.Rows()), float64(d.Cols()), float64(c.Layers)
	switch c.Rule {
	case "HyperLISTA":
		return fits(th, 3, d.Rows(), d.Cols(), c.Layers)
	case "ALISTA", "Step-LISTA":
		return fits(th, k, d.Rows(), d.Cols(), c.Layers)
	case "LISTA", "LFISTA":
		return fits(th, m*n+k*n*n, d.Rows(), d.Cols(), c.Layers)
	}
	return fits(th, m*n+k, d.Rows(), d.Cols(), c.Layers)
}

// shapeOfUnrolled is the network over a dictionary of one number where no parameter is as
// large as the dictionary: names and shapes are the same, and a drawn dictionary, which
// may be of any size, is not made before a problem of its size is there.
func shapeOfUnrolled(c lista.Config) lista.Config {
	switch c.Rule {
	case "HyperLISTA", "ALISTA", "Step-LISTA":
		c.Dictionary = sparse.NewDictionary(ad.Scalar(1))
	}
	return c
}
