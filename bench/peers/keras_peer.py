"""Keras 3 on the backend that KERAS_BACKEND names, with `fit` and `predict` as they come."""

from serve import random_rows, serve

import os
import re

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

if os.environ["KERAS_BACKEND"] == "jax" and hasattr(os, "sched_setaffinity"):
    # XLA takes as many threads as it sees processors.
    cores = sorted(os.sched_getaffinity(0))[: int(os.environ["LUGE_BENCH_THREADS"])]
    os.sched_setaffinity(0, cores)

import keras
import numpy as np

LAYERS = {
    "conv2d": keras.layers.Conv2D,
    "depthwiseConv2d": keras.layers.DepthwiseConv2D,
    "batchNormalization": keras.layers.BatchNormalization,
    "activation": keras.layers.Activation,
    "maxPooling2d": keras.layers.MaxPooling2D,
    "globalAveragePooling2d": keras.layers.GlobalAveragePooling2D,
    "flatten": keras.layers.Flatten,
    "dense": keras.layers.Dense,
    "dropout": keras.layers.Dropout,
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
}
OPTIMIZERS = {
    "adadelta": keras.optimizers.Adadelta,
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}


def snake_case(options):
    return {re.sub("[A-Z]", lambda c: "_" + c[0].lower(), k): v for k, v in options.items()}


def draw(rows, x):
    for name, options in rows:
        if name == "residual":
            x = keras.layers.add([draw(options["body"], x), draw(options["shortcut"], x)])
        else:
            x = LAYERS[name](**snake_case(options))(x)
    return x


def prepare(workload, threads):
    inputs = keras.Input(workload["input"])
    model = keras.Model(inputs, draw(workload["layers"], inputs))
    chosen = workload["optimizer"]
    options = {k: float(v) for k, v in chosen.items() if k != "name"}
    optimizer = OPTIMIZERS[chosen["name"]](**snake_case(options))
    model.compile(optimizer=optimizer, loss="categorical_crossentropy")
    x, labels = random_rows(workload)
    y = np.eye(workload["classes"], dtype=np.float32)[labels]
    batch = workload["batch"]

    def train(passes):
        model.fit(x, y, batch_size=batch, epochs=passes, verbose=0)

    def predict(passes):
        for _ in range(passes):
            model.predict(x, batch_size=batch, verbose=0)

    label = f"Keras {keras.__version__} + {backend_label()}"
    return label, train if workload["kind"] == "train" else predict


def backend_label():
    name = keras.backend.backend()
    module = __import__(name)
    short = ".".join(module.__version__.split("+")[0].split(".")[:2])
    return f"{ {'tensorflow': 'TF', 'jax': 'JAX'}[name] } {short}"


serve(prepare)
