package optimizee

// LargeLasso asks whether what was trained on [PaperLasso] holds on larger problems of
// the same law. In our copy of the L2O-PA paper the size is lost (Appendix F); this
// one has four times the rows and columns and the same share of nonzeros.
var LargeLasso = LassoSpec{Rows: 1000, Cols: 2000, Nonzeros: 200, Lambda: 0.1}
