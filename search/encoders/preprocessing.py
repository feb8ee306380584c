"""How networks want their pixels: the conventions of keras.applications, or a range of one's own.

The numbers are those of `keras.applications.imagenet_utils.preprocess_input`.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

MODES = ("raw", "tf", "torch", "caffe")
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
CAFFE_MEAN = (103.939, 116.779, 123.68)


def checked(text: str) -> str:
    """`text` in its one spelling: raw, tf, torch, caffe or OFFSET,DIVISOR; ValueError for others.

    raw leaves 0..255, OFFSET,DIVISOR makes it (x - OFFSET) / DIVISOR.
    """
    if text in MODES:
        return text
    try:
        offset, divisor = (float(number) for number in text.split(","))
    except ValueError:
        offset, divisor = 0.0, 0.0
    if not divisor or not isfinite(offset) or not isfinite(divisor):
        raise ValueError(f"{text!r} is none of {', '.join(MODES)} and OFFSET,DIVISOR")
    return f"{offset:g},{divisor:g}"


def preprocessed(pixels: keras.KerasTensor, how: str) -> keras.KerasTensor:
    """RGB in 0..255 (n, h, w, 3) as layers make of it what a network of that kind expects."""
    from keras import layers, ops

    if how == "raw":
        return pixels
    if how == "tf":
        return layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
    if how == "torch":
        mean = [255 * value for value in IMAGENET_MEAN]
        variance = [(255 * value) ** 2 for value in IMAGENET_DEVIATION]
        return layers.Normalization(mean=mean, variance=variance)(pixels)
    if how == "caffe":
        return layers.Normalization(mean=CAFFE_MEAN, variance=[1, 1, 1])(ops.flip(pixels, axis=-1))
    offset, divisor = (float(number) for number in how.split(","))
    return layers.Rescaling(1 / divisor, offset=-offset / divisor)(pixels)
