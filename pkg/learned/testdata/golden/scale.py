# Writes scale.json: L2O-Scale on F = ½‖Ax − b‖², two segments of two steps, with the points,
# the loss (mean of F over the steps of a segment) and its gradient by all parameters. An
# implementation of its own, in float64, one tensor and one coordinate at a time.
import json
import math
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(3)
P, T, G, SEEN = 3, 4, 2, 12  # hidden units of the levels, inputs of a coordinate
LENGTHS, ROWS = [3, 2], 6


def gru(p, name, x, h, bias=0.0):
    """The reset gate comes before the product."""
    wi, wh, b = (p[f"{name}.{k}"] for k in ("weight_ih", "weight_hh", "bias_ih"))
    n = h.shape[0]
    i = wi @ x + b[0] + bias
    r = torch.sigmoid(i[:n] + wh[:n] @ h)
    u = torch.sigmoid(i[n : 2 * n] + wh[n : 2 * n] @ h)
    c = torch.tanh(i[2 * n :] + wh[2 * n :] @ (r * h))
    return u * h + (1 - u) * c


def affine(p, name, x):
    return p[name + ".weight"] @ x + p[name + ".bias"][0]


def run(p, a, b, x, rates, all_tensors):
    tensors = []
    for k, n in enumerate(LENGTHS):
        zero = torch.zeros(4)
        tensors.append({
            "h": p["start.tensor"][0],
            "own": [{"h": p["start.parameter"][0], "m": zero, "v": zero, "beta": torch.tensor(0.0), "gamma": torch.tensor(0.0), "rate": r} for r in rates[k]],
        })
    top, segments = p["start.global"][0], []
    for _ in range(2):
        loss, points = 0, []
        for _ in range(2):
            grad = (a.T @ (a @ x - b)).detach()
            coordinates = [o for t in tensors for o in t["own"]]
            mean = sum(o["rate"] for o in coordinates) / len(coordinates)
            moves, at = [], 0
            for t in tensors:
                above = affine(p, "tensor_to_parameter", t["h"]) + affine(p, "global_to_parameter", top)
                d, logs, summary = [], [], 0
                for o in t["own"]:
                    g = grad[at]
                    at += 1
                    m, v, scaled, log_v = [], [], [], []
                    for s in range(4):
                        beta = o["beta"] ** (0.5**s)
                        m.append(g * (1 - beta) + o["m"][s] * beta)
                        v.append((1 - o["gamma"]) * (m[s] ** 2 + 1e-12) + o["gamma"] * o["v"][s])
                        scaled.append(torch.asinh(m[s] / torch.sqrt(v[s] + 1e-16)))
                        log_v.append(torch.log(v[s] + 1e-16))
                    level = sum(log_v) / 4
                    see = torch.stack(scaled + [scaled[s] * scaled[s + 1] for s in range(3)] + [w - level for w in log_v] + [o["rate"] - mean])
                    o["h"] = gru(p, "parameter", see, o["h"], above)
                    o["m"], o["v"] = torch.stack(m), torch.stack(v)
                    o["beta"] = torch.sigmoid(affine(p, "parameter.average_decay", o["h"]))[0]
                    o["gamma"] = torch.sigmoid(affine(p, "parameter.square_decay", o["h"]))[0]
                    d.append((p["parameter.direction.weight"] @ o["h"] + p["parameter.shortcut.weight"] @ torch.stack(scaled))[0])
                    log = o["rate"] + affine(p, "parameter.rate", o["h"])[0]
                    log = log + (log.clamp(-33, 33) - log).detach()
                    keep = torch.sigmoid(p["rate_momentum"][0, 0])
                    o["rate"] = keep * o["rate"] + (1 - keep) * log
                    logs.append(log)
                    summary = summary + torch.cat([o["h"], see]) / len(t["own"])
                t["h"] = gru(p, "tensor", summary, t["h"], affine(p, "global_to_tensor", top))
                d = torch.stack(d)
                moves.append(torch.exp(torch.stack(logs) + p["rate_offset"][0, 0]) * d / torch.sqrt((d**2).mean() + 1e-16))
            top = gru(p, "global", sum(t["h"] for t in tensors) / len(tensors) if all_tensors else tensors[-1]["h"], top)
            x = x - torch.cat(moves)
            points.append(x.tolist())
            loss = loss + 0.5 * ((a @ x - b) ** 2).sum() / 2
        grads = torch.autograd.grad(loss, list(p.values()), allow_unused=True)
        segments.append({"loss": loss.item(), "points": points, "grads": {n: (torch.zeros_like(v) if g is None else g).tolist() for (n, v), g in zip(p.items(), grads)}})
        # truncated: the next segment begins from constants
        x, top = x.detach(), top.detach()
        for t in tensors:
            t["h"] = t["h"].detach()
            t["own"] = [{k: v.detach() for k, v in o.items()} for o in t["own"]]
    return segments


shapes = {}
for name, i, h in [("parameter", SEEN, P), ("tensor", P + SEEN, T), ("global", T, G)]:
    shapes |= {f"{name}.weight_ih": (3 * h, i), f"{name}.weight_hh": (3 * h, h), f"{name}.bias_ih": (1, 3 * h), f"start.{name}": (1, h)}
for name, r, n in [("tensor_to_parameter", 3 * P, T), ("global_to_parameter", 3 * P, G), ("global_to_tensor", 3 * T, G),
                   ("parameter.average_decay", 1, P), ("parameter.square_decay", 1, P), ("parameter.rate", 1, P)]:
    shapes |= {name + ".weight": (r, n), name + ".bias": (1, r)}
shapes |= {"parameter.direction.weight": (1, P), "parameter.shortcut.weight": (1, 4), "rate_momentum": (1, 1), "rate_offset": (1, 1)}
params = {n: (torch.randn(s) / math.sqrt(s[1])).requires_grad_() for n, s in shapes.items()}
A, B, X = torch.randn(ROWS, sum(LENGTHS)), torch.randn(ROWS), torch.randn(sum(LENGTHS))
RATES = [-2 - 2 * torch.rand(n) for n in LENGTHS]
out = {
    "params": {n: v.tolist() for n, v in params.items()}, "a": A.tolist(), "b": B.tolist(), "x": X.tolist(), "rates": [r.tolist() for r in RATES],
    "last": run(params, A, B, X, RATES, False), "all": run(params, A, B, X, RATES, True),
}
rounded = lambda v: [rounded(e) for e in v] if isinstance(v, list) else {k: rounded(e) for k, e in v.items()} if isinstance(v, dict) else float(f"{v:.14g}")
# parameters, data and points are exact; gradients are rounded to 14 digits to keep the file small
for which in ("last", "all"):
    for s in out[which]:
        s["grads"] = rounded(s["grads"])
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
