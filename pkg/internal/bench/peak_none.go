//go:build purego || !(amd64 || arm64)

package main

// fmas stands in for a loop over registers where there is none.
func fmas(n int) float64 { return products(n) }
