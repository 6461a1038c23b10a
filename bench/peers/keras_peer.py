"""Keras 3 on the backend that KERAS_BACKEND names, with `fit` and `predict` as they come."""

import os
import re

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from serve import random_rows, serve

LAYERS = {
    "conv2d": keras.layers.Conv2D,
    "maxPooling2d": keras.layers.MaxPooling2D,
    "flatten": keras.layers.Flatten,
    "dense": keras.layers.Dense,
    "dropout": keras.layers.Dropout,
}
OPTIMIZERS = {
    "adadelta": keras.optimizers.Adadelta,
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}


def snake_case(options):
    return {re.sub("[A-Z]", lambda c: "_" + c[0].lower(), k): v for k, v in options.items()}


def prepare(workload, threads):
    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(threads)
    layers = [LAYERS[name](**snake_case(options)) for name, options in workload["layers"]]
    model = keras.Sequential([keras.Input(workload["input"]), *layers])
    chosen = workload["optimizer"]
    optimizer = OPTIMIZERS[chosen["name"]](float(chosen["learningRate"]))
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
    return f"{ {'tensorflow': 'TF', 'torch': 'PyTorch', 'jax': 'JAX'}[name] } {short}"


serve(prepare)
