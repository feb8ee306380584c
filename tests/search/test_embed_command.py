"""`embed_images` asks for vectors: of what has none, of what is outdated, of everything."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from gallery.models import Image, State
from search import requesting
from search.models import Embedding, Encoder
from search.removal import mark

Store = Callable[..., Image]
Run = Callable[..., str]


@pytest.fixture
def run(db: None) -> Run:
    def embed_images(*arguments: str) -> str:
        out = StringIO()
        call_command("embed_images", *arguments, stdout=out)
        return out.getvalue().strip()

    return embed_images


def state_of(image: Image) -> str:
    return Embedding.objects.get(image=image).state


def lose_file(image: Image) -> None:
    image.file.storage.delete(image.stored_name)


def test_missing_notes_what_failed_and_what_was_never_noted(
    run: Run, ready: Image, failed: Image, store: Store
) -> None:
    never = store("green")
    assert run("--missing") == "tiny (00000000): 2 noted, 2 waiting"
    assert [state_of(image) for image in (ready, failed, never)] == ["ready", "pending", "pending"]


def test_here_an_encoder_that_can_not_be_loaded_is_named(
    run: Run, store: Store, unloadable: Encoder
) -> None:
    store("red")
    with pytest.raises(CommandError, match="'unloadable' can't be loaded: Too large"):
        run("--missing", "--here")
    ready = Embedding.objects.filter(state=State.READY)
    assert [embedding.encoder.name for embedding in ready] == ["tiny"]


def test_missing_twice_finds_nothing_to_note(run: Run, failed: Image) -> None:
    run("--missing")
    assert run("--missing") == "tiny (00000000): 0 noted, 1 waiting"


def test_outdated_notes_vectors_of_other_bytes(run: Run, ready: Image, store: Store) -> None:
    assert run("--outdated").endswith("0 noted, 0 waiting")
    Image.objects.filter(pk=ready.pk).update(sha256="f" * 64)
    assert run("--outdated").endswith("1 noted, 1 waiting")
    assert Embedding.objects.get(image=ready).vector is not None


def test_all_notes_everything_and_keeps_old_vectors(
    run: Run, ready: Image, failed: Image, store: Store
) -> None:
    store("green")
    assert run("--all").endswith("3 noted, 3 waiting")
    assert Embedding.objects.get(image=ready).vector is not None


def test_it_rings_for_a_worker(
    run: Run, failed: Image, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as rung:
        run("--missing")
    assert len(rung) == 1


def test_here_computes_in_this_process(run: Run, failed: Image, store: Store) -> None:
    new = store("green")
    assert run("--missing", "--here").endswith("2 ready")
    assert (state_of(failed), state_of(new)) == (State.READY, State.READY)


def test_what_fails_is_named_and_the_exit_status_tells(
    run: Run, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = store("blue", title="Lost")
    store("red")
    lose_file(lost)
    with pytest.raises(CommandError, match=r"^1 could not be embedded\.$"):
        run("--missing", "--here")
    assert f"{lost.pk} (Lost): The image's file is missing" in capsys.readouterr().err
    assert Embedding.objects.filter(state=State.READY).count() == 1


def test_waiting_ends_when_nothing_is_left_to_do(run: Run, ready: Image) -> None:
    assert run("--missing", "--wait").endswith("1 ready")


def test_one_encoder_is_chosen_by_name(run: Run, failed: Image) -> None:
    assert run("--missing", "--encoder", "tiny").endswith("1 noted, 1 waiting")


def test_an_encoder_nobody_uses_is_refused_with_those_there_are(run: Run) -> None:
    with pytest.raises(CommandError, match=r"no encoder 'huge' in use. There are: tiny\."):
        run("--all", "--encoder", "huge")


def test_an_encoder_that_is_gone_from_this_installation_is_left_alone(
    run: Run, ready: Image
) -> None:
    old = Encoder.objects.create(name="tiny", digest="1" * 64, dimensions=12)
    Embedding.objects.create(image=ready, encoder=old, state=State.FAILED, error="old")
    assert run("--missing") == "tiny (00000000): 0 noted, 0 waiting"


@contextmanager
def once_noted(act: Callable[[], object]) -> Iterator[None]:
    """Inside, `act` happens as soon as the first work was noted."""

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        done = execute(sql, *rest)
        if sql.startswith('INSERT INTO "search_embedding"') and acts:
            acts.pop()()
        return done

    acts = [act]
    with connection.execute_wrapper(note):
        yield


@pytest.mark.parametrize("which", ["--missing", "--all"])
@pytest.mark.parametrize(
    ("act", "said"),
    [
        (mark, r"other \(11111111\) is being removed: run `encoders remove other@11111111`"),
        (Encoder.delete, r"^other \(11111111\) has been removed\.$"),
    ],
)
def test_one_that_is_removed_meanwhile_gets_no_more(
    run: Run,
    store: Store,
    other: Encoder,
    monkeypatch: pytest.MonkeyPatch,
    which: str,
    act: Callable[[Encoder], object],
    said: str,
) -> None:
    store("red")
    store("blue")
    monkeypatch.setattr(requesting, "SWEEP_CHUNK", 1)
    known = Encoder.objects.get(pk=other.pk)
    with once_noted(lambda: act(known)), pytest.raises(CommandError, match=said):
        run(which, "--encoder", "other")
    assert not Embedding.objects.exclude(encoder_id=other.pk).exists()


def test_one_whose_files_go_meanwhile_gets_no_more(
    run: Run, store: Store, other: Encoder, settings: Any
) -> None:
    store("red")

    def lose_files() -> None:
        settings.ENCODERS = {"tiny": settings.ENCODERS["tiny"]}

    with once_noted(lose_files), pytest.raises(CommandError, match="can't be computed here"):
        run("--missing", "--encoder", "other")


def test_it_must_be_said_what_to_embed(run: Run) -> None:
    with pytest.raises(CommandError, match="required"):
        run()
