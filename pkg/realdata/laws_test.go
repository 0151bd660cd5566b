package realdata_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/realdata"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

// TestLaws is the table of problems of this package, on stand-ins.
func TestLaws(t *testing.T) {
	patches, err := realdata.PaperPatches.Published(datasets.BSDS500StandIn(1).Slice(0, 2))
	if err != nil {
		t.Fatal(err)
	}
	var report problemtest.Report
	for _, c := range []struct {
		name    string
		problem *optimizee.Problem
		lambda  float64
	}{
		{"patches, stand-in", patches.Draw(optimizee.Stream(7)), 0.5},
		{"Ionosphere stand-in", realdata.Logistic(datasets.IonosphereStandIn(1), realdata.LogisticLambda), 0.1},
		{"Spambase stand-in", realdata.Logistic(datasets.SpambaseStandIn(1), realdata.LogisticLambda), 0.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := problemtest.Term(func(x optimizee.Point) ad.Value { return x.X().Norm1().Scale(c.lambda) })
			report = append(report, problemtest.Run(t, c.problem, problemtest.Named(c.name), problemtest.Convex(), problemtest.Loose(1.5), term)...)
		})
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
