"""Steps of optimizers on given gradients: no model, so that no rounding but the update's counts."""

import keras
import numpy as np

UNIT = 2.0**-24  # rounding unit of float32
STEPS = 7
SHAPES = [(4, 3), (3,), (5,)]
# What an update may round: about 16 operations, each off by a unit of the largest gradient.
OPERATIONS = 16


def problem(float32_values):
    """First weights, and the gradients of each step: of different lengths, so that clipping shows."""
    rng = np.random.default_rng(21)
    weights = [float32_values(rng.normal(0, 1, shape)) for shape in SHAPES]
    sizes = rng.uniform(0.2, 2, (STEPS, len(SHAPES)))
    gradients = [
        [float32_values(size * rng.normal(0, 1, shape)) for size, shape in zip(row, SHAPES)]
        for row in sizes
    ]
    return weights, gradients


def steps(optimizer, weights, gradients, finalize):
    """The weights after each of the steps; the last ones are what training would leave."""
    variables = [keras.Variable(w) for w in weights]
    optimizer.build(variables)
    way = []
    for row in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g, variables[0].dtype) for g in row])
        way.append([np.array(v) for v in variables])
    if finalize:
        optimizer.finalize_variable_values(variables)
        way.append([np.array(v) for v in variables])
    return way


def disturbance(gradient, rng):
    size = OPERATIONS * UNIT * np.abs(gradient).max()
    return size * rng.choice([-1.0, 1.0], gradient.shape)


def golden_steps(cases, make_optimizer, set_precision, encode, camel, float32_values):
    set_precision("float64")
    weights, gradients = problem(float32_values)
    rng = np.random.default_rng(22)
    found = []
    for case in cases:
        finalize = case["options"].get("use_ema", False)
        way = steps(make_optimizer(case), weights, gradients, finalize)
        error = [np.zeros(shape) for shape in SHAPES]
        for _ in range(8):
            disturbed = [[g + disturbance(g, rng) for g in row] for row in gradients]
            other = steps(make_optimizer(case), weights, disturbed, finalize)
            error = [np.maximum(e, np.abs(a - b)) for e, a, b in zip(error, way[-1], other[-1])]
        # Twice the largest disturbance seen; and the roundings of each new weight, and of its change.
        points = [weights, *way]
        tolerance = [
            float(
                2 * error[i].max()
                + 4 * UNIT * sum(np.abs(p[i]).max() for p in points)
                + OPERATIONS
                * UNIT
                * sum(np.abs(b[i] - a[i]).max() for a, b in zip(points, points[1:]))
            )
            for i in range(len(SHAPES))
        ]
        found.append((case, way[-1], tolerance))
    check_distinct(found)
    check_float32(found, weights, gradients, make_optimizer, set_precision)
    return {
        "weights": [encode(w) for w in weights],
        "gradients": [[encode(g) for g in row] for row in gradients],
        "cases": [
            {
                "title": case["title"],
                "name": case["name"],
                "options": camel(case["options"]),
                "weights": [encode(w) for w in final],
                "tolerance": tolerance,
            }
            for case, final, tolerance in found
        ],
    }


def ratio(a, b, tolerance):
    return max(np.abs(x - y).max() / t for x, y, t in zip(a, b, tolerance))


def check_distinct(found):
    for i, (a, final_a, tolerance) in enumerate(found):
        for b, final_b, _ in found[i + 1 :]:
            apart = ratio(final_a, final_b, tolerance)
            assert apart > 10, f"steps: {a['title']} and {b['title']} differ by {apart} tolerances"


def check_float32(found, weights, gradients, make_optimizer, set_precision):
    """Keras itself, in float32, must stay inside every tolerance."""
    set_precision("float32")
    for case, final, tolerance in found:
        small = [w.astype("float32") for w in weights]
        way = steps(make_optimizer(case), small, gradients, case["options"].get("use_ema", False))
        # 1 - beta2^t loses digits in float32, as Keras computes it; luge does so in float64.
        slack = 1 + 4 / OPERATIONS / (1 - case["options"].get("beta_2", 0.999))
        found_ratio = ratio(way[-1], final, tolerance)
        assert found_ratio < slack, f"steps: {case['title']}: float32 error {found_ratio}"
        print(f"  steps: {case['title']}: float32 error / tolerance {found_ratio:.3f}")
    set_precision("float64")
