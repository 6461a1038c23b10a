"""Layers of volumes, and padding of sequences, for generate.py."""

from cases import image_op

SHAPE = (4, 5, 4, 2)


def volume_op(title, names, length, shape=SHAPE, **options):
    return image_op(title, *names, shape, length, **options)


def conv(title, **options):
    """`length`: the larger of a kernel's window and the positions that its gradient adds up."""
    return volume_op(f"conv3d {title}", ("Conv3D", "conv3d"), 80, filters=3, **options)


def transposed(title, **options):
    names = ("Conv3DTranspose", "conv3dTranspose")
    return volume_op(f"conv3dTranspose {title}", names, 96, (3, 4, 3, 2), filters=3, **options)


MAX = ("MaxPooling3D", "maxPooling3d")

# TensorFlow knows no averages of volumes in float64, nor dilated transposed convolutions of them on a
# CPU: keras_volumes.h5 has the first, a plain loop in the tests of ops both.
VOLUME_OPS = [
    conv("valid", kernel_size=2),
    conv("same", kernel_size=[3, 2, 3], padding="same", activation="relu"),
    conv("same, with strides", kernel_size=3, strides=[2, 3, 1], padding="same"),
    conv("dilated", kernel_size=[2, 3, 2], dilation_rate=[3, 2, 1], padding="same"),
    volume_op(
        "conv3d in groups",
        ("Conv3D", "conv3d"),
        80,
        (3, 4, 3, 4),
        filters=6,
        kernel_size=2,
        groups=2,
        use_bias=False,
    ),
    volume_op("maxPooling3d 2", MAX, 18, pool_size=2),
    volume_op("maxPooling3d 3 stride 2, same", MAX, 18, pool_size=3, strides=2, padding="same"),
    volume_op(
        "maxPooling3d 2x3x1 stride 1x2x3, same",
        MAX,
        18,
        pool_size=[2, 3, 1],
        strides=[1, 2, 3],
        padding="same",
    ),
    volume_op("global average pool", ("GlobalAveragePooling3D", "globalAveragePooling3d"), 80),
    volume_op("global max pool", ("GlobalMaxPooling3D", "globalMaxPooling3d"), 1, keepdims=True),
    volume_op("upsampling of volumes", ("UpSampling3D", "upSampling3d"), 12, size=[2, 1, 3]),
    volume_op("zero padding of volumes", ("ZeroPadding3D", "zeroPadding3d"), 1),
    volume_op(
        "zero padding of some sides",
        ("ZeroPadding3D", "zeroPadding3d"),
        1,
        padding=[[0, 1], [2, 0], [1, 3]],
    ),
    volume_op("cropping of volumes", ("Cropping3D", "cropping3d"), 1),
    volume_op(
        "cropping of some sides",
        ("Cropping3D", "cropping3d"),
        1,
        cropping=[[0, 1], [2, 0], [1, 1]],
    ),
    volume_op("zero padding of sequences", ("ZeroPadding1D", "zeroPadding1d"), 1, (4, 3)),
    volume_op(
        "zero padding in front", ("ZeroPadding1D", "zeroPadding1d"), 1, (4, 3), padding=[3, 0]
    ),
    transposed("valid", kernel_size=2),
    transposed("same, with strides", kernel_size=3, strides=2, padding="same"),
    transposed("wide strides", kernel_size=[2, 1, 3], strides=[3, 2, 2]),
    transposed(
        "with output padding",
        kernel_size=3,
        strides=[2, 3, 2],
        padding="same",
        output_padding=[0, 2, 1],
    ),
]
