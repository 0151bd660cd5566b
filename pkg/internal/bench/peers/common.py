"""What every peer needs: the inputs from a safetensors file, and the conversation.

A peer is started as `python with_LIBRARY.py WORKLOAD INPUTS`. It answers one line of
JSON at the start, {"peer": name and version, "check": numbers}, and one for each line
of JSON that it reads, {"ms": time of one unit, "mb": peak memory}. A workload is a
function of the inputs that returns (check, run): check() computes the numbers that
both sides compare, run(units) does the timed work and may return the seconds itself.
"""

import json
import resource
import sys
import time

import numpy as np


def read(path):
    """The tensors of a safetensors file in float64, and its metadata."""
    with open(path, "rb") as f:
        raw = f.read()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    meta = header.pop("__metadata__", {})
    tensors = {}
    for name, info in header.items():
        a, b = info["data_offsets"]
        data = np.frombuffer(raw, np.float64, (b - a) // 8, 8 + size + a)
        tensors[name] = data.reshape(info["shape"])
    meta.pop("sha256", None)  # of the file, for the one who keeps it
    return tensors, {k: float(v) for k, v in meta.items()}


def say(**answer):
    print(json.dumps(answer), flush=True)


def serve(peer, workloads):
    name, path = sys.argv[1:3]
    if name not in workloads:
        say(skip=f"{peer} has no version of this workload here")
        return
    tensors, meta = read(path)
    check, run = workloads[name](tensors, meta)
    say(peer=peer, check=[float(x) for x in check()])
    units = int(meta["units"])
    run(max(1, units // 10))  # compiles and warms up
    for line in sys.stdin:
        if json.loads(line)["do"] != "run":
            break
        start = time.perf_counter()
        seconds = run(units)
        if seconds is None:
            seconds = time.perf_counter() - start
        mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(ms=seconds * 1e3 / units, mb=mb)
