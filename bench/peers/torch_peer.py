"""PyTorch, eager, in its own layout (channels first) and with its own fused loss."""

import torch
from serve import random_rows, serve
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "softmax": lambda: nn.Softmax(1)}
OPTIMIZERS = {
    "adadelta": torch.optim.Adadelta,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}


def layer(name, options):
    if name == "conv2d":
        padding = options.get("padding", "valid")
        return nn.LazyConv2d(options["filters"], options["kernelSize"], padding=padding)
    if name == "maxPooling2d":
        return nn.MaxPool2d(options["poolSize"])
    if name == "flatten":
        return nn.Flatten()
    if name == "dense":
        return nn.LazyLinear(options["units"])
    if name == "dropout":
        return nn.Dropout(options["rate"])
    raise ValueError(f"no PyTorch layer for {name}")


def build(workload):
    modules = []
    for name, options in workload["layers"]:
        modules.append(layer(name, options))
        if "activation" in options:
            modules.append(ACTIVATIONS[options["activation"]]())
    if workload["kind"] == "train" and isinstance(modules[-1], nn.Softmax):
        modules.pop()  # the loss takes logits
    return nn.Sequential(*modules)


def prepare(workload, threads):
    torch.set_num_threads(threads)
    x, y = (torch.from_numpy(array) for array in random_rows(workload))
    if x.ndim == 4:
        x = x.permute(0, 3, 1, 2).contiguous()
    model, batch = build(workload), workload["batch"]
    model(x[:batch])  # gives lazy layers their shapes

    chosen = workload["optimizer"]
    optimizer = OPTIMIZERS[chosen["name"]](model.parameters(), lr=chosen["learningRate"])
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

    version = torch.__version__.split("+")[0]
    return f"PyTorch {version}", train if workload["kind"] == "train" else predict


serve(prepare)
