"""Writes test/golden/*.json: what Keras 3 computes in float64. See README.md beside this file."""

import argparse
import base64
import json
import os
import sys
from pathlib import Path

# On JAX and PyTorch, Keras 3 computes some operations on float64 (tanh, matmul) in float32.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from cases import (
    CONSTRAINTS,
    DEPTHWISE_OPS,
    IMAGE_OPS,
    INITIALIZERS,
    LAYER_OPS,
    LOSSES,
    METRICS,
    MODELS,
    NORMALIZATION_OPS,
    OPTIMIZER_STEPS,
    OPTIMIZERS,
    RECURRENT,
    SEQUENCE_OPS,
)
from configs import golden_configs
from optimizer_steps import golden_steps
from random_images import golden_random_images
from schedules import golden_schedules
from sequences import golden_sequences
from training import (
    float32_values,
    gradients,
    is_statistic,
    random_weights,
    set_precision,
    set_weights,
    train,
    train_disturbed,
)
from volume_cases import VOLUME_OPS
from weight_cases import WEIGHT_OPS

UNIT = 2.0**-24  # rounding unit of float32
SLACK = 1e-9 if keras.backend.backend() == "tensorflow" else 1e-4
OUTPUT = Path(__file__).resolve().parents[2] / "test" / "golden"


def encode(array):
    array = np.ascontiguousarray(array, dtype="<f8")
    return {"shape": list(array.shape), "data": base64.b64encode(array.tobytes()).decode()}


def decode(value):
    return np.frombuffer(base64.b64decode(value["data"]), "<f8").reshape(value["shape"])


def make_optimizer(case):
    return getattr(keras.optimizers, case["keras"])(**case["options"])


def camel(options):
    def one(name):
        head, *tail = name.split("_")
        return head + "".join(part.title() for part in tail)

    return {one(name): value for name, value in options.items()}


def encode_layers(weights):
    return {name: [encode(a) for a in arrays] for name, arrays in weights.items()}


def optimizer_roundings(optimizer):
    """Roundings of an update: about 16 operations; Adam's 1 - beta2^t also cancels digits."""
    if optimizer["name"] == "adam":
        return 16 + 4 / (1 - optimizer["options"].get("beta_2", 0.999))
    return 16


def tolerance_layers(reference, start, error, roundings):
    """Per array: 2 x the largest disturbance seen, 4 roundings of the weight, and the update's."""
    return {
        name: [
            float(
                2 * np.abs(e).max()
                + 4 * UNIT * np.abs(r).max()
                + roundings * UNIT * np.abs(r - s).max()
            )
            for e, r, s in zip(error[name], reference[name], start[name])
        ]
        for name in reference
    }


def difference(a, b):
    return {name: [x - y for x, y in zip(a[name], b[name])] for name in a}


def worst(diff, tolerance):
    """Largest |difference| / tolerance over all arrays."""
    return max(
        np.abs(d).max() / t
        for name in diff
        for d, t in zip(diff[name], tolerance[name])
        if t > 0 or np.abs(d).max() > 0
    )


def statistics_tolerance(length, weights):
    return {
        name: [float(length * UNIT * np.abs(a).max()) for a in w] for name, w in weights.items()
    }


