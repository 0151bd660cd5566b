"""Makes iris.json: what scikit-learn's GaussianMixture gives on iris.csv, for every
covariance type and K = 1..6 from a start that is written down: log-likelihoods after each
of the first five iterations, and the end. Run it beside iris.csv:

    python3 iris.py > iris.json
"""

import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn.mixture import GaussianMixture

warnings.simplefilter("ignore")  # few iterations are no accident here

X = np.loadtxt("iris.csv", delimiter=",", skiprows=1)[:, :4]
G, D = X.shape
FLOOR = 1e-6


def start(kind, k):
    """Equal weights, points far apart in the list, and the covariance of all points halved."""
    rows = [7 + (G - 15) * i // max(1, k - 1) for i in range(k)]
    cov = np.cov(X.T, bias=True) / 2
    return rows, {
        "full": np.stack([cov] * k),
        "tied": cov,
        "diag": np.stack([np.diag(cov)] * k),
        "spherical": np.full(k, np.trace(cov) / D),
    }[kind]


def fit(kind, k, iterations, tol=0.0):
    rows, cov = start(kind, k)
    model = GaussianMixture(
        k,
        covariance_type=kind,
        reg_covar=FLOOR,
        tol=tol,
        max_iter=iterations,
        weights_init=np.full(k, 1 / k),
        means_init=X[rows],
        precisions_init=np.linalg.inv(cov) if kind in ("full", "tied") else 1 / cov,
    )
    return model.fit(X)


cases = []
for kind in ["full", "tied", "diag", "spherical"]:
    for k in range(1, 7):
        rows, cov = start(kind, k)
        end = fit(kind, k, 20000, 1e-13)
        cases.append(
            {
                "covariance": kind,
                "k": k,
                "rows": rows,
                "cov": cov.reshape(-1).tolist(),
                "first": [fit(kind, k, n).score(X) * G for n in range(1, 6)],
                "iterations": int(end.n_iter_),
                "converged": bool(end.converged_),
                "loglik": end.score(X) * G,
                "bic": end.bic(X),
                "aic": end.aic(X),
            }
        )
json.dump({"sklearn": sklearn.__version__, "floor": FLOOR, "cases": cases}, sys.stdout, indent=1)
print()
