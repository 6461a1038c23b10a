"""The cases that generate.py runs: models, optimizers, single layers, losses, initializers."""

import numpy as np


def one_hot_labels(classes):
    return lambda rng, n: np.eye(classes)[rng.integers(0, classes, n)]


def integer_labels(classes):
    return lambda rng, n: rng.integers(0, classes, n).astype("int32")


def build_cnn(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((13, 10, 2)),
            layers.Conv2D(6, 3, padding="same", activation="relu", name="conv1"),
            layers.MaxPooling2D(2),
            layers.Conv2D(5, (2, 3), strides=2, activation="tanh", name="conv2"),
            layers.AveragePooling2D(2, strides=1),
            layers.Flatten(),
            layers.Dense(8, activation="relu", name="dense1"),
            layers.Dense(4, activation="softmax", name="dense2"),
        ]
    )


def build_mlp(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((7,)),
            layers.Dense(9, activation="sigmoid", name="dense1"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(6, activation="relu", name="dense2"),
            layers.Dense(3, activation="softmax", name="dense3"),
        ]
    )


# `length` is the sum of the reduction lengths on the way of the data. CNN, forward: conv1 3x3x2,
# conv2 2x3x6, pool 4, dense 10 and 8, softmax 4; back: dense 4 and 8, conv2 2x3x5; batch x
# positions in conv1's weight gradient, 4x13x10. MLP: 7 + 9 + 6 + 3 forward, 3 + 6 + 9 back, batch
# 8, and batch norm's statistics and their gradients, 6 sums of 8.
MODELS = [
    {
        "file": "cnn",
        "description": "conv same relu, max pool, conv stride 2 tanh, average pool, dense, softmax",
        "build": build_cnn,
        "labels": one_hot_labels(4),
        "loss": "categorical_crossentropy",
        "batch": 4,
        "steps": 3,
        "length": 18 + 36 + 4 + 10 + 8 + 4 + 4 + 8 + 30 + 520,
        "seed": 1,
    },
    {
        "file": "mlp",
        "description": "dense sigmoid, batch norm, dense relu, dense softmax",
        "build": build_mlp,
        "labels": integer_labels(3),
        "loss": "sparse_categorical_crossentropy",
        "batch": 8,
        "steps": 3,
        "length": 7 + 9 + 6 + 3 + 3 + 6 + 9 + 8 + 48,
        "seed": 2,
    },
]


def optimizer(title, keras, name, **options):
    return {"title": title, "keras": keras, "name": name, "options": options}


OPTIMIZERS = [
    optimizer("sgd", "SGD", "sgd", learning_rate=0.1),
    optimizer("sgd with momentum", "SGD", "sgd", learning_rate=0.1, momentum=0.9),
    optimizer("sgd with Nesterov", "SGD", "sgd", learning_rate=0.1, momentum=0.9, nesterov=True),
    optimizer("adagrad", "Adagrad", "adagrad", learning_rate=0.05),
    optimizer("rmsprop", "RMSprop", "rmsprop", learning_rate=0.01),
    optimizer(
        "rmsprop, centered, with momentum",
        "RMSprop",
        "rmsprop",
        learning_rate=0.01,
        rho=0.8,
        momentum=0.5,
        centered=True,
    ),
    optimizer("adadelta", "Adadelta", "adadelta", learning_rate=1.0),
    optimizer("adam", "Adam", "adam", learning_rate=0.01),
    optimizer("adam, beta2 0.5", "Adam", "adam", learning_rate=0.01, beta_1=0.8, beta_2=0.5),
    optimizer(
        "adam with amsgrad",
        "Adam",
        "adam",
        learning_rate=0.01,
        beta_1=0.8,
        beta_2=0.5,
        amsgrad=True,
    ),
    optimizer("sgd by default", "SGD", "sgd"),
    optimizer("adagrad by default", "Adagrad", "adagrad"),
    optimizer("rmsprop by default", "RMSprop", "rmsprop"),
    optimizer("adadelta by default", "Adadelta", "adadelta"),
    optimizer("adam by default", "Adam", "adam"),
]


def every_option(keras, name, **options):
    """The optimizer with each of the options that all of them take."""
    return [
        optimizer(f"{name}: {title}", keras, name, **options, **option)
        for title, option in (
            ("weight decay", {"weight_decay": 0.1}),
            ("clipnorm", {"clipnorm": 1.25}),
            ("clipvalue", {"clipvalue": 0.5}),
            ("global clipnorm", {"global_clipnorm": 1.5}),
            ("average", {"use_ema": True, "ema_momentum": 0.75}),
            (
                "average, overwriting",
                {"use_ema": True, "ema_momentum": 0.75, "ema_overwrite_frequency": 3},
            ),
            ("accumulation", {"gradient_accumulation_steps": 3}),
            (
                "accumulation, clipnorm, weight decay",
                {"gradient_accumulation_steps": 2, "clipnorm": 0.5, "weight_decay": 0.05},
            ),
            (
                "accumulation, global clipnorm, average",
                {
                    "gradient_accumulation_steps": 3,
                    "global_clipnorm": 0.75,
                    "use_ema": True,
                    "ema_momentum": 0.5,
                    "ema_overwrite_frequency": 2,
                },
            ),
        )
    ]


