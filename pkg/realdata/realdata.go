// Package realdata makes the problems of the papers from their data sets: what is done
// to the data before a problem is made of them is written down here once.
//
//	table, err := datasets.IonosphereOrStandIn(ctx) // err says why it is the stand-in
//	p := realdata.Logistic(table, 0.1)
//
// A problem has the table's name in its own, so that a stand-in stays visible in every
// caption. Package optimizee itself reads no data and links no network.
package realdata

import (
	"context"
	"errors"
	"fmt"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// LogisticLambda is the weight of ‖x‖₁ that the L2O-PA paper takes on all its binary
// logistic problems, Ionosphere and Spambase among them.
const LogisticLambda = 0.1

// Logistic is [optimizee.Logistic] on a table with two classes whose features are
// standardised, as the public code of the L2O-PA paper does (see
// [datasets.Standardize]). There is no intercept.
func Logistic(t datasets.Table, lambda float64) *optimizee.Problem {
	w, y, err := data(datasets.Standardize(t))
	return named(optimizee.Logistic(w, y, lambda), t, err)
}

// LogisticOrStandIn is [Logistic] with the paper's λ on "ionosphere" or "spambase". Where
// the data cannot be had it is on their stand-in, which the table says, together with the
// reason: the problem is usable in both cases.
func LogisticOrStandIn(ctx context.Context, name string) (*optimizee.Problem, datasets.Table, error) {
	var t datasets.Table
	var why error
	switch name {
	case "ionosphere":
		t, why = datasets.IonosphereOrStandIn(ctx)
	case "spambase":
		t, why = datasets.SpambaseOrStandIn(ctx)
	default:
		why = fmt.Errorf("realdata: there is no data set %q: choose ionosphere or spambase", name)
		return &optimizee.Problem{Name: "logistic", Err: why}, t, why
	}
	return Logistic(t, LogisticLambda), t, why
}

// Softmax is [optimizee.Softmax] on a table whose labels are 0, 1, …, every sample
// scaled to length 1. The L2O-PA paper says of its images (CIFAR-10, 500 of each
// class) that each is normalised and λ much smaller than 0.1, and gives neither the norm nor
// λ: length 1 is our choice, and λ the caller's. On the test images of MNIST 0 is the
// solution from λ = 0.0105 on, and 10⁻³ leaves hundreds of weights. There is no
// intercept.
func Softmax(t datasets.Table, lambda float64) *optimizee.Problem {
	w, y, err := data(datasets.UnitRows(t))
	return named(optimizee.Softmax(w, y, t.Classes(), lambda), t, err)
}

// data returns the features and labels of a table.
func data(t datasets.Table) (w, y ad.Value, err error) {
	if len(t.Y) != t.Rows {
		return ad.New(t.Rows, t.Cols, t.X), ad.New(t.Rows, 1, nil), fmt.Errorf("%d labels for %d samples: name the column that holds the label", len(t.Y), t.Rows)
	}
	return ad.New(t.Rows, t.Cols, t.X), ad.New(t.Rows, 1, t.Y), nil
}

func named(p *optimizee.Problem, t datasets.Table, err error) *optimizee.Problem {
	p.Name += ", " + t.Name
	p.Err = errors.Join(err, p.Err)
	return p
}

// A PatchSpec is an experiment with image patches coded by a learned dictionary.
type PatchSpec struct {
	Patches    int // the problems
	Size       int // of a patch, in pixels along each side
	Lambda     float64
	Dictionary sparse.KSVDConfig // how it is learned
	Training   int               // patches for a dictionary that is not learned from the problems
	Seed       uint64            // of the patches and the dictionary
}

// PaperPatches is the BSDS500 experiment of the L2O-PA paper (§4.1, Appendix E): 1,000
// patches of 8×8 pixels, 128 atoms, λ = 0.5. Training is ours.
var PaperPatches = PatchSpec{Patches: 1000, Size: 8, Lambda: 0.5, Dictionary: sparse.PaperKSVD, Training: 10_000}

// The purposes of random streams.
const (
	problems = iota
	learning
	training
)

// Published learns the dictionary from the very patches that it codes, as the public
// code does.
func (s PatchSpec) Published(images datasets.Images) (*sparse.Coding, error) {
	signals, err := s.signals(images, s.Patches, problems)
	if err != nil {
		return nil, err
	}
	return s.coding(images, signals, signals)
}

// HeldOut codes the patches of Published with a dictionary that was learned from
// Training patches of other images.
func (s PatchSpec) HeldOut(images, others datasets.Images) (*sparse.Coding, error) {
	signals, err := s.signals(images, s.Patches, problems)
	if err != nil {
		return nil, err
	}
	from, err := s.signals(others, s.Training, training)
	if err != nil {
		return nil, err
	}
	return s.coding(images, signals, from)
}

// signals draws normalised patches as columns.
func (s PatchSpec) signals(images datasets.Images, n int, purpose uint64) (ad.Value, error) {
	t, err := datasets.Patches(images, n, s.Size, optimizee.Stream(s.Seed, purpose))
	if err != nil {
		return ad.Value{}, err
	}
	t = datasets.NormalizePatches(t)
	return ad.New(t.Rows, t.Cols, t.X).T(), nil
}

func (s PatchSpec) coding(images datasets.Images, signals, from ad.Value) (*sparse.Coding, error) {
	learned, err := sparse.KSVD(from, s.Dictionary, optimizee.Stream(s.Seed, learning))
	if err != nil {
		return nil, err
	}
	return sparse.NewCoding("lasso, patches of "+images.Name, learned.D, signals, s.Lambda), nil
}
