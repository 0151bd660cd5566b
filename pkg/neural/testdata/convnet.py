"""Makes convnet.json: loss and gradient of convolutional networks by PyTorch, in float64.

    python3 convnet.py > convnet.json

Images are height × width × channels in the file and channels first in PyTorch; filters are
size × size × channels × filters in the file.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(5)

CASES = [
    dict(height=9, width=8, channels=1, layers=[(3, 2, 1), (2, 3, 1)], pool=2, scores=3, relu=False),
    dict(height=9, width=9, channels=2, layers=[(3, 2, 2), (2, 3, 2)], pool=2, scores=3, relu=True),
    dict(height=6, width=7, channels=3, layers=[(2, 4, 1)], pool=3, scores=2, relu=False),
]


def draw(*shape):
    return np.round(rng.normal(size=shape), 3)


def sizes(case):
    h, w, c = case["height"], case["width"], case["channels"]
    out = []
    for size, filters, stride in case["layers"]:
        out += [(size, size, c, filters), (filters,), (filters,), (filters,)]
        h, w = (h - size) // stride + 1, (w - size) // stride + 1
        window = min(case["pool"], h, w)
        h, w = (h - window) // case["pool"] + 1, (w - window) // case["pool"] + 1
        c = filters
    return out + [(h * w * c, case["scores"]), (case["scores"],)]


def loss(case, parts, images, labels):
    h = images.permute(0, 3, 1, 2)
    for i, (size, filters, stride) in enumerate(case["layers"]):
        k, b, gamma, beta = parts[4 * i : 4 * i + 4]
        h = F.conv2d(h, k.permute(3, 2, 0, 1), b, stride=stride)
        h = F.batch_norm(h, None, None, gamma, beta, training=True, eps=1e-3)
        h = F.relu(h)
        h = F.max_pool2d(h, min(case["pool"], *h.shape[2:]), stride=case["pool"])
    z = h.permute(0, 2, 3, 1).reshape(len(labels), -1) @ parts[-2] + parts[-1]
    return F.cross_entropy(F.relu(z) if case["relu"] else z, labels)


out = []
for case in CASES:
    m = 7
    images = draw(m, case["height"], case["width"], case["channels"])
    labels = rng.integers(case["scores"], size=m)
    parts = [torch.tensor(draw(*s), requires_grad=True) for s in sizes(case)]
    f = loss(case, parts, torch.tensor(images), torch.tensor(labels))
    f.backward()
    flat = lambda vs: [float(x) for v in vs for x in np.asarray(v).reshape(-1)]
    out.append(
        dict(
            case,
            images=flat([images]),
            labels=[int(y) for y in labels],
            x=flat([p.detach() for p in parts]),
            loss=f.item(),
            grad=flat([p.grad for p in parts]),
        )
    )
json.dump(dict(torch=torch.__version__, cases=out), sys.stdout)
