"""Optima of small composite problems F = f + r by solvers that are not ours.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn cvxpy clarabel pyproximal pywavelets
    venv/bin/python composites.py

writes three tables and composites.json beside this file. Inputs have a fixed seed and few
digits, so that Go reads the same numbers. Each optimum comes from two solvers, and the
script fails where they differ by more than 1e-8 relative; the lower value is kept. Made with
numpy 2.4.6, scipy 1.17.1, scikit-learn 1.9.1, cvxpy 1.9.3, clarabel 0.11.1, pyproximal 0.13.0
and PyWavelets 1.9.0; it takes a quarter of a minute.
"""

import json
import pathlib
import re
import warnings

import cvxpy as cp
import numpy as np
import pyproximal
import pywt
from scipy import optimize, special
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, LogisticRegression, PoissonRegressor

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(15)
cases = {}
norm = np.linalg.norm


def rounded(a, digits=3):
    return np.round(np.asarray(a, float), digits)


def gauss(*shape):
    return rounded(rng.standard_normal(shape))


def table(name, a, b):
    """Writes A and b as a table, b in its last column."""
    head = ",".join([f"a{j + 1}" for j in range(a.shape[1])] + ["b"])
    np.savetxt(HERE / name, np.column_stack([a, b]), fmt="%g", delimiter=",", header=head, comments="")
    return {"csv": name, "label": "b"}


