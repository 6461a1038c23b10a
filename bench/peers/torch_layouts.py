"""The time of a trial, by which images get the faster of PyTorch's two layouts."""

import time


def seconds_of(run, trials=1):
    """The best of some passes, after one that warms up."""
    run(1)
    times = []
    for _ in range(trials):
        start = time.perf_counter()
        run(1)
        times.append(time.perf_counter() - start)
    return min(times)
