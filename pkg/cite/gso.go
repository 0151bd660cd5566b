package cite

var methodsGSO = labels("GSO", "SGD", "ALS")

// gso is the first version of the MLAM paper and reports the same experiments.
var gso = paper{
	Work: Work{
		Key:     "GSO",
		Authors: []string{"Jing-Yuan Xia", "Shengxi Li", "Jun-Jie Huang", "Imad Jaimoukha", "Xinwang Liu"},
		Title:   "Meta-learning for Multi-variable Non-convex Optimization Problems: Iterating Non-optimums Makes Optimum Possible",
		Year:    2020, Kind: Other, Venue: "arXiv:2009.04899, first version (the later ones are MLAM)",
		URL: "https://arxiv.org/abs/2009.04899v1",
	},
	tables: []table{
		{
			where: "Table 1", id: "gso.t1", unit: unitRMSE,
			what: "completion of 100×100 matrices of rank 5, %[2]s, %[1]s",
			rows: methodsGSO, cols: series("obs", "observed fraction ", "0.2", "0.4", "0.6", "0.8"),
			cells: `
				0.089 0.057 0.045 0.003
				0.292 0.213 0.136 0.072
				0.864 0.717 0.423 0.228`,
		},
		{
			where: "Table 2", id: "gso.t2", unit: unitRMSE,
			what: "completion of 100×100 matrices with 20 %% observed, %[2]s, %[1]s",
			rows: methodsGSO, cols: ranks,
			cells: `
				0.089 0.095 0.057 0.045 0.003 0.003
				0.292 0.405 0.689 1.337 NaN   NaN
				0.864 0.942 1.576 5.563 NaN   NaN`,
			notes: map[string]string{
				"gso.r10":  "contradicts MLAM Table II: 0.085",
				"gso.r20":  "contradicts MLAM Table II: 0.078; the value stands in Table 1 too, for another experiment",
				"gso.r40":  "contradicts MLAM Table II: 0.072; the value stands in Table 1 too, for another experiment",
				"gso.r80":  "contradicts MLAM Table II: 0.053; the value stands in Table 1 too, for another experiment",
				"gso.r100": "contradicts MLAM Table II: 0.052; the value stands in Table 1 too, for another experiment",
			},
			contradicted: []string{"gso.r10", "gso.r20", "gso.r40", "gso.r80", "gso.r100"},
		},
		{
			where: "Table 3", id: "gso.t3", unit: unitRMSE,
			what: "completion of rank-10 100×100 matrices by factors of width %[2]s, %[1]s",
			rows: methodsGSO, cols: factors,
			cells: `
				0.09 0.12 0.19 0.30 0.36
				0.31 0.78 1.35 1.65 NaN
				0.89 1.04 1.22 5.21 NaN`,
			note: "observed fraction not stated with the table",
		},
		{
			where: "Table 4", id: "gso.t4", unit: unitRMSE,
			what: "completion when ranks 10 to 100 are mixed, %[1]s, on matrices of %[2]s, GSO",
			rows: series("p", "factors of width p = ", "10", "50", "100"), cols: mixed,
			cells: `
				0.120 0.081 0.065 0.055 0.049 0.046 0.043 0.042 0.042 0.039
				0.250 0.130 0.095 0.075 0.067 0.055 0.052 0.048 0.046 0.045
				0.450 0.210 0.140 0.100 0.081 0.068 0.061 0.056 0.052 0.048`,
		},
		{
			where: "Table 5", id: "gso.t5", unit: unitNLL,
			what: "Gaussian mixture with K = 4, G = 500, %[2]s, mean of 100 tests, %[1]s",
			rows: labels("EM", "GSO"), cols: dims,
			cells: `
				6.52 12.64 23.83 47.10 96.88
				6.44 12.42 23.05 46.93 95.72`,
			note: noteNLL,
		},
	},
	claims: []Number{
		{
			ID: "gso.f6.caption.em", Where: "Figure 6, caption", Value: 7.77, Unit: unitNLL,
			What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, EM",
			Note: "the text says 7.75; " + noteNLL, Contradicted: true,
		},
		{
			ID: "gso.f6.caption.gso", Where: "Figure 6, caption", Value: 7.56, Unit: unitNLL,
			What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, GSO",
			Note: "the text says 7.52; " + noteNLL, Contradicted: true,
		},
		{
			ID: "gso.f6.text.em", Where: "Section 5.2", Value: 7.75, Unit: unitNLL,
			What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, EM",
			Note: "the caption of Figure 6 says 7.77; " + noteNLL, Contradicted: true,
		},
		{
			ID: "gso.f6.text.gso", Where: "Section 5.2", Value: 7.52, Unit: unitNLL,
			What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, GSO",
			Note: "the caption of Figure 6 says 7.56; " + noteNLL, Contradicted: true,
		},
		claim("gso.f8", "Figure 8", "flower of anisotropic clusters, G = 10,000, 2-D, 10 draws",
			"GSO nearly optimal, EM highly biased", "no number is given; the parameters of the flower are not stated"),
		claim("gso.f6.most", "Section 5.2, Figure 6", "Gaussian mixture in 2-D, K = 4, G = 500, 50 tests from the same starts",
			"GSO below EM in most cases", "counts are not given"),
		claim("gso.f7", "Figure 7", "one of the 50 tests, drawn at random, as a clustering",
			"GSO clusters much better than EM", "one test; the points and the likelihoods are not given"),
	},
}
