package mlam_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// For any output of its networks MLAM with Mixture stands still where EM does; with
// corrections in the place of shares it does not.
func TestMixtureMLAMStandsWhereEMDoes(t *testing.T) {
	p := mixtures.Draw(optimizee.Stream(5))
	_, fixed, err := optim.Minimize(p, mixture.EM, 2000, nil)
	if err != nil {
		t.Fatal(err)
	}
	moved := func(output learned.Output) float64 {
		c := mlam.Mixture
		c.ZeroHead, c.Output = false, output
		o := mlam.MLAM(c)
		step, err := o.Rule(drawn(o))(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		return apart(step(fixed), fixed)
	}
	if pa, correction := moved(mlam.Mixture.Output), moved(learned.Correction); !(pa <= 1e-9) || !(correction >= 1e-3) {
		t.Errorf("from where EM stands still it moves by %g, with corrections by %g", pa, correction)
	}
}
