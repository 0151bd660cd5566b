package optimizee

import (
	"fmt"
	"reflect"
)

// DataOf returns what p was made from, for rules and measures that know the kind of
// problem: DataOf[completion.Data](p, "my rule"). The error names the rule, the kind that
// it needs and p.
func DataOf[T any](p *Problem, rule string) (*T, error) {
	if p.Err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, p.Err)
	}
	if d, ok := p.Data.(*T); ok {
		return d, nil
	}
	return nil, fmt.Errorf("%s works on a problem whose Data is a %v, and that of %s is not; on views of one block it does not work either",
		rule, reflect.TypeFor[T](), p.Name)
}
