package sparse_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/sparse"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

func gauss(seed uint64, r, c int) ad.Value { return adtest.Random(optimizee.Stream(seed), r, c) }

func norm1(lambda float64) problemtest.Option {
	return problemtest.Term(func(x optimizee.Point) ad.Value { return x.X().Norm1().Scale(lambda) })
}

// TestLaws is the table of problems of this package; those of recovery follow in
// TestRecoveryLaws.
func TestLaws(t *testing.T) {
	tall := gauss(1, 12, 6)
	coding := sparse.NewCoding("coding", tall.T(), gauss(13, 6, 4), 0.2).Draw(optimizee.Stream(7))
	report := problemtest.Run(t, coding, problemtest.Named("sparse coding"), problemtest.Convex(), problemtest.Loose(1.5), norm1(0.2))
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
