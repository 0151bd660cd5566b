"""Two steps of L2O-DM (2016) and of RNNprop on Rastrigin functions, in float64.

An independent implementation with torch.nn.LSTMCell and autograd. It writes modelfree.json:
for each case the parameters, the iterates, the mean of F over both steps and its gradient.
"""

import json
import math
import pathlib

import torch

torch.set_default_dtype(torch.float64)
ALPHA, N, STEPS, HIDDEN, K = 10.0, 3, 2, 4, 5.0


def rastrigin(a, b, c, x):
    return 0.5 * ((a @ x - b) ** 2).sum() - ALPHA * (c * torch.cos(2 * math.pi * x)).sum() + ALPHA * len(x)


def log_and_sign(g):
    eps = torch.finfo(torch.float32).eps
    size = torch.clamp(torch.log(g.abs() + eps) / K, min=-1)
    sign = torch.clamp(g * math.exp(K), -1, 1)
    return torch.stack([size, sign], dim=1)


class Net(torch.nn.Module):
    def __init__(self, inputs, embedded):
        super().__init__()
        self.linear_in = torch.nn.Linear(inputs, HIDDEN) if embedded else None
        self.cells = torch.nn.ModuleList([torch.nn.LSTMCell(HIDDEN if embedded else inputs, HIDDEN), torch.nn.LSTMCell(HIDDEN, HIDDEN)])
        self.linear = torch.nn.Linear(HIDDEN, 1)

    def forward(self, seen, state):
        h = seen if self.linear_in is None else torch.nn.functional.elu(self.linear_in(seen))
        new = []
        for cell, s in zip(self.cells, state):
            s = cell(h, s)
            h = s[0]
            new.append(s)
        return self.linear(h)[:, 0], new

    def ours(self):
        head = "linear" if self.linear_in is None else "linear_out"
        named = {}
        for name, p in self.named_parameters():
            if name.startswith("cells."):
                _, layer, what = name.split(".")
                name = f"lstm.{what}_l{layer}"
            named[name.replace("linear.", head + ".") if name.startswith("linear.") else name] = p
        return named


def case(kind, scale, grad_scale, seed):
    torch.manual_seed(seed)
    a, b, c, x0 = torch.randn(N, N), torch.randn(N), torch.randn(N), torch.randn(N)
    net = Net({"log and sign": 2, "raw": 1, "rnnprop": 2}[kind], kind == "rnnprop")
    zeros = lambda: (torch.zeros(N, HIDDEN), torch.zeros(N, HIDDEN))
    state, x, m, v, loss, xs = [zeros(), zeros()], x0, torch.zeros(N), torch.zeros(N), 0.0, []
    for k in range(1, STEPS + 1):
        at = x.detach().requires_grad_()
        (g,) = torch.autograd.grad(rastrigin(a, b, c, at), at)
        if kind == "rnnprop":
            m, v = 0.95 * m + 0.05 * g, 0.95 * v + 0.05 * g * g
            root = torch.sqrt(v / (1 - 0.95**k)) + 1e-8
            seen = torch.stack([g / root, m / (1 - 0.95**k) / root], dim=1)
        else:
            g = g * grad_scale
            seen = log_and_sign(g) if kind == "log and sign" else g[:, None]
        out, state = net(seen, state)
        x = x - scale * torch.tanh(out) if kind == "rnnprop" else x + scale * out
        xs.append(x.detach().tolist())
        loss = loss + rastrigin(a, b, c, x) / STEPS
    loss.backward()
    named = net.ours()
    return {
        "kind": kind, "output_scale": scale, "grad_scale": grad_scale, "hidden": HIDDEN, "alpha": ALPHA,
        "a": a.tolist(), "b": b.tolist(), "c": c.tolist(), "x0": x0.tolist(), "x": xs, "loss": loss.item(),
        "params": {n: p.detach().flatten().tolist() for n, p in named.items()},
        "grads": {n: p.grad.flatten().tolist() for n, p in named.items()},
    }


cases = [case("log and sign", 0.01, 1.0, 1), case("raw", 1.0, 1.0 / 128, 2), case("rnnprop", 0.01, 1.0, 3)]
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(cases) + "\n")
