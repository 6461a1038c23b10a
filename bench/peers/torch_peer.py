"""PyTorch, eager, with its own fused loss; on images in the faster of its two layouts."""

from serve import random_rows, serve

import torch
from torch import nn
from torch_layouts import seconds_of
from torch_model import build

OPTIMIZERS = {
    "adadelta": torch.optim.Adadelta,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}


def pass_maker(workload, layout):
    """A function that makes a number of passes, with images in the given memory format."""
    x, y = (torch.from_numpy(array) for array in random_rows(workload))
    model, batch = build(workload), workload["batch"]
    if layout is not None:
        x = x.permute(0, 3, 1, 2).contiguous(memory_format=layout)
    model(x[:batch])  # gives lazy layers their shapes
    if layout is not None:
        model = model.to(memory_format=layout)

    options = dict(workload["optimizer"])
    optimizer_class = OPTIMIZERS[options.pop("name")]
    optimizer = optimizer_class(model.parameters(), lr=options.pop("learningRate"), **options)
    loss_function = nn.CrossEntropyLoss()

    def train(passes):
        model.train()
        for _ in range(passes):
            for index in torch.randperm(len(x)).split(batch):
                optimizer.zero_grad()
                loss = loss_function(model(x[index]), y[index])
                loss.backward()
                optimizer.step()

    def predict(passes):
        model.eval()
        with torch.inference_mode():
            for _ in range(passes):
                for rows in x.split(batch):
                    model(rows)

    return train if workload["kind"] == "train" else predict


def prepare(workload, threads):
    torch.set_num_threads(threads)
    label = f"PyTorch {torch.__version__.split('+')[0]}"
    if len(workload["input"]) < 3:
        return label, pass_maker(workload, None)
    first = pass_maker(workload, torch.contiguous_format)
    first_seconds = seconds_of(first)
    last = pass_maker(workload, torch.channels_last)
    return (label + " NHWC", last) if seconds_of(last) < first_seconds else (label, first)


serve(prepare)
