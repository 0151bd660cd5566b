/*
Package pkg is the library of L2O Lab: problems, classic rules and trained
optimizers behind one small interface. This page is its architecture; the packages
below hold the code.

# The house

	floor 7  kernelext/lab   the command; the only place that imports everything
	floor 6  kernelext       draws, keeps, reports            recipe    what we train: family, optimizer, schedule, seed
	floor 5  trace           races, gaps, tables              train     meta-training, events, checkpoints
	floor 4  learned         θ ↦ rule, shipped weights
	floor 3  optim           rules and combinators
	floor 2  optimizee       problems and families            nn        parameters, LSTM, weights on disk
	floor 1  ad, prox        values, tape, proximal maps      cite      papers, equations, published numbers, ledger rows
	         dictionary      K-SVD, matching pursuit
	ground   internal/kern   inner loops                      datasets  readers, downloads, stand-ins

A floor imports only from floors below it; the linter holds that (.golangci.yml). On
floor 2, optimizee/realdata makes problems of data sets, apart because readers bring
the network. kernelext draws what trace and train report and never runs an optimizer,
so a program that needs no figures links none. A module that imports only pkg gets
gonum and nothing else.

# The types that carry it

	type Problem struct { Value, Grad, Prox, Lipschitz, … func }  // package optimizee
	type Step func(x Point) Point                                 // package optim
	type Rule func(p *Problem, rng *rand.Rand) (Step, error)
	type Optimizer struct { Name; Init func(θ, rng); Rule func(θ) Rule }  // package learned

A problem is a set of oracles and holds no iterate. A rule turns a problem into a
step, and what the step remembers lives in its closure. A learned optimizer is a
function from parameters to rules, so everything that runs, races, alternates,
guards, counts or draws rules works for trained ones:

	als   := optim.Alternate(optim.On("U", optim.Exact), optim.On("V", optim.Exact))
	safe  := optim.Guard(learned.PA(cfg).Rule(theta), optim.ISTA)

# Decisions

Oracles are fields, not interfaces. A nil field says "cannot answer", a wrapper copies
what it does not change, and a law that finds a nil field can report that it skipped.
Interfaces that are discovered at run time lose capabilities behind decorators, and
lose tests without a word.

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
Reset brings its last numbers home. Values own their data and stay valid for whoever
holds them: that costs a few kB of garbage in each step of an unroll, and saves every
rule from having to say what it remembers. Generations are read atomically, because an
unrolled problem may move to another core between two segments.

Speed comes from below. The kernels in internal/kern exist in assembly and in plain Go,
which is the oracle of their tests; the set is chosen once at start. Same inputs give
the same bits on one set for any number of cores: work that two cores share is cut in
the same place whoever does it.

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
