"""The workloads in PyTorch, as one who knows it would write them: no gradient is
computed twice, nothing that is not needed, everything in float32 that is float32 in
the Go version."""

import os
import time

import common
import numpy as np

import torch
from torch import nn

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))

COMPILED = os.environ.get("L2O_COMPILED") == "1"


def compiled(f):
    """f, through torch.compile where this peer is the one that compiles."""
    return torch.compile(f, dynamic=False) if COMPILED else f


def f32(x):
    return torch.tensor(np.asarray(x), dtype=torch.float32)


def f64(x):
    return torch.tensor(np.asarray(x), dtype=torch.float64)


def load(module, tensors, prefix):
    with torch.no_grad():
        for name, p in module.named_parameters():
            p.copy_(f32(tensors[f"{prefix}.{name}"]).reshape(p.shape))


class PA(nn.Module):
    """L2O-PA: the network, and a segment of steps on a batch of Lasso problems."""

    def __init__(self, tensors, meta):
        super().__init__()
        self.B, self.m, self.n, self.rho = int(meta["batch"]), int(meta["rows"]), int(meta["cols"]), meta["lambda"]
        self.lstm, self.linear, self.head = nn.LSTM(2, 20, 2), nn.Linear(20, 20), nn.Linear(20, 2)
        for part in ("lstm", "linear", "head"):
            load(getattr(self, part), tensors, "theta." + part)
        self.A = f32(tensors["A"]).view(self.B, self.m, self.n)
        self.At = self.A.transpose(1, 2)
        self.b = f32(tensors["b"]).view(self.B, self.m, 1)
        self.s = 0.9999 / f32(tensors["L"]).view(self.B, 1, 1)

    def start(self, scale):
        shape = (2, self.B * self.n, 20)
        y = torch.zeros(self.B, self.n, 1)
        return y, y, (torch.randn(shape) * scale, torch.randn(shape) * scale)

    def segment(self, y, x, state, steps, objective=True):
        loss = 0.0
        r = torch.bmm(self.A, y) - self.b
        for _ in range(steps):
            f, y, x, state, r = self.step(y, x, state, r, objective)
            loss = loss + f
        return loss / steps, y, x, state

    def step(self, y, x, state, r, objective):
        g = torch.bmm(self.At, r)  # the residual is that of the objective before
        rows = torch.cat((g, y), 2).detach().view(1, -1, 2)
        h, state = self.lstm(rows, state)
        o = 2 * torch.sigmoid(self.head(torch.relu(self.linear(h[0])))).view(self.B, self.n, 2)
        p, a = o[..., 0:1] * self.s, o[..., 1:2]
        new = self.soft(y - p * g, self.rho * p)
        y, x = new + a * (new - x), new
        r = torch.bmm(self.A, y) - self.b
        f = (0.5 * (r * r).sum() + self.rho * y.abs().sum()) / self.B if objective else 0.0
        return f, y, x, state, r

    @staticmethod
    def soft(v, t):
        return torch.sign(v) * torch.relu(v.abs() - t)

    def value(self, y):
        r = torch.bmm(self.A, y) - self.b
        return (0.5 * (r * r).sum() + self.rho * y.abs().sum()) / self.B