# Several of them at once, in their usual order.
TOGETHER = {
    "weight_decay": 0.05,
    "global_clipnorm": 0.75,
    "use_ema": True,
    "ema_momentum": 0.5,
    "gradient_accumulation_steps": 2,
}
BETAS = {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9}


def steps_of(title, keras, name, **options):
    """The optimizer by itself, and with options around its rule."""
    return [
        optimizer(title, keras, name, **options),
        optimizer(f"{title}, with options", keras, name, **options, **TOGETHER),
    ]


# On given gradients, step by step.
OPTIMIZER_STEPS = [
    *steps_of("sgd", "SGD", "sgd", learning_rate=0.1),
    *steps_of("sgd with momentum", "SGD", "sgd", learning_rate=0.1, momentum=0.9),
    *steps_of("Nesterov", "SGD", "sgd", learning_rate=0.1, momentum=0.9, nesterov=True),
    *steps_of("adagrad", "Adagrad", "adagrad", learning_rate=0.1),
    *steps_of("rmsprop", "RMSprop", "rmsprop", learning_rate=0.1),
    *steps_of("rmsprop, centered", "RMSprop", "rmsprop", learning_rate=0.1, rho=0.8, centered=True),
    *steps_of(
        "rmsprop, centered, with momentum",
        "RMSprop",
        "rmsprop",
        learning_rate=0.1,
        rho=0.8,
        momentum=0.5,
        centered=True,
    ),
    *steps_of("adadelta", "Adadelta", "adadelta", learning_rate=1.0),
    *steps_of("adam", "Adam", "adam", **BETAS),
    *steps_of("adam with amsgrad", "Adam", "adam", **(BETAS | {"beta_2": 0.5}), amsgrad=True),
    *steps_of("adamax", "Adamax", "adamax", **BETAS),
    *steps_of("nadam", "Nadam", "nadam", **BETAS),
    *steps_of("lion", "Lion", "lion", learning_rate=0.01, beta_1=0.8, beta_2=0.9),
    optimizer("adamw", "AdamW", "adamW", **BETAS, weight_decay=0.2),
    optimizer("adamw by default", "AdamW", "adamW"),
    optimizer("adamax by default", "Adamax", "adamax"),
    optimizer("nadam by default", "Nadam", "nadam"),
    optimizer("lion by default", "Lion", "lion"),
    *every_option("SGD", "sgd", learning_rate=0.1, momentum=0.8),
    *every_option("Adam", "adam", learning_rate=0.1, beta_1=0.8, beta_2=0.9),
]


def image_op(title, keras, layer, shape, length, square_root=False, **options):
    return {
        "title": title,
        "keras": keras,
        "layer": layer,
        "shape": list(shape),
        "length": length,
        "square_root": square_root,
        "options": options,
    }


def pooling(title, shape, **options):
    size = options["pool_size"]
    length = size * size if isinstance(size, int) else size[0] * size[1]
    return [
        image_op(f"max pool {title}", "MaxPooling2D", "maxPooling2d", shape, length, **options),
        image_op(
            f"average pool {title}",
            "AveragePooling2D",
            "averagePooling2d",
            shape,
            length,
            **options,
        ),
        image_op(
            f"l2 pool {title}", "AveragePooling2D", "l2Pooling2d", shape, length, True, **options
        ),
    ]


def conv(title, shape, kernel, **options):
    """`length`: the larger of a kernel's window and the positions that its gradient adds up."""
    length = max(kernel[0] * kernel[1] * max(shape[2], options["filters"]), shape[0] * shape[1])
    return image_op(
        f"conv {title}", "Conv2D", "conv2d", shape, length, **options, kernel_size=kernel
    )


IMAGE_OPS = [
    *pooling("2, valid", (5, 6, 3), pool_size=2),
    *pooling("3 stride 2, same", (7, 8, 2), pool_size=3, strides=2, padding="same"),
    *pooling("2x3 stride 1x2, same", (6, 7, 2), pool_size=(2, 3), strides=(1, 2), padding="same"),
    *pooling("2 stride 3, same", (7, 8, 1), pool_size=2, strides=3, padding="same"),
    *pooling("3 stride 1, valid", (5, 4, 2), pool_size=3, strides=1, padding="valid"),
    conv("3x3, valid", (6, 7, 3), (3, 3), filters=4),
    conv("3x3, same", (5, 6, 2), (3, 3), filters=3, padding="same"),
    conv("4x2, same (odd padding)", (6, 7, 2), (4, 2), filters=3, padding="same"),
    conv("3x2 stride 2x3, same", (8, 7, 2), (3, 2), filters=3, strides=(2, 3), padding="same"),
    conv("1x1 stride 2", (5, 6, 3), (1, 1), filters=2, strides=2),
    conv("3x3 dilation 2, valid", (8, 9, 2), (3, 3), filters=3, dilation_rate=2),
    conv(
        "3x2 dilation 2x3, same", (8, 9, 2), (3, 2), filters=3, dilation_rate=(2, 3), padding="same"
    ),
    conv("2x2 without bias", (4, 5, 2), (2, 2), filters=3, use_bias=False),
]


