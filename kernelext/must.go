package kernelext

// Must returns v, or fails the cell with the error. It keeps cells short:
//
//	pa := kernelext.Must(weights.Load("l2opa-lasso-20x40"))
func Must[T any](v T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return v
}
