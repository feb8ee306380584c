"""What the networks see: views cut from pictures, mixed, and each in a light of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from search.encoders.compact.batches import BATCH_SIZE
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from search.encoders.compact.batches import Batch, Views

# How many views are grey, and how many a negative: the teacher answers to these too, and galleries
# hold drawings, prints and scans.
GREY = 0.1
NEGATIVE = 0.05
# Standard deviation of what a colour is multiplied with, and of what it takes from the others.
TINT = 0.08
# How many views lie askew on a ground of one colour, as scans and turned photographs do; how far
# those are turned, and the deviations of how far they are sheared and of their size's logarithm.
TURNED = 0.5
FARTHEST_TURN = math.radians(45)
SHEAR = 0.1
ZOOM = 0.2
# How many views another shines through, and how many places before it that is.
BLENDED = 0.25
BLENDED_WITH = 5
# Standard deviation, in steps of 0..255.
MOST_GRAIN = 10.0


def pixels_of(batch: Batch, size: int) -> Any:
    """The views themselves, (BATCH_SIZE, size, size, 3), each in a light of its own."""
    tf = import_tensorflow()
    quarters = cut(batch.quarters, size // 2)
    parts = [cut(batch.photos, size), cut(batch.tiny, size), mosaics(quarters)]
    return relit(blended(turned(tf.concat(parts, axis=0))))


def mosaics(quarters: Any) -> Any:
    """Pictures (4 n, size, size, 3) in twos above twos, (n, 2 size, 2 size, 3)."""
    tf = import_tensorflow()
    side = quarters.shape[1]
    rows = tf.reshape(quarters, (-1, 2, 2, side, side, 3))
    return tf.reshape(tf.transpose(rows, (0, 1, 3, 2, 4, 5)), (-1, 2 * side, 2 * side, 3))


def turned(pixels: Any) -> Any:
    """Some views askew.

    Few pictures teach best when they are cut and turned in many ways: Asano and Saeed, "The
    augmented image prior" (2023).
    """
    tf = import_tensorflow()
    is_turned = tf.random.uniform((pixels.shape[0], 1, 1, 1)) < TURNED
    return tf.where(is_turned, askew(pixels), pixels)


def askew(pixels: Any) -> Any:
    """Pictures turned, sheared, and nearer or farther, on a ground of black, white or a grey."""
    tf = import_tensorflow()
    import keras

    count, size = pixels.shape[0], pixels.shape[1]
    angle = tf.random.uniform((count,), -FARTHEST_TURN, FARTHEST_TURN)
    shear = tf.random.normal((count,), stddev=SHEAR)
    scale = tf.exp(tf.random.normal((count,), stddev=ZOOM))
    # From where a pixel is to where it is taken from, about the middle.
    across = scale * tf.cos(angle), scale * (shear * tf.cos(angle) - tf.sin(angle))
    down = scale * tf.sin(angle), scale * (shear * tf.sin(angle) + tf.cos(angle))
    middle, nothing = (size - 1) / 2, tf.zeros((count,))
    rows = [(*row, middle * (1 - row[0] - row[1])) for row in (across, down)]
    transforms = tf.stack([*rows[0], *rows[1], nothing, nothing], axis=1)
    # A third black, a third white.
    ground = 255.0 * tf.clip_by_value(tf.random.uniform((count, 1, 1, 1), -1.0, 2.0), 0.0, 1.0)
    return ground + keras.ops.image.affine_transform(pixels - ground, transforms)


def blended(pixels: Any) -> Any:
    """Some views with another shining through: Zhang et al., "mixup" (2018)."""
    tf = import_tensorflow()
    one_a_view = (BATCH_SIZE, 1, 1, 1)
    share = tf.random.uniform(one_a_view, 0.0, 0.5)
    share = tf.where(tf.random.uniform(one_a_view) < BLENDED, share, 0.0)
    # Not with the one before: that is the one whose patch a view may show already.
    return pixels + share * (tf.roll(pixels, BLENDED_WITH, axis=0) - pixels)


def relit(pixels: Any) -> Any:
    """The pixels brighter or darker, flatter or harder, tinted; some grey, some a negative."""
    tf = import_tensorflow()
    one_a_view = (BATCH_SIZE, 1, 1, 1)
    mean = tf.reduce_mean(pixels, axis=(1, 2, 3), keepdims=True)
    contrast = tf.random.uniform(one_a_view, 0.7, 1.3)
    tint = tf.eye(3) + tf.random.normal((BATCH_SIZE, 1, 3, 3), stddev=TINT)
    brightness = tf.random.uniform(one_a_view, -20.0, 20.0)
    lit = tf.matmul((pixels - mean) * contrast + mean, tint) + brightness
    is_grey = tf.random.uniform(one_a_view) < GREY
    lit = tf.where(is_grey, tf.reduce_mean(lit, axis=3, keepdims=True), lit)
    is_negative = tf.random.uniform(one_a_view) < NEGATIVE
    return tf.clip_by_value(tf.where(is_negative, 255.0 - lit, lit), 0.0, 255.0)


def grainy(pixels: Any) -> Any:
    """The pixels with grain that the teacher does not see, few with much of it.

    What the teacher says depends on the last bit of every pixel; what the student says shall not.
    """
    tf = import_tensorflow()
    strength = tf.random.uniform((BATCH_SIZE, 1, 1, 1)) ** 2
    return pixels + MOST_GRAIN * strength * tf.random.normal(tf.shape(pixels))


def cut(views: Views, size: int) -> Any:
    """The pixels (n, size, size, 3) of views, each with its patch of the one before."""
    tf = import_tensorflow()
    pictures, count = tf.cast(views.pictures, tf.float32), views.pictures.shape[0]
    cut = tf.image.crop_and_resize(pictures, views.boxes, tf.range(count), [size, size])
    centres = (tf.range(size, dtype=tf.float32) + 0.5) / size
    top, left, bottom, right = (edge[:, None] for edge in tf.unstack(views.patches, axis=1))
    rows, columns = (centres > top) & (centres < bottom), (centres > left) & (centres < right)
    return tf.where(
        rows[:, :, None, None] & columns[:, None, :, None], tf.roll(cut, 1, axis=0), cut
    )