def depthwise(title, shape, kernel, multiplier=1, filters=None, **options):
    """`length`: both kernels' windows, the filters or the positions that a gradient adds up."""
    channels = shape[2] * multiplier
    length = kernel[0] * kernel[1] + channels + (filters or 0) + shape[0] * shape[1]
    names = ("DepthwiseConv2D", "depthwiseConv2d")
    if filters:
        names = ("SeparableConv2D", "separableConv2d")
        options["filters"] = filters
    options |= {"kernel_size": kernel, "depth_multiplier": multiplier}
    return image_op(title, *names, shape, length, **options)


DEPTHWISE_OPS = [
    depthwise("depthwise 3x3, same", (6, 7, 5), (3, 3), padding="same"),
    depthwise("depthwise 3x2, 2 kernels a channel", (6, 5, 3), (3, 2), 2, activation="relu6"),
    depthwise("depthwise 3x3 stride 2, same", (8, 7, 4), (3, 3), strides=2, padding="same"),
    depthwise("depthwise 2x3 dilation 2, valid", (7, 8, 3), (2, 3), dilation_rate=2),
    depthwise("depthwise without bias", (5, 4, 2), (2, 2), 3, use_bias=False),
    depthwise("separable 3x3, same", (6, 7, 3), (3, 3), filters=4, padding="same"),
    depthwise(
        "separable 3x3 stride 2, 2 kernels a channel, tanh",
        (7, 8, 3),
        (3, 3),
        2,
        filters=5,
        strides=2,
        activation="tanh",
    ),
    depthwise("separable without bias", (5, 4, 3), (2, 3), filters=2, use_bias=False),
]


def activation(name, length=8):
    return image_op(f"activation {name}", "Activation", "activation", (3, 4), length, activation=name)


def sequence_op(title, keras, layer, shape, length, **options):
    return image_op(f"{layer} {title}", keras, layer, shape, length, **options)


def sequence_conv(title, length, **options):
    return sequence_op(title, "Conv1D", "conv1d", (9, 4), length, **options)


def sequence_depthwise(title, length, filters=None, **options):
    names = ("SeparableConv1D", "separableConv1d") if filters else ("DepthwiseConv1D", "depthwiseConv1d")
    return sequence_op(title, *names, (9, 4), length, **options, **({"filters": filters} if filters else {}))


def sequence_transposed(title, length, **options):
    return sequence_op(title, "Conv1DTranspose", "conv1dTranspose", (5, 3), length, filters=2, **options)


def transposed(title, length, shape=(4, 5, 3), **options):
    title = f"conv transposed {title}"
    return image_op(title, "Conv2DTranspose", "conv2dTranspose", shape, length, **options)


