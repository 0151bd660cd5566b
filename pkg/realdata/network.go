package realdata

import (
	"fmt"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// Network is the family of trainings of a network on a table whose labels are 0, 1, …, with
// the settings of the Primer's test 3 (Chen et al. 2022, §4.3, and its code): a fresh
// minibatch of 128 samples for each step, and weights that start from N(0, 0.01²). All of them
// are fields. The features of images are their pixels in [0, 1], as they are.
func Network(n neural.Network, t datasets.Table) neural.Family {
	f := neural.Family{Network: n, Name: t.Name, Batch: 128, Scale: 0.01, Fresh: true}
	f.Samples = ad.New(t.Rows, t.Cols, t.X)
	if len(t.Y) == t.Rows {
		f.Labels = ad.New(t.Rows, 1, t.Y)
	}
	return f
}

// Accuracy is the share of the samples of a table that a network puts into the class of their
// label: higher is better. It is for problems of package neural, whatever they are fitted to.
// A race asks after every step, so a few hundred samples (datasets.PerClass) are enough where
// there are thousands of steps. How they are grouped says [neural.Evaluate].
func Accuracy(t datasets.Table) trace.Measure {
	m := evaluated(t, func(_, accuracy float64) float64 { return accuracy })
	m.Name, m.Linear = "accuracy on "+t.Name, true
	return m
}

// Entropy is the mean cross-entropy of a network on all samples of a table, such as those that
// minibatches are drawn from: the loss without the noise of a minibatch.
func Entropy(t datasets.Table) trace.Measure {
	m := evaluated(t, func(loss, _ float64) float64 { return loss })
	m.Name = "cross-entropy on " + t.Name
	return m
}

// evaluated is what of makes of the network of a problem on a table.
func evaluated(t datasets.Table, of func(loss, accuracy float64) float64) trace.Measure {
	w, y, wrong := data(t)
	return trace.Measure{Of: func(p *optimizee.Problem, x optimizee.Point) float64 {
		d, err := optimizee.DataOf[neural.Data](p, "the measure of a network")
		if err == nil {
			err = wrong
		}
		if err != nil {
			panic(fmt.Sprintf("realdata: %v", err))
		}
		return of(neural.Evaluate(d.Network, x.X(), w, y))
	}}
}
