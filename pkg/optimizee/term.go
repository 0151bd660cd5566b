package optimizee

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// A Term is a part r(Kx) of F by itself, for rules that split F into its parts.
type Term struct {
	prox.Regulariser
	K linear.Operator // the zero Operator stands for the identity
}

// At returns r(Kx).
func (t *Term) At(x ad.Value) ad.Value { return t.Value(t.Apply(x)) }

// Apply returns Kx.
func (t *Term) Apply(x ad.Value) ad.Value {
	if t.K.IsZero() {
		return x
	}
	return t.K.Apply(x)
}

// Transpose returns Kᵀy.
func (t *Term) Transpose(y ad.Value) ad.Value {
	if t.K.IsZero() {
		return y
	}
	return t.K.Transpose(y)
}

// Norm returns ‖K‖, or an upper bound on it, for operators that give one.
func (t *Term) Norm() float64 {
	if t.K.IsZero() {
		return 1
	}
	return t.K.Norm()
}

// term is the next term of p, r(Kx), or says why there is none.
func (p *Problem) term(r prox.Regulariser, k []linear.Operator) (Term, error) {
	t := Term{Regulariser: r}
	err := errors.Join(r.Err, check.That(r.Err != nil || r.Value != nil, "term %s has no Value: set it to r(x), 1×1", cmp.Or(r.Name, "without a name")))
	switch {
	case len(k) > 1:
		err = errors.Join(err, fmt.Errorf("term %s: Plus takes one operator and got %d: linear.Compose(K₁, K₂) is K₁ after K₂, and linear.Stack has one above the other", r.Name, len(k)))
	case len(k) == 1 && k[0].IsZero():
		err = errors.Join(err, fmt.Errorf("term %s: the operator K is empty: leave it out for r(x), or give one such as linear.Difference(n)", r.Name))
	case len(k) == 1:
		t.K = k[0]
		t.Name = named(r.Name, t.K.Name)
		err = errors.Join(err, t.K.Err)
	}
	b := p.Start.Blocks()
	if err != nil || p.Err != nil || len(b) != 1 || b[0] != "x" {
		return t, errors.Join(err, check.That(err != nil || p.Err != nil, "a term joins a problem of the one block \"x\", and %s has blocks %q", p.Name, b))
	}
	seen := p.Start.X().Shape()
	if p.part != nil && p.part.rows > 0 {
		seen = fmt.Sprintf("%d×%d: terms see the %[1]d rows of x without the intercept", p.part.rows, p.Start.X().C)
		t = t.rows(p.part.rows)
	}
	return t, t.fits(p.Start.X(), seen)
}

// named is the name of r(Kx): 2‖x‖₁ becomes 2‖Kx‖₁, K = difference.
func named(r, k string) string {
	word := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
	letters, found := []rune(r), false
	var name strings.Builder
	for i, c := range letters {
		alone := c == 'x' && (i == 0 || !word(letters[i-1]) || letters[i-1] == 'A') && (i+1 == len(letters) || !unicode.IsLetter(letters[i+1]))
		if found = found || alone; alone {
			name.WriteRune('K')
		}
		name.WriteRune(c)
	}
	if !found {
		name.WriteString(" of Kx")
	}
	return name.String() + ", K = " + k
}

// fits tries a term at x, of which it sees what the words say.
func (t *Term) fits(x ad.Value, seen string) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case string: // as package ad panics when shapes do not fit
			err = fmt.Errorf("term %s does not fit x, which is %s: %s", t.Name, seen, r)
		default:
			panic(r)
		}
	}()
	if v := t.At(x); v.Len() != 1 {
		return fmt.Errorf("term %s: its Value at x, which is %s, is %s: it has to be 1×1", t.Name, seen, v.Shape())
	}
	return nil
}

// rows is the term of the first n rows of x, without the intercept below them.
func (t *Term) rows(n int) Term {
	if t.K.IsZero() {
		return Term{Regulariser: t.Rows(0, n)}
	}
	first := make([]int, n)
	for i := range first {
		first[i] = i
	}
	return Term{t.Regulariser, linear.Compose(t.K, linear.Mask(n+1, first))}
}
