"""The workloads that need no gradients, in NumPy, with as few temporaries as its
users take care of."""

import common
import numpy as np


def em(tensors, meta):
    X, floor = tensors["x"], meta["floor"]
    G, D = X.shape
    eye, const = np.eye(D), -D / 2 * np.log(2 * np.pi)

    def step(w, mu, S):
        L = np.linalg.cholesky(S)
        d = X[None] - mu[:, None]
        # NumPy has no triangular solve; the inverse of the small factor is cheaper than a general solve
        z = d @ np.linalg.inv(L).transpose(0, 2, 1)
        half = np.log(np.diagonal(L, axis1=1, axis2=2)).sum(1)
        lp = const + (np.log(w) - half)[:, None] - 0.5 * np.einsum("kgd,kgd->kg", z, z)
        top = lp.max(0)
        r = np.exp(lp - top)
        s = r.sum(0)
        r /= s
        N = r.sum(1)
        mu = (r @ X) / N[:, None]
        d = X[None] - mu[:, None]
        S = (d * r[:, :, None]).transpose(0, 2, 1) @ d / N[:, None, None] + floor * eye
        return N / G, mu, S, (top + np.log(s)).sum()

    start = tensors["weight"].reshape(-1), tensors["mean"], tensors["cov"].reshape(-1, D, D)
    model = start

    def check():
        m, out = start, []
        for _ in range(3):
            *m, l = step(*m)
            out.append(l)
        return out

    def run(units):
        nonlocal model
        for _ in range(units):
            *model, _ = step(*model)

    return check, run


def fista(tensors, meta):
    A, b, L, lam = tensors["A"].copy(), tensors["b"].reshape(-1), meta["L"], meta["lambda"]
    At = A.T

    def iterate(n):
        x = y = np.zeros(A.shape[1])
        t = 1.0
        for _ in range(n):
            v = y - (At @ (A @ y - b)) / L
            new = np.sign(v) * np.maximum(np.abs(v) - lam / L, 0)
            u = (1 + (1 + 4 * t * t) ** 0.5) / 2
            y, x, t = new + (t - 1) / u * (new - x), new, u
        return x

    def check():
        x = iterate(200)
        r = A @ x - b
        return [0.5 * r @ r + lam * np.abs(x).sum()]

    def run(units):
        iterate(units)

    return check, run


if __name__ == "__main__":
    common.serve(f"numpy {np.__version__}", {"em-500": em, "em-10000": em, "fista": fista})
