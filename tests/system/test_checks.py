"""Settings that deserve attention are told, and those that don't are not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks

from retrieval_site.system.attention import settings_to_look_at
from retrieval_site.templatetags.humane import spell


@pytest.fixture
def told(settings: Any) -> Callable[..., list[str]]:
    def warned_of(**changes: Any) -> list[str]:
        for name, value in changes.items():
            setattr(settings, name, value)
        settings_to_look_at.cache_clear()
        ids = [str(message.id) for message in settings_to_look_at()]
        settings_to_look_at.cache_clear()
        return ids

    return warned_of


def test_a_gallery_for_this_machine_needs_no_attention(told: Callable[..., list[str]]) -> None:
    assert told(ALLOWED_HOSTS=["localhost"], SECRET_KEY="k" * 20 + "abcdef" * 10) == []


def test_a_gallery_that_others_reach_wants_https(told: Callable[..., list[str]]) -> None:
    assert "lookalike.W002" in told(ALLOWED_HOSTS=["photos.example.org"])
    assert "lookalike.W002" not in told(ALLOWED_HOSTS=["photos.example.org"], HTTPS=True)


def test_any_host_and_debug_are_told(told: Callable[..., list[str]]) -> None:
    assert {"lookalike.W001", "security.W018"} <= set(told(ALLOWED_HOSTS=["*"], DEBUG=True))


def test_a_start_makes_no_deployment_checks() -> None:
    assert run_checks() == []


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0.2, "1 s"),
        (59, "59 s"),
        (timedelta(minutes=3, seconds=5), "3 min 5 s"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (None, ""),
    ],
)
def test_a_duration_is_spelt_in_two_units(duration: Any, text: str) -> None:
    assert spell(duration) == text
