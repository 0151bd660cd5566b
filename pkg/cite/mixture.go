package cite

// worksMixture are about the likelihood of mixtures and how it is climbed.
var worksMixture = []Work{
	{
		Key:     "EM",
		Authors: []string{"Arthur P. Dempster", "Nan M. Laird", "Donald B. Rubin"},
		Title:   "Maximum Likelihood from Incomplete Data via the EM Algorithm",
		Year:    1977, Kind: Article, Venue: "Journal of the Royal Statistical Society B 39(1), 1–38",
		URL: "https://doi.org/10.1111/j.2517-6161.1977.tb01600.x",
	},
	{
		Key:     "k-means-pp",
		Authors: []string{"David Arthur", "Sergei Vassilvitskii"},
		Title:   "k-means++: The Advantages of Careful Seeding",
		Year:    2007, Kind: Proceedings, Venue: "ACM-SIAM Symposium on Discrete Algorithms (SODA), 1027–1035",
	},
	{
		Key:     "EM-Stuck",
		Authors: []string{"Chi Jin", "Yuchen Zhang", "Sivaraman Balakrishnan", "Martin J. Wainwright", "Michael I. Jordan"},
		Title:   "Local Maxima in the Likelihood of Gaussian Mixture Models: Structural Results and Algorithmic Consequences",
		Year:    2016, Kind: Proceedings, Venue: "Advances in Neural Information Processing Systems 29 (NeurIPS)",
		URL: "https://arxiv.org/abs/1609.00978",
	},
}

// claimsMixture are what the two papers say of mixtures without a number.
var claimsMixture = []Number{
	claim("mlam.f6.most", "MLAM", "Section V-B, Figure 6", "Gaussian mixture in 2-D, K = 4, G = 500, 50 tests from the same starts",
		"MLAM below EM in most cases", "counts are not given"),
	claim("gso.f6.most", "GSO", "Section 5.2, Figure 6", "Gaussian mixture in 2-D, K = 4, G = 500, 50 tests from the same starts",
		"GSO below EM in most cases", "counts are not given"),
	claim("mlam.f7", "MLAM", "Figure 7", "one of the 50 tests, drawn at random, as a clustering",
		"MLAM clusters much better than EM", "one test; the points and the likelihoods are not given"),
	claim("gso.f7", "GSO", "Figure 7", "one of the 50 tests, drawn at random, as a clustering",
		"GSO clusters much better than EM", "one test; the points and the likelihoods are not given"),
}
