package cite

const (
	noteDB    = "read off the figure, ±0.5 dB"
	noteDB1   = "read off the figure, ±1 dB"
	noteThird = "read off the figure, ±30 %"
	noteTwo   = "read off the figure, ±2"
)

// primer's numbers are read off its figures.
var primer = paper{
	Work: Work{
		Key:     "Primer",
		Authors: []string{"Tianlong Chen", "Xiaohan Chen", "Wuyang Chen", "Howard Heaton", "Jialin Liu", "Zhangyang Wang", "Wotao Yin"},
		Title:   "Learning to Optimize: A Primer and A Benchmark",
		Year:    2022, Kind: Article, Venue: "Journal of Machine Learning Research 23(189)",
		URL: "https://arxiv.org/abs/2103.12828",
	},
	tables: []table{
		{
			where: "Figure 5", id: "primer.f5", unit: "dB", rel: "≈", note: noteDB,
			what: "sparse recovery, %[2]s, NMSE at layer 16, %[1]s",
			rows: labels("LISTA", "LISTA-CP", "LISTA-CPSS", "LFISTA", "LAMP", "ALISTA", "GLISTA"),
			cols: []label{
				{"noiseless", "256×512 without noise"},
				{"noisy", "256×512 at SNR 20 dB"},
				{"coherent", "256×512 with a coherent dictionary"},
				{"large", "512×1024 without noise"},
			},
			cells: `
				-35.4 -18.3 -13.4 -34.6
				-30.2 -14.7 -19.3 -25.2
				-63.1 -20.1 -26.5 -29.9
				-29.0 -16.8 -15.3 -14.4
				-55.0 -16.2 -24.3 -53.0
				-78.7 -20.1 -13.9 -81.2
				-55.8 -22.2 -31.2 -26.3`,
			notes: map[string]string{
				"lista-cpss.large": "the best layer is 13, at about −40 dB",
				"lamp.noisy":       "rises to about −7 dB at layer 12",
			},
		},
		{
			where: "Figure 5 (a)", id: "primer.f5a", unit: "dB", rel: "≈", note: noteDB1,
			what: "sparse recovery, 256×512 without noise, NMSE at %[2]s, %[1]s",
			rows: labels("ALISTA", "LISTA-CPSS", "LAMP"), cols: series("k", "layer ", "4", "8", "12"),
			cells: `
				-15 -28 -44
				-15 -34 -54
				-19 -32 -42`,
		},
		{
			where: "Figure 6", id: "primer.f6", rel: "≈", note: noteThird,
			what: "Lasso %[2]s, λ = 0.005, modified relative loss (19), %[1]s",
			rows: []label{
				{"ista", "ISTA at iteration 1000"},
				{"fista", "FISTA at iteration 1000"},
				{"lista", "LISTA at layer 16"},
				{"lista-fista", "LISTA continued by FISTA to 1000"},
				{"alista", "ALISTA at layer 16"},
				{"alista-fista", "ALISTA continued by FISTA to 1000"},
				{"gd", "GD at iteration 1000"},
				{"adam", "Adam at iteration 1000"},
				{"rmsprop", "RMSProp at iteration 1000"},
				{"l2o-dm", "L2O-DM at iteration 1000"},
				{"l2o-rnnprop", "L2O-RNNprop at iteration 1000"},
				{"l2o-enhanced", "L2O-enhanced at iteration 1000"},
				{"start", "every method at the start"},
			},
			cols: []label{{"5x10", "5×10"}, {"25x50", "25×50"}},
			cells: `
				1.5e-1 5.5e-1
				5e-6   6e-5
				1.2e-2 2e-2
				1e-5   2e-5
				3e-2   8e-3
				1e-6   1.3e-5
				100    100
				8e-2   4e-2
				8e-2   1.5e-1
				129    138
				1.8e-2 5.5e-4
				131    130
				130    125`,
			notes: map[string]string{"l2o-rnnprop.25x50": "flat after about 600 iterations"},
		},
		{
			where: "Figure 7", id: "primer.f7",
			what: "Rastrigin family (21), %[2]s, %[1]s",
			rows: []label{{"oracle", "mean global minimum by Run-and-Inspect"}},
			cols: []label{{"n2", "n = 2"}, {"n10", "n = 10"}},
			cells: `
				1.8232 19.6117`,
			note: "depends on the 128 test triplets, which are not public: compare gaps to an oracle of the same triplets",
		},
		{
			where: "Figure 7", id: "primer.f7", rel: "≈", note: noteTwo,
			what: "Rastrigin family (21), %[2]s, mean loss at iteration 1000, %[1]s",
			rows: labels("Adam", "NAG", "RMSProp", "GD", "L2O-DM", "L2O-RNNprop", "L2O-Scale", "L2O-Enhanced", "L2O-Swarm"),
			cols: []label{{"n10", "n = 10"}},
			cells: `
				52
				51
				55
				58
				55
				56
				56
				51
				47.5`,
			notes: map[string]string{
				"l2o-enhanced": "error bars from 35 to 65",
				"l2o-swarm":    "between 45 and 50, error bars ±15",
			},
		},
		{
			where: "Figure 7", id: "primer.f7.start", rel: "≈", note: noteTwo,
			what: "Rastrigin family (21), %[2]s, mean loss at the start, %[1]s",
			rows: []label{{"points", "all methods but L2O-Swarm"}, {"l2o-swarm", "L2O-Swarm"}},
			cols: []label{{"n2", "n = 2"}, {"n10", "n = 10"}},
			cells: `
				23 155
				21 109`,
			notes: map[string]string{
				"points":    "x₀ ~ N(0, 1), for which the law gives (n²+n)/2 + 10n",
				"l2o-swarm": "its particles start near 0, from N(0, 0.01²)",
			},
		},
		{
			where: "Figure 8", id: "primer.f8", rel: "≈", note: noteThird,
			what: "training loss on MNIST after 10,000 steps, %[2]s, %[1]s",
			rows: labels("SGD", "Adam", "RMSProp", "L2O-DM", "L2O-RNNprop", "L2O-Scale", "L2O-Enhanced"),
			cols: []label{{"mlp", "ReLU network 784-20-10"}, {"conv", "convolutional network"}},
			cells: `
				0.75   0.10
				0.07   0.04
				0.07   0.045
				5      5.5
				0.03   1.4
				0.05   0.65
				1.5e-3 7e-3`,
			notes: map[string]string{"l2o-rnnprop.mlp": "the lowest point of the curve is about 5e-3"},
		},
	},
	claims: []Number{
		claim("primer.f7.n2", "Figure 7 (a), Section 4.2", "Rastrigin family (21), n = 2, mean loss at the end, almost all methods",
			"5.5 to 6.0", ""),
		claim("primer.f7.swarm", "Figure 7, Section 4.2", "Rastrigin family (21), L2O-Swarm against single-point methods",
			"lower losses for both n, clearly at n = 10", "the public code runs 4 particles, so one step costs 4 gradients"),
	},
}
