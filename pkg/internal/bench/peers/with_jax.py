"""The workloads in JAX: pure functions, compiled as a whole, loops as scans."""

import time

import common
import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

jax.config.update("jax_enable_x64", True)  # for the float64 workloads; the others say float32


def f32(x):
    return jnp.asarray(np.asarray(x), jnp.float32)


def soft(v, t):
    return jnp.sign(v) * jnp.maximum(jnp.abs(v) - t, 0)


def cell(th, i, x, h, c):
    z = x @ th[f"weight_ih_l{i}"].T + th[f"bias_ih_l{i}"] + h @ th[f"weight_hh_l{i}"].T + th[f"bias_hh_l{i}"]
    a, f, g, o = jnp.split(z, 4, 1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(a) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def lstm(th, x, state):
    new = []
    for i, (h, c) in enumerate(state):
        x, c = cell(th, i, x, h, c)
        new.append((x, c))
    return x, tuple(new)


def sub(tensors, prefix):
    return {k[len(prefix) + 1 :]: f32(v) for k, v in tensors.items() if k.startswith(prefix + ".")}


def adam(th, g, m, v, t, lr):
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    a, b = lr / (1 - 0.9**t), 1 / (1 - 0.999**t)
    return jax.tree.map(lambda x, m, v: (x - a * m / (jnp.sqrt(b * v) + 1e-8)).astype(x.dtype), th, m, v), m, v


class PA:
    def __init__(self, tensors, meta):
        self.B, self.m, self.n, self.rho = int(meta["batch"]), int(meta["rows"]), int(meta["cols"]), meta["lambda"]
        self.A = f32(tensors["A"]).reshape(self.B, self.m, self.n)
        self.b = f32(tensors["b"]).reshape(self.B, self.m)
        self.s = 0.9999 / f32(tensors["L"]).reshape(self.B, 1)
        self.theta = sub(tensors, "theta")

    def start(self, scale, seed=0):
        keys = jax.random.split(jax.random.key(seed), 4)
        h = [scale * jax.random.normal(k, (self.B * self.n, 20), jnp.float32) for k in keys]
        y = jnp.zeros((self.B, self.n), jnp.float32)
        return y, y, ((h[0], h[1]), (h[2], h[3]))

    def apply(self, A, y):
        return jnp.einsum("bmn,bn->bm", A, y)

    def segment(self, th, A, b, s, carry, steps):
        part = {p: {k[len(p) + 1 :]: v for k, v in th.items() if k.startswith(p + ".")} for p in ("lstm", "linear", "head")}

        def step(carry, _):
            y, x, state, r = carry
            g = jnp.einsum("bmn,bm->bn", A, r)
            rows = lax.stop_gradient(jnp.stack((g, y), 2)).reshape(-1, 2)
            h, state = lstm(part["lstm"], rows, state)
            h = jax.nn.relu(h @ part["linear"]["weight"].T + part["linear"]["bias"])
            o = 2 * jax.nn.sigmoid(h @ part["head"]["weight"].T + part["head"]["bias"]).reshape(self.B, self.n, 2)
            p, a = o[..., 0] * s, o[..., 1]
            new = soft(y - p * g, self.rho * p)
            y, x = new + a * (new - x), new
            r = self.apply(A, y) - b
            return (y, x, state, r), 0.5 * (r * r).sum() + self.rho * jnp.abs(y).sum()

        y, x, state = carry
        (y, x, state, _), f = lax.scan(step, (y, x, state, self.apply(A, y) - b), None, steps)
        return f.mean() / self.B, (y, x, state)


def l2opa_train(tensors, meta):
    model = PA(tensors, meta)
    segments, steps, lr = int(meta["iterations"]) // int(meta["segment"]), int(meta["segment"]), meta["lr"]

    @jax.jit
    def train(th, m, v, t, A, b, s, carry):
        (loss, carry), g = jax.value_and_grad(model.segment, has_aux=True)(th, A, b, s, carry, steps)
        th, m, v = adam(th, g, m, v, t, lr)
        return th, m, v, loss, carry

    def minibatch(opt, scale, seed):
        th, m, v, t = opt
        carry, total = model.start(scale, seed), 0.0
        for _ in range(segments):
            t += 1
            th, m, v, loss, carry = train(th, m, v, float(t), model.A, model.b, model.s, carry)
            total += float(loss) / segments
        return (th, m, v, t), total

    zeros = jax.tree.map(jnp.zeros_like, model.theta)
    opt = model.theta, zeros, zeros, 0

    def run(units):
        nonlocal opt
        for i in range(units):
            opt, _ = minibatch(opt, 1.0, opt[3])

    return lambda: [minibatch((model.theta, zeros, zeros, 0), 0.0, 0)[1]], run


def l2opa_infer(tensors, meta):
    model = PA(tensors, meta)
    steps = int(meta["units"])

    def final(y):
        r = model.apply(model.A, y) - model.b
        return float((0.5 * (r * r).sum() + model.rho * jnp.abs(y).sum()) / model.B)

    # without the objective: XLA drops what is not returned
    go = jax.jit(lambda th, A, b, s, carry: model.segment(th, A, b, s, carry, steps)[1])
    twenty = jax.jit(lambda th, A, b, s, carry: model.segment(th, A, b, s, carry, 20)[1])

    def run(units):
        carry = jax.block_until_ready(model.start(1.0))
        start = time.perf_counter()
        jax.block_until_ready(go(model.theta, model.A, model.b, model.s, carry))
        return (time.perf_counter() - start) * units / steps

    return lambda: [final(twenty(model.theta, model.A, model.b, model.s, model.start(0.0))[0])], run


def listacp_train(tensors, meta):
    K, lr = int(meta["layers"]), meta["lr"]
    A, b, xs = f32(tensors["A"]), f32(tensors["b"]), f32(tensors["x"])
    th = [(f32(tensors[f"W{k}"]), f32(tensors[f"theta{k}"]).reshape(())) for k in range(K)]

    def loss(th, A, b, xs):
        x = jnp.zeros_like(xs)
        for W, t in th:
            x = soft(x - W.T @ (A @ x - b), t)
        return ((x - xs) ** 2).sum() / xs.shape[1]

    @jax.jit
    def step(th, m, v, t, A, b, xs):
        f, g = jax.value_and_grad(loss)(th, A, b, xs)
        return *adam(th, g, m, v, t, lr), f

    zeros = jax.tree.map(jnp.zeros_like, th)
    state, t = (th, zeros, zeros), 0

    def one():
        nonlocal state, t
        t += 1
        *state, f = step(*state, float(t), A, b, xs)
        return f

    def run(units):
        for _ in range(units):
            f = one()
        f.block_until_ready()

    return lambda: [float(one()) for _ in range(3)], run


def lstm500(tensors, meta):
    H, steps = int(meta["hidden"]), int(meta["steps"])
    th, x = sub(tensors, "theta"), f32(tensors["x"])
    names = [f"{kind}_l{i}" for i in range(2) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    @jax.jit
    @jax.value_and_grad
    def loss(th, x):
        zero = jnp.zeros((x.shape[0], H), jnp.float32)
        state, total = ((zero, zero), (zero, zero)), 0.0
        for _ in range(steps):
            h, state = lstm(th, x, state)
            total = total + h.mean()
        return total

    def run(units):
        for _ in range(units):
            f, g = loss(th, x)
        jax.block_until_ready((f, g))

    def check():
        f, g = loss(th, x)
        return [f] + [jnp.linalg.norm(g[n]) for n in names]

    return check, run


def dm_train(tensors, meta):
    B, scale, segments = int(meta["together"]), meta["scale"], int(meta["steps"]) // int(meta["segment"])
    steps = int(meta["segment"])
    images, x0 = f32(tensors["images"]).reshape(B, -1, 784), f32(tensors["start"])
    labels = jnp.asarray(np.asarray(tensors["labels"]), jnp.int32).reshape(B, -1)
    theta = sub(tensors, "theta")

    def mlp(x, images, labels):
        W1, b1, W2, b2 = jnp.split(x, (15680, 15700, 15900), 1)
        h = jax.nn.sigmoid(jnp.einsum("bmi,bij->bmj", images, W1.reshape(B, 784, 20)) + b1[:, None])
        z = jnp.einsum("bmi,bij->bmj", h, W2.reshape(B, 20, 10)) + b2[:, None]
        f = jax.nn.logsumexp(z, 2) - jnp.take_along_axis(z, labels[..., None], 2)[..., 0]
        return f.mean(1).sum()

    loss_grad = jax.value_and_grad(mlp)

    def segment(th, carry, images, labels):
        cells = {k[5:]: v for k, v in th.items() if k.startswith("lstm.")}

        def step(carry, _):
            x, g, state = carry
            h, state = lstm(cells, jnp.stack((g, x), 2).reshape(-1, 2), state)
            x = x + scale * jax.nn.elu(h @ th["linear.weight"].T + th["linear.bias"]).reshape(x.shape)
            f, g = loss_grad(lax.stop_gradient(x), images, labels)  # the gradient that the next step sees is that of the loss
            return (x, g, state), (f, (g * x).sum())

        carry, (f, surrogate) = lax.scan(step, carry, None, steps)
        return surrogate.mean() / B, (f.mean() / B, carry)

    @jax.jit
    def train(th, m, v, t, lr, carry, images, labels):
        (_, (loss, carry)), g = jax.value_and_grad(segment, has_aux=True)(th, carry, images, labels)
        th, m, v = adam(th, g, m, v, t, lr)
        return th, m, v, loss, carry

    def minibatch(opt, lr, scale, seed):
        th, m, v, t = opt
        h = [scale * jax.random.normal(k, (x0.size, 20), jnp.float32) for k in jax.random.split(jax.random.key(seed), 4)]
        carry, total = (x0, loss_grad(x0, images, labels)[1], ((h[0], h[1]), (h[2], h[3]))), 0.0
        for _ in range(segments):
            t += 1
            th, m, v, loss, carry = train(th, m, v, float(t), lr, carry, images, labels)
            total += float(loss) / segments
        return (th, m, v, t), total

    zeros = jax.tree.map(jnp.zeros_like, theta)
    opt = theta, zeros, zeros, 0

    def run(units):
        nonlocal opt
        for _ in range(units):
            opt, _ = minibatch(opt, meta["still"], 1.0, opt[3])

    return lambda: [minibatch((theta, zeros, zeros, 0), meta["lr"], 0.0, 0)[1]], run


def em(tensors, meta):
    X, floor = jnp.asarray(tensors["x"]), meta["floor"]
    G, D = X.shape

    @jax.jit
    def step(w, mu, S, X):
        L = jnp.linalg.cholesky(S)
        d = X[None] - mu[:, None]
        z = jax.scipy.linalg.solve_triangular(L, d.transpose(0, 2, 1), lower=True)
        half = jnp.log(jnp.diagonal(L, axis1=1, axis2=2)).sum(1)
        lp = -D / 2 * np.log(2 * np.pi) + (jnp.log(w) - half)[:, None] - 0.5 * (z * z).sum(1)
        lse = jax.scipy.special.logsumexp(lp, 0)
        r = jnp.exp(lp - lse)
        N = r.sum(1)
        mu = (r @ X) / N[:, None]
        d = X[None] - mu[:, None]
        S = jnp.einsum("kgi,kgj->kij", d * r[:, :, None], d) / N[:, None, None] + floor * jnp.eye(D)
        return N / G, mu, S, lse.sum()

    start = jnp.asarray(tensors["weight"]).reshape(-1), jnp.asarray(tensors["mean"]), jnp.asarray(tensors["cov"]).reshape(-1, D, D)
    model = start

    def check():
        m, out = start, []
        for _ in range(3):
            *m, l = step(*m, X)
            out.append(l)
        return out

    def run(units):
        nonlocal model
        for _ in range(units):
            *model, _ = step(*model, X)
        jax.block_until_ready(model)

    return check, run


def fista(tensors, meta):
    A, b = jnp.asarray(tensors["A"]), jnp.asarray(tensors["b"]).reshape(-1)
    L, lam = meta["L"], meta["lambda"]

    @jax.jit
    def iterate(n, A, b):
        def step(_, s):
            x, y, t = s
            new = soft(y - A.T @ (A @ y - b) / L, lam / L)
            u = (1 + jnp.sqrt(1 + 4 * t * t)) / 2
            return new, new + (t - 1) / u * (new - x), u

        zero = jnp.zeros(A.shape[1])
        return lax.fori_loop(0, n, step, (zero, zero, 1.0))[0]

    def check():
        x = iterate(200, A, b)
        r = A @ x - b
        return [0.5 * r @ r + lam * jnp.abs(x).sum()]

    def run(units):
        iterate(units, A, b).block_until_ready()

    return check, run


if __name__ == "__main__":
    common.serve(
        f"jax {jax.__version__} (jit, {jax.default_backend()})",
        {
            "l2opa-train": l2opa_train,
            "l2opa-infer": l2opa_infer,
            "listacp-train-128": listacp_train,
            "listacp-train-512": listacp_train,
            "lstm500": lstm500,
            "dm-mlp-train": dm_train,
            "dm-mlp-train-4": dm_train,
            "dm-mlp-train-saturated": dm_train,
            "dm-mlp-train-saturated-4": dm_train,
            "em-500": em,
            "em-10000": em,
            "fista": fista,
        },
    )