SEQUENCE_OPS = [
    sequence_conv("3", 27, filters=3, kernel_size=3),
    sequence_conv("4 stride 2, same", 36, filters=3, kernel_size=4, strides=2, padding="same"),
    sequence_conv("3, causal, relu", 27, filters=3, kernel_size=3, padding="causal", activation="relu"),
    sequence_conv("3 dilation 2, causal", 27, filters=3, kernel_size=3, dilation_rate=2, padding="causal"),
    sequence_conv("3 stride 2, causal", 27, filters=3, kernel_size=3, strides=2, padding="causal"),
    sequence_conv("2 groups, without bias", 36, filters=4, kernel_size=2, groups=2, use_bias=False),
    sequence_op("by default", "MaxPooling1D", "maxPooling1d", (7, 3), 2),
    sequence_op("same", "MaxPooling1D", "maxPooling1d", (7, 3), 3, pool_size=3, strides=2, padding="same"),
    sequence_op("2", "AveragePooling1D", "averagePooling1d", (7, 3), 2, pool_size=2),
    sequence_op("same", "AveragePooling1D", "averagePooling1d", (7, 3), 3, pool_size=3, strides=2, padding="same"),
    sequence_op("", "GlobalAveragePooling1D", "globalAveragePooling1d", (7, 3), 7),
    sequence_op("", "GlobalMaxPooling1D", "globalMaxPooling1d", (7, 3), 1),
    sequence_op("kept", "GlobalMaxPooling1D", "globalMaxPooling1d", (7, 3), 1, keepdims=True),
    transposed("3x3", 60, filters=2, kernel_size=3),
    transposed("3x3 stride 2, same, relu", 80, filters=2, kernel_size=3, strides=2, padding="same", activation="relu"),
    transposed("2x4 stride 2, valid", 80, filters=2, kernel_size=[2, 4], strides=2),
    transposed("2x2 stride 3, valid", 180, filters=2, kernel_size=2, strides=3, use_bias=False),
    transposed("4x3 stride 2x1, same", 80, filters=2, kernel_size=[4, 3], strides=[2, 1], padding="same"),
    transposed("3x3 stride 2, same, 1 more", 80, filters=2, kernel_size=3, strides=2, padding="same", output_padding=1),
    transposed("3x3 stride 2, same, 0 more", 80, filters=2, kernel_size=3, strides=2, padding="same", output_padding=0),
    transposed("3x2 stride 2, valid, 1 more", 90, filters=2, kernel_size=[3, 2], strides=2, output_padding=1),
    sequence_depthwise("3, same", 16, kernel_size=3, padding="same"),
    sequence_depthwise("4 stride 2, 2 kernels a channel, relu", 24, kernel_size=4, strides=2, depth_multiplier=2, activation="relu"),
    sequence_depthwise("3 dilation 2, without bias", 16, kernel_size=3, dilation_rate=2, use_bias=False),
    sequence_depthwise("3, same", 24, filters=3, kernel_size=3, padding="same"),
    sequence_depthwise("3 stride 2, 2 kernels a channel, tanh", 32, filters=3, kernel_size=3, strides=2, depth_multiplier=2, activation="tanh"),
    sequence_transposed("3", 30, kernel_size=3),
    sequence_transposed("3 stride 2, same", 30, kernel_size=3, strides=2, padding="same"),
    sequence_transposed("3 stride 2, 1 more", 30, kernel_size=3, strides=2, padding="same", output_padding=1),
    sequence_transposed("2 stride 3, relu", 30, kernel_size=2, strides=3, activation="relu"),
]


def normalization(title, keras, layer, shape, length, **options):
    return image_op(f"{layer} {title}", keras, layer, shape, length, **options)


LAYER_NORM = ("LayerNormalization", "layerNormalization")
GROUP_NORM = ("GroupNormalization", "groupNormalization")
UNIT_NORM = ("UnitNormalization", "unitNormalization")
RMS_NORM = ("RMSNormalization", "rmsNormalization")
DOT = ("Dot", "dot")

# Sums of a normalization: mean, variance and their gradients, 4 over what is normalized together.
NORMALIZATION_OPS = [
    normalization("by default", *LAYER_NORM, (4, 6), 24),
    normalization("over two axes", *LAYER_NORM, (3, 4, 5), 80, axis=[2, 3], epsilon=0.01),
    normalization("alone", *LAYER_NORM, (4, 6), 24, center=False, scale=False),
    normalization("by default", *GROUP_NORM, (3, 2, 64), 48),
    normalization("3 groups", *GROUP_NORM, (3, 4, 6), 96, groups=3),
    normalization("one channel each", *GROUP_NORM, (3, 4, 6), 48, groups=-1, scale=False),
    normalization("by default", *UNIT_NORM, (4, 6), 12),
    normalization("over two axes", *UNIT_NORM, (4, 6), 48, axis=[1, 2]),
    normalization("by default", *RMS_NORM, (4, 6), 12),
    normalization("with epsilon", *RMS_NORM, (4, 6), 12, epsilon=0.1),
    image_op("dot of matrices", *DOT, (4, 4), 8, axes=[1, 2]) | {"twice": True},
    image_op("dot of vectors", *DOT, (7,), 14, axes=1) | {"twice": True},
    image_op("dot, normalized", *DOT, (4, 6), 36, axes=2, normalize=True) | {"twice": True},
]


