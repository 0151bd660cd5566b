package kernelext

import (
	"fmt"
	"math"
	"reflect"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// apart is the largest difference of two results, number by number.
func apart(got, want any) (d float64, err error) {
	a, err := flat(nil, got)
	if err != nil {
		return 0, err
	}
	b, err := flat(nil, want)
	if err != nil {
		return 0, err
	}
	if len(a) != len(b) {
		return 0, fmt.Errorf("%d numbers cannot agree with %d", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] { // equal infinities have no difference
			d = max(d, math.Abs(a[i]-b[i])) // NaN when either is
		}
	}
	return d, nil
}

// flat appends all numbers of a result, in order.
func flat(to []float64, v any) ([]float64, error) {
	switch v := v.(type) {
	case float64:
		return append(to, v), nil
	case []float64:
		return append(to, v...), nil
	case ad.Value:
		return append(to, v.Data...), nil
	case optimizee.Point:
		for _, block := range v.Blocks() {
			to = append(to, v.At(block).Data...)
		}
		return to, nil
	}
	list := reflect.ValueOf(v)
	switch list.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range list.Len() {
			var err error
			if to, err = flat(to, list.Index(i).Interface()); err != nil {
				return nil, err
			}
		}
		return to, nil
	case reflect.Int:
		return append(to, float64(list.Int())), nil
	}
	return nil, fmt.Errorf("a %T holds no numbers that could be compared", v)
}
