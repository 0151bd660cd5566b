package cite

// l2opa holds claims: the results of L2O-PA are curves, and their axes are not in our
// copy of the text.
var l2opa = paper{
	Work: Work{
		Key:     "L2O-PA",
		Authors: []string{"Jialin Liu", "Xiaohan Chen", "Zhangyang Wang", "Wotao Yin", "HanQin Cai"},
		Title:   "Towards Constituting Mathematical Structures for Learning to Optimize",
		Year:    2023, Kind: Proceedings, Venue: "International Conference on Machine Learning (ICML)",
		URL: "https://arxiv.org/abs/2305.18577",
	},
	claims: []Number{
		claim("l2o-pa.f1.ablation", "Figure 1", "Lasso 250×500, λ = 0.1: relative gap of P, A, PA, PBA, PBA1, PBA2, PBA12",
			"all reach machine precision", "the public code computes in float32, where this is a relative gap of about 1e-7"),
		claim("l2o-pa.f1.biases", "Figure 1", "Lasso 250×500, λ = 0.1: PBA against PBA1, PBA2 and PBA12",
			"fixing b₁ = b₂ = 0 beats learning them", "the public code forces learned biases to be positive on Lasso, which may decide this"),
		claim("l2o-pa.f2.biases", "Figure 2", "Lasso 250×500, λ = 0.1: means of b₁ and b₂ of PBA12 over the iterations",
			"small after a few iterations, not exactly zero", "level and number of iterations are lost in our copy of the text"),
		claim("l2o-pa.f3.pa", "Figure 3", "Lasso 250×500, λ = 0.1, in distribution: L2O-PA against ISTA, FISTA, Adam, AdamHD, Ada-LISTA, L2O-DM, L2O-RNNprop",
			"performs competitively", "the curves are lost in our copy of the text; neither restarted FISTA nor tuned constants are among the baselines"),
		claim("l2o-pa.f4.dm", "Figure 4", "Lasso of BSDS500 patches 64×128, λ = 0.5, trained on synthetic Lasso, L2O-DM",
			"stalls", "the level is lost in our copy of the text"),
		claim("l2o-pa.f4.pa", "Figure 4", "Lasso of BSDS500 patches 64×128, λ = 0.5, trained on synthetic Lasso, L2O-PA",
			"reaches machine precision", "float32, see l2o-pa.f1.ablation"),
		claim("l2o-pa.f4.rnnprop", "Figure 4", "Lasso of BSDS500 patches 64×128, λ = 0.5, trained on synthetic Lasso, L2O-RNNprop",
			"stalls", "the level is lost in our copy of the text"),
		claim("l2o-pa.f5.dm", "Figure 5, Section 4.2", "ℓ₁-logistic 1000×50, λ = 0.1, synthetic: L2O-DM",
			"fails to converge", "the level is lost in our copy of the text; the public code trains it on the gradient of the batch mean"),
		claim("l2o-pa.f5.rnnprop", "Figure 5, Section 4.2", "ℓ₁-logistic 1000×50, λ = 0.1, synthetic: L2O-RNNprop",
			"fails to converge", "the level is lost in our copy of the text"),
		{
			ID: "l2o-pa.f5.iterations", Where: "Figure 5, Section 4.2", Value: 10, Rel: "≤", Unit: "iterations",
			What: "ℓ₁-logistic 1000×50, λ = 0.1, synthetic: L2O-PA reaches the optimum",
			Note: "the tolerance is not stated",
		},
		{
			ID: "l2o-pa.f5.speedup", Where: "Figure 5, Section 4.2", Value: 100, Rel: "≈", Unit: "×",
			What: "ℓ₁-logistic 1000×50, λ = 0.1, synthetic: iterations of FISTA over those of L2O-PA",
			Note: "FISTA steps by 1/‖W‖₂ in the public code, about 105 times less than 1/L with L = ‖W‖₂²/(4m)",
		},
		{
			ID: "l2o-pa.f6.iterations", Where: "Figure 6, Section 4.2", Value: 100, Rel: "≤", Unit: "iterations",
			What: "ℓ₁-logistic on Ionosphere, λ = 0.1, trained on synthetic data: L2O-PA reaches the optimum",
			Note: "the tolerance is not stated",
		},
		{
			ID: "l2o-pa.f6.speedup", Where: "Figure 6, Section 4.2", Value: 10, Rel: ">", Unit: "×",
			What: "ℓ₁-logistic on Ionosphere, λ = 0.1, trained on synthetic data: iterations of FISTA over those of L2O-PA",
			Note: "FISTA steps by 1/‖W‖₂ in the public code, see l2o-pa.f5.speedup",
		},
		{
			ID: "l2o-pa.e.samples", Where: "Appendix E", Value: 4061, Unit: "samples",
			What: "size of Spambase",
			Note: "the data set and the public code have 4,601: digits swapped", Contradicted: true,
		},
		{
			ID: "l2o-pa.f7.speedup", Where: "Figure 7, Appendix E", Value: 20, Rel: "≈", Unit: "×",
			What: "ℓ₁-logistic on Spambase, λ = 0.1, trained on synthetic data: iterations of FISTA over those of L2O-PA",
			Note: "FISTA steps by 1/‖W‖₂ in the public code, see l2o-pa.f5.speedup",
		},
		claim("l2o-pa.f8.large", "Figure 8, Appendix F", "large Lasso, trained on 250×500",
			"L2O-PA generalizes best", "size and number of instances are lost in our copy of the text and not in the public code"),
		claim("l2o-pa.f9.cifar10", "Figure 9, Appendix F", "10-class ℓ₁-logistic on 5,000 images of CIFAR-10, trained on synthetic binary tasks",
			"stable; ahead of FISTA early, slower later", "λ and the iteration counts are lost in our copy of the text and not in the public code"),
		claim("l2o-pa.f9.dm", "Figure 9, Appendix F", "10-class ℓ₁-logistic on 5,000 images of CIFAR-10: L2O-DM in later iterations",
			"fluctuates wildly", "see l2o-pa.f9.cifar10"),
		claim("l2o-pa.f9.rnnprop", "Figure 9, Appendix F", "10-class ℓ₁-logistic on 5,000 images of CIFAR-10: L2O-RNNprop in later iterations",
			"fluctuates wildly", "see l2o-pa.f9.cifar10"),
		{
			ID: "l2o-pa.f9.early", Where: "Figure 9, Appendix F", Value: 25, Unit: "iterations",
			What: "10-class ℓ₁-logistic on 5,000 images of CIFAR-10: L2O-PA is where FISTA comes to later",
			Note: "the iterations of FISTA are lost in our copy of the text",
		},
		claim("l2o-pa.f10.ood", "Figure 10, Appendix F", "ℓ₁-logistic, synthetic: L2O-PA trained on Lasso",
			"faster than FISTA", "how p and a were mapped for the other problem is not stated; FISTA's step as in l2o-pa.f5.speedup"),
		claim("l2o-pa.f10.others", "Figure 10, Appendix F", "ℓ₁-logistic, synthetic: L2O-PA trained on Lasso against L2O-DM and L2O-RNNprop trained on logistic",
			"faster than both", "see l2o-pa.f10.ood"),
		claim("l2o-pa.t1.methods", "Table 1, Section 3", "classic methods, unrolling, generic and math-structured L2O by theory, speed and flexibility",
			"math-structured L2O joins what the others have", "the marks of the table are lost in our copy of the text"),
		claim("l2o-pa.t2.adamhd", "Table 2, Appendix F", "AdamHD to the smaller of the two gaps, on Lasso and Spambase",
			"N/A: does not reach it", "the two gaps are lost in our copy of the text"),
		claim("l2o-pa.t2.time", "Table 2, Appendix F", "time to a given gap on Lasso and Spambase, L2O-PA against AdamHD",
			"less total time, more per iteration", "all entries of the table are lost in our copy of the text"),
	},
}

// talk has no numbers.
var talk = paper{
	Work: Work{
		Key:     "LISTA-Talk",
		Authors: []string{"Jialin Liu"},
		Title:   "Towards Constituting Mathematical Structures for Learning to Optimize (slides: from LISTA to L2O-PA)",
		Year:    2023, Kind: Other, Venue: "Talk of 25 April 2023, Alibaba DAMO Academy",
	},
}