LAYER_OPS = [
    *map(
        activation,
        ("celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu")
        + ("hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish")
        + ("relu", "relu6", "selu", "sigmoid", "silu", "softmax", "soft_shrink", "softplus")
        + ("softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "swish", "tanh")
        + ("tanh_shrink",),
    ),
    image_op("relu", "ReLU", "reLU", (4, 5), 1),
    image_op("relu up to 1", "ReLU", "reLU", (4, 5), 1, max_value=1.0),
    image_op("relu with slope", "ReLU", "reLU", (4, 5), 1, negative_slope=0.25),
    image_op(
        "relu with all options",
        "ReLU",
        "reLU",
        (6, 5),
        2,
        max_value=1.0,
        negative_slope=0.25,
        threshold=0.5,
    ),
    image_op("leaky relu", "LeakyReLU", "leakyReLU", (4, 5), 1),
    image_op("elu", "ELU", "elu", (4, 5), 1, alpha=0.5),
    image_op("prelu", "PReLU", "prelu", (4, 5), 2),
    image_op("prelu, one slope a channel", "PReLU", "prelu", (4, 5, 3), 20, shared_axes=[1, 2]),
    image_op("permute", "Permute", "permute", (2, 3, 4), 1, dims=[3, 1, 2]),
    image_op("repeat vector", "RepeatVector", "repeatVector", (5,), 3, n=3),
    image_op("crop 1d", "Cropping1D", "cropping1d", (6, 2), 1, cropping=[1, 2]),
    image_op("crop 1d by default", "Cropping1D", "cropping1d", (6, 2), 1),
    image_op("crop 2d", "Cropping2D", "cropping2d", (6, 5, 2), 1, cropping=[[1, 2], [0, 3]]),
    image_op("crop 2d by default", "Cropping2D", "cropping2d", (3, 2, 2), 1),
    image_op("repeat steps", "UpSampling1D", "upSampling1d", (4, 3), 2),
    image_op("repeat rows and columns", "UpSampling2D", "upSampling2d", (3, 4, 2), 4),
    image_op(
        "bilinear",
        "UpSampling2D",
        "upSampling2d",
        (3, 4, 2),
        12,
        size=[2, 3],
        interpolation="bilinear",
    ),
    image_op("softmax over axis 1", "Softmax", "softmax", (4, 5), 12, axis=1),
]


def loss(title, keras, name, y_true, y_pred, **options):
    return {
        "title": title,
        "keras": keras,
        "loss": name,
        "y_true": y_true,
        "y_pred": y_pred,
        "integer": name.startswith("sparse"),
        "options": options,
    }


# Powers of two: exact in float32, so that both sides see the same numbers.
ROWS = [[0.25, 0.5, 0.25], [0.125, 0.125, 0.75], [0.5, 0.25, 0.25], [0.0625, 0.875, 0.0625]]
HOT = [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
SOFT = [[0.25, 0.5, 0.25], [1, 0, 0], [0.5, 0, 0.5], [0, 0.75, 0.25]]
LOGITS = [[1.5, -0.5, 0.25], [-2, 3, 0.5], [0, 0, 0], [40, -60, 8]]
CERTAIN = [[1, 0, 0], [0, 1, 0]]
CATEGORICAL = ("CategoricalCrossentropy", "categoricalCrossentropy")
SPARSE = ("SparseCategoricalCrossentropy", "sparseCategoricalCrossentropy")
BINARY = ("BinaryCrossentropy", "binaryCrossentropy")
SQUARED = ("MeanSquaredError", "meanSquaredError")
ABSOLUTE = ("MeanAbsoluteError", "meanAbsoluteError")
PERCENTAGE = ("MeanAbsolutePercentageError", "meanAbsolutePercentageError")
LOGARITHMIC = ("MeanSquaredLogarithmicError", "meanSquaredLogarithmicError")
HUBER = ("Huber", "huber")
LOG_COSH = ("LogCosh", "logCosh")
COSINE = ("CosineSimilarity", "cosineSimilarity")
FOCAL = ("CategoricalFocalCrossentropy", "categoricalFocalCrossentropy")
BINARY_FOCAL = ("BinaryFocalCrossentropy", "binaryFocalCrossentropy")
SCORES = [[0.5, 0.25], [-2, 3]]
UNITS = [[0.25, 0.75], [0.5, 0.125], [0.9375, 0.0625]]
BITS = [[0, 1], [1, 0], [1, 1]]

LOSSES = [
    loss("categorical", *CATEGORICAL, HOT, ROWS),
    loss("categorical, soft labels", *CATEGORICAL, SOFT, ROWS),
    loss(
        "categorical, rows that do not add up to 1", *CATEGORICAL, HOT[:2], [[1, 2, 1], [4, 2, 2]]
    ),
    loss("categorical, certain and right", *CATEGORICAL, CERTAIN, CERTAIN),
    loss("categorical, certain and wrong", *CATEGORICAL, [[0, 1, 0], [0, 0, 1]], CERTAIN),
    loss("categorical, logits", *CATEGORICAL, HOT, LOGITS, from_logits=True),
    loss("categorical, smoothed labels", *CATEGORICAL, HOT, ROWS, label_smoothing=0.25),
    loss("sparse", *SPARSE, [1, 0, 2, 1], ROWS),
    loss("sparse, certain and right", *SPARSE, [0, 1], CERTAIN),
    loss("sparse, certain and wrong", *SPARSE, [1, 2], CERTAIN),
    loss("sparse, logits", *SPARSE, [1, 0, 2, 0], LOGITS, from_logits=True),
    loss("binary", *BINARY, BITS, UNITS),
    loss("binary, soft labels", *BINARY, [[0.25, 1], [0.5, 0], [0.75, 0.5]], UNITS),
    loss("binary, certain and right", *BINARY, BITS, BITS),
    loss("binary, certain and wrong", *BINARY, BITS, [[1, 0], [0, 1], [0, 0]]),
    loss("binary, logits", *BINARY, BITS, [[-1.5, 2], [30, -100], [-80, 0]], from_logits=True),
    loss("binary, smoothed labels", *BINARY, BITS, UNITS, label_smoothing=0.25),
    loss("squared", *SQUARED, [[1, -2], [0.5, 4]], [[1.5, -1], [0.5, -4]]),
    loss("absolute", *ABSOLUTE, [[1, -2], [0.5, 4]], [[1.5, -1], [0.5, -4]]),
    loss("percentage", *PERCENTAGE, [[1, -2], [0.5, 4]], [[1.5, -1], [0.5, -4]]),
    loss("logarithmic", *LOGARITHMIC, [[1, -2], [0.5, 4]], [[1.5, -1], [0.5, 7]]),
    loss("huber", *HUBER, [[1, -2], [0.5, 4]], [[1.5, -1], [0.5, -4]]),
    loss("huber, delta", *HUBER, [[1, -2], [0.5, 4]], [[1.5, -1], [0.5, -4]], delta=0.625),
    loss("log cosh", *LOG_COSH, [[1, -2], [0.5, 40]], [[1.5, -1], [0.5, -60]]),
    loss("hinge", "Hinge", "hinge", [[1, -1], [-1, 1]], SCORES),
    loss("hinge, labels of 0", "Hinge", "hinge", [[1, 0], [0, 1]], SCORES),
    loss("squared hinge", "SquaredHinge", "squaredHinge", [[1, 0], [0, 1]], SCORES),
    loss("categorical hinge", "CategoricalHinge", "categoricalHinge", HOT, LOGITS),
    loss("divergence", "KLDivergence", "klDivergence", SOFT, ROWS),
    loss("divergence, certain", "KLDivergence", "klDivergence", HOT[:2], CERTAIN),
    loss("poisson", "Poisson", "poisson", [[1, 0], [3, 2]], [[1.5, 0.25], [2, 0.5]]),
    loss("cosine", *COSINE, [[1, -2], [0.5, 4]], [[1.5, -1], [0.5, -4]]),
    loss("cosine, zeros", *COSINE, [[1, -2], [0, 0], [1, 2]], [[0, 0], [0.5, -4], [2, 3]]),
    loss("cosine, tiny", *COSINE, [[1, -2], [1, 2]], [[2**-30, 2**-30], [2**-21, 2**-22]]),
    loss("categorical focal", *FOCAL, HOT, ROWS),
    loss("categorical focal, soft labels", *FOCAL, SOFT, ROWS, alpha=0.5, gamma=1.5),
    loss("categorical focal, logits", *FOCAL, HOT[:3], LOGITS[:3], from_logits=True),
    loss("categorical focal, smoothed labels", *FOCAL, HOT, ROWS, label_smoothing=0.25),
    loss("binary focal", *BINARY_FOCAL, BITS, UNITS),
    loss("binary focal, balanced", *BINARY_FOCAL, BITS, UNITS, apply_class_balancing=True),
    loss("binary focal, no focus", *BINARY_FOCAL, BITS, UNITS, gamma=0.0),
    loss(
        "binary focal, logits, options",
        *BINARY_FOCAL,
        BITS,
        [[-1.5, 2], [3, -4], [-8, 0]],
        from_logits=True,
        gamma=2.5,
        alpha=0.75,
        apply_class_balancing=True,
        label_smoothing=0.125,
    ),
]


def metric(title, keras, name, y_true, y_pred, **options):
    return {
        "title": title,
        "keras": keras,
        "metric": name,
        "y_true": y_true,
        "y_pred": y_pred,
        "integer": isinstance(y_true[0], int),
        "options": options,
    }


# No prediction is a threshold.
ODDS = [0.0625, 0.34375, 0.96875, 0.71875, 0.53125, 0.15625, 0.84375, 0.46875, 0.28125, 0.65625]
BINARY_LABELS = [[float(bit)] for bit in (0, 0, 1, 1, 1, 0, 1, 0, 1, 0)]
COLUMN = [[p] for p in ODDS]
LABELS3 = [[1, 0, 1], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 0, 0]]
TABLE3 = [
    [0.75, 0.0625, 0.375],
    [0.125, 0.6875, 0.25],
    [0.5625, 0.875, 0.8125],
    [0.4375, 0.9375, 0.1875],
    [0.3125, 0.625, 0.75],
    [0.21875, 0.59375, 0.09375],
    [0.40625, 0.03125, 0.28125],
]
ONE_HOT3 = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]
CLASSES3 = [0, 1, 2, 1, 2, 0, 1]
TARGETS = [[1.5, -2], [0.25, 4], [-3, 0.5], [2, 1], [0.75, -1.25]]
ESTIMATES = [[1, -1.5], [0.5, 3], [-2, 1], [2.5, 0], [1, -1]]
PRECISION, RECALL = ("Precision", "precision"), ("Recall", "recall")
ROC = ("AUC", "auc")

