package optimizee

import "math/rand/v2"

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

func (f familyFunc) Draw(rng *rand.Rand) *Problem { return f.draw(rng) }
func (f familyFunc) String() string               { return f.name }

// Only is the family of one problem.
func Only(p *Problem) Family {
	return FamilyFunc(p.Name, func(*rand.Rand) *Problem { return p })
}
