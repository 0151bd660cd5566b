// Package completion is matrix completion: a matrix R from some of its entries, as a
// product UVᵀ of two factors,
//
//	F(U, V) = ½‖P_Ω(UVᵀ − R)‖² + (λ/2)(‖U‖² + ‖V‖²),
//
// in blocks U and V, where P_Ω keeps the observed entries (MLAM eq. 11 and 13). The matrix
// is x.At("U").MatMulT(x.At("V")). [Problem] makes it of observed entries, [Family]
// draws random ones; [ALS] and its tuned variants solve it, and the other rules are what
// the papers compare with.
package completion
