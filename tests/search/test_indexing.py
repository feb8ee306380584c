"""From stored image to committed vector."""

from collections.abc import Callable
from dataclasses import replace
from math import isclose, sqrt
from pathlib import Path
from typing import Any
from weakref import ref

import pytest
from django.db import IntegrityError, connection, transaction
from PIL import Image as Pillow

from gallery.models import Image, State, User
from search import encoders
from search.asking import ask_by_file, embed_next_query
from search.encoders.devices import PARTS
from search.indexing import (
    GAVE_UP,
    NO_VECTOR,
    embed_batch,
    keep_vectors,
    request_embeddings,
    sweep,
)
from search.models import Embedding, Encoder
from search.removal import mark
from tests.conftest import Picture, picture_bytes
from tests.test_imports import run_python
from tests.tiny_encoder import TinyEncoder

Store = Callable[..., Image]


def work_all() -> int:
    batches = 0
    while embed_batch(Embedding.objects.all()):
        batches += 1
    return batches


def states(**which: Any) -> list[str]:
    return list(Embedding.objects.filter(**which).order_by("pk").values_list("state", flat=True))


def test_a_stored_image_is_noted_once_it_is_committed(
    store: Store, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        image = store("red")
    assert states(image=image) == [State.PENDING]


def test_it_is_noted_once_however_often_it_is_asked_for(ask: Any) -> None:
    request_embeddings([ask()])
    assert states() == [State.PENDING]


def test_an_image_gets_its_vector(ask: Any, tiny: Encoder) -> None:
    image = ask("white")
    assert embed_batch(Embedding.objects.all()) == 1
    embedding = Embedding.objects.get(image=image, encoder=tiny)
    assert (embedding.state, embedding.precision) == (State.READY, "float32")
    assert embedding.source_sha256 == image.sha256
    # White is (256, 256, 256) four times over: twelve equal numbers of length 1 together.
    assert embedding.vector is not None
    assert all(isclose(value, 1 / sqrt(12), abs_tol=1e-3) for value in embedding.vector)


def test_nothing_is_claimed_where_nothing_waits(db: None) -> None:
    assert embed_batch(Embedding.objects.all()) == 0


def test_a_batch_has_its_size(ask: Any, settings: Any) -> None:
    settings.EMBED_BATCH_SIZE = 2
    for color in ("red", "green", "blue"):
        ask(color)
    assert embed_batch(Embedding.objects.all()) == 2
    assert embed_batch(Embedding.objects.all()) == 1


def test_a_batch_is_as_large_as_suits_the_device_where_nobody_says_more(
    ask: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(TinyEncoder, "plan", replace(TinyEncoder.plan, batch_size=2))
    for color in ("red", "green", "blue"):
        ask(color)
    assert embed_batch(Embedding.objects.all()) == 2


def test_every_encoder_gets_its_own_batches_the_active_one_first(ask: Any, other: Encoder) -> None:
    for color in ("red", "blue"):
        ask(color)
    assert embed_batch(Embedding.objects.all()) == 2
    assert states(encoder=other) == [State.PENDING] * 2
    assert embed_batch(Embedding.objects.all()) == 2
    assert states() == [State.READY] * 4


def test_the_line_of_an_encoder_is_read_from_its_index(many: Encoder) -> None:
    Embedding.objects.all().retry()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_embedding")
    plan = Embedding.objects.of(many).claimable().in_line()[:32].explain()
    assert "Index Scan using embedding_in_line" in plan
    assert "Sort" not in plan


def test_a_picture_that_the_network_makes_no_number_of_fails_alone(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TinyEncoder, "encode", blind_to_red)
    red, blue = ask("red"), ask("blue")
    assert embed_batch(Embedding.objects.all()) == 2
    found = dict(Embedding.objects.values_list("image", "error"))
    assert found == {red.pk: NO_VECTOR, blue.pk: ""}
    assert states(image=blue) == [State.READY]


def test_a_picture_that_was_sent_and_has_no_number_is_told_so(
    alice: User, tiny: Encoder, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TinyEncoder, "encode", blind_to_red)
    query = ask_by_file(alice, picture("red"), tiny, {})
    assert embed_next_query()
    query.refresh_from_db()
    assert (query.state, query.error) == (State.FAILED, NO_VECTOR)


def blind_to_red(self: TinyEncoder, images: Any, whole: Any = TinyEncoder.encode) -> Any:
    vectors = whole(self, images)
    vectors[vectors[:, 0] > vectors[:, 2]] = float("nan")
    return vectors


def test_a_file_that_was_cut_off_fails_alone(ask: Any) -> None:
    bad, good = ask("red"), ask("blue")
    Path(bad.file.path).write_bytes(picture_bytes(size=(400, 400), format="JPEG")[:900])
    assert embed_batch(Embedding.objects.all()) == 2
    failed = Embedding.objects.get(image=bad)
    assert (failed.state, failed.vector) == (State.FAILED, None)
    assert "ends too early" in failed.error
    assert states(image=good) == [State.READY]


def test_a_file_that_is_missing_fails_alone(ask: Any) -> None:
    bad, good = ask("red"), ask("blue")
    Path(bad.file.path).unlink()
    work_all()
    assert "missing in storage" in Embedding.objects.get(image=bad).error
    assert states(image=good) == [State.READY]


def test_one_that_ended_its_worker_travels_alone(ask: Any) -> None:
    first, second = ask("red"), ask("blue")
    Embedding.objects.filter(image=first).update(attempts=1)
    assert embed_batch(Embedding.objects.all()) == 1
    assert states(image=second) == [State.PENDING]
    work_all()
    assert states() == [State.READY] * 2


def test_one_that_ended_its_worker_three_times_is_given_up(ask: Any) -> None:
    image = ask("red")
    Embedding.objects.update(attempts=3, leased_until="2000-01-01T00:00Z")
    assert embed_batch(Embedding.objects.all()) == 0
    assert not sweep()
    embedding = Embedding.objects.get(image=image)
    assert (embedding.state, embedding.error) == (State.FAILED, GAVE_UP)


def test_a_failed_one_that_is_retried_becomes_ready(ask: Any) -> None:
    ask("red")
    Embedding.objects.all().fail("Bad luck.")
    Embedding.objects.failed().retry()
    work_all()
    assert list(Embedding.objects.values_list("state", "error")) == [(State.READY, "")]


def test_an_image_deleted_meanwhile_is_no_obstacle(ask: Any, monkeypatch: Any) -> None:
    image, _ = ask("red"), ask("blue")
    encode = TinyEncoder.encode

    def deleting(self: TinyEncoder, images: Any) -> Any:
        Image.objects.filter(pk=image.pk).delete()
        return encode(self, images)

    monkeypatch.setattr(TinyEncoder, "encode", deleting)
    assert embed_batch(Embedding.objects.all()) == 2
    assert states() == [State.READY]


def test_a_slower_worker_overwrites_nothing(ask: Any) -> None:
    image = ask("red")
    held = Embedding.objects.select_related("image").get(image=image)
    work_all()
    assert keep_vectors([(held, [0.0] * 12)], "float32") == 0
    vector = Embedding.objects.get(image=image).vector
    assert vector is not None
    assert any(vector)


def test_a_worker_that_lost_its_lease_can_still_deliver(ask: Any) -> None:
    ask("red")
    held = Embedding.objects.select_related("image").get()
    Embedding.objects.update(attempts=1, leased_until="2000-01-01T00:00Z")
    assert keep_vectors([(held, [1.0] * 12)], "float32") == 1
    assert states() == [State.READY]


def test_each_row_keeps_its_own_vector_and_the_digest_of_its_own_bytes(ask: Any) -> None:
    for color in ("red", "green", "blue"):
        ask(color)
    held = list(Embedding.objects.select_related("image"))
    axes = [[float(axis == place) for axis in range(12)] for place in range(3)]
    assert keep_vectors(list(zip(held, axes, strict=True)), "float32") == 3
    for embedding, axis in zip(held, axes, strict=True):
        kept = Embedding.objects.get(pk=embedding.pk)
        assert (kept.vector, kept.source_sha256) == (axis, embedding.image.sha256)


def test_the_lease_is_renewed_with_every_part(ask: Any, settings: Any, monkeypatch: Any) -> None:
    # A lease of no length at all is always due.
    settings.EMBED_LEASE_SECONDS = 0
    for number in range(8):
        ask((number * 30, 0, 0))
    encode, leased = TinyEncoder.encode, []

    def expiring(self: TinyEncoder, images: Any) -> Any:
        leased.append(Embedding.objects.exclude(leased_until=None).count())
        Embedding.objects.update(leased_until=None)
        return encode(self, images)

    monkeypatch.setattr(TinyEncoder, "encode", expiring)
    assert embed_batch(Embedding.objects.all()) == 8
    assert leased == [8] * PARTS


def test_large_pictures_are_not_decoded_side_by_side(tmp_path: Path) -> None:
    picture = Pillow.new("RGBA", (3600, 4000), (70, 130, 201, 90))
    picture.paste("white", (1000, 1000, 3000, 1200))
    (tmp_path / "media").mkdir()
    picture.save(tmp_path / "media" / "large.png", compress_level=1)
    told = run_python(
        "-m", "tests.search.decoding_process", "large.png", "4", VAR_DIR=str(tmp_path)
    )
    assert told["vectors"] == 4
    # One at a time: four bytes a pixel as they are and four on white.
    assert told["megabytes"] < 200


def test_a_disk_that_fails_is_no_fault_of_its_images(ask: Any) -> None:
    path = Path(ask("red").file.path)
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        embed_batch(Embedding.objects.all())
    assert states() == [State.PENDING]


def test_the_sweep_notes_what_was_lost(store: Store) -> None:
    store("red")
    assert states() == []
    assert sweep()
    work_all()
    assert states() == [State.READY]
    assert not sweep()


def test_the_sweep_reaches_every_encoder(store: Store, other: Encoder) -> None:
    store("red")
    sweep()
    work_all()
    assert states() == [State.READY] * 2


def test_an_upload_during_a_fill_gets_both_vectors(
    store: Store, other: Encoder, django_capture_on_commit_callbacks: Any
) -> None:
    store("red")
    request_embeddings(Image.objects.all())
    embed_batch(Embedding.objects.of(other))
    with django_capture_on_commit_callbacks(execute=True):
        upload = store("blue")
    work_all()
    assert states(image=upload) == [State.READY] * 2


def test_an_encoder_that_is_not_here_is_left_alone(store: Store) -> None:
    gone = Encoder.objects.create(name="gone", digest="9" * 64, dimensions=3)
    image = store("red")
    Embedding.objects.create(image=image, encoder=gone)
    assert embed_batch(Embedding.objects.all()) == 0
    assert states(encoder=gone) == [State.PENDING]
    assert Embedding.objects.get().attempts == 0


def test_an_encoder_that_can_not_be_loaded_holds_up_no_other(
    ask: Any, unloadable: Encoder, mend: Callable[[], None]
) -> None:
    ask("red")
    work_all()
    assert states(encoder__name="tiny") == [State.READY]
    waiting = Embedding.objects.get(encoder=unloadable)
    assert (waiting.state, waiting.attempts) == (State.PENDING, 0)
    mend()
    work_all()
    assert states() == [State.READY] * 2


def test_an_encoder_that_is_removed_is_not_kept_in_memory(ask: Any, other: Encoder) -> None:
    ask("red")
    work_all()
    kept, removed = (ref(encoders.load(name)) for name in ("tiny", "other"))
    mark(other)
    work_all()
    assert (kept(), removed()) == (encoders.load("tiny"), None)


def test_an_image_counts_one_attempt(ask: Any) -> None:
    ask("red")
    work_all()
    assert Embedding.objects.get().attempts == 1


def test_a_batch_is_a_handful_of_queries(ask: Any, django_assert_max_num_queries: Any) -> None:
    for number in range(8):
        ask((number * 30, 0, 0))
    # Among them those that begin and end transactions; the vectors are kept by one statement.
    # How long it took is noted by one more, and the first time by four.
    with django_assert_max_num_queries(12):
        assert embed_batch(Embedding.objects.all()) == 8


@pytest.mark.parametrize(
    "update",
    ["state = 'ready', vector = NULL", "state = 'failed', error = ''"],
)
def test_the_database_refuses_what_makes_no_sense(ask: Any, update: str) -> None:
    ask("red")
    with (
        pytest.raises(IntegrityError, match=r"ready_has_a_vector|failed_has_a_reason"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE search_embedding SET {update}")  # noqa: S608 - from the list above
