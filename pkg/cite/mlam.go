package cite

const (
	unitRMSE = "‖R−R̂‖/‖R‖" // the papers call this relative error RMSE
	unitNLL  = "nats per sample"

	noteNLL = "printed without a unit; the size fits a mean over samples"
)

var (
	methodsMC = labels("MLAM", "SGD", "ALS", "DMF", "UMF")
	ranks     = series("r", "rank ", "5", "10", "20", "40", "80", "100")
	mixed     = series("r", "rank ", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100")
	factors   = series("p", "p = ", "10", "20", "40", "80", "100")
	dims      = series("d", "D = ", "4", "8", "16", "32", "64")
)

var mlam = paper{
	Work: Work{
		Key:     "MLAM",
		Authors: []string{"Jing-Yuan Xia", "Shengxi Li", "Jun-Jie Huang", "Zhixiong Yang", "Imad M. Jaimoukha", "Deniz Gündüz"},
		Title:   "Metalearning-Based Alternating Minimization Algorithm for Nonconvex Optimization",
		Year:    2023, Kind: Article, Venue: "IEEE Transactions on Neural Networks and Learning Systems 34(9)",
		URL: "https://doi.org/10.1109/TNNLS.2022.3165627",
	},
	tables: []table{
		{
			where: "Table I", id: "mlam.t1", unit: unitRMSE,
			what: "completion of 100×100 matrices of rank 5, %[2]s, %[1]s",
			rows: methodsMC, cols: series("obs", "observed fraction ", "0.2", "0.4", "0.6", "0.8"),
			cells: `
				0.089 0.057 0.045 0.003
				0.292 0.213 0.136 0.072
				0.864 0.717 0.423 0.228
				0.228 0.091 0.057 0.025
				0.363 0.359 0.335 0.312`,
		},
		{
			where: "Table II", id: "mlam.t2", unit: unitRMSE,
			what: "completion of 100×100 matrices with 20 %% observed, %[2]s, %[1]s",
			rows: methodsMC, cols: ranks,
			cells: `
				0.089 0.085 0.078 0.072 0.053 0.052
				0.292 0.405 0.689 >1    >1    >1
				0.864 0.942 >1    >1    >1    >1
				0.228 0.263 0.392 0.643 >1    >1
				0.363 0.376 0.417 0.582 >1    >1`,
			notes: map[string]string{
				"mlam.r10":  "contradicts GSO Table 2: 0.095",
				"mlam.r20":  "contradicts GSO Table 2: 0.057",
				"mlam.r40":  "contradicts GSO Table 2: 0.045",
				"mlam.r80":  "contradicts GSO Table 2: 0.003",
				"mlam.r100": "contradicts GSO Table 2: 0.003",
			},
			contradicted: []string{"mlam.r10", "mlam.r20", "mlam.r40", "mlam.r80", "mlam.r100"},
		},
		{
			where: "Table III", id: "mlam.t3", unit: unitRMSE,
			what: "completion of rank-10 100×100 matrices by factors of width %[2]s, %[1]s",
			rows: methodsMC, cols: factors,
			cells: `
				0.09 0.12 0.19 0.30 0.36
				0.31 0.78 >1   >1   >1
				0.89 >1   >1   >1   >1
				0.26 0.53 0.81 >1   >1
				0.37 0.68 0.87 >1   >1`,
			note: "observed fraction not stated with the table",
		},
		{
			where: "Table IV", id: "mlam.t4", unit: "ms",
			what: "%[2]s of matrix completion, %[1]s",
			rows: labels("MLAM", "DMF", "UMF", "ALS", "SGD"), cols: []label{{"time", "execution time"}},
			cells: `
				4618
				3704
				2243
				1272
				1518`,
			note: "machine and problem size not stated",
		},
		{
			where: "Table V", id: "mlam.t5", unit: unitRMSE,
			what: "completion when ranks 10 to 100 are mixed, %[1]s, on matrices of %[2]s, MLAM",
			rows: series("p", "factors of width p = ", "10", "50", "100"), cols: mixed,
			cells: `
				0.120 0.081 0.065 0.055 0.049 0.046 0.043 0.042 0.042 0.039
				0.250 0.130 0.095 0.075 0.067 0.055 0.052 0.048 0.046 0.045
				0.450 0.210 0.140 0.100 0.081 0.068 0.061 0.056 0.052 0.048`,
		},
		{
			where: "Table VI", id: "mlam.t6", unit: unitNLL,
			what: "Gaussian mixture with K = 4, G = 500, %[2]s, mean of 100 tests, %[1]s",
			rows: labels("EM", "MLAM"), cols: dims,
			cells: `
				6.52 12.64 23.83 47.10 96.88
				6.44 12.42 23.05 46.93 95.72`,
			note: noteNLL,
		},
	},
	claims: []Number{
		claim("mlam.s1.exact", "Section I", "alternating minimization of a non-convex F whose sub-problems are solved exactly",
			"need not reach a global optimum", "the abstract says that it can be trapped in a spurious local minimum"),
		claim("mlam.s3a.alone", "Section III-A, Remark 1", "ground level only, on one problem, θ never trained before",
			"can be applied directly", "no experiment of the paper does so"),
		claim("mlam.s3b.often", "Section III-B", "an update of θ after every outer step, t_out = 1",
			"severe fluctuation", "no number is given"),
		claim("mlam.s3b.path", "Section III-B", "what the accumulated loss of several outer steps lets the network learn",
			"a path on which F rises at first and ends lower", "no count is given"),
		claim("mlam.s4a.zero", "Section IV-A", "the learned step at a point where the gradient is zero",
			"is not zero, so the point does not hold it", ""),
		claim("mlam.s4b.price", "Section IV-B", "the price of a path that is not monotone",
			"more iterations where the geometry is benign", "no number is given"),
		claim("mlam.f3", "Figure 3", "three Gaussians on a line, two of the means free: the paths of EM and MLAM from one start",
			"EM ends in a local optimum, MLAM leaves it", "neither training nor number of points is stated"),
		claim("mlam.f4", "Figure 4", "rank-5 completion, 20 % observed, for t_in and t_out from 1 to 20",
			"improves up to t_in = 10, t_out matters less", "a surface without legible values; the text gives no number"),
		claim("mlam.f5", "Figure 5", "spread of the error over 100 rank-5 completions, 20 % observed, five methods",
			"MLAM best, small spread; ALS fluctuates severely", "the values cannot be read in our copy of the text"),
		claim("mlam.s5.time", "Table IV", "time of MLAM over that of ALS, matrix completion",
			"3.6 times as long", "machine, size and number of steps are not stated with the table"),
		{
			ID: "mlam.f6.caption.em", Where: "Figure 6, caption", Value: 7.77, Unit: unitNLL,
			What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, EM",
			Note: "the text says 7.75; " + noteNLL, Contradicted: true,
		},
		{
			ID: "mlam.f6.caption.mlam", Where: "Figure 6, caption", Value: 7.56, Unit: unitNLL,
			What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, MLAM",
			Note: "the text says 7.52; " + noteNLL, Contradicted: true,
		},
		{
			ID: "mlam.f6.text.em", Where: "Section V-B", Value: 7.75, Unit: unitNLL,
			What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, EM",
			Note: "the caption of Figure 6 says 7.77; " + noteNLL, Contradicted: true,
		},
		{
			ID: "mlam.f6.text.mlam", Where: "Section V-B", Value: 7.52, Unit: unitNLL,
			What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, MLAM",
			Note: "the caption of Figure 6 says 7.56; " + noteNLL, Contradicted: true,
		},
		claim("mlam.f8", "Figure 8", "flower of 8 anisotropic clusters, G = 10,000, 2-D, 10 draws",
			"MLAM nearly optimal, EM highly biased", "no number is given; the parameters of the flower are not stated"),
		claim("mlam.f6.most", "Section V-B, Figure 6", "Gaussian mixture in 2-D, K = 4, G = 500, 50 tests from the same starts",
			"MLAM below EM in most cases", "counts are not given"),
		claim("mlam.f7", "Figure 7", "one of the 50 tests, drawn at random, as a clustering",
			"MLAM clusters much better than EM", "one test; the points and the likelihoods are not given"),
	},
}
