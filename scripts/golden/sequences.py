"""Models of sequences: masks, recurrent layers, wrappers and attention, drawn and trained by Keras.

Run by itself, writes only its own files: sequences.py [NAME ...]
"""

import json
import sys

import keras
import numpy as np

from training import float32_values, gradients, set_precision, set_weights, train

BATCH, TIME, FEATURES = 4, 5, 3
RATE = 0.5
L = keras.layers


def model_of(draw, *shapes):
    """The model that `draw` makes of inputs of these shapes; integers where a shape is of 'int'."""

    def build():
        inputs = [
            L.Input(shape[1:], dtype="int32") if shape[0] == "int" else L.Input(shape)
            for shape in shapes
        ]
        outputs = draw(*inputs)
        return keras.Model(inputs, list(outputs) if isinstance(outputs, (list, tuple)) else outputs)

    return build


def sequential_of(*layers):
    """A sequential model of what each function makes."""
    return lambda: keras.Sequential([L.Input((TIME, FEATURES)), *(make() for make in layers)])


def case(title, build, length):
    return {"title": title, "build": build, "length": length}


def recurrent_length(units, features=FEATURES, layers=1):
    """Forward and back through all steps, and the sum over the batch."""
    return layers * (2 * TIME * (features + 5 * units + 32) + BATCH * TIME)


def embed(x):
    return L.Embedding(6, FEATURES, mask_zero=True)(x)


def masked(x):
    return L.Masking()(x)


def mask_of(x):
    return keras.ops.any(keras.ops.not_equal(x, 0), axis=-1)


SEQUENCE = (TIME, FEATURES)
TOKENS = ("int", TIME)


def masked_layer(title, make, units, *options):
    return [
        case(f"{title}, masked{extra}", sequential_of(L.Masking, lambda o=o: make(units, **o)),
             recurrent_length(units))
        for extra, o in (("", {}), (", all outputs", {"return_sequences": True}),
                         (", backwards", {"go_backwards": True}), *options)
    ]


def attention_length(width, heads=1):
    """Projections of query, key, value and result, scores, softmax and the sums of the gradients."""
    return 3 * (3 * width + 4 * TIME + 2 * heads * width + 16 + BATCH * TIME)


MASKS = [
    *masked_layer("lstm", L.LSTM, 3, (", zeros", {"return_sequences": True, "zero_output_for_mask": True}),
                  (", other activation", {"activation": "softsign"})),
    *masked_layer("gru", L.GRU, 3, (", reset before", {"reset_after": False}),
                  (", zeros", {"zero_output_for_mask": True})),
    *masked_layer("simple rnn", L.SimpleRNN, 4),
    case("embedding, dropout, dense and mean",
         model_of(lambda x: L.GlobalAveragePooling1D()(
             L.Dense(4, "tanh")(L.Dropout(0)(embed(x)))), TOKENS), 64),
    case("mask of predictions, each step",
         model_of(lambda x: L.Dense(2)(L.LSTM(3, return_sequences=True)(embed(x))), TOKENS),
         recurrent_length(3) + 8),
    case("sum and row of masked sequences",
         model_of(lambda x, y: L.GRU(3)(L.Concatenate(axis=1)([
             L.Add()([masked(x), masked(y)]), masked(y)])), SEQUENCE, SEQUENCE),
         2 * recurrent_length(3)),
    case("features side by side",
         model_of(lambda x, y: L.LSTM(3)(L.Concatenate()([embed(x), masked(y)])), TOKENS, SEQUENCE),
         recurrent_length(3, 2 * FEATURES)),
    # Beside states, Keras passes on no mask by itself.
    case("from states",
         model_of(lambda x, h, c: L.LSTM(2, return_sequences=True, return_state=True)(
             masked(x), initial_state=[h, c], mask=mask_of(x)), SEQUENCE, (2,), (2,)),
         recurrent_length(2)),
    case("batch normalization, masked",
         sequential_of(L.Masking, lambda: L.BatchNormalization(momentum=0.5), lambda: L.Dense(2)),
         5 * BATCH * TIME),
    case("batch normalization of another axis, masked by hand",
         model_of(lambda x, m: L.Flatten()(
             L.BatchNormalization(axis=1, momentum=0.5, epsilon=0.25)(x, mask=m)),
                  SEQUENCE, ("int", TIME)), 5 * BATCH * TIME),
    case("a mask by hand",
         model_of(lambda x, m: L.GRU(2)(x, mask=m), SEQUENCE, ("int", TIME)), recurrent_length(2)),
]

SIMPLE = [
    case("simple rnn", sequential_of(lambda: L.SimpleRNN(4)), recurrent_length(4)),
    case("simple rnn, all outputs and state, from a state",
         model_of(lambda x, h: L.SimpleRNN(3, return_sequences=True, return_state=True)(
             x, initial_state=h), SEQUENCE, (3,)), recurrent_length(3)),
    case("simple rnn, relu, backwards, without bias",
         sequential_of(lambda: L.SimpleRNN(3, "relu", use_bias=False, go_backwards=True)),
         recurrent_length(3)),
    case("constraints and regularizers",
         sequential_of(lambda: L.LSTM(
             3, kernel_constraint=keras.constraints.MaxNorm(0.5),
             recurrent_constraint=keras.constraints.UnitNorm(),
             bias_constraint=keras.constraints.NonNeg(), kernel_regularizer="l2",
             recurrent_regularizer="l1", bias_regularizer="l2")), recurrent_length(3)),
]


