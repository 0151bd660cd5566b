"""Gaussian mixtures in scikit-learn: the two halves of an iteration as
GaussianMixture.fit calls them, without what fit does before and after."""

import common
import sklearn
from sklearn.mixture import GaussianMixture


def em(tensors, meta):
    X, w, mu = tensors["x"], tensors["weight"].reshape(-1), tensors["mean"]
    cov = tensors["cov"].reshape(len(w), X.shape[1], -1)

    def begin():
        # the first covariances are identities, which are their own inverses
        m = GaussianMixture(len(w), reg_covar=meta["floor"], weights_init=w, means_init=mu, precisions_init=cov)
        m._initialize_parameters(X, None)
        return m

    def step(m):
        mean, log_resp = m._e_step(X)
        m._m_step(X, log_resp)
        return mean * len(X)

    def check():
        m = begin()
        return [step(m) for _ in range(3)]

    model = begin()

    def run(units):
        for _ in range(units):
            step(model)

    return check, run


if __name__ == "__main__":
    common.serve(f"scikit-learn {sklearn.__version__}", {"em-500": em, "em-10000": em})
