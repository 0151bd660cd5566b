package cite

// claimsCompletion are what MLAM shows of matrix completion in figures without numbers,
// and the one ratio of its times that can be compared.
var claimsCompletion = []Number{
	claim("mlam.f4", "MLAM", "Figure 4", "rank-5 completion, 20 % observed, for t_in and t_out from 1 to 20",
		"improves up to t_in = 10, t_out matters less", "a surface without legible values; the text gives no number"),
	claim("mlam.f5", "MLAM", "Figure 5", "spread of the error over 100 rank-5 completions, 20 % observed, five methods",
		"MLAM best, small spread; ALS fluctuates severely", "the values cannot be read in the text at hand"),
	claim("mlam.s5.time", "MLAM", "Table IV", "time of MLAM over that of ALS, matrix completion",
		"3.6 times as long", "machine, size and number of steps are not stated with the table"),
}
