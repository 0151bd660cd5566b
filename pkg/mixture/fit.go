package mixture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Search says which numbers of components [Select] tries, and how hard.
type Search struct {
	From, To  int     // default 1 to 9, or as many as there are points
	Runs      int     // of EM from k-means++, for every number; default 10
	Steps     int     // of a run at most; default 1000
	Tolerance float64 // a run ends where a step lowers F by less; default 1e-8, optimizee.Nought for no less than nothing
}

// A Fit is the best of the runs with K components.
type Fit struct {
	K             int
	Problem       *optimizee.Problem
	Point         optimizee.Point
	LogLikelihood float64 // Σ_g ln p(x_g) = −G·F
	Parameters    int     // that were free: see Data.Parameters
	BIC, AIC      float64 // the lower, the better
	Steps         int     // of the best run; as many as Search allows where it had not come to rest
	Collapsed     int     // runs that were discarded
	Err           error   // why all runs failed; there is no Point then, and BIC and AIC are +Inf
}

// Labels returns the most probable component of each point.
func (f Fit) Labels() []int {
	if f.Problem == nil || f.Point.IsZero() {
		panic(fmt.Sprintf("mixture: Labels of a fit without a Point: %v", f.Err))
	}
	return f.Problem.Data.(*Data).Labels(f.Point)
}

// String is a row of the table.
func (f Fit) String() string {
	if f.Err != nil {
		return fmt.Sprintf("K = %d: %v", f.K, f.Err)
	}
	return fmt.Sprintf("K = %d: log-likelihood %.3f, %d parameters, BIC %.3f, AIC %.3f", f.K, f.LogLikelihood, f.Parameters, f.BIC, f.AIC)
}

// Select is [SelectContext] without an end.
func Select(x ad.Value, c Config, s Search, rng *rand.Rand) (best Fit, all []Fit, err error) {
	return SelectContext(context.Background(), x, c, s, rng)
}

// SelectContext fits mixtures with several numbers of components to points x and returns all
// fits, and the one whose Bayesian information criterion is lowest (Schwarz 1978; for
// mixtures Fraley and Raftery 2002). With the log-likelihood ln L, p free parameters and
// G points
//
//	BIC = p ln G − 2 ln L      AIC = 2p − 2 ln L.
//
// BIC finds the number of Gaussians as points become many; where clusters are not
// Gaussian it takes several for one. AIC takes more components. Both compare fits to the
// same points with the same Floor only. c holds what all mixtures share: Covariance, or
// one Cov for all components.
//
// A run in which a component has collapsed, so that in some direction its variance is
// little but Floor, is discarded: its likelihood is as large as Floor is small and says
// nothing of the points. It happens where a value is repeated, as in columns that are
// rounded, and where K is large. When all runs end so, columns may be constant or copies
// of each other; else raise Floor, or take fewer parameters (Tied, Diagonal). Where ctx
// ends, its error comes alone.
func SelectContext(ctx context.Context, x ad.Value, c Config, s Search, rng *rand.Rand) (best Fit, all []Fit, err error) {
	var found Fit
	var fits []Fit
	err = par.Until(ctx, func() (err error) { found, fits, err = s.choose(ctx, x, c, rng); return err })
	if ended := ctx.Err(); ended != nil && errors.Is(err, ended) {
		return best, nil, fmt.Errorf("mixture: Select: %w", err)
	}
	return found, fits, err
}

func (s Search) choose(ctx context.Context, x ad.Value, c Config, rng *rand.Rand) (best Fit, all []Fit, err error) {
	s.From, s.Runs = cmp.Or(s.From, 1), cmp.Or(s.Runs, 10)
	s.To, s.Steps, s.Tolerance = cmp.Or(s.To, max(s.From, min(9, x.R))), cmp.Or(s.Steps, 1000), cmp.Or(s.Tolerance, 1e-8)
	err = errors.Join(
		check.That(c.K == 0 && c.Start.IsZero() && len(c.FixMu) == 0 && !c.FixPi, "mixture: Select chooses K and starts: leave K, Start, FixMu and FixPi at zero"),
		check.That(1 <= s.From && s.From <= s.To && s.To <= x.R, "mixture: Select: from %d to %d components for %d points: at least 1, and at most one for each point", s.From, s.To, x.R),
		check.That(s.Runs > 0 && s.Steps > 0 && s.Tolerance > 0, "mixture: Select: %d runs of %d steps to a tolerance of %g: all have to be positive", s.Runs, s.Steps, s.Tolerance),
		check.Source("mixture: Select", "starts", rng))
	if err != nil {
		return best, nil, err
	}
	best.BIC = math.Inf(1)
	for c.K = s.From; c.K <= s.To; c.K++ {
		p := Problem(x, c)
		if p.Err != nil {
			return best, nil, fmt.Errorf("mixture: Select: %w", p.Err)
		}
		f := s.fit(ctx, p, rng)
		if err := ctx.Err(); err != nil {
			return best, nil, err
		}
		if all = append(all, f); f.BIC < best.BIC {
			best = f
		}
	}
	if best.Problem == nil {
		return best, all, fmt.Errorf("mixture: Select: no number of components could be fitted: %w", all[0].Err)
	}
	return best, all, nil
}

