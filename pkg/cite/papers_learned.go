package cite

// worksLearned are the learned methods that the followed papers rest on or
// compare with.
var worksLearned = []Work{
	{
		Key:     "LISTA",
		Authors: []string{"Karol Gregor", "Yann LeCun"},
		Title:   "Learning Fast Approximations of Sparse Coding",
		Year:    2010, Kind: Proceedings, Venue: "International Conference on Machine Learning (ICML), 399–406",
	},
	{
		Key:     "LISTA-CP",
		Authors: []string{"Xiaohan Chen", "Jialin Liu", "Zhangyang Wang", "Wotao Yin"},
		Title:   "Theoretical Linear Convergence of Unfolded ISTA and its Practical Weights and Thresholds",
		Year:    2018, Kind: Proceedings, Venue: "Advances in Neural Information Processing Systems 31 (NeurIPS)",
		URL: "https://arxiv.org/abs/1808.10038",
	},
	{
		Key:     "ALISTA",
		Authors: []string{"Jialin Liu", "Xiaohan Chen", "Zhangyang Wang", "Wotao Yin"},
		Title:   "ALISTA: Analytic Weights Are as Good as Learned Weights in LISTA",
		Year:    2019, Kind: Proceedings, Venue: "International Conference on Learning Representations (ICLR)",
		URL: "https://openreview.net/forum?id=B1lnzn0ctQ",
	},
	{
		Key:     "HyperLISTA",
		Authors: []string{"Xiaohan Chen", "Jialin Liu", "Zhangyang Wang", "Wotao Yin"},
		Title:   "Hyperparameter Tuning is All You Need for LISTA",
		Year:    2021, Kind: Proceedings, Venue: "Advances in Neural Information Processing Systems 34 (NeurIPS), 11678–11689",
		URL: "https://arxiv.org/abs/2110.15900",
	},
	{
		Key:     "Step-LISTA",
		Authors: []string{"Pierre Ablin", "Thomas Moreau", "Mathurin Massias", "Alexandre Gramfort"},
		Title:   "Learning Step Sizes for Unfolded Sparse Coding",
		Year:    2019, Kind: Proceedings, Venue: "Advances in Neural Information Processing Systems 32 (NeurIPS), 13100–13110",
		URL: "https://arxiv.org/abs/1905.11071",
	},
	{
		Key:     "Ada-LISTA",
		Authors: []string{"Aviad Aberdam", "Alona Golts", "Michael Elad"},
		Title:   "Ada-LISTA: Learned Solvers Adaptive to Varying Models",
		Year:    2020, Kind: Other, Venue: "arXiv:2001.08456",
		URL: "https://arxiv.org/abs/2001.08456",
	},
	{
		Key:     "LAMP",
		Authors: []string{"Mark Borgerding", "Philip Schniter", "Sundeep Rangan"},
		Title:   "AMP-Inspired Deep Networks for Sparse Linear Inverse Problems",
		Year:    2017, Kind: Article, Venue: "IEEE Transactions on Signal Processing 65(16), 4293–4308",
		URL: "https://doi.org/10.1109/TSP.2017.2708040",
	},
	{
		Key:     "LFISTA",
		Authors: []string{"Thomas Moreau", "Joan Bruna"},
		Title:   "Understanding Trainable Sparse Coding with Matrix Factorization",
		Year:    2017, Kind: Proceedings, Venue: "International Conference on Learning Representations (ICLR)",
		URL: "https://arxiv.org/abs/1609.00285",
	},
	{
		Key:     "GLISTA",
		Authors: []string{"Kailun Wu", "Yiwen Guo", "Ziang Li", "Changshui Zhang"},
		Title:   "Sparse Coding with Gated Learned ISTA",
		Year:    2020, Kind: Proceedings, Venue: "International Conference on Learning Representations (ICLR)",
		URL: "https://openreview.net/forum?id=BygPO2VKPH",
	},
	{
		Key:     "TISTA",
		Authors: []string{"Daisuke Ito", "Satoshi Takabe", "Tadashi Wadayama"},
		Title:   "Trainable ISTA for Sparse Signal Recovery",
		Year:    2019, Kind: Article, Venue: "IEEE Transactions on Signal Processing 67(12), 3113–3125",
		URL: "https://doi.org/10.1109/TSP.2019.2912879",
	},
	{
		Key: "L2O-DM",
		Authors: []string{
			"Marcin Andrychowicz", "Misha Denil", "Sergio Gómez Colmenarejo", "Matthew W. Hoffman",
			"David Pfau", "Tom Schaul", "Brendan Shillingford", "Nando de Freitas",
		},
		Title: "Learning to Learn by Gradient Descent by Gradient Descent",
		Year:  2016, Kind: Proceedings, Venue: "Advances in Neural Information Processing Systems 29 (NeurIPS), 3981–3989",
		URL: "https://arxiv.org/abs/1606.04474",
	},
	{
		Key:     "RNNprop",
		Authors: []string{"Kaifeng Lv", "Shunhua Jiang", "Jian Li"},
		Title:   "Learning Gradient Descent: Better Generalization and Longer Horizons",
		Year:    2017, Kind: Proceedings, Venue: "International Conference on Machine Learning (ICML), 2247–2255",
		URL: "https://arxiv.org/abs/1703.03633",
	},
	{
		Key: "L2O-Scale",
		Authors: []string{
			"Olga Wichrowska", "Niru Maheswaranathan", "Matthew W. Hoffman", "Sergio Gómez Colmenarejo",
			"Misha Denil", "Nando de Freitas", "Jascha Sohl-Dickstein",
		},
		Title: "Learned Optimizers that Scale and Generalize",
		Year:  2017, Kind: Proceedings, Venue: "International Conference on Machine Learning (ICML), 3751–3760",
		URL: "https://arxiv.org/abs/1703.04813",
	},
	{
		Key: "L2O-Enhanced",
		Authors: []string{
			"Tianlong Chen", "Weiyi Zhang", "Jingyang Zhou", "Shiyu Chang", "Sijia Liu", "Lisa Amini", "Zhangyang Wang",
		},
		Title: "Training Stronger Baselines for Learning to Optimize",
		Year:  2020, Kind: Proceedings, Venue: "Advances in Neural Information Processing Systems 33 (NeurIPS), 7332–7343",
		URL: "https://arxiv.org/abs/2010.09089",
	},
	{
		Key:     "L2O-Swarm",
		Authors: []string{"Yue Cao", "Tianlong Chen", "Zhangyang Wang", "Yang Shen"},
		Title:   "Learning to Optimize in Swarms",
		Year:    2019, Kind: Proceedings, Venue: "Advances in Neural Information Processing Systems 32 (NeurIPS), 15018–15028",
		URL: "https://arxiv.org/abs/1911.03787",
	},
	{
		Key:     "Safe-L2O",
		Authors: []string{"Howard Heaton", "Xiaohan Chen", "Zhangyang Wang", "Wotao Yin"},
		Title:   "Safeguarded Learned Convex Optimization",
		Year:    2020, Kind: Other, Venue: "arXiv:2003.01880",
		URL: "https://arxiv.org/abs/2003.01880",
	},
	{
		Key: "Twin-L2O",
		Authors: []string{
			"Jiayi Shen", "Xiaohan Chen", "Howard Heaton", "Tianlong Chen", "Jialin Liu", "Wotao Yin", "Zhangyang Wang",
		},
		Title: "Learning a Minimax Optimizer: A Pilot Study",
		Year:  2021, Kind: Proceedings, Venue: "International Conference on Learning Representations (ICLR)",
		URL: "https://openreview.net/forum?id=nkIDwI6oO4_",
	},
}
