package cite

// equationsPrimer are those of the survey and benchmark.
var equationsPrimer = []Equation{
	{"Primer", "1", "training a learned optimizer", `\min_\theta \; \mathbb{E}_{f} \sum_{t=1}^{T} w_t f(x_t), \quad x_{t+1} = x_t - g(z_t, \theta)`, ""},
	{
		"Primer", "2", "L2O-DM: an LSTM m proposes the step",
		`\min_\theta \; \mathbb{E}_{f} \sum_{t=1}^{T} w_t f(x_t), \quad x_{t+1} = x_t + g_t, \quad (g_t, h_{t+1}) = m\bigl(\nabla f(x_t), h_t, \theta\bigr)`, "",
	},
	{"Primer", "3", "reparameterization estimate of a smoothed gradient", `g_{\mathrm{rp}} = \frac1S \sum_{s=1}^{S} \nabla_\theta f(\theta + n_s), \quad n_s \sim \mathcal{N}(0, \sigma^2 I)`, ""},
	{"Primer", "4", "evolution-strategies estimate of the same gradient", `g_{\mathrm{es}} = \frac1S \sum_{s=1}^{S} f(\tilde\theta_s)\, \nabla_\theta \log \mathbb{P}(\tilde\theta_s), \quad \tilde\theta_s \sim \mathcal{N}(\theta, \sigma^2 I)`, ""},
	{"Primer", "5", "both, weighted by their inverse variances", `g = \frac{g_{\mathrm{rp}}\,\sigma_{\mathrm{rp}}^{-2} + g_{\mathrm{es}}\,\sigma_{\mathrm{es}}^{-2}}{\sigma_{\mathrm{rp}}^{-2} + \sigma_{\mathrm{es}}^{-2}}`, ""},
	{"Primer", "6", "black-box optimizer: the next query from the last answer", `h_t, x_t = \operatorname{RNN}_\theta(h_{t-1}, x_{t-1}, y_{t-1})`, ""},
	{"Primer", "7", "the answer is a draw from a Gaussian process", `y_t \sim p(y \mid x_t, \dots, x_1)`, ""},
	{"Primer", "8", "adversarial training", `\min_\theta \; \mathbb{E}_{(x,c)} \max_{x' \in \mathbb{B}(x,\epsilon)} \ell\bigl(f_\theta(x'), c\bigr)`, ""},
	{"Primer", "9a", "plug and play: the prior's proximal map becomes a network", `x_{k+1} = H_\theta(y_k - u_k)`, ""},
	{"Primer", "9b", "plug and play: proximal step on the data term", `y_{k+1} = \operatorname{prox}_{\alpha f}(x_{k+1} + u_k)`, ""},
	{"Primer", "9c", "plug and play: dual step", `u_{k+1} = u_k + x_{k+1} - y_{k+1}`, ""},
	{"Primer", "10", "the plugged network is trained by itself", `\theta \in \arg\min_{\tilde\theta} \mathcal{L}(\tilde\theta)`, ""},
	{"Primer", "11", "unrolling: one set of parameters per iteration", `x_{k+1} = T(x_k; \theta_k)`, ""},
	{"Primer", "12", "unrolling is trained end to end", `\min_{\theta_0,\dots,\theta_{K-1}} \mathcal{L}\bigl(x_K(\theta_0,\dots,\theta_{K-1})\bigr)`, ""},
	{"Primer", "13", "an inverse problem", `b = A(x^\star) + \varepsilon`, "the paper calls the data d here and b from (17) on"},
	{"Primer", "14", "supervised training on an inverse problem", `\min_\theta \; \mathbb{E}_b \lVert x_K(\theta, b) - x_b^\star\rVert^2`, ""},
	{"Primer", "15", "ISTA", `x_{k+1} = S_{\lambda/L}\bigl(x_k - \tfrac1L A^\top (A x_k - b)\bigr)`, ""},
	{"Primer", "16", "LISTA", `x_{k+1} = S_\theta(W_e b + S x_k)`, "S with an index is the soft threshold, without one a learned matrix"},
	{"Primer", "17", "sparse recovery", `b = A x^\star + \varepsilon, \quad x^\star_i \sim \mathrm{Ber}(0.1)\cdot \mathcal{N}(0,1)`, "the law of x* is in the text, not in the formula"},
	{"Primer", "18", "Lasso", `\min_x \; f(x) = \tfrac12 \lVert A x - b\rVert_2^2 + \lambda\lVert x\rVert_1`, ""},
	{"Primer", "19", "modified relative loss: a ratio of means", `R = \frac{\mathbb{E}_q[f_q(x) - f_q^*]}{\mathbb{E}_q[f_q^*]}`, "not the mean of ratios that L2O-PA reports"},
	{"Primer", "20", "Rastrigin function", `f(x) = \tfrac12 \sum_{i=1}^{n} x_i^2 - \alpha \sum_{i=1}^{n} \cos(2\pi x_i) + \alpha n`, "α = 10"},
	{"Primer", "21", "Rastrigin family", `f(x) = \tfrac12 \lVert A x - b\rVert_2^2 - \alpha\, c^\top \cos(2\pi x) + \alpha n`, "A, b, c with entries from N(0, 1)"},
}
