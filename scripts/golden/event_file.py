"""Writes test/golden/event_file.json: records of an event file as TensorFlow writes them.

Needs the package tensorboard, whose summaries these are.
"""

import base64
import json
import os
import pathlib
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from keras.src.callbacks.tensorboard import keras_model_summary

OUTPUT = pathlib.Path(__file__).parents[2] / "test" / "golden" / "event_file.json"


class Architecture:
    """Stands for a Keras model, of which only the JSON is written."""

    def to_json(self):
        return '{"class_name": "Sequential", "config": {"name": "é", "layers": []}}'


def values():
    rng = np.random.default_rng(3)
    return [
        {"kind": "model", "tag": "keras", "step": 0, "text": Architecture().to_json()},
        {"kind": "scalar", "tag": "epoch_loss", "step": 0, "data": [0.1]},
        {"kind": "scalar", "tag": "epoch_loss", "step": 1, "data": [float("nan")]},
        {"kind": "scalar", "tag": "batch_accuracy", "step": 300, "data": [1.0]},
        {"kind": "scalar", "tag": "x" * 200, "step": 2**40, "data": [-1e-40]},
        {"kind": "histogram", "tag": "d/kernel", "step": 7, "data": rng.normal(size=500).tolist()},
        {"kind": "histogram", "tag": "d/bias", "step": 7, "data": [0.25] * 9},
        {"kind": "histogram", "tag": "ints", "step": 7, "data": list(range(61))},
    ]


def write(value):
    if value["kind"] == "model":
        keras_model_summary(value["tag"], Architecture(), step=value["step"])
    elif value["kind"] == "scalar":
        tf.summary.scalar(value["tag"], value["data"][0], step=value["step"])
    else:
        data = np.array(value["data"], dtype=np.float32)
        value["data"] = data.tolist()
        tf.summary.histogram(value["tag"], data, step=value["step"])


def records(data):
    """The file cut into its records, lengths and checksums included."""
    while data:
        size = int.from_bytes(data[:8], "little") + 16
        yield data[:size]
        data = data[size:]


def main():
    written = values()
    with tempfile.TemporaryDirectory() as folder:
        with tf.summary.create_file_writer(folder).as_default():
            for value in written:
                write(value)
        content = next(pathlib.Path(folder).iterdir()).read_bytes()
    for value, record in zip([{"kind": "version"}, *written], records(content), strict=True):
        value["time"] = tf.compat.v1.Event.FromString(record[12:-4]).wall_time
        value["record"] = base64.b64encode(record).decode()
        # JSON has no NaN.
        value["data"] = [None if x != x else x for x in value.get("data", [])]
        if value["kind"] == "version":
            written = [value, *written]
    OUTPUT.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
