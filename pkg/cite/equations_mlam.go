package cite

// equationsMLAM, with t for the outer step, i and j for the inner ones.
var equationsMLAM = []Equation{
	{"MLAM", "1", "two blocks, one objective", `\min_{W, X} \; F(W, X)`, ""},
	{"MLAM", "2", "alternating minimization", `X_t = \arg\min_X F(W_{t-1}, X), \quad W_t = \arg\min_W F(W, X_t)`, ""},
	{"MLAM", "3", "an inner loop that moves by a hand-made rule φ", `X_i = X_{i-1} + \varphi\bigl(X_0,\dots,X_{i-1}, \nabla_X F(W_{t-1}, X_{i-1})\bigr)`, ""},
	{"MLAM", "4", "deep unfolding: one trained layer per block and step", `X_t = \mathrm{Layer}^X_t(W_{t-1}), \quad W_t = \mathrm{Layer}^W_t(X_t)`, ""},
	{"MLAM", "5", "an inner loop that moves by a network", `X^{(i)} = X^{(i-1)} + \mathrm{MetaNet}_\theta\bigl(\nabla_X F(W_{t-1}, X^{(i-1)})\bigr)`, ""},
	{"MLAM", "6", "the network learns from the global objective", `\theta^{t} = \theta^{t-1} + \alpha\, \Phi\bigl(\nabla_\theta F(W_t, X_t)\bigr)`, "printed for t = 1 on the right; Φ is the optimizer's step, descent included"},
	{
		"MLAM", "7", "the LSTM's output and cell state", `H^{(i)} = \operatorname{LSTM}\bigl(\nabla f(x_i), C^{(i)}, \theta\bigr), \quad C^{(i+1)} = z_f \odot C^{(i)} + z_i \odot \tilde C^{(i-1)}`,
		"the paper calls the candidate state a gradient with respect to θ; in an LSTM it is tanh of the inputs",
	},
	{"MLAM", "8", "inner step on X", `X^{(i)} = X^{(i-1)} + \operatorname{LSTM}_X\bigl(\nabla_X F(W_{t-1}, X^{(i-1)}), C_X^{(i-1)}, \theta_X\bigr)`, ""},
	{"MLAM", "9", "inner step on W", `W^{(j)} = W^{(j-1)} + \operatorname{LSTM}_W\bigl(\nabla_W F(W^{(j-1)}, X_t), C_W^{(j-1)}, \theta_W\bigr)`, ""},
	{
		"MLAM", "10", "the accumulated global loss of t_out outer steps",
		`L^s = \frac{1}{t_{\mathrm{out}}} \sum_{t=(s-1)\,t_{\mathrm{out}}+1}^{s\,t_{\mathrm{out}}} \omega_t F(W_t, X_t)`, "ω = 1 in all experiments",
	},
	{"MLAM", "11", "both networks learn by Adam", `\theta_X^{s+1} = \theta_X^{s} + \alpha_X \operatorname{Adam}\bigl(\nabla_{\theta_X} L^s\bigr), \quad \theta_W^{s+1} = \theta_W^{s} + \alpha_W \operatorname{Adam}\bigl(\nabla_{\theta_W} L^s\bigr)`, "Algorithm 1 prints minus: the descent sign is inside Adam here"},
	{"MLAM", "12", "the loss with prior knowledge", `L = L^s + \omega_w \lVert W_t - \tilde W\rVert_F^2 + \omega_x \lVert X_t - \tilde X\rVert_F^2`, ""},
	{"MLAM", "13", "matrix completion", `F(U,V) = \tfrac12 \lVert \mathcal{P}_\Omega(R - U V^\top)\rVert_F^2 + \tfrac{\lambda}{2}\bigl(\lVert U\rVert_F^2 + \lVert V\rVert_F^2\bigr)`, "the public code has neither the ½ nor λ"},
	{"MLAM", "14", "inner steps on the factors", `U^{(i)} = U^{(i-1)} + H_U^{(i-1)}, \quad V^{(j)} = V^{(j-1)} + H_V^{(j-1)}`, ""},
	{"MLAM", "15", "likelihood of a Gaussian mixture", `\max_{\pi,\mu,\Sigma} \; \sum_{g=1}^{G} \log \sum_{k=1}^{K} \pi_k\, \mathcal{N}(x_g \mid \mu_k, \Sigma_k)`, ""},
	{"MLAM", "16", "the Gaussian density", `\mathcal{N}(x \mid \mu, \Sigma) = \frac{\exp\bigl(-\tfrac12 (x-\mu)^\top \Sigma^{-1} (x-\mu)\bigr)}{(2\pi)^{D/2}\, \lvert\Sigma\rvert^{1/2}}`, ""},
	{"MLAM", "17", "the objective when the covariances are known", `F(\pi, \mu) = -\sum_{g=1}^{G} \log \sum_{k=1}^{K} \pi_k\, \mathcal{N}(x_g \mid \mu_k, \Sigma_k)`, "reported values are of the size of a mean over samples, not of the sum"},
	{"MLAM", "18", "inner steps on proportions and means", `\pi^{(i)} = \pi^{(i-1)} + H_\pi^{(i-1)}, \quad \mu^{(j)} = \mu^{(j-1)} + H_\mu^{(j-1)}`, "how π stays on the simplex is not stated"},
}

