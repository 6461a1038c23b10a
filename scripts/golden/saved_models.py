"""Models as Keras saves them, for luge to load; and, with --check, models of luge for Keras to load.

    saved_models.py [NAME ...]     writes test/golden/keras_*.h5 and saved_models.json
    saved_models.py --check DIR    loads what `npx tsx scripts/golden/write_models.ts DIR` wrote
"""

import argparse
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import h5py
import keras
import numpy as np
from configs import NAMES, module_of
from generate import encode
from keras import layers
from keras.src.legacy.saving import legacy_h5_format, saving_utils

OUTPUT = pathlib.Path(__file__).parents[2] / "test" / "golden"
UNIT = 2.0**-24


def sequential():
    model = keras.Sequential(
        [
            layers.Input((8, 7, 2)),
            layers.Conv2D(4, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(0.001)),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.25),
            keras.Sequential([layers.Input((24,)), layers.Dense(6, "tanh")], name="inner"),
            layers.Dense(3, activation="softmax", name="top"),
        ],
        name="cnn",
    )
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(keras.optimizers.Adam(0.01, amsgrad=True), loss, metrics=["accuracy"])
    return model, [(8, 7, 2)], "classes"


def functional():
    a, b = layers.Input((5,), name="a"), layers.Input((4, 3), name="b")
    shared = layers.Dense(3, activation="sigmoid", name="shared")
    states = layers.Dense(3, name="start")(a)
    lstm = layers.LSTM(3, name="lstm")(b, initial_state=[states, states])
    joined = layers.Concatenate(name="join")([shared(lstm), shared(states)])
    first = layers.Dense(2, name="first")(joined)
    second = layers.Dense(1, name="second")(layers.Add()([shared(states), lstm]))
    model = keras.Model([a, b], [first, second], name="two_ends")
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        loss={"first": "mse", "second": keras.losses.MeanAbsoluteError()},
        loss_weights={"first": 1.0, "second": 0.5},
        metrics={"first": ["mae"]},
    )
    return model, [(5,), (4, 3)], "numbers"


def volumes():
    model = keras.Sequential(
        [
            layers.Input((5, 6, 4, 2)),
            layers.Conv3D(
                4,
                2,
                activation="relu",
                kernel_constraint=keras.constraints.MaxNorm(1.0, axis=[0, 1, 2, 3]),
                activity_regularizer=keras.regularizers.L1(0.01),
            ),
            layers.ZeroPadding3D([[0, 1], [1, 0], [1, 1]]),
            layers.MaxPooling3D(2, padding="same"),
            layers.Conv3DTranspose(3, 2, strides=2, bias_constraint="non_neg"),
            layers.BatchNormalization(gamma_constraint=keras.constraints.MinMaxNorm(0.5, 1.5)),
            layers.AveragePooling3D([1, 2, 2]),
            layers.UpSampling3D([2, 1, 1]),
            layers.Cropping3D([[1, 1], [0, 0], [0, 1]]),
            layers.SpatialDropout3D(0.25),
            layers.GlobalAveragePooling3D(),
            layers.ActivityRegularization(l2=0.01),
            layers.Dense(
                3,
                activation="softmax",
                kernel_initializer=keras.initializers.Identity(2.0),
                kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.5, "columns"),
            ),
        ],
        name="volumes",
    )
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model, [(5, 6, 4, 2)], "classes"


def sequences():
    words, steps = layers.Input((5,), name="words"), layers.Input((4, 3), name="steps")
    embedded = layers.Embedding(7, 4, mask_zero=True, name="embed")(words)
    both = layers.Bidirectional(layers.LSTM(3, return_sequences=True, dropout=0.0))(embedded)
    each = layers.TimeDistributed(layers.Dense(4, "tanh"))(both)
    masked = layers.Masking()(steps)
    heads = layers.MultiHeadAttention(2, 3)(each, masked, use_causal_mask=True)
    joined = layers.Dense(4)(heads)  # Keras's attention takes the mask of its inputs away
    seen = layers.AdditiveAttention()([joined, joined])
    state = layers.SimpleRNN(4)(masked)
    first = layers.Dense(2, name="first")(layers.GlobalAveragePooling1D()(seen))
    last = layers.GRU(4, go_backwards=True)(joined)
    second = layers.Dense(1, name="second")(layers.Concatenate()([last, state]))
    model = keras.Model([words, steps], [first, second], name="sequences")
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9), loss={"first": "mse", "second": "mse"}
    )
    return model, ["words", (4, 3)], "numbers"


