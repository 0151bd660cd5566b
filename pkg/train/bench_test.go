package train_test

import (
	"context"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// BenchmarkMinibatch is one minibatch of 64 small Lasso problems, 100 iterations.
func BenchmarkMinibatch(b *testing.B) {
	c := train.Paper
	c.Minibatches, c.Validation = 1, train.Validation{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := train.Run(context.Background(), learned.PA(learned.PAConfig{}), optimizee.SmallLasso, c); err != nil {
			b.Fatal(err)
		}
	}
}
