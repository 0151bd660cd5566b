package main

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// mixture is expectation maximisation with full covariances: g points in d
// dimensions around k centres.
func mixture(g, d, k int) (*job, error) {
	const floor = 1e-3
	rng := optimizee.Stream(6, uint64(g))
	centres := nn.Normal(rng, k, d, 2)
	x := nn.Normal(rng, g, d, 1)
	for i := range x.Data {
		x.Data[i] += centres.Data[i/d%k*d+i%d]
	}
	start := func() *kern.Mixture {
		m := &kern.Mixture{K: k, D: d}
		for c := range k {
			m.Weight = append(m.Weight, 1/float64(k))
			m.Mean = append(m.Mean, x.Data[c*d:][:d]...)
			m.Cov = append(m.Cov, ad.Eye(d).Data...)
		}
		return m
	}
	m := start()
	inputs := nn.NewParams()
	inputs.Set("x", x)
	inputs.Set("weight", ad.New(1, k, m.Weight))
	inputs.Set("mean", ad.New(k, d, m.Mean))
	inputs.Set("cov", ad.New(k*d, d, m.Cov))
	m = start()
	em := kern.NewEM(g, d, k, x.Data)
	check := func() (logliks []float64, _ error) {
		m := start()
		for range 3 {
			l, err := em.Step(m, floor)
			if err != nil {
				return nil, err
			}
			logliks = append(logliks, l)
		}
		return logliks, nil
	}
	step := func() error {
		_, err := em.Step(m, floor)
		return err
	}
	return &job{inputs: inputs, meta: map[string]string{"floor": fmt.Sprint(floor)}, check: check, run: timed(step), stop: nothing}, nil
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
