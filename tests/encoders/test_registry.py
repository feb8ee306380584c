"""Encoders are found by name, and asking who one is loads nothing."""

import subprocess
import sys
from typing import Any

import pytest

from search import encoders
from search.encoders import registry
from search.encoders.devices import Plan, plan_for
from search.encoders.registry import made_ready
from tests.tiny_encoder import TinyEncoder

WITHOUT_LOADING = """
import django, sys
django.setup()
from search.encoders import identify
assert len(identify("compact").digest) == 64
from search.encoders.pictures import open_squeezed
print([name for name in ("tensorflow", "keras", "numpy") if name in sys.modules])
"""


def test_an_encoder_is_identified_by_name_digest_and_dimensions() -> None:
    assert encoders.identify("tiny") == encoders.EncoderIdentity("tiny", "0" * 64, 12)


def test_identifying_compact_loads_no_network_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LOADING], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(encoders.UnknownEncoder, match=r"no encoder 'vgg'.*compact, tiny"):
        encoders.identify("vgg")
    with pytest.raises(encoders.UnknownEncoder):
        encoders.load("vgg")


def test_an_encoder_is_loaded_once_a_process() -> None:
    assert encoders.load("tiny") is encoders.load("tiny")


def test_a_name_given_to_another_encoder_loads_that_one(settings: Any) -> None:
    encoders.load("tiny")
    settings.ENCODERS = {"tiny": "tests.encoders.test_registry.OtherEncoder"}
    assert type(encoders.load("tiny")) is OtherEncoder


def test_one_that_can_not_be_loaded_is_not_tried_again_at_once(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ENCODERS = {"tiny": "tests.encoders.test_registry.LargeEncoder"}
    monkeypatch.setattr(LargeEncoder, "tries", 0)
    for _ in range(2):
        with pytest.raises(encoders.UnloadableEncoder, match="'tiny' can't be loaded: Too large"):
            encoders.load("tiny")
    assert LargeEncoder.tries == 1
    assert [record.getMessage() for record in caplog.records] == [
        "The encoder 'tiny' can't be loaded: Too large."
    ]
    monkeypatch.setattr(registry, "RETRY_SECONDS", 0)
    assert type(encoders.load("tiny")) is LargeEncoder


class LargeEncoder(TinyEncoder):
    """One that there is memory for at the second try."""

    tries = 0

    def __init__(self) -> None:
        LargeEncoder.tries += 1
        if LargeEncoder.tries == 1:
            raise MemoryError("Too large.")


class Counting(TinyEncoder):
    """One that notes how many pictures it was given at once."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.counts = plan, list[int]()

    def encode(self, images: Any) -> Any:
        self.counts.append(len(images))
        return super().encode(images)


@pytest.mark.parametrize(("batch_size", "largest"), [(0, 32), (16, 8), (500, 128)])
def test_on_a_gpu_no_batch_meets_a_shape_that_was_not_compiled(
    settings: Any, batch_size: int, largest: int
) -> None:
    settings.EMBED_BATCH_SIZE = batch_size
    encoder = Counting(plan_for([(9, 0)], processor_bfloat16=False))
    made_ready(encoder)
    needed = {shape for shape in encoder.plan.batch_shapes if shape <= largest}
    assert {*encoder.counts} - {0} == needed


def test_a_processor_need_not_see_every_shape_first() -> None:
    encoder = Counting(TinyEncoder.plan)
    made_ready(encoder)
    assert encoder.counts == [0]


class OtherEncoder(TinyEncoder):
    """Another encoder that goes by the same name."""