def weighted():
    """Kinds of layers with weights that the other models lack."""
    image, signal = layers.Input((9, 8, 4), name="image"), layers.Input((10, 4), name="signal")
    x = layers.SeparableConv2D(6, 3, depth_multiplier=2)(image)
    x = layers.PReLU(shared_axes=[1, 2])(x)
    x = layers.LayerNormalization()(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(x)
    x = layers.GroupNormalization(groups=3)(x)
    x = layers.Conv2DTranspose(3, 2, strides=2, activation="tanh")(x)
    x = layers.RMSNormalization()(x)
    first = layers.Dense(2, name="first")(layers.GlobalMaxPooling2D()(x))
    y = layers.Conv1D(4, 3, dilation_rate=2, padding="causal")(signal)
    y = layers.SeparableConv1D(4, 3, padding="same")(layers.DepthwiseConv1D(2)(y))
    y = layers.Conv1DTranspose(3, 2)(y)
    y = layers.TimeDistributed(layers.LayerNormalization())(y)
    y = layers.Bidirectional(layers.GRU(3, return_sequences=True, reset_after=False))(y)
    y = layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True), merge_mode="sum")(y)
    y = layers.Attention(use_scale=True)([y, y])
    second = layers.Dense(1, name="second")(layers.Flatten()(y))
    model = keras.Model([image, signal], [first, second], name="weighted")
    loss = {"first": "mse", "second": "mse"}
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss=loss)
    return model, [(9, 8, 4), (10, 4)], "numbers"


def random_input(shape, rng):
    """Numbers; or words, of which 0 stands for none."""
    if shape == "words":
        return np.concatenate([np.ones((6, 1)), rng.integers(0, 7, (6, 4))], 1).astype(np.float32)
    return rng.normal(size=(6, *shape)).astype(np.float32)


def as_list(value):
    return value if isinstance(value, list) else [value]


def golden(name, make):
    rng = np.random.default_rng(3)
    keras.utils.set_random_seed(3)
    model, shapes, kind = make()
    x = [random_input(shape, rng) for shape in shapes]
    if kind == "classes":
        y = [rng.integers(0, 3, 6)]
    else:
        y = [rng.normal(size=(6, n)).astype(np.float32) for n in (2, 1)]
    fit = lambda: model.fit(x, y, batch_size=6, epochs=1, shuffle=False, verbose=0)
    for _ in range(3):
        fit()
    model.save(OUTPUT / f"{name}.h5")
    model.save_weights(OUTPUT / f"{name}.weights.h5")
    output = as_list(model.predict(x, verbose=0))
    evaluation = model.evaluate(x, y, verbose=0, return_dict=True)
    result = {
        "x": [encode(array) for array in x],
        "y": [encode(array) for array in y],
        "output": [encode(array) for array in output],
        "loss": evaluation["loss"],
    }
    if kind == "numbers":
        # One more step, which the momentum that was saved shows in.
        before = [np.array(w) for w in model.get_weights()]
        momentum = [np.array(w) for w in model.optimizer.variables[2:]]
        fit()
        after = [np.array(w) for w in model.get_weights()]
        result["after"] = [encode(array) for array in after]
        result["gradientStep"] = [
            float(np.abs(w1 - w0 - 0.9 * m).max()) for w0, w1, m in zip(before, after, momentum)
        ]
    return result


def decode(encoded):
    array = np.array(encoded["data"], dtype=np.float32)
    return array.reshape(encoded["shape"])