METRICS = [
    metric("precision", *PRECISION, BINARY_LABELS, COLUMN),
    metric("precision, threshold", *PRECISION, LABELS3, TABLE3, thresholds=0.7),
    metric("precision, thresholds", *PRECISION, LABELS3, TABLE3, thresholds=[0.1, 0.4, 0.99]),
    metric("precision, top 2", *PRECISION, LABELS3, TABLE3, top_k=2),
    metric("precision, top 2, threshold", *PRECISION, LABELS3, TABLE3, top_k=2, thresholds=0.6),
    metric("precision, class", *PRECISION, LABELS3, TABLE3, class_id=1),
    metric("precision, top 1, class", *PRECISION, LABELS3, TABLE3, top_k=1, class_id=2),
    metric("recall", *RECALL, BINARY_LABELS, COLUMN),
    metric("recall, thresholds", *RECALL, LABELS3, TABLE3, thresholds=[0.1, 0.4, 0.99]),
    metric("recall, top 2", *RECALL, LABELS3, TABLE3, top_k=2),
    metric("recall, top 1, class", *RECALL, LABELS3, TABLE3, top_k=1, class_id=2),
    metric("true positives", "TruePositives", "truePositives", LABELS3, TABLE3),
    metric("false positives", "FalsePositives", "falsePositives", LABELS3, TABLE3),
    metric("true negatives", "TrueNegatives", "trueNegatives", LABELS3, TABLE3),
    metric(
        "false negatives", "FalseNegatives", "falseNegatives", LABELS3, TABLE3, thresholds=[0.3, 0.6]
    ),
    metric("ROC", *ROC, BINARY_LABELS, COLUMN),
    metric("ROC, several labels flat", *ROC, LABELS3, TABLE3),
    metric("ROC, majoring", *ROC, BINARY_LABELS, COLUMN, summation_method="majoring"),
    metric("ROC, minoring", *ROC, BINARY_LABELS, COLUMN, summation_method="minoring"),
    metric("ROC, 5 thresholds", *ROC, BINARY_LABELS, COLUMN, num_thresholds=5),
    metric("ROC, own thresholds", *ROC, BINARY_LABELS, COLUMN, thresholds=[0.7, 0.2, 0.4]),
    metric("ROC, labels alone", *ROC, LABELS3, TABLE3, multi_label=True),
    metric("ROC, logits", *ROC, LABELS3, LOGITS + LOGITS[:3], from_logits=True),
    metric("PR", *ROC, BINARY_LABELS, COLUMN, curve="PR"),
    metric("PR, labels alone", *ROC, LABELS3, TABLE3, curve="PR", multi_label=True),
    metric("PR, majoring", *ROC, LABELS3, TABLE3, curve="PR", summation_method="majoring"),
    metric("PR, minoring", *ROC, LABELS3, TABLE3, curve="PR", summation_method="minoring"),
    metric("F1", "F1Score", "f1Score", ONE_HOT3, TABLE3),
    metric("F1, macro", "F1Score", "f1Score", ONE_HOT3, TABLE3, average="macro"),
    metric("F1, micro", "F1Score", "f1Score", LABELS3, TABLE3, average="micro", threshold=0.5),
    metric("F1, weighted", "F1Score", "f1Score", LABELS3, TABLE3, average="weighted", threshold=0.4),
    metric("F2", "FBetaScore", "fBetaScore", LABELS3, TABLE3, beta=2.0, threshold=0.5),
    metric("F1, zeros", "F1Score", "f1Score", ONE_HOT3[:3], [[0, 0, 0], [0, 1, 0], [0.5, 0, 0.5]]),
    metric("top 2", "TopKCategoricalAccuracy", "topKCategoricalAccuracy", ONE_HOT3, TABLE3, k=2),
    metric(
        "top 2, class numbers",
        "SparseTopKCategoricalAccuracy",
        "sparseTopKCategoricalAccuracy",
        CLASSES3,
        TABLE3,
        k=2,
    ),
    metric("root", "RootMeanSquaredError", "rootMeanSquaredError", TARGETS, ESTIMATES),
    metric("cosine", "CosineSimilarity", "cosineSimilarity", TARGETS, ESTIMATES),
    metric("R2", "R2Score", "r2Score", TARGETS, ESTIMATES),
    metric("R2, columns", "R2Score", "r2Score", TARGETS, ESTIMATES, class_aggregation=None),
    metric(
        "R2, variances, adjusted",
        "R2Score",
        "r2Score",
        TARGETS,
        ESTIMATES,
        class_aggregation="variance_weighted_average",
        num_regressors=2,
    ),
    metric("Pearson", "PearsonCorrelation", "pearsonCorrelation", LABELS3[:6], TABLE3[:6]),
    metric("log cosh", "LogCoshError", "logCosh", TARGETS, ESTIMATES),
    metric("mean IoU", "MeanIoU", "meanIoU", [0, 1, 2, 2, 1, 0], [0, 1, 1, 2, 1, 2], num_classes=4),
    metric(
        "mean IoU of scores, one class ignored",
        "MeanIoU",
        "meanIoU",
        CLASSES3,
        TABLE3,
        num_classes=3,
        sparse_y_pred=False,
        ignore_class=0,
    ),
]


