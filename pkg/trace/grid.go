package trace

import (
	"errors"
	"fmt"
	"strings"
)

// combinations lists the grid, the last range running fastest.
func combinations(over []Range) ([][]float64, error) {
	if len(over) == 0 {
		return nil, errors.New("trace: a search needs at least one range")
	}
	grid := [][]float64{nil}
	for _, r := range over {
		if r.Name == "" || len(r.Values) == 0 {
			return nil, fmt.Errorf("trace: range %q of %d values: it needs a name and values", r.Name, len(r.Values))
		}
		var next [][]float64
		for _, at := range grid {
			for _, v := range r.Values {
				next = append(next, append(at[:len(at):len(at)], v))
			}
		}
		grid = next
	}
	return grid, nil
}

func describe(over []Range, at []float64) string {
	words := make([]string, len(at))
	for i, v := range at {
		words[i] = over[i].Name + " = " + Number(v)
	}
	return strings.Join(words, ", ")
}