def golden_model(case):
    set_precision("float64")
    rng = np.random.default_rng(case["seed"])
    model = case["build"](keras)
    length, batch, steps = case["length"], case["batch"], case["steps"]
    x = float32_values(rng.normal(0, 1, (batch * steps, *model.input_shape[1:])))
    y = case["labels"](rng, batch * steps)
    weights = random_weights(model, rng)
    assert all(v.dtype == "float64" for v in model.weights)
    batches = [(x[i : i + batch], y[i : i + batch]) for i in range(0, batch * steps, batch)]
    loss = case["loss"]

    set_weights(model, weights)
    output = np.array(model.predict(x[:batch], verbose=0))
    grads, _, first_loss = gradients(model, loss, weights, batches[0])

    result = {
        "description": case["description"],
        "length": length,
        "batchSize": batch,
        "loss": loss,
        "x": encode(x),
        "y": encode(y),
        "weights": encode_layers(weights),
        "output": encode(output),
        "firstLoss": first_loss,
        "gradients": encode_layers(grads),
        "gradientTolerance": statistics_tolerance(length, grads),
        "optimizers": [],
    }

    finals = []
    for optimizer in OPTIMIZERS:
        final, _ = train(model, make_optimizer(optimizer), loss, weights, batches)
        error = {name: [np.zeros_like(a) for a in w] for name, w in final.items()}
        for _ in range(6):
            other = train_disturbed(
                model, make_optimizer(optimizer), loss, weights, batches, UNIT * length, rng
            )
            for name, arrays in difference(final, other).items():
                error[name] = [np.maximum(e, np.abs(a)) for e, a in zip(error[name], arrays)]
        for name in error:  # what a rounded forward pass leaves in the running statistics
            for i, variable in enumerate(model.get_layer(name).weights):
                if is_statistic(variable):
                    error[name][i] += UNIT * length * np.abs(final[name][i]).max()
        tolerance = tolerance_layers(final, weights, error, optimizer_roundings(optimizer))
        finals.append((optimizer, final, tolerance))
        result["optimizers"].append(
            {
                "title": optimizer["title"],
                "name": optimizer["name"],
                "options": camel(optimizer["options"]),
                "meanLoss": float(np.mean(losses_of(model, optimizer, loss, weights, batches))),
                "weights": encode_layers(final),
                "tolerance": tolerance,
            }
        )
    check_distinct(case["file"], finals)
    check_float32(case, weights, batches, grads, result, finals)
    return result


def losses_of(model, optimizer, loss, weights, batches):
    """Loss of each batch at the weights that its step starts from."""
    losses = []
    for i in range(len(batches)):
        before, _ = train(model, make_optimizer(optimizer), loss, weights, batches[:i])
        losses.append(gradients(model, loss, before, batches[i])[2])
    return losses


def check_distinct(file, finals):
    for i, (a, final_a, tolerance) in enumerate(finals):
        for b, final_b, _ in finals[i + 1 :]:
            ratio = worst(difference(final_a, final_b), tolerance)
            assert ratio > 10, f"{file}: {a['title']} and {b['title']} differ by {ratio} tolerances"


def check_float32(case, weights, batches, grads, result, finals):
    """Keras itself, in float32, must stay inside every tolerance."""
    set_precision("float32")
    model = case["build"](keras)
    assert all(v.dtype == "float32" for v in model.weights)
    grads32, _, _ = gradients(model, case["loss"], weights, batches[0])
    ratios = {"gradients": worst(difference(grads, grads32), gradient_floor(result, weights))}
    for optimizer, final, tolerance in finals:
        final32, _ = train(model, make_optimizer(optimizer), case["loss"], weights, batches)
        ratios[optimizer["title"]] = worst(difference(final, final32), tolerance)
    set_precision("float64")
    for title, ratio in ratios.items():
        print(f"  {case['file']}: {title}: float32 error / tolerance {ratio:.3f}")
        assert ratio < 1, f"{case['file']}: {title} is not reached in float32"


def gradient_floor(result, weights):
    """A gradient read off as a difference of weights carries the rounding of the weights too."""
    return {
        name: [t + 2 * UNIT * np.abs(w).max() for t, w in zip(tolerances, weights[name])]
        for name, tolerances in result["gradientTolerance"].items()
    }


