// Package near finds what a misspelt word may have meant.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// Keys lists up to five names of the known things: first those that contain key, then those
// with the fewest edits from it.
func Keys[T any](key string, known []T, name func(T) string) string {
	key = strings.ToLower(key)
	far := func(name string) int {
		if low := strings.ToLower(name); key == "" || !strings.Contains(low, key) {
			return edits(key, low)
		}
		return 0
	}
	var names []string
	for _, k := range known {
		names = append(names, name(k))
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(far(a), far(b)) })
	return strings.Join(names[:min(5, len(names))], ", ")
}

// edits is the Levenshtein distance: how many bytes to insert, delete or replace.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
