package main

import (
	"fmt"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// clustering is expectation maximisation with full covariances, as a user calls it: g
// points in d dimensions around k centres.
func clustering(g, d, k int) (*job, error) {
	const floor = 1e-3
	rng := optimizee.Stream(6, uint64(g))
	centres := nn.Normal(rng, k, d, 2)
	x := nn.Normal(rng, g, d, 1)
	for i := range x.Data {
		x.Data[i] += centres.Data[i/d%k*d+i%d]
	}
	pi, mu, cov := ad.Full(k, 1, 1/float64(k)), ad.New(k, d, slices.Clone(x.Data[:k*d])), ad.New(k*d, d, nil)
	for i := range cov.Data {
		if i/d%d == i%d {
			cov.Data[i] = 1
		}
	}
	inputs := nn.NewParams()
	inputs.Set("x", x)
	inputs.Set("weight", pi.T())
	inputs.Set("mean", mu)
	inputs.Set("cov", cov)
	p := mixture.Problem(x, mixture.Config{
		K: k, Covariance: mixture.Full, Floor: floor, Start: optimizee.Point{}.Plus("pi", pi).Plus("mu", mu).Plus("cov", cov),
	})
	step, err := mixture.EM(p, nil)
	if err != nil {
		return nil, err
	}
	check := func() ([]float64, error) { // log-likelihoods before each of three steps
		f, _, err := optim.Minimize(p, mixture.EM, 3, nil)
		if err != nil {
			return nil, err
		}
		return ad.Row(f[:3]...).Scale(-float64(g)).Data, nil
	}
	at := p.Start
	run := timed(func() error { at = step(at); return nil })
	return &job{inputs: inputs, meta: map[string]string{"floor": fmt.Sprint(floor)}, check: check, run: run, stop: nothing}, nil
}

// fista is the library's FISTA on the library's Lasso problem. The
// objective is not computed.
func fista() (*job, error) {
	a, _, b := sparseCode(optimizee.Stream(7), paRows, paCols, 1)
	p := optimizee.Lasso(a, b, lambda)
	inputs := nn.NewParams()
	inputs.Set("A", a)
	inputs.Set("b", b)
	meta := map[string]string{"L": fmt.Sprintf("%.17g", p.Lipschitz("x", p.Start)), "lambda": fmt.Sprint(lambda)}
	step, err := optim.FISTA(p, nil)
	if err != nil {
		return nil, err
	}
	x := p.Start
	check := func() ([]float64, error) {
		f, _, err := optim.Minimize(p, optim.FISTA, 200, nil)
		if err != nil {
			return nil, err
		}
		return f[200:], nil
	}
	return &job{inputs: inputs, meta: meta, check: check, run: timed(func() error { x = step(x); return nil }), stop: nothing}, nil
}
