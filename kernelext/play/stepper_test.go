package play

import (
	"testing"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/weights"
)

// TestStepper holds the network of the playground blackbox against where it comes from: with
// -train it is trained and written.
func TestStepper(t *testing.T) {
	const file = "assets/stepper.safetensors"
	if *train {
		got, err := study.Stepper.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w, err := weights.NewTrained(study.Stepper.Optimizer, got.Theta, study.Bowls, weights.Card{
			Name: "stepper", Recipe: "go test ./kernelext/play -run TestStepper -train", License: "Apache-2.0",
			Limits: "Made for bowls in two numbers with a steepest curvature of 1, and for starts in a square around the minimum.",
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Save(file); err != nil {
			t.Fatal(err)
		}
		t.Logf("validation: ln F of %.3g in the mean over 40 steps", got.Best)
	}
	w, err := weights.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if w.Optimizer.Name != study.Stepper.Optimizer.Name {
		t.Errorf("these are weights of %s", w.Optimizer.Name)
	}
	if err := w.Outside(study.Bowls.Draw(optimizee.Stream(1))); err != nil {
		t.Errorf("the family that it was trained on: %v", err)
	}
}
