"""Keras's random image layers in training, in float32, each with one value to draw."""

import keras
import numpy as np


def case(keras_name, layer, **options):
    return {"keras": keras_name, "layer": layer, "options": options}


def both(value):
    return (value, value)


CASES = [
    case("RandomRotation", "randomRotation", factor=both(0.15)),
    case("RandomRotation", "randomRotation", factor=both(-0.3), fill_mode="constant", fill_value=2.0),
    case("RandomRotation", "randomRotation", factor=both(0.05), fill_mode="nearest"),
    case(
        "RandomTranslation", "randomTranslation", height_factor=both(0.3), width_factor=both(-0.25)
    ),
    case(
        "RandomTranslation",
        "randomTranslation",
        height_factor=both(0.0),
        width_factor=both(0.4),
        fill_mode="wrap",
        interpolation="nearest",
    ),
    case("RandomZoom", "randomZoom", height_factor=both(0.3)),
    case("RandomZoom", "randomZoom", height_factor=both(-0.4), width_factor=both(0.2)),
    case("RandomBrightness", "randomBrightness", factor=both(0.25), value_range=(-2.0, 2.0)),
    case("RandomBrightness", "randomBrightness", factor=both(-0.5), value_range=(0.0, 1.0)),
    case("RandomContrast", "randomContrast", factor=(-0.5, 0.5), value_range=(-2.0, 2.0)),
]


def golden_random_images(encode, camel):
    """The changed images; Keras mixes float32 and float64 in these layers where floatx is float64."""
    floatx = keras.config.floatx()
    keras.config.set_floatx("float32")
    try:
        return [golden_case(one, encode, camel) for one in CASES]
    finally:
        keras.config.set_floatx(floatx)


def golden_case(one, encode, camel):
    images = np.random.default_rng(14).uniform(-1, 1, (2, 6, 5, 2)).astype(np.float32)
    layer = getattr(keras.layers, one["keras"])(dtype="float32", **one["options"])
    return {
        "layer": one["layer"],
        "options": camel(one["options"]),
        "config": {"class_name": one["keras"], "config": layer.get_config()},
        "images": encode(images),
        "changed": encode(np.array(layer(images, training=True))),
    }
