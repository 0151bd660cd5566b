"""Two steps of L2O-Swarm on a Rastrigin function, and the entropy of a posterior, in float64.

Written from the formulas of the paper in the words of PyTorch: one LSTMCell after the other,
softmax and masks as torch has them, gradients by autograd. Run it to write swarm.json.
"""

import json
import math
from pathlib import Path

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)

n, particles, units, hidden, beta, scale, alpha = 3, 4, 10, 5, 0.9, 0.3, 0.4

A, b, c = torch.randn(n, n), torch.randn(n), torch.randn(n)


def objective(x):
    """F of each row."""
    return 0.5 * ((x @ A.T - b) ** 2).sum(1) - alpha * (torch.cos(2 * math.pi * x) @ c) + alpha * n


class Swarm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(0.3 * torch.randn(units, 2 * n))
        self.bias = nn.Parameter(torch.randn(units, 4))
        self.cells = nn.ModuleList([nn.LSTMCell(1, hidden), nn.LSTMCell(hidden, hidden)])
        self.linear = nn.Linear(hidden, 1)

    def start(self, x):
        rows = x.numel()
        self.state = [(torch.zeros(rows, hidden), torch.zeros(rows, hidden)) for _ in self.cells]
        self.delta, self.before = torch.zeros_like(x), torch.zeros_like(x)
        self.best, self.lowest = x.detach().clone(), torch.full((len(x),), math.inf)

    def step(self, x):
        at = x.detach().clone().requires_grad_()
        f = objective(at)
        (g,) = torch.autograd.grad(f.sum(), at)
        f = f.detach()
        better = (f < self.lowest)[:, None]
        self.best = torch.where(better, x, self.best)
        self.lowest = torch.minimum(f, self.lowest)

        apart = x[:, None, :] - x[None, :, :]
        squares = (apart**2).sum(-1)
        attraction = []
        for i in range(len(x)):
            lower = f < f[i]
            if lower.any():
                attraction.append(torch.softmax(-squares[i][lower], 0) @ apart[i][lower])
            else:
                attraction.append(torch.zeros(n))
        seen = torch.stack([g, beta * self.before, x - self.best, torch.stack(attraction)], 1)  # particle, feature, n
        h = self.delta[:, None, :].expand(-1, 4, -1)
        score = torch.tanh(torch.cat([seen, h], -1) @ self.weight.T + self.bias.T).sum(-1)
        C = (torch.softmax(score, 1)[:, :, None] * seen).sum(1)
        E = C + torch.softmax(C @ C.T, 1) @ torch.softmax(-0.5 * squares, 1) @ C / len(x)

        out = E.reshape(-1, 1)
        for k, cell in enumerate(self.cells):
            self.state[k] = cell(out, self.state[k])
            out = self.state[k][0]
        self.delta = scale * self.linear(out).reshape(x.shape)
        self.before = g
        return x + self.delta


net = Swarm()
start = torch.randn(particles, n)
net.start(start)
x, loss, path, values = start, 0, [], []
for _ in range(2):
    x = net.step(x)
    path.append(x.tolist())
    values.append(objective(x).tolist())
    loss = loss + objective(x).sum() / 2
loss.backward()
names = {"weight": "attention.weight", "bias": "attention.bias", "linear.weight": "linear.weight", "linear.bias": "linear.bias"}
for k in range(2):
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        names[f"cells.{k}.{name}"] = f"lstm.{name}_l{k}"

points, samples = torch.randn(6, 2, requires_grad=True), 0.5 * torch.randn(15, 2)
f = (3 * torch.randn(6)).requires_grad_()
kernel = lambda p, q: torch.exp(-((p[:, None] - q[None]) ** 2).sum(-1) / 2)
mean = kernel(samples, points) @ torch.linalg.inv(kernel(points, points) + 2.1 * torch.eye(6)) @ f
h = torch.tensor(2 * math.log(5))
for _ in range(2):
    e = torch.exp(-torch.exp(math.sqrt(6) / h) * mean)
    e = e / e.max() + 1e-4
    pi = e / e.sum()
    h = -(pi * pi.log()).sum()
h.backward()

Path(__file__).with_suffix(".json").write_text(
    json.dumps(
        {
            "Note": "Written by swarm.py. X, F: after each of two steps, a row for each particle. Grads: of the mean over the steps of the sum of F.",
            "Torch": torch.__version__,
            "Hidden": hidden, "Scale": scale, "Alpha": alpha,
            "A": A.tolist(), "B": b.tolist(), "C": c.tolist(),
            "Params": {names[k]: p.detach().flatten().tolist() for k, p in net.named_parameters()},
            "Start": start.tolist(), "X": path, "F": values, "Loss": loss.item(),
            "Grads": {names[k]: p.grad.flatten().tolist() for k, p in net.named_parameters()},
            "Entropy": {"Points": points.tolist(), "Values": f.tolist(), "Samples": samples.tolist(), "H": h.item(), "ByPoints": points.grad.tolist(), "ByValues": f.grad.tolist()},
        }
    )
    + "\n"
)
