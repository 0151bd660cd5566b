/*
Package pkg is the library of L2O Lab: problems, classic rules and trained
optimizers behind one small interface. This page is its architecture; the packages
below hold the code.

# The house

A room holds one kind of thing and is named by one noun, so names in it need no prefix:
completion.Family, mixture.EM, lista.CP.

	floor 10  kernelext/lab      the command; the only place that imports everything
	floor 9   kernelext          figures, kept results, checks, ledger
	floor 8   recipe             trainings as data: family, optimizer, schedule, seed
	          study              the experiments behind figures and tables of the notebooks
	floor 7   train              meta-training: losses, phases, events, checkpoints
	          weights            trained θ with their cards, by name
	floor 6   learned/lista      networks made of unrolled iterations for sparse recovery
	          learned/mlam       learned alternating minimisation
	floor 5   learned            θ ↦ rule: L2O-PA and the other coordinate-wise networks
	          realdata           problems made of the papers' data sets
	floor 4   trace              races with named measures, certified gaps, tuning, tables
	floor 3   sparse             dictionaries, K-SVD, matching pursuit, recovery and coding
	          completion         matrices with missing entries: problem, ALS, baselines
	          mixture            Gaussian mixtures: problem, EM, starts, choice of K
	floor 2   optim              rules and combinators
	floor 1   optimizee          problems, families, points, random streams
	          nn                 parameters, LSTM, linear layers, safetensors
	ground    ad, prox           values and tape, proximal maps
	          cite               papers, their published numbers, ledger rows
	          datasets           readers, downloads, stand-ins
	          atomicfile, internal

A package imports only from floors below its own. The table in floors_test.go holds this for
all of the module; where it has more steps, they are inside a floor of this page. Packages
for tests (adtest, problemtest, optimtest) stand one step above what they test. Where it
needs a reason:

  - The problems of one field stand beside their classic rules and measures, because
    nobody needs ALS without matrix completion. What works on any problem is in optimizee
    and optim, which know none of them.
  - trace stands below learned: a race knows rules, and a trained optimizer comes to it as
    one.
  - learned/lista and learned/mlam stand above learned, because they are made of its
    Optimizer, and mlam of its coordinate-wise network.
  - realdata is apart from the problems because readers bring the network.
  - weights stands above all learned rules, because a file on disk has to know how to build
    each of them.
  - study stands beside recipe, and kernelext knows neither: what a notebook argues stands in
    the notebook, and experiments of many cells, which were half of its code, in study.
  - kernelext draws what trace and train report and holds no optimizer; that it imports none
    is the linter's to see (.golangci.yml).
  - atomicfile is not internal, because datasets and kernelext, outside of pkg, write with
    it too.

A program that imports only pkg gets gonum and nothing else.

# The types that carry it

	package optimizee
	type Problem struct { Name string; Start, Truth Point; Value, Grad, Prox, Lipschitz, … func }
	type Family interface { Draw(rng *rand.Rand) *Problem; String() string }

	package optim
	type Step func(x Point) Point
	type Rule func(p *Problem, rng *rand.Rand) (Step, error)

	package learned
	type Optimizer struct { Name string; Init func(θ, rng); Rule func(θ) Rule; Config any }

	package train
	type Config struct { …; Loss learned.Loss; Phases []Phase; Validation Validation }
	func Run(ctx, o Optimizer, f Family, c Config) (Result, error)

	package trace
	type Measure struct { Name, Unit string; Of func(p *Problem, x Point) float64; … }

A problem is a set of oracles and holds no iterate; where the point that a method should
find is known, it is the problem's Truth. A family draws problems and says in words what
it draws; whatever is a family can be raced, tuned, trained on and measured. A rule turns
a problem into a step, and what the step remembers lives in its closure. A learned
optimizer is a function from parameters to rules, so everything that runs, races,
alternates, guards, counts or draws rules works for trained ones:

	als   := optim.Alternate(optim.On("U", optim.Exact), optim.On("V", optim.Exact))
	mlam  := optim.Alternate(optim.On("U", optim.Repeat(10, net)), optim.On("V", optim.Repeat(10, net)))
	safe  := optim.Guard(weights.Rule("l2opa-lasso-250x500"), optim.ISTA)

# Decisions

Oracles are fields, not interfaces. A nil field says "cannot answer", a wrapper copies
what it does not change, and a law that finds a nil field can report that it skipped.
Interfaces that are discovered at run time lose capabilities behind decorators, and
lose tests silently.

A problem may be invalid. Constructors return it with the reason in Err, and every
rule, race and training reports that reason before it begins. So families and
literals need no error results, and nothing runs on bad data.

Subgrad is an oracle of its own. Prox says how the non-smooth part acts; Adam, the
subgradient method and the black-box learners want an element of ∂F instead, and
deriving one from the other would change the mathematics silently.

A step recognises the point that it returned. Given any other point it starts there,
momentum forgotten and hidden states going on. That one sentence is all that Guard,
Alternate and a reader's own loop need.

Gradients are formulas. ∇f is written down, not derived, so a first-order tape can
differentiate through it, which learned rules need and second-order tapes pay for.

Mathematics in float64, networks in float32. Values are float64, and gaps go down to
1e-15. The LSTM with the linear layers on top rounds inside one fused operation with a
hand-derived backward pass; it goes through all layers for one tile of rows after the
other, so that gates stay in the nearest cache, and sums the gradients of the weights
along the unroll. It has a float64 twin, composed from the operations of ad, that reads
like the equations and that tests compare it with.

The tape has generations. Reset turns all that was recorded into constants, so
truncated back-propagation detaches nothing by hand. Gradients, scratch and what a
network keeps for its way back are recycled; the state of an LSTM moves on in place, and
Reset brings its last numbers home. Values own their data and never become
invalid: that costs a few kB of garbage in each step of an unroll, and saves every rule
from having to say what it remembers. Generations are read atomically, because an
unrolled problem may move to another core between two segments.

Speed comes from below. The kernels in internal/kern exist in assembly and in plain Go,
which is the oracle of their tests; the set is chosen once at start. Same inputs give
the same bits on one set for any number of cores: work that two cores share is cut in
the same place on each of them.

Instance-major training. One problem's whole segment, forward and backward, stays on
one core with one tape; only parameter gradients are shared, and they are added in
the order of the instances. So the bits do not depend on the number of cores.

Random streams are keyed, never shared. The problem of (seed, minibatch, instance)
comes from a stream of exactly that key (optimizee.Stream). A training that is killed
and resumed therefore draws what it would have drawn, and its checkpoint holds no
generator states.

Divergence is data. A run that leaves the finite numbers ends as a labelled curve; a
training that does so stops with the last good θ and says what to try.

A gap needs a certificate. Where a problem has a dual bound, F* comes with a proof of
its precision; where it has none, the figures say that F* is only the lowest value
seen.

Published numbers are data. They live in package cite with paper and place; our side
comes from the run that stands beside them. Nothing that is compared is typed in.
*/
package pkg
