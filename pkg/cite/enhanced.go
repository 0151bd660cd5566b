package cite

var enhanced = paper{
	Work: Work{
		Key: "L2O-Enhanced",
		Authors: []string{
			"Tianlong Chen", "Weiyi Zhang", "Jingyang Zhou", "Shiyu Chang", "Sijia Liu", "Lisa Amini", "Zhangyang Wang",
		},
		Title: "Training Stronger Baselines for Learning to Optimize",
		Year:  2020, Kind: Proceedings, Venue: "Advances in Neural Information Processing Systems 33 (NeurIPS), 7332–7343",
		URL: "https://arxiv.org/abs/2010.09089",
	},
	tables: []table{
		{
			where: "Figure 2", id: "l2o-enhanced.f2", unit: "ln(loss)", rel: "≈", note: "read off the figure",
			what: "natural logarithm of the training loss on MNIST after 10,000 steps, %[2]s, %[1]s",
			rows: []label{
				{"cl-il", "curriculum and imitation (CL-IL)"},
				{"rnnprop", "RNNprop"},
				{"scale", "L2O-Scale"},
				{"scale-meta", "L2O-Scale, variant Scale-Meta"},
				{"dm", "L2O-DM"},
			},
			cols: []label{
				{"sigmoid", "sigmoid network"},
				{"relu", "ReLU network"},
				{"deep", "deeper network"},
				{"conv", "convolutional network"},
			},
			cells: `
				-11  -7   -7   -4.8
				-6   -4   -4   0.35
				-1   -3   -1   -0.4
				-0.4 -2.5 -2.2 -2.7
				0    1.5  0    1.7`,
		},
	},
}
