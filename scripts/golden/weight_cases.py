"""Single layers whose weights or outputs are penalized or constrained, for generate.py."""

from cases import image_op

BATCH = 3  # by which the penalty of outputs is divided


def settings(class_name, **config):
    return {"class_name": class_name, "config": config}


def layer(title, names, shape, length, **options):
    return {**image_op(title, *names, shape, length, **options), "batch": BATCH}


DENSE = ("Dense", "dense")
CONV1D = ("Conv1D", "conv1d")
CONV2D = ("Conv2D", "conv2d")
TRANSPOSED = ("Conv2DTranspose", "conv2dTranspose")
DEPTHWISE = ("DepthwiseConv2D", "depthwiseConv2d")
SEPARABLE = ("SeparableConv2D", "separableConv2d")
LAYER_NORM = ("LayerNormalization", "layerNormalization")
GROUP_NORM = ("GroupNormalization", "groupNormalization")
BATCH_NORM = ("BatchNormalization", "batchNormalization")
L1, L2 = settings("L1", l1=0.25), settings("L2", l2=0.5)
SHORT = settings("MaxNorm", max_value=0.25, axis=0)
SHORT_FILTERS = settings("MaxNorm", max_value=0.5, axis=[0, 1, 2])
UNIT = settings("UnitNorm", axis=[0, 1])
POSITIVE = settings("NonNeg")
NARROW = settings("MinMaxNorm", min_value=0.5, max_value=0.75, rate=0.5, axis=0)

# The terms that a weight's gradient adds up, each of BATCH images, and the ones of its penalty.
WEIGHT_OPS = [
    layer("outputs penalized by l2", DENSE, (5,), 32, units=4, activity_regularizer=L2),
    layer(
        "outputs penalized by l1, behind relu",
        CONV2D,
        (5, 4, 2),
        96,
        filters=3,
        kernel_size=2,
        activation="relu",
        activity_regularizer=L1,
    ),
    layer(
        "activity regularization",
        ("ActivityRegularization", "activityRegularization"),
        (6, 2),
        48,
        l1=0.25,
        l2=0.5,
    ),
    *(
        layer(
            f"{mode} at right angles",
            DENSE,
            (5,),
            64,
            units=4,
            kernel_regularizer=settings("OrthogonalRegularizer", factor=0.5, mode=mode),
        )
        for mode in ("rows", "columns")
    ),
    layer(
        "regularized depthwise convolution",
        DEPTHWISE,
        (5, 4, 2),
        96,
        kernel_size=2,
        depth_multiplier=2,
        depthwise_regularizer=L1,
        bias_regularizer=L2,
    ),
    layer(
        "regularized separable convolution",
        SEPARABLE,
        (5, 4, 2),
        96,
        filters=3,
        kernel_size=2,
        depthwise_regularizer=L2,
        pointwise_regularizer=L1,
        bias_regularizer=L1,
    ),
    layer(
        "constrained dense", DENSE, (5,), 32, units=4, kernel_constraint=SHORT, bias_constraint=SHORT
    ),
    layer(
        "constrained convolution of a sequence",
        CONV1D,
        (7, 2),
        48,
        filters=3,
        kernel_size=3,
        kernel_constraint=UNIT,
        bias_constraint=POSITIVE,
    ),
    layer(
        "constrained convolution",
        CONV2D,
        (5, 4, 2),
        96,
        filters=3,
        kernel_size=2,
        kernel_constraint=SHORT_FILTERS,
        bias_constraint=SHORT,
    ),
    layer(
        "constrained transposed convolution",
        TRANSPOSED,
        (4, 3, 2),
        96,
        filters=3,
        kernel_size=2,
        kernel_constraint=SHORT_FILTERS,
        bias_constraint=POSITIVE,
    ),
    layer(
        "constrained depthwise convolution",
        DEPTHWISE,
        (5, 4, 2),
        96,
        kernel_size=2,
        depthwise_constraint=UNIT,
        bias_constraint=SHORT,
    ),
    layer(
        "constrained separable convolution",
        SEPARABLE,
        (5, 4, 2),
        96,
        filters=3,
        kernel_size=2,
        depthwise_constraint=UNIT,
        pointwise_constraint=SHORT_FILTERS,
        bias_constraint=POSITIVE,
    ),
    *(
        layer(
            f"constrained {names[1]}",
            names,
            (4, 3, 6),
            216,
            **options,
            beta_constraint=NARROW,
            gamma_constraint=SHORT,
        )
        for names, options in ((LAYER_NORM, {}), (GROUP_NORM, {"groups": 2}), (BATCH_NORM, {}))
    ),
]