def variance_scaling(title, keras, name, shape, scale, mode, distribution):
    positions = int(np.prod(shape[:-2]))  # kernel positions; 1 for dense
    fans = {"in": shape[-2] * positions, "out": shape[-1] * positions}
    fans["avg"] = (fans["in"] + fans["out"]) / 2
    deviation = float(np.sqrt(scale / fans[mode]))
    # A uniform's limit is sqrt(3) deviations. A normal is cut at 2 of its own deviations, which
    # leaves 0.87962566 of it, so that Keras widens it by as much beforehand.
    limit = deviation * (3**0.5 if distribution == "uniform" else 2 / 0.87962566103423978)
    return {
        "title": f"{title}, {'x'.join(map(str, shape))}",
        "keras": keras,
        "initializer": name,
        "shape": list(shape),
        "options": {},
        "deviation": deviation,
        "limit": float(limit),
    }


def plain(title, keras, name, deviation, limit, **options):
    return {
        "title": title,
        "keras": keras,
        "initializer": name,
        "shape": [200, 150],
        "options": options,
        "deviation": deviation,
        "limit": limit,
    }


INITIALIZERS = [
    *(
        variance_scaling(
            f"{family} {kind}", f"{family}{kind}", f"{name}{kind}", shape, scale, mode, kind.lower()
        )
        for family, name, scale, mode in (
            ("Glorot", "glorot", 1, "avg"),
            ("He", "he", 2, "in"),
            ("Lecun", "lecun", 1, "in"),
        )
        for kind in ("Uniform", "Normal")
        for shape in ((300, 100), (3, 5, 20, 50))
    ),
    plain(
        "uniform", "RandomUniform", "randomUniform", 0.5 / 12**0.5, 0.25, minval=-0.25, maxval=0.25
    ),
    plain("normal", "RandomNormal", "randomNormal", 0.5, None, stddev=0.5),
    plain(
        "truncated normal",
        "TruncatedNormal",
        "truncatedNormal",
        0.5 * 0.87962566103423978,
        1.0,
        stddev=0.5,
    ),
]