def bidirectional(title, make, *, mask=False, back=None, **options):
    def draw(x):
        wrapped = L.Bidirectional(make(), backward_layer=back() if back else None, **options)
        return wrapped(masked(x) if mask else x)

    return case(title, model_of(draw, SEQUENCE), recurrent_length(3, layers=2))


ALL = {"return_sequences": True}
WRAPPERS = [
    bidirectional("both ways", lambda: L.LSTM(3)),
    bidirectional("all outputs", lambda: L.GRU(3, **ALL)),
    bidirectional("sum", lambda: L.LSTM(3, **ALL), merge_mode="sum"),
    bidirectional("product", lambda: L.SimpleRNN(3), merge_mode="mul"),
    bidirectional("mean", lambda: L.GRU(3), merge_mode="ave"),
    bidirectional("apart", lambda: L.LSTM(3, **ALL), merge_mode=None),
    bidirectional("states", lambda: L.LSTM(3, return_state=True, **ALL)),
    bidirectional("another way back", lambda: L.LSTM(3),
                  back=lambda: L.GRU(2, go_backwards=True, name="back")),
    bidirectional("masked", lambda: L.LSTM(3), mask=True),
    bidirectional("masked, all outputs", lambda: L.GRU(3, **ALL), mask=True),
    case("masked, one on the other",
         model_of(lambda x: L.Bidirectional(L.LSTM(2))(
             L.Bidirectional(L.GRU(2, **ALL))(embed(x))), TOKENS), recurrent_length(3, layers=4)),
    case("from states",
         model_of(lambda x, a, b: L.Bidirectional(L.GRU(2))(x, initial_state=[a, b]),
                  SEQUENCE, (2,), (2,)), recurrent_length(2, layers=2)),
    case("dense at each step",
         model_of(lambda x: L.TimeDistributed(L.Dense(2, "tanh"))(x), SEQUENCE), 64),
    case("convolution at each step",
         model_of(lambda x: L.TimeDistributed(L.Conv2D(2, 2))(x), (TIME, 4, 3, 2)), 256),
    case("dense at each step, masked",
         model_of(lambda x: L.GlobalAveragePooling1D()(
             L.TimeDistributed(L.Dense(2))(embed(x))), TOKENS), 64),
]


def heads(title, draw=None, *shapes, call=None, **options):
    options = {"num_heads": 2, "key_dim": 3, **options}
    shapes = shapes or (SEQUENCE, (TIME - 1, 4))

    def whole(*inputs):
        layer = L.MultiHeadAttention(**options)
        return draw(layer, *inputs) if draw else layer(*inputs, **(call or {}))

    return case(title, model_of(whole, *shapes), attention_length(8, 2))


ATTENTION = [
    heads("heads"),
    heads("heads, of oneself", lambda layer, x: layer(x, x), SEQUENCE),
    heads("heads, apart keys, sizes", None, SEQUENCE, (4, 2), (4, 5), value_dim=4, output_shape=6),
    heads("heads without bias", use_bias=False),
    heads("heads, causal", lambda layer, x: layer(x, x, use_causal_mask=True), SEQUENCE),
    heads("heads, scores", call={"return_attention_scores": True}),
    heads("heads, mask by hand", lambda layer, x, m: layer(x, x, attention_mask=m),
          SEQUENCE, ("int", TIME, TIME)),
    heads("heads, masked query and value, causal",
          lambda layer, x, y: layer(masked(x), masked(y), use_causal_mask=True), SEQUENCE, SEQUENCE),
    heads("heads, masked, then a mean",
          lambda layer, x: L.GlobalAveragePooling1D()(layer(embed(x), embed(x))), TOKENS),
    heads("heads, window", lambda layer, x: layer(x, x), SEQUENCE, sliding_window=2),
    heads("heads, gated", use_gate=True),
    heads("heads, all axes", None, (3, 2, 3), (2, 4, 3)),
    heads("heads, first axis, scores", None, (3, 2, 3), (4, 2, 3), attention_axes=1,
          call={"return_attention_scores": True}),
    heads("heads, last axis, causal, window", lambda layer, x: layer(x, x, use_causal_mask=True),
          (3, 3, 2), attention_axes=-2, sliding_window=2),
    heads("heads, axes turned round, scores", None, (3, 2, 2, 3), (2, 2, 4, 3),
          attention_axes=(3, 1), call={"return_attention_scores": True}),
    heads("heads, last axis, masked", lambda layer, x, y: layer(masked(x), masked(y)),
          (2, TIME, 3), (2, 4, 3), attention_axes=2),
    heads("heads, last axis, mask by hand", lambda layer, x, m: layer(x, x, attention_mask=m),
          (2, 3, 2), ("int", 3, 3), attention_axes=2),
    heads("heads, two axes, mask by hand", lambda layer, x, m: layer(x, x, attention_mask=m),
          (2, 3, 2), ("int", 2, 3, 1, 3)),
    case("attention", model_of(lambda q, v: L.Attention()([q, v]), SEQUENCE, (4, FEATURES)), 64),
    case("attention, scaled, keys",
         model_of(lambda q, v, k: L.Attention(use_scale=True)([q, v, k]),
                  SEQUENCE, (4, 2), (4, FEATURES)), 64),
    case("attention, concat",
         model_of(lambda q, v: L.Attention(score_mode="concat", use_scale=True)([q, v]),
                  SEQUENCE, (4, FEATURES)), 96),
    case("attention, causal, scores",
         model_of(lambda q: L.Attention()([q, q], use_causal_mask=True, return_attention_scores=True),
                  SEQUENCE), 64),
    case("attention, masked",
         model_of(lambda q, v: L.GlobalAveragePooling1D()(L.Attention()([masked(q), masked(v)])),
                  SEQUENCE, SEQUENCE), 64),
    case("additive attention",
         model_of(lambda q, v: L.AdditiveAttention()([q, v]), SEQUENCE, (4, FEATURES)), 96),
    case("additive attention, not scaled, masked",
         model_of(lambda q, v: L.AdditiveAttention(use_scale=False)([masked(q), masked(v)]),
                  SEQUENCE, SEQUENCE), 96),
]