def conic(objective, constraints=(), unknown=None):
    """The solution by an interior point method."""
    problem = cp.Problem(cp.Minimize(objective), list(constraints))
    tight = {k: 1e-11 for k in ("tol_gap_abs", "tol_gap_rel", "tol_feas")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "may be inaccurate" is what the comparison below is for
        problem.solve(solver=cp.CLARABEL, max_iter=500, **tight)
    return unknown.value


def proximal_gradient(grad, prox, lipschitz, x, steps=200000):
    """FISTA, restarted where its momentum points uphill, until nothing moves."""
    y, t = x, 1.0
    for _ in range(steps):
        new = prox(y - grad(y) / lipschitz, 1 / lipschitz)
        if np.sum((y - new) * (new - x)) > 0:
            t = 1.0
        u = (1 + np.sqrt(1 + 4 * t * t)) / 2
        y = new + (t - 1) / u * (new - x)
        moved = norm(new - x)
        x, t = new, u
        if moved <= 1e-16 * max(1, norm(x)):
            break
    return x


def soft(v, t):
    return np.sign(v) * np.maximum(np.abs(v) - t, 0)


def case(name, formula, inputs, F, **solutions):
    """Keeps the best of the solutions, each a point or a tuple of points."""
    value = lambda x: float(F(*(x if isinstance(x, tuple) else (x,))))
    values = {s: float(f"{value(x):.13g}") for s, x in solutions.items()}  # later digits differ between runs
    low, high = min(values.values()), max(values.values())
    assert len(values) >= 2 and high - low <= 1e-8 * max(abs(low), 1e-3), (name, values)
    best = solutions[min(values, key=values.get)]
    best = best if isinstance(best, tuple) else (best,)
    listed = lambda a: np.asarray(a, float).tolist()
    cases[name] = {
        "formula": formula,
        "inputs": {k: v if isinstance(v, str) else listed(v) for k, v in inputs.items()},
        "optimum": low,
        "solvers": values,
        "solution": [listed(np.round(x, 10)) for x in best],
    }
    print(f"{name:20s} {low:.12g}   " + "  ".join(f"{s} {v - low:.1e}" for s, v in values.items()))


def elastic_net():
    raw = load_diabetes(scaled=False)
    rows = [",".join(f"{v:g}" for v in (*x, y)) for x, y in zip(raw.data, raw.target)]
    (HERE / "diabetes.csv").write_text("\n".join([",".join(raw.feature_names) + ",progression", *rows]) + "\n")
    table = np.loadtxt(HERE / "diabetes.csv", delimiter=",", skiprows=1)
    a, b = table[:, :-1], table[:, -1]
    a = (a - a.mean(0)) / a.std(0)
    n, lam, mu = len(b), 2000.0, 100.0
    F = lambda x, c: norm(a @ x + c - b) ** 2 / 2 + lam * norm(x, 1) + mu / 2 * norm(x) ** 2
    sk = ElasticNet(alpha=(lam + mu) / n, l1_ratio=lam / (lam + mu), tol=1e-15, max_iter=100000).fit(a, b)
    x, c = cp.Variable(a.shape[1]), cp.Variable()
    r = cp.Variable(n)
    conic(cp.sum_squares(r) / 2 + lam * cp.norm1(x) + mu / 2 * cp.sum_squares(x), [r == a @ x + c - b], x)
    case("elastic net", "½‖Ax + c − b‖² + λ‖x‖₁ + (μ/2)‖x‖², A standardised, c not penalised",
         {"csv": "diabetes.csv", "label": "progression", "lambda": lam, "mu": mu}, F,
         sklearn=(sk.coef_, sk.intercept_), clarabel=(x.value, c.value))


def group_lasso():
    a, size, lam = gauss(40, 24), 3, 6.0
    true = np.zeros(24)
    true[3:6], true[15:18] = (1, -2, 1), (2, 1, -1)
    b = rounded(a @ true + 0.3 * rng.standard_normal(40))
    groups = lambda x: x.reshape(-1, size)
    F = lambda x: norm(a @ x - b) ** 2 / 2 + lam * norm(groups(x), axis=1).sum()
    x = cp.Variable(24)
    conic(cp.sum_squares(a @ x - b) / 2 + lam * sum(cp.norm2(x[i:i + size]) for i in range(0, 24, size)), (), x)
    l21 = pyproximal.L21(ndim=size, sigma=lam)  # wants the entries of a group in a column
    prox = lambda v, t: l21.prox(groups(v).T.ravel(), t).reshape(size, -1).T.ravel()
    y = proximal_gradient(lambda v: a.T @ (a @ v - b), prox, norm(a, 2) ** 2, np.zeros(24))
    case("group lasso", "½‖Ax − b‖² + λ Σ‖x_g‖₂, groups of neighbours",
         table("groups.csv", a, b) | {"size": size, "lambda": lam}, F, clarabel=x.value, pyproximal=y)


def least_squares_on_sets():
    a = np.abs(gauss(30, 12))
    b = rounded(a @ np.maximum(rng.standard_normal(12), 0) + 0.5 * rng.standard_normal(30))
    F = lambda x: norm(a @ x - b) ** 2 / 2
    x = cp.Variable(12)
    conic(cp.sum_squares(a @ x - b) / 2, [x >= 0], x)
    case("non-negative", "½‖Ax − b‖² over x ≥ 0", table("nonnegative.csv", a, b), F,
         scipy=optimize.nnls(a, b)[0], clarabel=np.maximum(x.value, 0))

    conic(cp.sum_squares(a @ x - b) / 2, [x >= 0, cp.sum(x) == 1], x)
    simplex = pyproximal.Simplex(12, 1, engine="numpy", maxiter=1000, ftol=1e-16, xtol=1e-16)
    y = proximal_gradient(lambda v: a.T @ (a @ v - b), lambda v, t: simplex.prox(v, t), norm(a, 2) ** 2, np.full(12, 1 / 12), 20000)
    z = np.maximum(x.value, 0)
    case("simplex", "½‖Ax − b‖² over x ≥ 0, Σx = 1", {"A": a, "b": b}, F, clarabel=z / z.sum(), pyproximal=y / y.sum())


def box():
    m = gauss(25, 20)
    q, c = m.T @ m / 25, gauss(20)
    q = rounded((q + q.T) / 2, 6)
    F = lambda x: x @ q @ x / 2 + c @ x
    x = cp.Variable(20)
    conic(cp.quad_form(x, cp.psd_wrap(q)) / 2 + c @ x, [x >= 0, x <= 1], x)
    other = optimize.minimize(F, np.full(20, 0.5), jac=lambda x: q @ x + c, bounds=[(0, 1)] * 20, method="L-BFGS-B",
                              options={"ftol": 1e-16, "gtol": 1e-14, "maxiter": 10000})
    case("box", "½xᵀQx + cᵀx over 0 ≤ x ≤ 1", {"Q": q, "c": c}, F, clarabel=np.clip(x.value, 0, 1), scipy=other.x)


def deblur():
    """An image behind a periodic blur, sparse in an orthonormal periodic wavelet."""
    size, lam = 16, 0.02
    i, j = np.mgrid[:size, :size]
    picture = 0.2 + 0.6 * ((i - 7) ** 2 + (j - 8) ** 2 < 25) + 0.2 * (j > 11)
    kernel = rounded(np.exp(-(np.mgrid[-2:3, -2:3] ** 2).sum(0) / 2), 6)
    kernel = rounded(kernel / kernel.sum(), 8)
    h = np.zeros((size * size, size * size))
    for p in range(size):
        for q in range(size):
            for di in range(-2, 3):
                for dj in range(-2, 3):
                    h[p * size + q, (p - di) % size * size + (q - dj) % size] += kernel[di + 2, dj + 2]
    b = rounded(h @ picture.ravel() + 0.01 * rng.standard_normal(size * size), 4)
    for wavelet, levels in (("haar", 3), ("db2", 2)):
        columns = []
        for e in np.eye(size * size):
            parts = pywt.wavedec2(e.reshape(size, size), wavelet, mode="periodization", level=levels)
            columns.append(pywt.coeffs_to_array(parts)[0].ravel())
        w = np.array(columns).T  # coefficients from pixels
        assert norm(w @ w.T - np.eye(size * size)) < 1e-9
        a = h @ w.T
        F = lambda c: norm(a @ c - b) ** 2 / 2 + lam * norm(c, 1)
        c = cp.Variable(size * size)
        conic(cp.sum_squares(a @ c - b) / 2 + lam * cp.norm1(c), (), c)
        l1 = pyproximal.L1(sigma=lam)
        d = proximal_gradient(lambda v: a.T @ (a @ v - b), l1.prox, norm(a, 2) ** 2, np.zeros(size * size), 30000)
        on = d != 0  # on the support that was found, the optimum is a linear system
        exact = np.zeros(size * size)
        exact[on] = np.linalg.solve(a[:, on].T @ a[:, on], a[:, on].T @ b - lam * np.sign(d[on]))
        images = {"clarabel": w.T @ c.value, "pyproximal": w.T @ d, "support": w.T @ exact}
        case(f"deblur {wavelet}", "½‖Hu − b‖² + λ‖Wu‖₁, H a periodic blur, W an orthonormal wavelet, periodic",
             {"b": b, "kernel": kernel, "size": size, "levels": levels, "lambda": lam},
             lambda u, F=F, w=w: F(w @ u), **images)


def completion():
    m = rng.standard_normal((10, 2)) @ rng.standard_normal((2, 8))
    mask = (rng.random((10, 8)) < 0.6).astype(float)
    b, lam = rounded(mask * m), 0.5
    F = lambda x: norm(mask * (x - b)) ** 2 / 2 + lam * norm(x, "nuc")
    x = cp.Variable((10, 8))
    conic(cp.sum_squares(cp.multiply(mask, x - b)) / 2 + lam * cp.normNuc(x), (), x)
    nuclear = pyproximal.Nuclear((10, 8), sigma=lam)
    y = proximal_gradient(lambda v: mask.ravel() * (v - b.ravel()), nuclear.prox, 1.0, np.zeros(80))
    case("nuclear norm", "½‖P(X − M)‖² + λ‖X‖_*, P keeps what is known", {"M": b, "known": mask, "lambda": lam}, F,
         clarabel=x.value, pyproximal=y.reshape(10, 8))


def classification():
    a, s, lam = gauss(60, 10), rounded(rng.uniform(0.5, 2, 60), 2), 0.03
    share = s / s.sum()
    y = (a[:, 0] - 2 * a[:, 3] + 0.7 + 0.8 * rng.standard_normal(60) > 0).astype(float)
    F = lambda x, c: share @ (np.logaddexp(0, a @ x + c) - y * (a @ x + c)) + lam * norm(x, 1)
    x, c = cp.Variable(10), cp.Variable()
    conic(share @ (cp.logistic(a @ x + c) - cp.multiply(y, a @ x + c)) + lam * cp.norm1(x), (), x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a parameter that is about to be renamed
        sk = LogisticRegression(penalty="l1", C=1 / (lam * s.sum()), solver="saga", tol=1e-14, max_iter=200000).fit(a, y, sample_weight=s)
    case("logistic", "Σ sᵢ(log(1 + exp(zᵢ)) − yᵢzᵢ)/Σ sᵢ + λ‖x‖₁, z = Ax + c, c not penalised",
         {"A": a, "y": y, "weights": s, "lambda": lam}, F, clarabel=(x.value, c.value), sklearn=(sk.coef_[0], sk.intercept_[0]))


def huber():
    a, delta = gauss(40, 6), 0.5
    b = rounded(a @ gauss(6) + 1.5 + 0.2 * rng.standard_normal(40))
    b[::8] += 8
    loss = lambda r: np.where(np.abs(r) <= delta, r * r / 2, delta * np.abs(r) - delta ** 2 / 2)
    F = lambda x, c: loss(a @ x + c - b).sum()
    x, c = cp.Variable(6), cp.Variable()
    conic(cp.sum(cp.huber(a @ x + c - b, delta)) / 2, (), x)
    clip = lambda z: np.clip(a @ z[:-1] + z[-1] - b, -delta, delta)
    other = optimize.minimize(lambda z: F(z[:-1], z[-1]), np.zeros(7), method="BFGS", options={"gtol": 1e-11},
                              jac=lambda z: np.append(a.T @ clip(z), clip(z).sum())).x
    case("huber", "Σ h(zᵢ), h(z) = z²/2 for |z| ≤ δ and δ|z| − δ²/2 beyond, z = Ax + c − b",
         {"A": a, "b": b, "delta": delta}, F, clarabel=(x.value, c.value), scipy=(other[:-1], other[-1]))


def poisson():
    a = rounded(0.5 * rng.standard_normal((50, 5)))
    b = rng.poisson(np.exp(a @ np.array([1, -1, 0.5, 0, 0.3]) + 0.8)).astype(float)
    F = lambda x, c: (np.exp(a @ x + c) - b * (a @ x + c) + special.xlogy(b, b) - b).mean()
    sk = PoissonRegressor(alpha=0, tol=1e-13, max_iter=10000, solver="newton-cholesky").fit(a, b)
    x, c = cp.Variable(5), cp.Variable()
    conic(cp.sum(cp.exp(a @ x + c) - cp.multiply(b, a @ x + c)), (), x)
    case("poisson", "½ mean deviance, (1/m) Σ exp(zᵢ) − bᵢzᵢ + bᵢ log bᵢ − bᵢ, z = Ax + c",
         {"A": a, "b": b}, F, sklearn=(sk.coef_, sk.intercept_), clarabel=(x.value, c.value))


def variation():
    n, lam = 60, 0.8
    b = rounded(np.repeat([0.0, 2, -1, 1], 15) + 0.4 * rng.standard_normal(n))
    d = np.diff(np.eye(n), axis=0)
    F = lambda x: norm(x - b) ** 2 / 2 + lam * norm(d @ x, 1)
    x = cp.Variable(n)
    conic(cp.sum_squares(x - b) / 2 + lam * cp.norm1(d @ x), (), x)
    dual = optimize.lsq_linear(d.T, b, bounds=(-lam, lam), tol=1e-15, max_iter=1000, method="bvls").x
    case("total variation", "½‖x − b‖² + λ Σ|xᵢ₊₁ − xᵢ|", {"b": b, "lambda": lam}, F, clarabel=x.value, scipy=b - d.T @ dual)

    size, lam = 8, 0.3
    i, j = np.mgrid[:size, :size]
    b = rounded(1.0 * (i + j > 7) + 0.3 * rng.standard_normal((size, size)))
    across = lambda u: np.abs(np.diff(u, axis=0)).sum() + np.abs(np.diff(u, axis=1)).sum()
    F = lambda x: norm(x - b) ** 2 / 2 + lam * across(x)
    x = cp.Variable((size, size))
    conic(cp.sum_squares(x - b) / 2 + lam * (cp.sum(cp.abs(cp.diff(x, axis=0))) + cp.sum(cp.abs(cp.diff(x, axis=1)))), (), x)
    one = np.diff(np.eye(size), axis=0)
    d = np.vstack([np.kron(one, np.eye(size)), np.kron(np.eye(size), one)])
    dual = optimize.lsq_linear(d.T, b.ravel(), bounds=(-lam, lam), tol=1e-15, max_iter=10000, method="bvls").x
    case("total variation 2", "½‖u − b‖² + λ Σ|differences of neighbours, down and across|, not periodic",
         {"b": b, "lambda": lam}, F, clarabel=x.value, scipy=(b.ravel() - d.T @ dual).reshape(size, size))


def fused():
    a, lam, mu = gauss(30, 40), 1.0, 2.0
    true = np.zeros(40)
    true[8:16], true[25:30] = 1, -1.5
    b = rounded(a @ true + 0.3 * rng.standard_normal(30))
    d = np.diff(np.eye(40), axis=0)
    F = lambda x: norm(a @ x - b) ** 2 / 2 + lam * norm(x, 1) + mu * norm(d @ x, 1)
    x = cp.Variable(40)
    conic(cp.sum_squares(a @ x - b) / 2 + lam * cp.norm1(x) + mu * cp.norm1(d @ x), (), x)
    # prox of λ‖·‖₁ + μ‖D·‖₁ is the soft threshold of that of the second (Friedman et al. 2007, Proposition 1)

    def prox(v, t):
        dual = optimize.lsq_linear(d.T, v, bounds=(-t * mu, t * mu), tol=1e-15, max_iter=1000, method="bvls").x
        return soft(v - d.T @ dual, t * lam)

    y = proximal_gradient(lambda v: a.T @ (a @ v - b), prox, norm(a, 2) ** 2, x.value, 300)
    case("fused lasso", "½‖Ax − b‖² + λ‖x‖₁ + μ Σ|xᵢ₊₁ − xᵢ|", {"A": a, "b": b, "lambda": lam, "mu": mu}, F,
         clarabel=x.value, scipy=y)


def linear_program():
    a, c = gauss(6, 12), np.abs(gauss(12)) + 0.1
    b = rounded(a @ np.abs(gauss(12)), 6)
    res = optimize.linprog(c, A_eq=a, b_eq=b, method="highs-ds", options={"primal_feasibility_tolerance": 1e-10})
    x = cp.Variable(12)
    conic(c @ x, [a @ x == b, x >= 0], x)
    case("linear program", "cᵀx over Ax = b, x ≥ 0", {"A": a, "b": b, "c": c}, lambda x: c @ x, scipy=res.x, clarabel=x.value)


for make in (elastic_net, group_lasso, least_squares_on_sets, box, deblur, completion, classification, huber, poisson,
             variation, fused, linear_program):
    make()
text = json.dumps(cases, indent=1, ensure_ascii=False)  # a row of numbers to a line
text = re.sub(r"\[\s+([^\[\]]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text)
(HERE / "composites.json").write_text(text + "\n")