def l2opa_train(tensors, meta):
    model = PA(tensors, meta)
    iterations, segment = int(meta["iterations"]), int(meta["segment"])
    model.step = compiled(model.step)

    def minibatch(opt, scale):
        y, x, state = model.start(scale)
        total = 0.0
        for _ in range(iterations // segment):
            loss, y, x, state = model.segment(y, x, state, segment)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * segment / iterations
            y, x, state = y.detach(), x.detach(), tuple(s.detach() for s in state)
        return total

    opt = torch.optim.Adam(model.parameters(), lr=meta["lr"])

    def run(units):
        for _ in range(units):
            minibatch(opt, 1.0)

    return lambda: [minibatch(torch.optim.Adam(model.parameters(), lr=meta["lr"]), 0.0)], run


def l2opa_infer(tensors, meta):
    model = PA(tensors, meta)
    model.step = compiled(model.step)

    @torch.no_grad()
    def check():
        y, x, state = model.start(0.0)
        _, y, _, _ = model.segment(y, x, state, 20, False)
        return [model.value(y).item()]

    @torch.no_grad()
    def run(units):
        y, x, state = model.start(1.0)
        start = time.perf_counter()
        model.segment(y, x, state, units, False)
        return time.perf_counter() - start

    return check, run


def listacp_train(tensors, meta):
    K, lr = int(meta["layers"]), meta["lr"]
    A, b, xs = f32(tensors["A"]), f32(tensors["b"]), f32(tensors["x"])
    b, xs = b.t().contiguous(), xs.t().contiguous()  # one instance per row, as torch likes it
    W = [f32(tensors[f"W{k}"]).requires_grad_() for k in range(K)]
    theta = [f32(tensors[f"theta{k}"]).view(()).requires_grad_() for k in range(K)]
    opt = torch.optim.Adam(W + theta, lr=lr)

    @compiled
    def forward(W, theta):
        x = torch.zeros_like(xs)
        for k in range(K):
            v = x - (x @ A.t() - b) @ W[k]
            x = torch.sign(v) * torch.relu(v.abs() - theta[k])
        return ((x - xs) ** 2).sum() / len(xs)

    def step():
        loss = forward(W, theta)
        opt.zero_grad()
        loss.backward()
        opt.step()
        return loss

    def run(units):
        for _ in range(units):
            step()

    return lambda: [step().item() for _ in range(3)], run


def lstm500(tensors, meta):
    H, steps = int(meta["hidden"]), int(meta["steps"])
    lstm, x = nn.LSTM(H, H, 2), f32(tensors["x"]).unsqueeze(0)
    load(lstm, tensors, "theta")

    @compiled
    def forward(x):
        state, loss = None, 0.0
        for _ in range(steps):
            h, state = lstm(x, state)
            loss = loss + h.mean()
        return loss

    def step():
        lstm.zero_grad()
        loss = forward(x)
        loss.backward()
        return loss

    def check():
        loss = step().item()
        return [loss] + [p.grad.norm().item() for p in lstm.parameters()]

    def run(units):
        for _ in range(units):
            step()

    return check, run


class DM(nn.Module):
    """L2O-DM on perceptrons 784-20-10, all of their weights at once."""

    def __init__(self, tensors, meta):
        super().__init__()
        self.B, self.scale = int(meta["together"]), meta["scale"]
        self.lstm, self.linear = nn.LSTM(2, 20, 2), nn.Linear(20, 1)
        for part in ("lstm", "linear"):
            load(getattr(self, part), tensors, "theta." + part)
        self.images = f32(tensors["images"]).view(self.B, -1, 784)
        self.labels = torch.tensor(np.asarray(tensors["labels"]), dtype=torch.long).view(self.B, -1)
        self.x0 = f32(tensors["start"])

    def loss(self, x):
        """The mean cross-entropy of each network."""
        W1, b1, W2, b2 = x.split((784 * 20, 20, 20 * 10, 10), 1)
        h = torch.sigmoid(torch.baddbmm(b1.unsqueeze(1), self.images, W1.view(self.B, 784, 20)))
        z = torch.baddbmm(b2.unsqueeze(1), h, W2.view(self.B, 20, 10))
        f = nn.functional.cross_entropy(z.reshape(-1, 10), self.labels.reshape(-1), reduction="none")
        return f.view(self.B, -1).mean(1)

    def loss_grad(self, x):
        x = x.detach().requires_grad_()
        f = self.loss(x)
        return f.detach(), torch.autograd.grad(f.sum(), x)[0]

    def start(self, scale):
        shape = (2, self.x0.numel(), 20)
        return self.x0, self.loss_grad(self.x0)[1], (torch.randn(shape) * scale, torch.randn(shape) * scale)

    def segment(self, x, g, state, steps):
        loss, surrogate = 0.0, 0.0
        for _ in range(steps):
            x, state = self.step(x, g, state)
            f, g = self.loss_grad(x)  # the gradient that the next step sees is that of the loss
            loss, surrogate = loss + f.mean(), surrogate + (g * x).sum() / self.B
        return loss / steps, surrogate / steps, x, g, state

    def step(self, x, g, state):
        h, state = self.lstm(torch.stack((g, x), 2).view(1, -1, 2), state)
        return x + self.scale * nn.functional.elu(self.linear(h[0])).view_as(x), state


def dm_train(tensors, meta):
    model = DM(tensors, meta)
    steps, segment = int(meta["steps"]), int(meta["segment"])
    model.step = compiled(model.step)

    def minibatch(opt, scale):
        x, g, state = model.start(scale)
        total = 0.0
        for _ in range(steps // segment):
            loss, surrogate, x, g, state = model.segment(x, g, state, segment)
            opt.zero_grad()
            surrogate.backward()
            opt.step()
            total += loss.item() * segment / steps
            x, state = x.detach(), tuple(s.detach() for s in state)
        return total

    still = torch.optim.Adam(model.parameters(), lr=meta["still"])
    first = {k: v.clone() for k, v in model.state_dict().items()}

    def check():
        opt = torch.optim.Adam(model.parameters(), lr=meta["lr"])
        loss = minibatch(opt, 0.0)
        model.load_state_dict(first)
        return [loss]

    def run(units):
        for _ in range(units):
            minibatch(still, 1.0)

    return check, run


def em(tensors, meta):
    X, floor = f64(tensors["x"]), meta["floor"]
    G, D = X.shape
    eye, const = torch.eye(D, dtype=torch.float64), -D / 2 * np.log(2 * np.pi)

    @torch.no_grad()
    @compiled
    def step(w, mu, S):
        L = torch.linalg.cholesky(S)
        d = X.unsqueeze(0) - mu.unsqueeze(1)
        z = torch.linalg.solve_triangular(L, d.transpose(1, 2), upper=False)
        half = torch.log(torch.diagonal(L, dim1=1, dim2=2)).sum(1)
        lp = const + (w.log() - half).unsqueeze(1) - 0.5 * (z * z).sum(1)
        lse = torch.logsumexp(lp, 0)
        r = torch.exp(lp - lse)
        N = r.sum(1)
        mu = (r @ X) / N.unsqueeze(1)
        d = X.unsqueeze(0) - mu.unsqueeze(1)
        S = torch.bmm((d * r.unsqueeze(2)).transpose(1, 2), d) / N.view(-1, 1, 1) + floor * eye
        return N / G, mu, S, lse.sum()

    start = f64(tensors["weight"]).view(-1), f64(tensors["mean"]), f64(tensors["cov"]).view(-1, D, D)
    model = start

    def check():
        m, out = start, []
        for _ in range(3):
            *m, l = step(*m)
            out.append(l.item())
        return out

    def run(units):
        nonlocal model
        for _ in range(units):
            *model, _ = step(*model)

    return check, run


def fista(tensors, meta):
    A, b, L, lam = f64(tensors["A"]), f64(tensors["b"]).view(-1), meta["L"], meta["lambda"]
    At = A.t()

    @compiled
    def step(x, y, m):
        v = y - (At @ (A @ y - b)) / L
        new = torch.sign(v) * torch.relu(v.abs() - lam / L)
        return new, new + m * (new - x)

    @torch.no_grad()
    def iterate(n):
        x = y = torch.zeros(A.shape[1], dtype=torch.float64)
        t = 1.0
        for _ in range(n):
            u = (1 + (1 + 4 * t * t) ** 0.5) / 2
            m = (t - 1) / u
            x, y = step(x, y, torch.tensor(m, dtype=torch.float64) if COMPILED else m)  # a number would be compiled in
            t = u
        return x

    def check():
        x = iterate(200)
        r = A @ x - b
        return [(0.5 * r @ r + lam * x.abs().sum()).item()]

    def run(units):
        iterate(units)

    return check, run


if __name__ == "__main__":
    common.serve(
        f"torch {torch.__version__}" + (" (torch.compile)" if COMPILED else ""),
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
