//go:build !purego

package kern

var makers = map[string]func(caches) (products[float32], products[float64]){"avx2": productsAVX2, "avx512": productsAVX512}
