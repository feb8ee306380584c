"""`manage.py benchmark encode` measures, and nothing of it is left."""

import json
from io import StringIO
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from gallery.models import Image, State, StrayFile, User
from search import batches, encoding_benchmark
from search.encoders import speed
from search.indexing import embed_batch, sweep
from search.management.commands import benchmark as benchmark_command
from search.models import Embedding, Encoder
from tests.tiny_encoder import TinyEncoder

KEYS = [
    *("encoder", "processor_bf16", "frozen", "tf_function", "predict", "decode", "pipeline"),
    "peak_memory_mb",
]


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "TURNS", 1)
    monkeypatch.setattr(encoding_benchmark, "PHOTOGRAPH", (640, 480))


def benchmark(*options: str) -> str:
    out = StringIO()
    call_command("benchmark", "encode", *options, stdout=out)
    return out.getvalue()


def left_behind(media: Path) -> list[Any]:
    return [
        *User.objects.filter(username__startswith="benchmark"),
        *Encoder.objects.filter(name__startswith="benchmark"),
        *Image.objects.all(),
        *StrayFile.objects.all(),
        *media.rglob("*.*"),
    ]


def test_it_prints_every_figure_and_leaves_nothing(db: None, settings: Any) -> None:
    options = ("--encoder", "compact", "--against", "compact", "--images", "5", "--json")
    figures = json.loads(benchmark(*options))
    assert list(figures) == [*KEYS, "against", "in_turns", "ratio"]
    assert figures["encoder"] == figures["against"] == "compact"
    assert all(figures[key] > 0 for key in KEYS[2:])
    this, that = figures["in_turns"]
    assert figures["ratio"] == pytest.approx(this / that, rel=0.02)
    assert left_behind(settings.MEDIA_ROOT) == []


def test_how_the_figures_compare_is_told_when_it_is_asked_for(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds = encoding_benchmark.Speeds("compact", False, 120.0, 100.0, 50.0, 80.0, 60.0, 300.0)
    monkeypatch.setattr(benchmark_command, "measure_encoding", lambda *_: speeds)
    options = ("--encoder", "compact", "--json")
    assert list(json.loads(benchmark(*options))) == KEYS
    figures = json.loads(benchmark(*options, "--ratios"))
    assert list(figures) == [*KEYS, "frozen_per_tf_function", "pipeline_per_slower"]
    assert figures["frozen_per_tf_function"] == 1.2
    assert figures["pipeline_per_slower"] == 0.75


class Sleeper:
    """Takes as long as it is told."""

    input_size = 8

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def vectors(self, pixels: Any) -> None:
        sleep(self.seconds)


def test_of_two_the_quicker_is_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    networks = {"compact": Sleeper(0.01), "tiny": Sleeper(0.04)}
    monkeypatch.setattr(encoding_benchmark, "frozen_network", lambda each: networks[each.name])
    figures = encoding_benchmark.measure_beside("compact", "tiny")
    assert figures["against"] == "tiny"
    assert figures["in_turns"][0] > figures["in_turns"][1]
    assert figures["ratio"] > 1


def test_no_turn_begins_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "TURNS", 9)
    monkeypatch.setattr(speed, "SECONDS", 0.05)
    began: list[float] = []

    def work() -> None:
        began.append(monotonic())
        sleep(0.06)

    speed.speeds_in_turns([work])
    assert len(began) == 2  # the first is not counted


def test_it_leaves_nothing_when_it_fails(db: None, settings: Any) -> None:
    with pytest.raises(CommandError, match="no network"):
        benchmark("--encoder", "tiny", "--images", "2")
    assert left_behind(settings.MEDIA_ROOT) == []


@pytest.mark.parametrize(
    "options",
    [("--encoder", "nobody"), ("--encoder", "compact", "--against", "nobody"), ("--images", "0")],
)
def test_what_makes_no_sense_is_named(db: None, options: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"nobody|at least 1"):
        benchmark(*options)


def test_workers_have_nothing_to_do_with_it(ask: Any) -> None:
    ask("red")
    with encoding_benchmark.stored_photographs(3, 12) as work:
        assert embed_batch(Embedding.objects.all()) == 1
        assert not sweep()
        assert embed_batch(Embedding.objects.all()) == 0
        assert work.pending().count() == 3
    assert list(Embedding.objects.values_list("state", flat=True)) == [State.READY]


def test_the_gallerys_own_work_is_left_to_the_workers(ask: Any, tiny: Encoder) -> None:
    ask("red")
    with encoding_benchmark.stored_photographs(3, 12) as work:
        assert encoding_benchmark.pipeline_speed(work, TinyEncoder()) > 0
        assert work.filter(state=State.READY).count() == 3
    assert list(Embedding.objects.values_list("state", flat=True)) == [State.PENDING]


def test_decoding_is_measured_by_as_many_threads_as_decode_for_a_worker(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Barrier(3)
    monkeypatch.setattr(batches, "processors", lambda: 3)
    # One thread alone would wait in vain.
    monkeypatch.setattr(encoding_benchmark, "decode", lambda *_, **__: together.wait(timeout=9))
    with encoding_benchmark.stored_photographs(3, 12) as work:
        assert encoding_benchmark.decode_speed(work, 8) > 0


def test_what_compiles_at_its_first_use_does_not_slow_the_whole_path(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[float] = []

    class Compiling(TinyEncoder):
        def encode(self, images: Any) -> Any:
            # In seconds.
            answers.append(1.0 if answers else 100.0)
            return super().encode(images)

    monkeypatch.setattr(encoding_benchmark, "perf_counter", lambda: sum(answers))
    with encoding_benchmark.stored_photographs(3, 12) as work:
        # Three parts of one picture.
        assert encoding_benchmark.pipeline_speed(work, Compiling()) == 1
        assert work.filter(state=State.READY, attempts=1).count() == 3


def test_what_a_killed_run_left_is_gone_after_an_hour(db: None, settings: Any) -> None:
    killed = encoding_benchmark.stored_photographs(2, 12)
    killed.__enter__()
    with encoding_benchmark.stored_photographs(1, 12):
        assert Image.objects.count() == 3
    User.objects.update(date_joined=timezone.now() - 2 * encoding_benchmark.LEFT_BEHIND)
    with encoding_benchmark.stored_photographs(1, 12):
        assert Image.objects.count() == 1
    assert left_behind(settings.MEDIA_ROOT) == []


def test_its_photographs_are_all_different(db: None) -> None:
    with encoding_benchmark.stored_photographs(6, 12):
        assert len(set(Image.objects.values_list("sha256", flat=True))) == 6
