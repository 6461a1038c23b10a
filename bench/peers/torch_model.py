"""A workload's layers as a PyTorch module that takes images with channels first."""

from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "relu6": nn.ReLU6, "softmax": lambda: nn.Softmax(1)}


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class LastOutput(nn.Module):
    """Of a recurrent layer: that of the last step."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0][:, -1]


class GlobalAveragePooling(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def convolution(options, channels, filters, groups):
    size = options["kernelSize"]
    return nn.Conv2d(
        channels,
        filters,
        size,
        stride=options.get("strides", 1),
        padding=size // 2 if options.get("padding") == "same" else 0,
        bias=options.get("useBias", True),
        groups=groups,
    )


def layer(name, options, channels):
    """The module, and the channels (or features) of what it makes."""
    if name == "conv2d":
        filters = options["filters"]
        return convolution(options, channels, filters, 1), filters
    if name == "depthwiseConv2d":
        return convolution(options, channels, channels, channels), channels
    if name == "batchNormalization":
        return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01), channels
    if name == "maxPooling2d":
        return nn.MaxPool2d(options["poolSize"]), channels
    if name == "globalAveragePooling2d":
        return GlobalAveragePooling(), channels
    if name == "flatten":
        return nn.Flatten(), channels
    if name == "dense":
        return nn.LazyLinear(options["units"]), options["units"]
    if name == "dropout":
        return nn.Dropout(options["rate"]), channels
    if name in ("lstm", "gru"):
        kind = nn.LSTM if name == "lstm" else nn.GRU
        return LastOutput(kind(channels, options["units"], batch_first=True)), options["units"]
    if name == "residual":
        body, filters = build_rows(options["body"], channels)
        shortcut, _ = build_rows(options["shortcut"], channels)
        return Residual(body, shortcut), filters
    raise ValueError(f"no PyTorch layer for {name}")


def build_rows(rows, channels):
    modules = []
    for name, options in rows:
        if name != "activation":
            module, channels = layer(name, options, channels)
            modules.append(module)
        if "activation" in options:
            modules.append(ACTIVATIONS[options["activation"]]())
    return nn.Sequential(*modules), channels


def build(workload):
    """To train, the model ends in logits, which the fused loss takes."""
    model, _ = build_rows(workload["layers"], workload["input"][-1])
    if workload["kind"] == "train" and isinstance(model[-1], nn.Softmax):
        model = model[:-1]
    return model
