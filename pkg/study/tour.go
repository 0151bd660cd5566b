package study

import (
	"context"
	"fmt"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// A Tour is the same race on several families: what a method that was trained or tuned on
// one of them is worth on its neighbours (notebooks 00, section 4, and 01, section 6).
type Tour struct {
	Families []optimizee.Family
	Races    []*trace.Results // for each family
}

// OnTour races entries on each of the families.
func OnTour(ctx context.Context, families []optimizee.Family, c trace.Config, entries ...trace.Entry) (Tour, error) {
	t := Tour{Families: families}
	for _, fam := range families {
		r, err := trace.RaceFamily(ctx, fam, c, entries...)
		if err != nil {
			return t, fmt.Errorf("%s: %w", fam, err)
		}
		t.Races = append(t.Races, r)
	}
	return t, nil
}

// Table lists the means after k steps, a row for each family.
func (t Tour) Table(k int) trace.Table {
	mean := trace.After(k)[0]
	out := trace.Table{Header: append([]string{fmt.Sprintf("mean after %d steps", k)}, t.Races[0].Names...)}
	for i, r := range t.Races {
		row := []string{t.Families[i].String()}
		for _, name := range r.Names {
			row = append(row, mean.Of(r, name))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