def golden_image_op(case, rng):
    """Output of one layer, gradient of its input and weights, and what training leaves in it.

    The layer's input is the kernel of a dense layer fed with ones, so that a step of SGD at
    learning rate 1 reads off its gradient.
    """
    size = int(np.prod(case["shape"]))
    inputs = keras.Input((1,))
    h = keras.layers.Dense(size, use_bias=False, name="source")(inputs)
    h = keras.layers.Reshape(case["shape"])(h)
    if case["square_root"]:  # l2 pooling: sqrt(mean(x^2)), which Keras lacks
        h = keras.ops.square(h)
    # TensorFlow knows no maxima of volumes in float64; which of the numbers is taken is the same.
    dtype = "float32" if case["keras"] == "MaxPooling3D" else None
    layer = getattr(keras.layers, case["keras"])(**case["options"], name="op", dtype=dtype)
    penalty = getattr(layer, "kernel_regularizer", None)
    if isinstance(penalty, keras.regularizers.OrthogonalRegularizer):
        # Keras makes it float32, which TensorFlow does not multiply with float64.
        penalty.factor = float(penalty.factor)
    h = layer([h, h] if case.get("twice") else h)
    if case["square_root"]:
        h = keras.ops.sqrt(h)
    if dtype is not None:
        h = keras.ops.cast(h, "float64")
    model = keras.Model(inputs, h)

    weights = random_weights(model, rng)
    weights["source"] = [float32_values(rng.normal(0, 1, (1, size)))]
    batch = case.get("batch", 1)
    x = np.ones((batch, 1))
    y = float32_values(rng.normal(0, 1, (batch, *model.output_shape[1:])))
    set_weights(model, weights)
    output = np.array(model.predict(x, verbose=0))
    grads, _, loss = gradients(model, "mse", weights, (x, y))
    return {
        "title": case["title"],
        "layer": case["layer"],
        "options": camel(case["options"]),
        "shape": case["shape"],
        "length": case["length"],
        **({"twice": True} if case.get("twice") else {}),
        "weights": encode_layers(weights),
        "y": encode(y),
        "output": encode(output),
        "loss": loss,
        "gradients": encode_layers(grads),
    }


def golden_batch_norm(rng):
    """Two steps over a batch of images: inference output, gradients and running statistics."""
    results = []
    for title, shape, options in (
        ("vectors", (5,), {}),
        ("images", (3, 4, 2), {"momentum": 0.8, "epsilon": 0.01}),
        ("no scale, no center", (4,), {"momentum": 0.5, "scale": False, "center": False}),
    ):
        inputs = keras.Input(shape)
        h = keras.layers.Dense(shape[-1], name="dense")(inputs)
        model = keras.Model(inputs, keras.layers.BatchNormalization(**options, name="norm")(h))
        weights = random_weights(model, rng)
        x = float32_values(rng.normal(0.5, 2, (12, *shape)))
        y = float32_values(rng.normal(0, 1, (12, *shape)))
        set_weights(model, weights)
        inference = np.array(model.predict(x, verbose=0))
        grads, after_one, loss = gradients(model, "mse", weights, (x[:6], y[:6]))
        after, _ = train(
            model, keras.optimizers.SGD(0.1), "mse", weights, [(x[:6], y[:6]), (x[6:], y[6:])]
        )
        results.append(
            {
                "title": title,
                "shape": list(shape),
                "options": camel(options),
                "length": 4 * (shape[-1] + 6 * int(np.prod(shape[:-1]))),
                "weights": encode_layers(weights),
                "x": encode(x),
                "y": encode(y),
                "inference": encode(inference),
                "loss": loss,
                "gradients": encode_layers(grads),
                "statistics": [encode(a) for a in after_one["norm"][-2:]],
                "afterTwoSteps": encode_layers(after),
                "outputAfterTwoSteps": encode(model.predict(x, verbose=0)),
            }
        )
    return results


