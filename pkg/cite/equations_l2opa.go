package cite

const lostFormula = "the formula is lost in the text at hand; this is what the text around it says"

// equationsL2OPA are those of the paper; where its text lost a formula, the
// authors' slides and public code have it.
var equationsL2OPA = []Equation{
	{"L2O-PA", "1", "generic L2O: the network suggests the step", `x_{k+1} = x_k - d_k\bigl(x_k, \nabla F(x_k); \theta\bigr)`, ""},
	{"L2O-PA", "2", "the training loss", `\min_\theta \; \mathbb{E}_{F} \sum_{k=1}^{K} w_k F(x_k)`, ""},
	{"L2O-PA", "3", "a general parameterized rule; z_k holds what the step may look at", `x_{k+1} = x_k - d_k(z_k; \theta)`, ""},
	{"L2O-PA", "4", "the same as an operator, free of a parameterization", `x_{k+1} = x_k - d_k(z_k)`, ""},
	{"L2O-PA", "5", "smooth case: the rule sees point and gradient", `x_{k+1} = x_k - d_k\bigl(x_k, \nabla f(x_k)\bigr)`, ""},
	{"L2O-PA", "FP1", "asymptotic fixed point, smooth case: at a minimiser the rule stays, in the end", `\lim_{k\to\infty} d_k(x_*, 0) = 0 \quad \text{for any } x_* \in \arg\min_x f(x)`, ""},
	{"L2O-PA", "GC1", "global convergence, smooth case", `\lim_{k\to\infty} x_k = x_* \quad \text{for some } x_* \in \arg\min_x f(x)`, ""},
	{"L2O-PA", "6", "smooth case: what such a rule must look like near the solution (Theorem 1)", `x_{k+1} = x_k - P_k \nabla f(x_k) - b_k, \qquad b_k \to 0`, ""},
	{"L2O-PA", "7", "non-smooth case, explicit: a subgradient at the current point", `x_{k+1} = x_k - d_k(x_k, g_k), \quad g_k \in \partial r(x_k)`, ""},
	{"L2O-PA", "8", "non-smooth case, implicit: a subgradient at the next point", `x_{k+1} = x_k - d_k(x_{k+1}, g_{k+1}), \quad g_{k+1} \in \partial r(x_{k+1})`, ""},
	{"L2O-PA", "FP2", "asymptotic fixed point, non-smooth case", `\lim_{k\to\infty} d_k(x_*, 0) = 0 \quad \text{for any } x_* \in \arg\min_x r(x)`, ""},
	{"L2O-PA", "GC2", "global convergence, non-smooth case", `\lim_{k\to\infty} x_k = x_* \quad \text{for some } x_* \in \arg\min_x r(x)`, ""},
	{"L2O-PA", "9", "non-smooth case: the structure that follows (Theorem 2)", `x_{k+1} = x_k - P_k g_{k+1} - b_k, \quad g_{k+1} \in \partial r(x_{k+1})`, ""},
	{
		"L2O-PA", "10", "proximal operator with a preconditioner", `\operatorname{prox}_{r,P}(v) = \arg\min_x \; r(x) + \tfrac12 \lVert x - v\rVert_{P^{-1}}^2`,
		"the slides print the norm with P; only its inverse gives the proximal gradient step for P = αI",
	},
	{"L2O-PA", "11", "composite case: explicit in f, implicit in r", `x_{k+1} = x_k - d_k\bigl(x_k, \nabla f(x_k), x_{k+1}, g_{k+1}\bigr)`, ""},
	{"L2O-PA", "FP3", "asymptotic fixed point, composite case", `\lim_{k\to\infty} d_k\bigl(x_*, \nabla f(x_*), x_*, -\nabla f(x_*)\bigr) = 0 \quad \text{for any } x_* \in \arg\min_x F(x)`, ""},
	{"L2O-PA", "GC3", "global convergence, composite case", `\lim_{k\to\infty} x_k = x_* \quad \text{for some } x_* \in \arg\min_x F(x)`, ""},
	{"L2O-PA", "12", "composite case: the structure that follows (Theorem 3)", `x_{k+1} = \operatorname{prox}_{r,P_k}\bigl(x_k - P_k \nabla f(x_k) - b_k\bigr)`, ""},
	{"L2O-PA", "13", "an extra point that remembers T earlier iterates", `y_k = m(x_k, x_{k-1}, \dots, x_{k-T})`, ""},
	{"L2O-PA", "14", "the rule that also sees the extra point", `x_{k+1} = x_k - d_k\bigl(x_k, \nabla f(x_k), x_{k+1}, g_{k+1}, y_k, \nabla f(y_k)\bigr)`, ""},
	{
		"L2O-PA", "FP4", "asymptotic fixed point with an extra point",
		`\lim_{k\to\infty} d_k\bigl(x_*, \nabla f(x_*), x_*, -\nabla f(x_*), x_*, \nabla f(x_*)\bigr) = 0, \quad m(x_*, \dots, x_*) = x_* \quad \text{for any } x_* \in \arg\min_x F(x)`, "",
	},
	{"L2O-PA", "GC4", "global convergence with an extra point", `\lim_{k\to\infty} x_k = \lim_{k\to\infty} y_k = x_* \quad \text{for some } x_* \in \arg\min_x F(x)`, ""},
	{
		"L2O-PA", "15", "structure for a longer horizon, the point (Theorem 4)",
		`x_{k+1} = x_k - (P_{1,k}-P_{2,k})\nabla f(x_k) - P_{2,k}\nabla f(y_k) - b_{1,k} - P_{1,k} g_{k+1} - B_k (y_k - x_k)`, "",
	},
	{
		"L2O-PA", "16", "structure for a longer horizon, the extra point (Theorem 4)",
		`y_{k+1} = (I - A_k)\, x_{k+1} + A_k x_k + b_{2,k}`,
		"the sign of A differs from (17), which extrapolates; it is free, since A is learned",
	},
	{
		"L2O-PA", "17", "the scheme with full matrices",
		`\begin{aligned} \hat x_k &= x_k - P_k \nabla f(x_k), \quad \hat y_k = y_k - P_k \nabla f(y_k) \\ x_{k+1} &= \operatorname{prox}_{r,P_k}\bigl((I-B_k)\hat x_k + B_k \hat y_k - b_{1,k}\bigr) \\ y_{k+1} &= x_{k+1} + A_k (x_{k+1}-x_k) + b_{2,k} \end{aligned}`, "",
	},
	{
		"L2O-PA", "18", "the scheme: preconditioner p, accelerator a, balance b, biases b₁ and b₂",
		`\begin{aligned} \hat x_k &= x_k - p_k \odot \nabla f(x_k), \quad \hat y_k = y_k - p_k \odot \nabla f(y_k) \\ x_{k+1} &= \operatorname{prox}_{r,p_k}\bigl((1-b_k)\odot \hat x_k + b_k \odot \hat y_k - b_{1,k}\bigr) \\ y_{k+1} &= x_{k+1} + a_k \odot (x_{k+1}-x_k) + b_{2,k} \end{aligned}`,
		"the public code adds b₁ instead of subtracting it; L2O-PA learns p and a only: b = 1, b₁ = b₂ = 0",
	},
	{
		"L2O-PA", "19", "the network behind p, a, b, b₁, b₂, the same for every coordinate",
		`\begin{aligned} o_k, h_k &= \operatorname{LSTM}\bigl(y_k, \nabla f(y_k), h_{k-1}; \theta_{\mathrm{LSTM}}\bigr) \\ p_k, a_k, b_k, b_{1,k}, b_{2,k} &= \operatorname{MLP}(o_k; \theta_{\mathrm{MLP}}) \end{aligned}`,
		"the paper writes x_k for the input; the public code feeds the gradient at y_k and y_k, in this order",
	},
	{"L2O-PA", "20", "Lasso", `F(x) = \tfrac12 \lVert A x - b\rVert_2^2 + \lambda \lVert x\rVert_1`, ""},
	{
		"L2O-PA", "Prop. 1", "what is left of an explicit rule (7) on |x|, if all its runs converge uniformly",
		`x_{k+1} = x_k - p_k g_k - b_k, \quad g_k \in \partial |x_k|, \qquad p_k \to 0, \; b_k \to 0`,
		lostFormula,
	},
	{
		"L2O-PA", "Prop. 2", "the same on functions ‖Ax‖₁ of n numbers",
		`x_{k+1} = x_k - P_k g_k - b_k, \quad g_k \in \partial r(x_k), \qquad P_k \to 0, \; b_k \to 0`,
		lostFormula,
	},
	{
		"L2O-PA", "35", "FISTA, which (18) covers with p = 1/L, b = 1 and b₁ = b₂ = 0",
		`\begin{aligned} x_{k+1} &= \operatorname{prox}_{r,1/L}\bigl(y_k - \tfrac1L \nabla f(y_k)\bigr), \quad t_{k+1} = \tfrac{1+\sqrt{1+4t_k^2}}{2} \\ y_{k+1} &= x_{k+1} + \tfrac{t_k-1}{t_{k+1}} (x_{k+1}-x_k) \end{aligned}`,
		"formula and number are lost in the text at hand; the number is the one left before (37)",
	},
	{
		"L2O-PA", "36", "proximal gradient in a variable metric, which (18) covers with a = b₁ = b₂ = 0",
		`x_{k+1} = \operatorname{prox}_{r,p_k}\bigl(x_k - p_k \odot \nabla f(x_k)\bigr)`,
		"formula and number are lost in the text at hand; the number is the one left before (37)",
	},
	{
		"L2O-PA", "37", "Step-LISTA, which (18) covers", `x_{k+1} = S_{\theta_k}\bigl(x_k - \alpha_k A^\top (A x_k - b)\bigr)`,
		"formula lost in the text at hand; this is Step-LISTA with a threshold of its own, which Appendix C goes on to treat",
	},
	{
		"L2O-PA", "38", "the b₁ with which (18) thresholds by θ instead of αλ",
		`b_{1,k} = \operatorname{sign}(v_k) \odot \min\bigl(|v_k|, \theta_k - \alpha_k\lambda\bigr), \quad v_k = x_k - \alpha_k \nabla f(x_k) \;\Rightarrow\; S_{\alpha_k\lambda}(v_k - b_{1,k}) = S_{\theta_k}(v_k)`,
		"the cases of the definition are lost in the text at hand; this is one that holds, for smaller thresholds too",
	},
	{
		"L2O-PA", "39", "Ada-LISTA, which (18) covers with a b₁ that depends on the iterate",
		`x_{k+1} = S_{\theta_k}\bigl(x_k - \gamma_k (W_1 A)^\top W_1 A\, x_k + \gamma_k A^\top W_2\, b\bigr)`,
		"formula and number are lost in the text at hand; the formula is that of the public code",
	},
	{
		"L2O-PA", "40", "ℓ₁-regularized logistic regression",
		`F(x) = -\tfrac1m \sum_{i=1}^{m} \bigl[c_i \log h(w_i^\top x) + (1-c_i)\log\bigl(1-h(w_i^\top x)\bigr)\bigr] + \lambda\lVert x\rVert_1, \quad h(t)=\tfrac{1}{1+e^{-t}}`,
		"the loss is a mean, so ∇f has the constant ‖W‖₂²/(4m); the public code steps by 1/‖W‖₂ instead",
	},
}

// equationsTalk are the numbered ones of the slides.
var equationsTalk = []Equation{
	{"LISTA-Talk", "1", "implicit rule for non-smooth problems", `x_{k+1} = x_k - d_k(x_{k+1}, g_{k+1}), \quad g_{k+1} \in \partial r(x_{k+1})`, "L2O-PA (8)"},
	{"LISTA-Talk", "2", "composite rule", `x_{k+1} = x_k - d_k\bigl(x_k, \nabla f(x_k), x_{k+1}, g_{k+1}\bigr)`, "L2O-PA (11)"},
	{"LISTA-Talk", "3", "preconditioned proximal gradient step with a bias", `x_{k+1} = \operatorname{prox}_{r,P_k}\bigl(x_k - P_k \nabla f(x_k) - b_k\bigr)`, "L2O-PA (12)"},
}
