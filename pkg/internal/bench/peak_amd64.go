//go:build !purego

package main

import "github.com/l2olab/l2o/pkg/internal/kern"

// fmas does n times 12 vector instructions and returns how many operations that were.
func fmas(n int) float64 {
	switch kern.Name() {
	case "avx512":
		fmas512(n)
		return float64(n) * 12 * 16 * 2
	case "avx2":
		fmas256(n)
		return float64(n) * 12 * 8 * 2
	}
	return products(n)
}

//go:noescape
func fmas256(n int)

//go:noescape
func fmas512(n int)
