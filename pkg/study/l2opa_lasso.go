package study

import (
	"context"
	"fmt"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/realdata"
	"github.com/l2olab/l2o/pkg/trace"
)

// The Lasso experiments of the L2O-PA paper, notebook l2opa/04: the problems of Figure 4, and
// ledger rows.

// Patches are image patches to code: with a dictionary that was learned from them, as
// published, and with one of other images.
type Patches struct {
	Images             string // the data set
	StandIn            bool
	Published, HeldOut optimizee.Family
}

// NewPatches takes the patches from ten test images of BSDS500, or of its stand-in, and the
// other dictionary from ten more.
func NewPatches(ctx context.Context) (Patches, error) {
	images, err := datasets.BSDS500OrStandIn(ctx)
	if len(images.All) == 0 {
		return Patches{}, err
	}
	test, rest := images.Slice(0, 10), images.Slice(10, 20)
	published, err := realdata.PaperPatches.Published(test)
	if err != nil {
		return Patches{}, err
	}
	heldOut, err := realdata.PaperPatches.HeldOut(test, rest)
	return Patches{images.Name, images.StandIn, published, heldOut}, err
}

// against lists the steps of L2O-PA to 1e-6 and those of others.
func against(r *trace.Results, others ...string) string {
	text := "to 1e-6: " + stepsTo(r, "L2O-PA")
	for _, name := range others {
		text += fmt.Sprintf("; %s %s", name, stepsTo(r, name))
	}
	return text
}

// LassoRow is the row of Figure 3.
func LassoRow(r *trace.Results) cite.Row {
	return cite.NewRow("l2o-pa.f3.pa", against(r, "FISTA"), against(r, "FISTA restart", "two tuned constants"), cite.Holds)
}

// PatchRows are the rows of Figure 4, with the dictionary of the paper and with one of
// other patches.
func PatchRows(published, heldOut *trace.Results) []cite.Row {
	end := func(name string) string { return fmt.Sprintf("%.1g", published.Mean(name, -1)) }
	stalls := func(id, name string, v cite.Verdict) cite.Row {
		ends := func(r *trace.Results) string {
			return fmt.Sprintf("gap at 0: %.1g, at 300: %.1g", r.Mean(name, 0), r.Mean(name, 300))
		}
		return cite.NewRow(id, ends(published), ends(heldOut), v)
	}
	return []cite.Row{
		cite.NewRow("l2o-pa.f4.pa", "gap at 1,000: "+end("L2O-PA")+"; to 1e-6: "+stepsTo(published, "L2O-PA"),
			against(heldOut, "FISTA restart", "restart, steps of 1.3/L"), cite.Holds),
		stalls("l2o-pa.f4.dm", "L2O-DM", cite.HoldsInPart), // it stalls far above its start
		stalls("l2o-pa.f4.rnnprop", "RNNprop", cite.Holds),
	}
}

// LargeRow is the row of Figure 8.
func LargeRow(r *trace.Results) cite.Row {
	end := func(name string) string { return fmt.Sprintf("%.1g", r.Mean(name, -1)) }
	return cite.NewRow("l2o-pa.f8.large", fmt.Sprintf("1000×2000, gap at %d: %s; FISTA %s", r.Steps, end("L2O-PA"), end("FISTA")),
		against(r, "FISTA restart", "two tuned constants"), cite.Holds)
}
