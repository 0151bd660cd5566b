package recipe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/realdata"
	"github.com/l2olab/l2o/pkg/sparse"
)

// coherentPatches says how the coherent dictionary of setting (c) of the Primer is
// learned: there from 400 images of BSDS500 by block proximal gradient, whose settings
// are not published; here by K-SVD from patches of 16×16 pixels of twenty of them.
var coherentPatches = realdata.PatchSpec{
	Patches: 4000, Size: 16, Lambda: 0.1, Seed: 7,
	Dictionary: sparse.KSVDConfig{Atoms: 511, Nonzeros: 16, Iterations: 10, PowerSteps: 1},
}

// Coherent is sparse recovery with a dictionary of image patches, 256×512, and its
// description, which says when the images are a stand-in. The dictionary is learned once
// in a process, in some seconds.
//
// The atoms come from patches without their means, so one that is constant joins them:
// without it A would have rank 255.
var Coherent = sync.OnceValues(func() (CoherentSetting, error) {
	images, err := datasets.BSDS500OrStandIn(context.Background())
	if len(images.All) == 0 {
		return CoherentSetting{}, err
	}
	coding, err := coherentPatches.Published(images)
	if err != nil {
		return CoherentSetting{}, err
	}
	D := coding.Dictionary
	A := ad.New(D.R, D.C+1, nil)
	for i := range D.R {
		copy(A.Data[i*A.C:], D.Data[i*D.C:(i+1)*D.C])
		A.Data[i*A.C+D.C] = 1 / math.Sqrt(float64(D.R))
	}
	return CoherentSetting{Recovery: sparse.Recovery{Dictionary: sparse.NewDictionary(A)}, Images: images.Name, StandIn: images.StandIn}, nil
})

// A CoherentSetting is sparse recovery with a dictionary that was learned from images.
type CoherentSetting struct {
	sparse.Recovery
	Images  string // the name of the data set, of which stand-ins make a part
	StandIn bool   // synthetic images in the place of real ones
}

// Draw is that of the Recovery; its problems name the images.
func (c CoherentSetting) Draw(rng *rand.Rand) *optimizee.Problem {
	p := c.Recovery.Draw(rng)
	p.Name += ", atoms from " + c.Images
	return p
}

// String describes the family.
func (c CoherentSetting) String() string {
	return fmt.Sprintf("%v, atoms learned from patches of %s", c.Recovery, c.Images)
}

// onPatches is the training of a network with the coherent dictionary.
func (l line) onPatches() Recipe {
	const setting = "coherent"
	o := l.make(lista.Config{})
	first := &optimizee.Problem{Name: "sparse recovery", Err: errors.New("the dictionary is learned from images first: use the recipe that Ready returns")}
	return Recipe{
		Name: l.name + "-recovery-" + setting, About: o.Name + " on sparse recovery, " + setting + ", 256×512", Optimizer: o,
		Family: optimizee.FamilyFunc("sparse recovery, dictionary 256×512 learned from image patches", optimizee.Only(first).Draw), Limits: listaLimits,
		CurveOnly: true, // a dictionary that was not drawn is part of every θ on disk
		prepare: func() (Recipe, error) {
			c, err := Coherent()
			if err != nil {
				return Recipe{}, err
			}
			r := l.recovery(setting, c.Recovery)
			r.Family, r.CurveOnly = c, true
			r.About += ", 256×512"
			return r, nil
		},
	}
}
