/*
Package pkg is the library of L2O Lab: problems, classic rules and trained
optimizers behind one small interface. This page is its architecture; the packages
below hold the code.

# The house

A room holds one kind of thing and is named by one noun, so names in it need no prefix:
completion.Family, mixture.EM, lista.CP.

	floor 11  kernelext/lab      the command: it compiles kernelext/lab/program, the only place that
	                             imports everything, while it shows how far that is, and becomes it
	floor 10  kernelext          figures, kept results, checks, ledger
	floor 9   kernelext/play     playgrounds, which also run in pages, as WebAssembly
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
	          neural             small networks whose weights are to be found
	floor 2   optim              rules and combinators
	floor 1   optimizee          problems, families, points, random streams
	          nn                 parameters, LSTM, linear layers, safetensors
	ground    ad                 values and tape
	          linear, prox       operators A · regularisers r with their proximal maps
	          cite               papers, their published numbers, ledger rows
	          datasets           readers, downloads, stand-ins
	          atomicfile, internal

A package imports only from floors below its own. The table in floors_test.go holds this for
all of the module; where it has more steps, they are inside a floor of this page. Packages
for tests (filetest, adtest, problemtest, optimtest, learnedtest) stand one step above what they test. Where it
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
  - kernelext/play stands below kernelext, which shows the first scene of a playground as a
    picture. Unlike kernelext it runs optimizers: that is what is played with.
  - atomicfile is not internal, because datasets and kernelext, outside of pkg, write with
    it too.

A program that imports only pkg gets gonum, with the one package that gonum needs, and nothing else.

# The types that carry it

	package optimizee
	type Problem struct { Name string; Start, Truth Point; Value, Grad, Prox, Lipschitz, … func; Terms []Term }
	type Family interface { Draw(rng *rand.Rand) *Problem; String() string }
	func LeastSquares(a linear.Operator, b ad.Value, …) *Problem // and other losses f(Ax)
	func (p *Problem) Plus(r prox.Regulariser, k …) *Problem     // F + r(x), or F + r(Kx)

	package linear
	type Operator struct { Rows, Cols int; Forward, Adjoint, Norm, Bound func; … }

	package prox
	type Regulariser struct { Name string; Value, Prox, Subgrad, Conjugate, Reach func; OneStep bool; … }

	package optim
	type Step func(x Point) Point
	type Rule func(p *Problem, rng *rand.Rand) (Step, error)

	package learned
	type Optimizer struct { Name string; Init func(θ, rng); Rule func(θ) Rule; Config any }

	package train
	type Config struct { …; Loss learned.Loss; Phases []Phase; Imitate *Imitation; Validation Validation }
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

F = f + r in code. What papers call f(Ax) + r(x) is a loss of an operator and Plus. A
rule that takes a proximal map finds it where there is one r, and one that splits F reads
the Terms; none has to know how the problem was made, and what a constructor has fused
for speed stays behind the same oracles. Problems that are no such sum are literals, as
before.

Operators and regularisers are structs in rooms of their own, linear and prox, below
optimizee. They are values like a problem, with nil for what they cannot answer, and for
the same reason: an operator without a norm or a map that takes one step for all entries
is a fact that a rule reports before it starts, not a type that it has to discover. They
know no problem and no iterate, so a certificate, an inner solver and a test use them
without one.

A problem may be invalid. Constructors return it with the reason in Err, and every
rule, race and training reports that reason before it begins. So families and
literals need no error results, and nothing runs on bad data.

Subgrad is an oracle of its own. Prox says how the non-smooth part acts; Adam, the
subgradient method and the black-box learners want an element of ∂F instead, and
deriving one from the other would change the mathematics silently.

A step recognises the point that it returned. Given any other point it starts there,
momentum forgotten and hidden states going on. That one sentence is all that Guard,
Alternate and a reader's own loop need.

An operator has a norm and a bound. Steps are made of the norm, which may be estimated
from above with a stated probability, because a loose one costs speed; what is proven
uses the bound, which holds always and may be loose.

A population is a point. A rule with several particles runs on any problem, from any start, and
returns the lowest of them, so that races count what it asks. Its loss is about all of them,
and a loss sees points: so it is trained on optimizee.Population, a problem whose columns are
the particles. A second kind of loss, or a rule that tells what it holds, is not needed.

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
invalid, which saves every rule from having to say what it remembers. Generations are read
atomically, because an unrolled problem may move to another core between two segments.

Only an owner gives memory up. A value that its maker showed to nobody is recycled by hand
(ad.Recycle), where nothing but the maker has to be right. What oracles gave or were shown
is recycled where each of them is still the very closure that this module made, and those
keep nothing (Problem.Forgets, Problem.Recycle): a wrapper is another closure, and
its author may keep what passes. The point that a step returns is the caller's; a training,
which is that caller, takes it back where the step is known to hold its last point alone
(optim.RememberLast) and the loss is F, or where the step shows its points to no oracle
(optim.RememberUnseen) and the loss is that of the last one. So a step of a classic rule makes one vector, the
point that it returns, and a segment none. Tests fill what was recycled with NaN.

Speed comes from below. The kernels in internal/kern exist in assembly and in plain Go,
which is the oracle of their tests; the set is chosen once at start. Same inputs give
the same bits on one set for any number of cores: what they share is cut into tiles that
depend on shapes alone, and each core that is free takes the next one (par.Share), so one
that is busy with something else costs no more than its part.

Instance-major training. One problem's whole segment, forward and backward, stays on
one core with one tape; only parameter gradients are shared, and they are added in
the order of the instances. So the bits do not depend on the number of cores.

What makes a training longer is a setting of the one engine. A curriculum is phases whose
validation looks ahead, and imitation is minibatches with another loss and an Adam of their
own; families that draw problems in random units, or with something easy beside them, are
families like others. So a trick can be added to any optimizer, and left out by itself.

Large optimizees are replayed. The way back of a network keeps a kilobyte for each row and
step, which is what kept networks from optimizees of more than some thousand coordinates.
Where a step would keep more than 4 MB, nothing is kept but what the network was shown; on
the way back the steps are taken again, one tile of rows after the other, as soon as the
gradients of all outputs are there (nn.Recurrent.Replay). That costs one more forward pass.
It needs a hundredth of the memory and has all cores at work on one instance. Whether it is
done depends on shapes alone, and the one tape stays the reference that tests compare with.

Random streams are keyed, never shared. The problem of (seed, minibatch, instance)
comes from a stream of exactly that key (optimizee.Stream). A training that is killed
and resumed therefore draws what it would have drawn, and its checkpoint holds no
generator states.

Fresh minibatches are counted by gradients. F of a network changes with the step, and a
problem knows no steps. Its path is decided by gradients alone, so a gradient at another
point than the last is the next step, and a value elsewhere is on the minibatch to come:
then measuring changes no run, F and its gradient at a point agree, and minibatch t comes
from a stream of exactly that key (neural.Family). A number in the point would be lost where
a rule makes one, and the hash of a point gives each method and each processor other
samples. It is the one kind of problem that counts, and so is for one run at a time.

Files say what they are of. Weights, checkpoints, kept results and sweeps carry a checksum
and the identity of what made them, and are read only where both are right: a flipped bit or
another family would give other numbers in silence. What is not ours or not finite is refused
before anything is built from it. A file that cannot be written is said, and costs no result.

Divergence is data. A run that leaves the finite numbers ends as a labelled curve; a
training that does so stops with the last good θ and says what to try.

A gap needs a certificate. Where a problem has a dual bound, F* comes with a proof of
its precision; where it has none, the figures say that F* is only the lowest value
seen.

Published numbers are data. They live in package cite with paper and place; our side
comes from the run that stands beside them. Nothing that is compared is typed in.
*/
package pkg