def constraint(title, keras, name, **options):
    return {"title": title, "keras": keras, "constraint": name, "options": options}


CONSTRAINTS = [
    constraint("largest length by default", "MaxNorm", "maxNorm"),
    constraint("largest length", "MaxNorm", "maxNorm", max_value=1.5, axis=[0, 1, 2]),
    constraint("unit length", "UnitNorm", "unitNorm"),
    constraint("not negative", "NonNeg", "nonNeg"),
    constraint("lengths by default", "MinMaxNorm", "minMaxNorm"),
    constraint(
        "part of the way", "MinMaxNorm", "minMaxNorm", min_value=1, max_value=2, rate=0.25, axis=1
    ),
]


def recurrent(title, keras, layer, states=0, **options):
    return {"title": title, "keras": keras, "layer": layer, "states": states, "options": options}


LSTM, GRU = ("LSTM", "lstm"), ("GRU", "gru")
RECURRENT = [
    recurrent("lstm", *LSTM, units=5),
    recurrent("lstm, all outputs and states", *LSTM, units=3, return_sequences=True, return_state=True),
    recurrent("lstm, backwards, without bias", *LSTM, units=4, go_backwards=True, use_bias=False),
    recurrent("lstm, from states", *LSTM, 2, units=3, return_state=True),
    recurrent(
        "lstm, other activations, backwards",
        *LSTM,
        units=3,
        activation="softsign",
        recurrent_activation="hard_sigmoid",
        go_backwards=True,
        return_sequences=True,
    ),
    recurrent("gru", *GRU, units=5),
    recurrent("gru, all outputs and states", *GRU, units=3, return_sequences=True, return_state=True),
    recurrent("gru, from a state, backwards", *GRU, 1, units=4, go_backwards=True),
    recurrent("gru, without bias", *GRU, units=3, use_bias=False),
    recurrent("gru, reset before", *GRU, units=4, reset_after=False, return_state=True),
    recurrent(
        "gru, reset before, from a state, all outputs",
        *GRU,
        1,
        units=3,
        reset_after=False,
        return_sequences=True,
    ),
]
