package cite

// claimsAlternating are what the MLAM paper says of alternating minimisation and of its
// algorithm, before any experiment.
var claimsAlternating = []Number{
	claim("mlam.s1.exact", "MLAM", "Section I", "alternating minimization of a non-convex F whose sub-problems are solved exactly",
		"need not reach a global optimum", "the abstract says that it can be trapped in a spurious local minimum"),
	claim("mlam.s3a.alone", "MLAM", "Section III-A, Remark 1", "ground level only, on one problem, θ never trained before",
		"can be applied directly", "no experiment of the paper does so"),
	claim("mlam.s3b.often", "MLAM", "Section III-B", "an update of θ after every outer step, t_out = 1",
		"severe fluctuation", "no number is given"),
	claim("mlam.s3b.path", "MLAM", "Section III-B", "what the accumulated loss of several outer steps lets the network learn",
		"a path on which F rises at first and ends lower", "no count is given"),
	claim("mlam.s4a.zero", "MLAM", "Section IV-A", "the learned step at a point where the gradient is zero",
		"is not zero, so the point does not hold it", ""),
	claim("mlam.s4b.price", "MLAM", "Section IV-B", "the price of a path that is not monotone",
		"more iterations where the geometry is benign", "no number is given"),
	claim("mlam.f3", "MLAM", "Figure 3", "three Gaussians on a line, two of the means free: the paths of EM and MLAM from one start",
		"EM ends in a local optimum, MLAM leaves it", "neither training nor number of points is stated"),
}