def restore_optimizer(model, path):
    """Compiles again with the optimizer's state, which Keras 3.15 itself fails to restore: it builds
    the optimizer for the model's own variables, without those of its layers."""
    with h5py.File(path) as file:
        training = json.loads(file.attrs["training_config"])
        values = [np.array(v) for v in legacy_h5_format.load_optimizer_weights_from_hdf5_group(file)]
    model.compile(**saving_utils.compile_args_from_training_config(training))
    model.optimizer.build(model.trainable_variables)
    model.optimizer.set_weights(values)


def loaded_by_weights(path):
    """The same model, with weights and optimizer's state from the file of weights alone."""
    model = keras.models.clone_model(keras.models.load_model(path))
    with h5py.File(path) as file:
        training = json.loads(file.attrs["training_config"])
    model.compile(**saving_utils.compile_args_from_training_config(training))
    model.optimizer.build(model.trainable_variables)
    model.load_weights(path.with_suffix(".weights.h5"))
    return model


def check(folder):
    """Predictions, and those after one more step, must be luge's; rounding is all that differs."""
    paths = [path for path in sorted(folder.glob("*.h5")) if ".weights" not in path.suffixes]
    for path, alone in ((path, alone) for path in paths for alone in (False, True)):
        expected = json.loads(path.with_suffix(".json").read_text())
        model = loaded_by_weights(path) if alone else keras.models.load_model(path)
        x = [decode(array) for array in expected["x"]]
        y = [decode(array) for array in expected["y"]]
        for stage in ("output", "after"):
            found = as_list(model.predict(x, verbose=0))
            for array, wanted in zip(found, map(decode, expected[stage])):
                # 256: more than the terms that are added up on any way through these models.
                error, allowed = np.abs(array - wanted).max(), 256 * UNIT * np.abs(wanted).max()
                print(f"{path.stem} {'weights' if alone else ''} {stage}: error {error:.2e}, allowed {allowed:.2e}")
                if not error <= allowed:
                    sys.exit(f"{path.name}: Keras's {stage} is another")
            if stage == "output":
                if not alone:
                    restore_optimizer(model, path)
                if model.optimizer.iterations != expected["iterations"]:
                    sys.exit(f"{path.name}: {model.optimizer.iterations} steps")
                model.fit(x, y, batch_size=len(x[0]), shuffle=False, verbose=0)


def check_configs(path):
    """Keras must make the same of luge's configurations as of its own."""
    written, own = (json.loads(p.read_text()) for p in (path, OUTPUT / "configs.json"))
    for kind in NAMES:
        module = module_of(kind)
        for luge, wanted in zip(written[kind], own[kind], strict=True):
            name = wanted["class_name"]
            config = luge["config"]
            if kind == "optimizers" or name == "FBetaScore":  # which files have as floats
                config = {key: float(v) if type(v) is int else v for key, v in config.items()}
            entries = ({**wanted, "config": config}, wanted)
            made, expected = (module.deserialize(entry).get_config() for entry in entries)
            for config in (made, expected):
                config.pop("name", None)
            # Axes and ranges that luge writes as lists.
            same = all(
                made[key] == value or np.array_equal(np.abs(made[key]), np.full(2, value))
                for key, value in expected.items()
            )
            if not same:
                sys.exit(f"{kind}.{name}: Keras makes {made} of luge's, {expected} of its own")
        print(f"{kind}: {len(own[kind])} configurations")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="which files to write; by default all")
    parser.add_argument("--check", type=pathlib.Path, metavar="DIR")
    arguments = parser.parse_args()
    if arguments.check:
        check(arguments.check)
        return check_configs(arguments.check / "configs.json")
    models = {
        "keras_sequential": sequential,
        "keras_functional": functional,
        "keras_volumes": volumes,
        "keras_sequences": sequences,
        "keras_weighted": weighted,
    }
    path = OUTPUT / "saved_models.json"
    files = json.loads(path.read_text())
    for name in arguments.names or models:
        files[name] = golden(name, models[name])
    path.write_text(json.dumps(files, indent=1) + "\n")


if __name__ == "__main__":
    main()