def golden_recurrent(case, rng):
    """Every output of one layer, and what three steps of SGD on its first one leave."""
    batch, time, features, rate = 4, 5, 3, 0.5
    units = case["options"]["units"]
    # TensorFlow knows no maxima of volumes in float64; which of the numbers is taken is the same.
    dtype = "float32" if case["keras"] == "MaxPooling3D" else None
    layer = getattr(keras.layers, case["keras"])(**case["options"], name="op", dtype=dtype)
    inputs = [keras.Input((time, features))]
    inputs += [keras.Input((units,)) for _ in range(case["states"])]
    outputs = layer(inputs[0], initial_state=inputs[1:] or None)
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    model = keras.Model(inputs, outputs)
    trained = keras.Model(inputs, outputs[0])

    weights = random_weights(model, rng)
    x = [float32_values(rng.normal(0, 1, (batch, time, features)))]
    x += [float32_values(rng.uniform(-1, 1, (batch, units))) for _ in range(case["states"])]
    y = float32_values(rng.normal(0, 1, (batch, *outputs[0].shape[1:])))
    set_weights(model, weights)
    predicted = model(x)
    predicted = predicted if isinstance(predicted, (list, tuple)) else [predicted]
    after, losses = train(trained, keras.optimizers.SGD(rate), "mse", weights, [(x, y)] * 3)
    steepest = [np.zeros(()) for _ in weights["op"]]
    for step in range(3):
        before, _ = train(trained, keras.optimizers.SGD(rate), "mse", weights, [(x, y)] * step)
        found, _, _ = gradients(trained, "mse", before, (x, y))
        steepest = [max(m, np.abs(g).max()) for m, g in zip(steepest, found["op"])]
    return {
        "title": case["title"],
        "layer": case["layer"],
        "options": camel(case["options"]),
        "learningRate": rate,
        # Forward and back through all steps, and the sum over the batch.
        "length": 2 * time * (features + 5 * units + 32) + batch * time,
        "weights": encode_layers(weights),
        "x": [encode(a) for a in x],
        "y": encode(y),
        "outputs": [encode(np.array(output)) for output in predicted],
        "losses": losses,
        "afterThreeSteps": encode_layers(after),
        "steepest": [float(m) for m in steepest],
    }


def golden_loss(case):
    """The mean loss in float64 and in float32: near 0 and 1 the two clip at different numbers."""
    values = []
    for dtype in ("float64", "float32"):
        set_precision(dtype)
        loss = getattr(keras.losses, case["keras"])(**case["options"])
        y_true = np.array(case["y_true"], "int32" if case["integer"] else dtype)
        values.append(float(loss(y_true, np.array(case["y_pred"], dtype))))
    set_precision("float64")
    return {
        "title": case["title"],
        "loss": case["loss"],
        "options": camel(case["options"]),
        "yTrue": case["y_true"],
        "yPred": case["y_pred"],
        "integer": case["integer"],
        "value": values[0],
        "float32": values[1],
    }


def golden_metric(case):
    """The metric over all rows, given in two batches of different sizes."""
    measure = getattr(keras.metrics, case["keras"])(**case["options"])
    y_true = np.array(case["y_true"], "int32" if case["integer"] else "float64")
    # TensorFlow finds the k largest of float32 only.
    y_pred = np.array(case["y_pred"], "float32" if "TopK" in case["keras"] else "float64")
    for rows in (slice(0, 3), slice(3, None)):
        if len(y_pred[rows]):
            measure.update_state(y_true[rows], y_pred[rows])
    return {
        "title": case["title"],
        "metric": case["metric"],
        "options": camel(case["options"]),
        "yTrue": case["y_true"],
        "yPred": case["y_pred"],
        "integer": case["integer"],
        "value": np.array(measure.result(), "float64").reshape(-1).tolist(),
    }


def golden_constraint(case, rng):
    """What a constraint makes of a kernel of 2 x 3 x 4 x 5."""
    weight = float32_values(rng.normal(0, 1, (2, 3, 4, 5)))
    found = getattr(keras.constraints, case["keras"])(**case["options"])(weight)
    return {
        "title": case["title"],
        "constraint": case["constraint"],
        "options": camel(case["options"]),
        "weight": encode(weight),
        "result": encode(keras.ops.convert_to_numpy(found)),
    }


