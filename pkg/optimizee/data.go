package optimizee

import (
	"fmt"
	"reflect"
	"strings"
)

// DataOf returns what p was made from, for rules and measures that know the kind of
// problem: DataOf[Completion](p, "my rule"). The error names the rule, the kind that
// it needs and p.
func DataOf[T any](p *Problem, rule string) (*T, error) {
	if p.Err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, p.Err)
	}
	if d, ok := p.Data.(*T); ok {
		return d, nil
	}
	return nil, fmt.Errorf("%s works on a problem whose Data is an optimizee.%s, and that of %s is not; on views of one block it does not work either",
		rule, strings.TrimPrefix(reflect.TypeFor[T]().Name(), "*"), p.Name)
}
