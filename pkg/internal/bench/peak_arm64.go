//go:build !purego

package main

import "github.com/l2olab/l2o/pkg/internal/kern"

// fmas does n times 16 vector instructions and returns how many operations that were.
func fmas(n int) float64 {
	if kern.Name() != "neon" {
		return products(n)
	}
	fmas128(n)
	return float64(n) * 16 * 4 * 2
}

//go:noescape
func fmas128(n int)
