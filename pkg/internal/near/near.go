// Package near finds what a misspelt word may have meant.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// Keys returns up to n of the known keys: first those that contain key, then those with
// the fewest edits from it.
func Keys(key string, known []string, n int) []string {
	type candidate struct {
		key   string
		edits int
	}
	var all []candidate
	for _, k := range known {
		key, low := strings.ToLower(key), strings.ToLower(k)
		c := candidate{k, edits(key, low)}
		if key != "" && strings.Contains(low, key) {
			c.edits = 0
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.edits, b.edits) })
	var keys []string
	for _, c := range all[:min(n, len(all))] {
		keys = append(keys, c.key)
	}
	return keys
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
