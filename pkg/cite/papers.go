package cite

import "slices"

var works = slices.Concat(worksFollowed, worksClassic, worksMixture, worksLearned, worksData)

// worksFollowed are the ones that the notebooks walk through.
var worksFollowed = []Work{
	{
		Key:     "L2O-PA",
		Authors: []string{"Jialin Liu", "Xiaohan Chen", "Zhangyang Wang", "Wotao Yin", "HanQin Cai"},
		Title:   "Towards Constituting Mathematical Structures for Learning to Optimize",
		Year:    2023, Kind: Proceedings, Venue: "International Conference on Machine Learning (ICML)",
		URL: "https://arxiv.org/abs/2305.18577",
	},
	{
		Key:     "LISTA-Talk",
		Authors: []string{"Jialin Liu"},
		Title:   "Towards Constituting Mathematical Structures for Learning to Optimize (slides: from LISTA to L2O-PA)",
		Year:    2023, Kind: Other, Venue: "Talk of 25 April 2023, Alibaba DAMO Academy",
	},
	{
		Key:     "Primer",
		Authors: []string{"Tianlong Chen", "Xiaohan Chen", "Wuyang Chen", "Howard Heaton", "Jialin Liu", "Zhangyang Wang", "Wotao Yin"},
		Title:   "Learning to Optimize: A Primer and A Benchmark",
		Year:    2022, Kind: Article, Venue: "Journal of Machine Learning Research 23(189)",
		URL: "https://arxiv.org/abs/2103.12828",
	},
	{
		Key:     "MLAM",
		Authors: []string{"Jing-Yuan Xia", "Shengxi Li", "Jun-Jie Huang", "Zhixiong Yang", "Imad M. Jaimoukha", "Deniz Gündüz"},
		Title:   "Metalearning-Based Alternating Minimization Algorithm for Nonconvex Optimization",
		Year:    2023, Kind: Article, Venue: "IEEE Transactions on Neural Networks and Learning Systems 34(9)",
		URL: "https://doi.org/10.1109/TNNLS.2022.3165627",
	},
	{
		Key:     "GSO",
		Authors: []string{"Jing-Yuan Xia", "Shengxi Li", "Jun-Jie Huang", "Imad Jaimoukha", "Xinwang Liu"},
		Title:   "Meta-learning for Multi-variable Non-convex Optimization Problems: Iterating Non-optimums Makes Optimum Possible",
		Year:    2020, Kind: Other, Venue: "arXiv:2009.04899, first version (the later ones are MLAM)",
		URL: "https://arxiv.org/abs/2009.04899v1",
	},
}

// worksClassic are the methods without learning.
var worksClassic = []Work{
	{
		Key:     "ISTA",
		Authors: []string{"Ingrid Daubechies", "Michel Defrise", "Christine De Mol"},
		Title:   "An Iterative Thresholding Algorithm for Linear Inverse Problems with a Sparsity Constraint",
		Year:    2004, Kind: Article, Venue: "Communications on Pure and Applied Mathematics 57(11), 1413–1457",
		URL: "https://doi.org/10.1002/cpa.20042",
	},
	{
		Key:     "FISTA",
		Authors: []string{"Amir Beck", "Marc Teboulle"},
		Title:   "A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems",
		Year:    2009, Kind: Article, Venue: "SIAM Journal on Imaging Sciences 2(1), 183–202",
		URL: "https://doi.org/10.1137/080716542",
	},
	{
		Key:     "Restart",
		Authors: []string{"Brendan O'Donoghue", "Emmanuel Candès"},
		Title:   "Adaptive Restart for Accelerated Gradient Schemes",
		Year:    2015, Kind: Article, Venue: "Foundations of Computational Mathematics 15(3), 715–732",
		URL: "https://doi.org/10.1007/s10208-013-9150-3",
	},
	{
		Key:     "HeavyBall",
		Authors: []string{"Boris T. Polyak"},
		Title:   "Some Methods of Speeding up the Convergence of Iteration Methods",
		Year:    1964, Kind: Article, Venue: "USSR Computational Mathematics and Mathematical Physics 4(5), 1–17",
		URL: "https://doi.org/10.1016/0041-5553(64)90137-5",
	},
	{
		Key:     "NAG",
		Authors: []string{"Yurii Nesterov"},
		Title:   "A Method for Solving the Convex Programming Problem with Convergence Rate O(1/k²)",
		Year:    1983, Kind: Article, Venue: "Doklady Akademii Nauk SSSR 269, 543–547",
	},
	{
		Key:     "Adam",
		Authors: []string{"Diederik P. Kingma", "Jimmy Ba"},
		Title:   "Adam: A Method for Stochastic Optimization",
		Year:    2015, Kind: Proceedings, Venue: "International Conference on Learning Representations (ICLR)",
		URL: "https://arxiv.org/abs/1412.6980",
	},
	{
		Key:     "AdamHD",
		Authors: []string{"Atılım Güneş Baydin", "Robert Cornish", "David Martínez Rubio", "Mark Schmidt", "Frank Wood"},
		Title:   "Online Learning Rate Adaptation with Hypergradient Descent",
		Year:    2018, Kind: Proceedings, Venue: "International Conference on Learning Representations (ICLR)",
		URL: "https://arxiv.org/abs/1703.04782",
	},
	{
		Key:     "RMSProp",
		Authors: []string{"Tijmen Tieleman", "Geoffrey Hinton"},
		Title:   "Lecture 6.5: RMSProp, Divide the Gradient by a Running Average of its Recent Magnitude",
		Year:    2012, Kind: Other, Venue: "Coursera: Neural Networks for Machine Learning",
	},
	{
		Key:     "Run-and-Inspect",
		Authors: []string{"Yifan Chen", "Yuejiao Sun", "Wotao Yin"},
		Title:   "Run-and-Inspect Method for Nonconvex Optimization and Global Optimality Bounds for R-Local Minimizers",
		Year:    2019, Kind: Article, Venue: "Mathematical Programming 176(1), 39–67",
		URL: "https://arxiv.org/abs/1711.08172",
	},
	{
		Key:     "K-SVD",
		Authors: []string{"Michal Aharon", "Michael Elad", "Alfred Bruckstein"},
		Title:   "K-SVD: An Algorithm for Designing Overcomplete Dictionaries for Sparse Representation",
		Year:    2006, Kind: Article, Venue: "IEEE Transactions on Signal Processing 54(11), 4311–4322",
		URL: "https://doi.org/10.1109/TSP.2006.881199",
	},
}

// worksData are data sets.
var worksData = []Work{
	{
		Key:     "UCI",
		Authors: []string{"Dheeru Dua", "Casey Graff"},
		Title:   "UCI Machine Learning Repository",
		Year:    2017, Kind: Other, Venue: "University of California, Irvine",
		URL: "https://archive.ics.uci.edu",
	},
	{
		Key:     "BSDS",
		Authors: []string{"David Martin", "Charless Fowlkes", "Doron Tal", "Jitendra Malik"},
		Title:   "A Database of Human Segmented Natural Images and its Application to Evaluating Segmentation Algorithms and Measuring Ecological Statistics",
		Year:    2001, Kind: Proceedings, Venue: "International Conference on Computer Vision (ICCV), vol. 2, 416–423",
		URL: "https://doi.org/10.1109/ICCV.2001.937655",
	},
}
