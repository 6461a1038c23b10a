"""Steps of training whose weights, gradients and sensitivity to rounding can be read off."""

import keras
import numpy as np


def set_precision(dtype):
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def float32_values(array):
    """Float64 numbers that float32 holds exactly."""
    return np.asarray(array, dtype=np.float32).astype(np.float64)


def random_weights(model, rng):
    """Weights of every layer, small enough that no unit saturates; statistics that differ."""
    weights = {}
    for layer in model.layers:
        arrays = []
        for variable in layer.weights:
            shape, name = variable.shape, variable.name
            if name in ("gamma", "moving_variance"):
                array = rng.uniform(0.5, 1.5, shape)
            elif len(shape) > 1:
                array = rng.normal(0, np.sqrt(1.5 / np.prod(shape[:-1])), shape)
            else:
                array = rng.uniform(-0.2, 0.2, shape)
            arrays.append(float32_values(array))
        if arrays:
            weights[layer.name] = arrays
    return weights


def set_weights(model, weights):
    for name, arrays in weights.items():
        model.get_layer(name).set_weights(arrays)


def get_weights(model):
    return {
        layer.name: [np.array(w) for w in layer.get_weights()]
        for layer in model.layers
        if layer.weights
    }


def is_statistic(variable):
    return variable.name.startswith("moving_")


def train(model, optimizer, loss, weights, batches):
    """Weights after one step on each batch, starting from `weights`."""
    set_weights(model, weights)
    model.compile(optimizer=optimizer, loss=loss, run_eagerly=True)
    losses = [float(model.train_on_batch(x, y)) for x, y in batches]
    return get_weights(model), losses


def gradients(model, loss, weights, batch):
    """Gradient of each weight: what one step of SGD at learning rate 1 takes away from it."""
    after, losses = train(model, keras.optimizers.SGD(1.0), loss, weights, [batch])
    grads = {
        name: [
            np.zeros_like(a) if is_statistic(v) else b - a
            for v, b, a in zip(model.get_layer(name).weights, weights[name], after[name])
        ]
        for name in weights
    }
    return grads, after, losses[0]


def train_disturbed(model, optimizer, loss, weights, batches, relative, rng):
    """Like `train`, with an error of +-relative x max|g| in every gradient that isn't exactly 0."""
    state = weights
    trainable = [
        (layer.name, i, v)
        for layer in model.layers
        for i, v in enumerate(layer.weights)
        if not is_statistic(v)
    ]
    optimizer.build([v for _, _, v in trainable])
    for batch in batches:
        grads, after, _ = gradients(model, loss, state, batch)
        set_weights(model, state)
        disturbed = []
        for name, i, _ in trainable:
            g = grads[name][i]
            sign = rng.choice([-1.0, 1.0], g.shape) * (np.abs(g) > 1e-14)
            disturbed.append(g + sign * relative * np.abs(g).max())
        optimizer.apply(
            [keras.ops.convert_to_tensor(g) for g in disturbed], [v for _, _, v in trainable]
        )
        state = get_weights(model)
        for layer in model.layers:  # the running statistics move by the forward pass alone
            for i, variable in enumerate(layer.weights):
                if is_statistic(variable):
                    state[layer.name][i] = after[layer.name][i]
    return state