// fit is the best of several runs.
func (s Search) fit(ctx context.Context, p *optimizee.Problem, rng *rand.Rand) Fit {
	m := p.Data.(*Data)
	n := float64(m.X.R)
	f := Fit{K: m.Config.K, Problem: p, LogLikelihood: math.Inf(-1), Parameters: m.Parameters(), BIC: math.Inf(1), AIC: math.Inf(1)}
	start, err := KMeansPP(p, rng)
	if err != nil {
		f.Err = err
		return f
	}
	for range s.Runs {
		x, value, steps, runErr := s.run(ctx, m, start(p.Start))
		switch {
		case runErr != nil:
			err = runErr
		case m.collapsed(x):
			f.Collapsed++
			err = fmt.Errorf("a component collapsed in %d of %d runs: drop columns that are constant or copies, raise Floor above %g, or estimate fewer parameters", f.Collapsed, s.Runs, m.Config.Floor)
		case -value*n > f.LogLikelihood:
			f.Point, f.LogLikelihood, f.Steps = x, -value*n, steps
		}
	}
	if f.Point.IsZero() {
		f.Err = err
		return f
	}
	f.BIC = float64(f.Parameters)*math.Log(n) - 2*f.LogLikelihood
	f.AIC = 2*float64(f.Parameters) - 2*f.LogLikelihood
	return f
}

// run takes steps of EM until F falls no more, and returns F at x.
func (s Search) run(ctx context.Context, m *Data, x optimizee.Point) (at optimizee.Point, value float64, steps int, err error) {
	value = math.Inf(1)
	for k := range s.Steps + 1 {
		if err := ctx.Err(); err != nil {
			return x, value, k, err
		}
		next, now := m.advance(x)
		if math.IsNaN(now) || math.IsInf(now, 0) {
			return x, now, k, fmt.Errorf("mixture: F is %g after %d steps of EM: raise Floor, or scale the columns", now, k)
		}
		if value-now < s.Tolerance || k == s.Steps {
			return x, now, k, nil
		}
		x, value = next, now
	}
	return x, value, s.Steps, nil
}

// collapsed reports whether the variance of an estimated component is at most twice the
// floor in some direction.
func (m *Data) collapsed(x optimizee.Point) bool {
	if !m.estimated() {
		return false
	}
	for k := range m.Config.K {
		cov := m.Covariance(x, k)
		less := mat.NewSymDense(cov.R, slices.Clone(cov.Data))
		for i := range cov.R {
			less.SetSym(i, i, cov.At(i, i)-2*m.Config.Floor)
		}
		var chol mat.Cholesky
		if !chol.Factorize(less) {
			return true
		}
	}
	return false
}

// advance is a step of EM, and F before it.
func (m *Data) advance(x optimizee.Point) (optimizee.Point, float64) {
	if next, f, ok := m.pass(x, true); ok {
		return next, f
	}
	s := m.at(x)
	return s.stepAll(), s.nll().Item()
}

// Parameters is how many numbers a fit is free to choose: K − 1 weights, K·D of means
// but for what is fixed, and of covariances K·D(D+1)/2 where they are full, D(D+1)/2
// tied, K·D diagonal, K spherical and none where they are given.
func (m *Data) Parameters() int {
	k, d := m.Config.K, m.X.C
	n := d * (k - len(m.Config.FixMu))
	if !m.Config.FixPi {
		n += k - 1
	}
	switch m.Config.Covariance {
	case Full:
		n += k * d * (d + 1) / 2
	case Tied:
		n += d * (d + 1) / 2
	case Diagonal:
		n += k * d
	case Spherical:
		n += k
	case Given:
	}
	return n
}
