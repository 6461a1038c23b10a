"""The harness's line protocol (see ../protocol.ts), for peers in Python. To be imported first: the
time from here to `serve` counts as that of the import."""

import time

IMPORT_START = time.perf_counter()

import json
import resource
import sys

import numpy as np


def serve(prepare):
    """`prepare(workload, threads)` gives a label and a function that makes a number of passes."""
    import_seconds = time.perf_counter() - IMPORT_START
    replies = sys.stdout
    sys.stdout = sys.stderr  # what libraries print must not mix with the replies
    state = {}

    def measure(passes):
        start = time.perf_counter()
        state["run"](passes)
        seconds = time.perf_counter() - start
        state["seconds_per_pass"] = seconds / passes
        samples = state["samples"] * passes
        return {"samples": samples, "seconds": seconds, "peakMemory": memory("VmHWM")}

    def answer(request):
        if request["type"] == "run":
            passes = max(1, round(request["seconds"] / state["seconds_per_pass"]))
            return {"type": "result", **measure(passes)}
        label, state["run"] = prepare(request["workload"], request["threads"])
        state["samples"] = request["workload"]["samples"]
        measure(1)  # warms up: compilation, caches, memory
        startup = {
            "import": import_seconds,
            "firstPass": time.time() - request["started"] / 1000,
            "resident": memory("VmRSS"),
        }
        measure(1)  # tells how many passes fill a run
        return {"type": "ready", "label": label, "startup": startup}

    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # the harness reports it and goes on without this peer
            reply = {"type": "error", "message": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply, separators=(",", ":")), file=replies, flush=True)


def memory(field):
    """Resident bytes now (VmRSS) or at most (VmHWM); elsewhere than on Linux always the latter."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(field))


def random_rows(workload):
    """Inputs in [0, 1) and a random class for each row."""
    rng = np.random.default_rng(1)
    x = rng.random((workload["samples"], *workload["input"]), dtype=np.float32)
    return x, rng.integers(0, workload["classes"], workload["samples"])
