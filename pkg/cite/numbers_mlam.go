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

var tablesMLAM = []table{
	{
		paper: "MLAM", where: "Table I", id: "mlam.t1", unit: unitRMSE,
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
		paper: "MLAM", where: "Table II", id: "mlam.t2", unit: unitRMSE,
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
	},
	{
		paper: "MLAM", where: "Table III", id: "mlam.t3", unit: unitRMSE,
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
		paper: "MLAM", where: "Table IV", id: "mlam.t4", unit: "ms",
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
		paper: "MLAM", where: "Table V", id: "mlam.t5", unit: unitRMSE,
		what: "completion when ranks 10 to 100 are mixed, %[1]s, on matrices of %[2]s, MLAM",
		rows: series("p", "factors of width p = ", "10", "50", "100"), cols: mixed,
		cells: `
			0.120 0.081 0.065 0.055 0.049 0.046 0.043 0.042 0.042 0.039
			0.250 0.130 0.095 0.075 0.067 0.055 0.052 0.048 0.046 0.045
			0.450 0.210 0.140 0.100 0.081 0.068 0.061 0.056 0.052 0.048`,
	},
	{
		paper: "MLAM", where: "Table VI", id: "mlam.t6", unit: unitNLL,
		what: "Gaussian mixture with K = 4, G = 500, %[2]s, mean of 100 tests, %[1]s",
		rows: labels("EM", "MLAM"), cols: dims,
		cells: `
			6.52 12.64 23.83 47.10 96.88
			6.44 12.42 23.05 46.93 95.72`,
		note: noteNLL,
	},
}

var claimsMLAM = []Number{
	{
		ID: "mlam.f6.caption.em", Paper: "MLAM", Where: "Figure 6, caption", Value: 7.77, Unit: unitNLL,
		What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, EM",
		Note: "the text says 7.75; " + noteNLL,
	},
	{
		ID: "mlam.f6.caption.mlam", Paper: "MLAM", Where: "Figure 6, caption", Value: 7.56, Unit: unitNLL,
		What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, MLAM",
		Note: "the text says 7.52; " + noteNLL,
	},
	{
		ID: "mlam.f6.text.em", Paper: "MLAM", Where: "Section V-B", Value: 7.75, Unit: unitNLL,
		What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, EM",
		Note: "the caption of Figure 6 says 7.77; " + noteNLL,
	},
	{
		ID: "mlam.f6.text.mlam", Paper: "MLAM", Where: "Section V-B", Value: 7.52, Unit: unitNLL,
		What: "Gaussian mixture in 2-D, K = 4, G = 500, mean of 50 tests, MLAM",
		Note: "the caption of Figure 6 says 7.56; " + noteNLL,
	},
	claim("mlam.f8", "MLAM", "Figure 8", "flower of 8 anisotropic clusters, G = 10,000, 2-D, 10 draws",
		"MLAM nearly optimal, EM highly biased", "no number is given; the parameters of the flower are not stated"),
}

// claim is a published claim without a number.
func claim(id, paper, where, what, text, note string) Number {
	return Number{ID: id, Paper: paper, Where: where, What: what, Value: nan, Text: text, Note: note}
}
