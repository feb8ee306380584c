"""What is not rounded to bfloat16, on processors that have it."""

from __future__ import annotations

from typing import Any

import numpy as np

from search.encoders.tensorflow import import_tensorflow


def test_gradients_of_a_depthwise_convolution_have_all_their_digits() -> None:
    tf = import_tensorflow()
    random = np.random.default_rng(0)
    maps = random.standard_normal((8, 12, 12, 16)).astype(np.float32)
    wanted = random.standard_normal(maps.shape).astype(np.float32)
    kernel = tf.Variable(tf.ones((3, 3, 16, 1)))

    def gradient(maps: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            answers = tf.nn.depthwise_conv2d(maps, kernel, [1, 1, 1, 1], "SAME")
            loss = tf.reduce_sum(answers * wanted)
        return tape.gradient(loss, kernel)

    # Rounding is decided where a graph is compiled. The centre meets each place with itself.
    found = tf.function(gradient, autograph=False)(maps, wanted).numpy()
    centre = found[1, 1, :, 0]
    assert np.allclose(centre, (maps * wanted).sum(axis=(0, 1, 2)), atol=1e-3)
