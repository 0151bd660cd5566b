package play

import (
	"context"
	"flag"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/weights"
)

var train = flag.Bool("train", false, "train the network of the playground start anew")

// TestCorrector holds the network of the playground start against where it comes from: with
// -train it is trained, as notebook mlam/01 does it, and written.
func TestCorrector(t *testing.T) {
	const file = "assets/corrector.safetensors"
	if *train {
		all, err := study.Networks(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		w, err := weights.NewTrained(study.Corrector.Optimizer, inFloat32(all[0].Theta), study.Corrector.Family, weights.Card{
			Name: "corrector", Recipe: "go test ./kernelext/play -run TestCorrector -train", License: "Apache-2.0",
			Limits: "Made for two free means on a line. It leaves valleys in which EM stays, right ones too.",
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Save(file); err != nil {
			t.Fatal(err)
		}
		t.Logf("right on %d of 64 problems", all[0].Right)
	}
	w, err := weights.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if w.Optimizer.Name != study.Corrector.Optimizer.Name {
		t.Errorf("these are weights of %s", w.Optimizer.Name)
	}
	if err := w.Outside(study.Corrector.Family.Draw(optimizee.Stream(1))); err != nil {
		t.Errorf("the family that it was trained on: %v", err)
	}
}

// inFloat32 rounds parameters as the network does that runs with them. What is left packs to
// half its size, and a page loads less.
func inFloat32(th nn.Params) nn.Params {
	return th.Map(func(_ string, v ad.Value) ad.Value {
		rounded := ad.New(v.R, v.C, nil)
		for i, x := range v.Data {
			rounded.Data[i] = float64(float32(x))
		}
		return rounded
	})
}