def golden_initializer(case):
    """Standard deviation and largest magnitude: by formula, confirmed on Keras's own samples."""
    initializer = getattr(keras.initializers, case["keras"])(**case["options"], seed=1)
    sample = keras.ops.convert_to_numpy(initializer(case["shape"], dtype="float64"))
    deviation, limit = case["deviation"], case["limit"]
    # Five standard errors of a deviation, sqrt(1 / 2n) each.
    assert abs(sample.std() / deviation - 1) < 5 * np.sqrt(1 / (2 * sample.size)), case["title"]
    assert limit is None or 0.9 * limit < np.abs(sample).max() <= limit, case["title"]
    keys = ("title", "initializer", "shape", "deviation", "limit")
    return {key: case[key] for key in keys} | {"options": camel(case["options"])}


def same(old, new, path=""):
    """The first place where two golden files differ by more than SLACK, or None."""
    if isinstance(new, dict) and set(new) == {"shape", "data"}:
        a, b = decode(old), decode(new)
        scale = max(np.abs(a).max(), 1e-3)
        return None if a.shape == b.shape and np.abs(a - b).max() <= SLACK * scale else path
    if isinstance(new, dict):
        if set(old) != set(new):
            return path
        return next(filter(None, (same(old[k], new[k], f"{path}.{k}") for k in new)), None)
    if isinstance(new, list):
        if len(old) != len(new):
            return path
        pairs = enumerate(zip(old, new))
        return next(filter(None, (same(a, b, f"{path}[{i}]") for i, (a, b) in pairs)), None)
    if isinstance(new, float):
        slack = 1.0 if "olerance" in path else max(SLACK, 1e-6 * path.endswith("float32"))
        return None if abs(old - new) <= slack * max(abs(new), 1e-3) else path
    return None if old == new else path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    set_precision("float64")

    rng = np.random.default_rng(7)
    files = {case["file"]: golden_model(case) for case in MODELS}
    files["image_ops"] = [golden_image_op(case, rng) for case in IMAGE_OPS]
    depthwise_rng = np.random.default_rng(8)
    files["depthwise_ops"] = [golden_image_op(case, depthwise_rng) for case in DEPTHWISE_OPS]
    files["layer_ops"] = [golden_image_op(c, np.random.default_rng(9)) for c in LAYER_OPS]
    files["sequence_ops"] = [golden_image_op(c, np.random.default_rng(10)) for c in SEQUENCE_OPS]
    normalization_rng = np.random.default_rng(12)
    files["normalization_ops"] = [golden_image_op(c, normalization_rng) for c in NORMALIZATION_OPS]
    files["weight_ops"] = [golden_image_op(c, np.random.default_rng(14)) for c in WEIGHT_OPS]
    files["volume_ops"] = [golden_image_op(c, np.random.default_rng(15)) for c in VOLUME_OPS]
    files["batch_norm"] = golden_batch_norm(rng)
    files["recurrent"] = [golden_recurrent(c, np.random.default_rng(11)) for c in RECURRENT]
    files |= golden_sequences(encode)
    constraint_rng = np.random.default_rng(13)
    files["constraints"] = [golden_constraint(case, constraint_rng) for case in CONSTRAINTS]
    files["losses"] = [golden_loss(case) for case in LOSSES]
    files["optimizer_steps"] = golden_steps(
        OPTIMIZER_STEPS, make_optimizer, set_precision, encode, camel, float32_values
    )
    files["metrics"] = [golden_metric(case) for case in METRICS]
    files["schedules"] = golden_schedules(camel)
    files["random_images"] = golden_random_images(encode, camel)
    files["initializers"] = [golden_initializer(case) for case in INITIALIZERS]
    files["configs"] = golden_configs()  # last, since in float32

    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = OUTPUT / f"{name}.json"
        text = json.dumps(content, indent=1) + "\n"
        if arguments.check:
            place = same(json.loads(path.read_text()), json.loads(text), name)
            if place:
                sys.exit(f"{path.name} differs at {place} (Keras on {keras.backend.backend()})")
        else:
            path.write_text(text)
        print(f"{path.name}: {'agrees' if arguments.check else path.stat().st_size}")


if __name__ == "__main__":
    main()
