package cite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// unknown is the message for a key that does not exist.
func unknown(kind, key string, known []string) string {
	return fmt.Sprintf("cite: there is no %s %q; nearest: %s", kind, key, strings.Join(nearest(key, known, 5), ", "))
}

// nearest returns up to n of the known keys, fewest edits from key first.
func nearest(key string, known []string, n int) []string {
	type candidate struct {
		key   string
		edits int
	}
	var all []candidate
	for _, k := range known {
		all = append(all, candidate{k, edits(strings.ToLower(key), strings.ToLower(k))})
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
