# Writes gru.json: three steps of a GRU cell and the gradient of the sum of all squares, by
# torch.nn.GRUCell, and with the reset gate before the product, from the equations. float64.
import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
IN, H, ROWS = 3, 4, 2


def after(p, x, h):
    cell = torch.nn.GRUCell(IN, H)
    return torch.func.functional_call(cell, p, (x, h))


def before(p, x, h):
    ir, iz, i_n = (x @ p["weight_ih"].T + p["bias_ih"]).chunk(3, 1)
    wr, wz, wn = p["weight_hh"].chunk(3, 0)
    r, z = torch.sigmoid(ir + h @ wr.T), torch.sigmoid(iz + h @ wz.T)
    n = torch.tanh(i_n + (r * h) @ wn.T)
    return z * h + (1 - z) * n


out = {}
for name, step, biases in [("reset after the product", after, 2), ("reset before the product", before, 1)]:
    p = {"weight_ih": torch.randn(3 * H, IN), "weight_hh": torch.randn(3 * H, H), "bias_ih": torch.randn(3 * H)}
    if biases == 2:
        p["bias_hh"] = torch.randn(3 * H)
    x, h = torch.randn(ROWS, IN), torch.randn(ROWS, H)
    for v in [*p.values(), h]:
        v.requires_grad_()
    first, steps, loss = h, [], 0
    for _ in range(3):
        h = step(p, x, h)
        steps.append(h.tolist())
        loss = loss + (h**2).sum()
    loss.backward()
    rows = lambda v: v.reshape(-1, v.shape[-1]).tolist()
    out[name] = {
        "params": {n: rows(v.detach()) for n, v in p.items()}, "x": x.tolist(), "h": first.tolist(), "steps": steps,
        "loss": loss.item(), "grads": {**{n: rows(v.grad) for n, v in p.items()}, "h": first.grad.tolist()},
    }
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
