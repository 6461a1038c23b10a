"""One pass of a convolution by PyTorch; on images in the faster of its two layouts."""

from serve import serve

import torch
from torch_layouts import seconds_of

PASSES = {"dx": [True, False, False], "dweight": [False, True, False]}


def pass_maker(convolution, layout):
    """A function that makes a number of passes, with images in the given memory format."""
    c = convolution
    out = -(-c["size"] // c["stride"])
    like = {"memory_format": layout}
    x = torch.rand(c["batch"], c["channels"], c["size"], c["size"]).contiguous(**like)
    depth = c["channels"] // c["groups"]
    weight = torch.rand(c["filters"], depth, c["kernel"], c["kernel"]).contiguous(**like)
    dy = torch.rand(c["batch"], c["filters"], out, out).contiguous(**like)
    stride, padding = [c["stride"]] * 2, [c["kernel"] // 2] * 2

    def forward():
        torch.nn.functional.conv2d(x, weight, None, stride, padding, 1, c["groups"])

    def backward():
        torch.ops.aten.convolution_backward(
            *(dy, x, weight, None, stride, padding, [1, 1], False, [0, 0], c["groups"]),
            PASSES[c["pass"]],
        )

    one = forward if c["pass"] == "y" else backward

    def run(passes):
        with torch.inference_mode():
            for _ in range(passes):
                one()

    return run


def prepare(convolution, threads):
    torch.set_num_threads(threads)
    layouts = (torch.contiguous_format, torch.channels_last)
    makers = [pass_maker(convolution, layout) for layout in layouts]
    return "PyTorch", min(makers, key=lambda run: seconds_of(run, trials=5))


serve(prepare)
