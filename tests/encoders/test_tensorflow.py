"""How TensorFlow is brought along."""

import pytest

from search.encoders.tensorflow import import_tensorflow


def test_what_it_warns_developers_of_is_nothing_to_tell(caplog: pytest.LogCaptureFixture) -> None:
    tf = import_tensorflow()
    for _ in range(8):
        # Functions of the same lines look to it like one that is traced again and again.
        tf.function(lambda x: x + 1, autograph=False)(tf.constant(1.0))
    assert caplog.records == []