GROUPS = {
    "sequence_masks": MASKS,
    "simple_rnn": SIMPLE,
    "sequence_wrappers": WRAPPERS,
    "attention": ATTENTION,
}


def data_for(tensor, rng):
    """Sequences whose steps are partly masked (zeros), or whole numbers; each sample has one left."""
    shape = (BATCH, *tensor.shape[1:])
    if "int" in tensor.dtype:
        values = rng.integers(0, 3, shape) * rng.integers(0, 3, shape)
        values[..., 1] = np.maximum(values[..., 1], 1)
        return values.astype("int32")
    values = float32_values(rng.uniform(-1, 1, shape))
    if len(shape) in (3, 4):
        dropped = rng.integers(0, 2, shape[:-1]).astype(bool)
        dropped[..., 1] = False
        values[dropped] = 0
    return values


def random_weight(variable, rng):
    values = rng.uniform(-0.8, 0.8, variable.shape)
    return float32_values(0.5 + np.abs(values) if variable.name == "moving_variance" else values)


def random_weights(model, rng):
    return {
        layer.name: [random_weight(v, rng) for v in layer.weights]
        for layer in model.layers
        if layer.weights
    }


def golden_sequence(case, encode):
    rng = np.random.default_rng(21)
    set_precision("float32")
    keras.utils.clear_session()
    config = json.loads(case["build"]().to_json())
    set_precision("float64")
    keras.utils.clear_session()
    model = case["build"]()
    trained = model if len(model.outputs) == 1 else keras.Model(model.inputs, model.outputs[0])
    weights = random_weights(model, rng)
    x = [data_for(tensor, rng) for tensor in model.inputs]
    set_weights(model, weights)
    given = x if len(x) > 1 else x[0]
    predicted = model(given)
    predicted = predicted if isinstance(predicted, (list, tuple)) else [predicted]
    y = float32_values(rng.normal(0, 1, predicted[0].shape))
    steps = [(given, y)] * 3
    after, losses = train(trained, keras.optimizers.SGD(RATE), "mse", weights, steps)
    steepest = {name: [0.0] * len(arrays) for name, arrays in weights.items()}
    for step in range(3):
        before, _ = train(trained, keras.optimizers.SGD(RATE), "mse", weights, steps[:step])
        found, _, _ = gradients(trained, "mse", before, steps[0])
        for name, arrays in found.items():
            steepest[name] = [max(m, float(np.abs(g).max())) for m, g in zip(steepest[name], arrays)]
    whole = lambda a: encode(a) | {"shape": list(np.shape(a))}  # a single number has no axes
    layers = lambda arrays: {name: [whole(a) for a in each] for name, each in arrays.items()}
    return {
        "title": case["title"],
        "config": config,
        "learningRate": RATE,
        "length": case["length"],
        "weights": layers(weights),
        "x": [encode(a) for a in x],
        "integers": ["int" in tensor.dtype for tensor in model.inputs],
        "y": encode(y),
        "outputs": [encode(np.array(output)) for output in predicted],
        "losses": losses,
        "afterThreeSteps": layers(after),
        "steepest": steepest,
    }


def golden_sequences(encode, names=tuple(GROUPS)):
    return {name: [golden_sequence(c, encode) for c in GROUPS[name]] for name in names}


if __name__ == "__main__":
    from generate import OUTPUT, encode

    for name in sys.argv[1:] or GROUPS:
        content = golden_sequences(encode, [name])[name]
        (OUTPUT / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
        print(name, len(content))
