package realdata_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/realdata"
	"github.com/l2olab/l2o/pkg/trace"
)

// Digits are told apart, on images that were not fitted to, and the loss of all images falls.
func TestNetworkMeasures(t *testing.T) {
	all := datasets.MNISTTrainStandIn(1)
	test, err := datasets.PerClass(datasets.MNISTStandIn(1), 15, optimizee.Stream(1))
	if err != nil {
		t.Fatal(err)
	}
	f := realdata.Network(neural.PaperMLPReLU, all)
	if f.Batch != 128 || f.Scale != 0.01 || !f.Fresh || f.Samples.R != all.Rows {
		t.Errorf("%v", f)
	}
	for _, m := range []trace.Measure{realdata.Accuracy(test), realdata.Entropy(test)} {
		r, err := trace.RaceFamily(context.Background(), f, trace.Config{Problems: 1, Steps: 25, Measure: m}, trace.Entry{Name: "Adam", Rule: optim.Adam(optim.AdamConfig{LR: 0.03})})
		if err != nil {
			t.Fatal(err)
		}
		switch first, last := r.Mean("Adam", 0), r.Mean("Adam", 25); {
		case !strings.Contains(m.Name, "MNIST test images stand-in"):
			t.Error(m.Name)
		case m.Linear && !(first < 0.3 && last > 0.9):
			t.Errorf("the accuracy goes from %g to %g", first, last)
		case !m.Linear && !(first > 2 && last < 0.8):
			t.Errorf("the cross-entropy goes from %g to %g", first, last)
		}
	}
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, "neural.Data") {
			t.Errorf("panic %q on a problem that is no network", text)
		}
	}()
	p := realdata.Logistic(datasets.IonosphereStandIn(1), 0.1)
	realdata.Accuracy(test).Of(p, p.Start)
}

func TestNetworkWithoutLabels(t *testing.T) {
	if err := realdata.Network(neural.PaperMLP, datasets.Table{Rows: 2, Cols: 784, X: make([]float64, 2*784)}).Draw(optimizee.Stream(1)).Err; err == nil || !strings.Contains(err.Error(), "labels") {
		t.Errorf("error %v of a table without labels", err)
	}
}
