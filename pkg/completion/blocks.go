package completion

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// inBlocks reports blocks that a problem does not have.
func inBlocks(rule string, p *optimizee.Problem, blocks ...string) error {
	for _, b := range blocks {
		if err := p.On(b, &p.Start).Err; err != nil {
			return fmt.Errorf("%s works in blocks %q: %w", rule, blocks, err)
		}
	}
	return nil
}
