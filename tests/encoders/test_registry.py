"""Encoders are found by name, and asking who one is loads nothing."""

import subprocess
import sys
from typing import Any

import pytest

from search import encoders
from search.encoders import registry
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


class OtherEncoder(TinyEncoder):
    """Another encoder that goes by the same name."""
