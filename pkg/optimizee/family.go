package optimizee

import (
	"errors"
	"math/rand/v2"
)

// A Family is a distribution over problems: what an optimizer is trained, tuned and
// raced on. Equal streams give equal problems. String says in words what it draws.
type Family interface {
	Draw(rng *rand.Rand) *Problem
	String() string
}

// FamilyFunc makes a family of a function; name is its String.
func FamilyFunc(name string, draw func(rng *rand.Rand) *Problem) Family {
	return familyFunc{name, draw}
}

type familyFunc struct {
	name string
	draw func(rng *rand.Rand) *Problem
}

func (f familyFunc) Draw(rng *rand.Rand) *Problem {
	if f.draw == nil {
		return &Problem{Name: f.name, Err: errors.New("its family has no function that draws")}
	}
	return f.draw(rng).orNone()
}

func (f familyFunc) String() string { return f.name }

// Only is the family of one problem.
func Only(p *Problem) Family {
	p = p.orNone()
	return FamilyFunc(p.Name, func(*rand.Rand) *Problem { return p })
}

// Changed is a family after a change to each of its problems, which words tell:
//
//	optimizee.Changed(optimizee.PaperLasso, "in units of 10", func(p *optimizee.Problem) *optimizee.Problem {
//		return optimizee.InUnits(p, 10)
//	})
func Changed(fam Family, words string, change func(p *Problem) *Problem) Family {
	if fam == nil || change == nil {
		panic("optimizee: Changed: it needs a family and a change, and one of them is nil")
	}
	return FamilyFunc(fam.String()+", "+words, func(rng *rand.Rand) *Problem { return change(fam.Draw(rng)) })
}
