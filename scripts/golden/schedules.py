"""Learning rates of Keras's schedules, step by step."""

import keras
import numpy as np


def schedule(keras_name, name, **options):
    return {"keras": keras_name, "schedule": name, "options": options}


RATE = {"initial_learning_rate": 0.5}
SCHEDULES = [
    schedule("ExponentialDecay", "exponentialDecay", **RATE, decay_steps=7, decay_rate=0.75),
    schedule(
        "ExponentialDecay", "exponentialDecay", **RATE, decay_steps=7, decay_rate=0.75, staircase=True
    ),
    schedule("InverseTimeDecay", "inverseTimeDecay", **RATE, decay_steps=7, decay_rate=0.75),
    schedule(
        "InverseTimeDecay", "inverseTimeDecay", **RATE, decay_steps=7, decay_rate=0.75, staircase=True
    ),
    schedule("PolynomialDecay", "polynomialDecay", **RATE, decay_steps=13),
    schedule(
        "PolynomialDecay",
        "polynomialDecay",
        **RATE,
        decay_steps=8,
        end_learning_rate=0.125,
        power=2.0,
        cycle=True,
    ),
    schedule(
        "PiecewiseConstantDecay", "piecewiseConstantDecay", boundaries=[5, 11], values=[1.0, 0.5, 0.25]
    ),
    schedule("CosineDecay", "cosineDecay", **RATE, decay_steps=17, alpha=0.125),
    schedule(
        "CosineDecay",
        "cosineDecay",
        initial_learning_rate=0.125,
        decay_steps=17,
        warmup_target=0.5,
        warmup_steps=6,
    ),
    schedule("CosineDecayRestarts", "cosineDecayRestarts", **RATE, first_decay_steps=5),
    schedule(
        "CosineDecayRestarts",
        "cosineDecayRestarts",
        **RATE,
        first_decay_steps=6,
        t_mul=1.0,
        m_mul=0.75,
        alpha=0.0625,
    ),
]


def golden_schedules(camel):
    """The rates in float32, as Keras computes them."""
    found = []
    for case in SCHEDULES:
        made = getattr(keras.optimizers.schedules, case["keras"])(**case["options"])
        rates = [float(np.array(made(step))) for step in range(40)]
        found.append(
            {
                "schedule": case["schedule"],
                "options": camel(case["options"]),
                "config": {"class_name": case["keras"], "config": made.get_config()},
                "rates": rates,
            }
        )
    return found