// equationsGSO are those of the first version; most return in MLAM under other
// numbers.
var equationsGSO = []Equation{
	{"GSO", "1", "a learned update", `x_i = x_{i-1} + \varphi\bigl(x_0,\dots,x_{i-1}, \nabla f(x_{i-1}); \theta\bigr)`, ""},
	{"GSO", "2", "two blocks, one objective", `\min_{W, X} \; F(W, X)`, "MLAM (1)"},
	{"GSO", "3", "alternating minimization", `X_n = \arg\min_X F(W_{n-1}, X), \quad W_n = \arg\min_W F(W, X_n)`, "MLAM (2)"},
	{"GSO", "4", "an inner loop that moves by a hand-made rule φ", `X_i = X_{i-1} + \varphi\bigl(X_0,\dots,X_{i-1}, \nabla_X F(W_{n-1}, X_{i-1})\bigr)`, "MLAM (3)"},
	{"GSO", "5", "points that are better although they are not stationary for either block", `\nabla_X F(W_{n-1}, X_n^*) \ne 0, \quad \nabla_W F(W_n^*, X_n) \ne 0, \quad F(W_n^*, X_n^*) < F(W_n, X_n)`, "printed with = signs; the text says that these need not hold"},
	{"GSO", "6", "the LSTM's output and cell state", `H^{(i)} = m\bigl(\nabla f(x_i), C^{(i)}, \theta\bigr), \quad C^{(i+1)} = z_{\mathrm{forget}} \odot C^{(i)} + z_{\mathrm{infor}} \odot \tilde C^{(i-1)}`, "MLAM (7)"},
	{"GSO", "7", "inner step on X", `X^{(i)} = X^{(i-1)} + m_X\bigl(\nabla_X F(W_{t-1}, X^{(i-1)}), C_X^{(i-1)}, \theta_X\bigr)`, "MLAM (8)"},
	{"GSO", "8", "inner step on W", `W^{(j)} = W^{(j-1)} + m_W\bigl(\nabla_W F(W^{(j-1)}, X_t), C_W^{(j-1)}, \theta_W\bigr)`, "MLAM (9)"},
	{"GSO", "9", "the accumulated global loss of t_u outer steps", `L^s = \frac{1}{t_u} \sum_{t=(s-1)\,t_u+1}^{s\,t_u} \omega_t F(W_t, X_t)`, "MLAM (10)"},
	{"GSO", "10", "both networks learn by Adam", `\theta_X^{s+1} = \theta_X^{s} + \alpha_X \operatorname{Adam}\bigl(\nabla_{\theta_X} L^s\bigr), \quad \theta_W^{s+1} = \theta_W^{s} + \alpha_W \operatorname{Adam}\bigl(\nabla_{\theta_W} L^s\bigr)`, "MLAM (11)"},
	{"GSO", "11", "matrix completion", `F(U,V) = \tfrac12 \lVert \mathcal{P}_\Omega(R - U V^\top)\rVert_F^2 + \tfrac{\lambda}{2}\bigl(\lVert U\rVert_F^2 + \lVert V\rVert_F^2\bigr)`, "MLAM (13)"},
	{"GSO", "12", "inner steps on the factors", `U^{(i)} = U^{(i-1)} + H_U^{(i-1)}, \quad V^{(j)} = V^{(j-1)} + H_V^{(j-1)}`, "MLAM (14)"},
	{"GSO", "13", "likelihood of a Gaussian mixture", `\max_{\pi,\mu,\Sigma} \; \sum_{g=1}^{G} \log \sum_{k=1}^{K} \pi_k\, \mathcal{N}(x_g \mid \mu_k, \Sigma_k)`, "MLAM (15)"},
	{"GSO", "14", "the Gaussian density", `\mathcal{N}(x \mid \mu, \Sigma) = \frac{\exp\bigl(-\tfrac12 (x-\mu)^\top \Sigma^{-1} (x-\mu)\bigr)}{(2\pi)^{D/2}\, \lvert\Sigma\rvert^{1/2}}`, "MLAM (16)"},
	{"GSO", "15", "the objective when the covariances are known", `F(\pi, \mu) = -\sum_{g=1}^{G} \log \sum_{k=1}^{K} \pi_k\, \mathcal{N}(x_g \mid \mu_k, \Sigma_k)`, "MLAM (17)"},
	{"GSO", "16", "inner steps on proportions and means", `\pi^{(i)} = \pi^{(i-1)} + H_\pi^{(i-1)}, \quad \mu^{(j)} = \mu^{(j-1)} + H_\mu^{(j-1)}`, "MLAM (18)"},
}
