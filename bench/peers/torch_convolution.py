"""PyTorch's convolution and its gradients, each in the faster of the two layouts of images. Answers
requests of type "convolve" (see ../protocol.ts)."""

import json
import sys
import time

import torch
import torch.nn.functional as functional

replies = sys.stdout
sys.stdout = sys.stderr


def tensors(convolution, layout):
    rows, columns, channels = convolution["input"]
    kernel, filters = convolution["kernel"], convolution["filters"]
    x = torch.randn(convolution["batch"], channels, rows, columns)
    weight = torch.randn(filters, channels // convolution["groups"], kernel, kernel)
    return x.contiguous(memory_format=layout), weight.contiguous(memory_format=layout)


def directions(convolution, layout):
    """A function for each direction."""
    x, weight = tensors(convolution, layout)
    stride, groups = convolution["stride"], convolution["groups"]
    padding = convolution["kernel"] // 2

    def forward():
        return functional.conv2d(x, weight, None, stride, padding, 1, groups)

    dy = torch.randn_like(forward())

    def gradient(which):
        return torch.ops.aten.convolution_backward(
            dy, x, weight, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups, which
        )

    return {
        "forward": forward,
        "input": lambda: gradient([True, False, False]),
        "weights": lambda: gradient([False, True, False]),
    }


def seconds_of(run, seconds):
    """A mean over about so many seconds."""
    start = time.perf_counter()
    run()
    count = max(1, round(seconds / (time.perf_counter() - start)))
    start = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - start) / count


prepared = {}
for line in sys.stdin:
    request = json.loads(line)
    convolution = request["convolution"]
    if not prepared:
        torch.set_num_threads(request["threads"])
        for layout in (torch.contiguous_format, torch.channels_last):
            prepared[layout] = directions(convolution, layout)
    with torch.inference_mode():
        share = request["seconds"] / 6  # three directions in two layouts
        times = {
            name: min(seconds_of(runs[name], share) for runs in prepared.values())
            for name in ("forward", "input", "weights")
        }
    print(json.dumps({"type": "times", **times}, separators=(",", ":")), file=replies, flush=True)
