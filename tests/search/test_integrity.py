"""`check_gallery` finds vectors that are missing, stale, damaged or left over."""

import os
from collections.abc import Callable
from datetime import timedelta
from time import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from gallery.integrity.checking import findings, unwatched
from gallery.models import Image, State, User
from gallery.tasks import delete_stray_files
from search import ann_index
from search.indexing import embed_batch
from search.integrity import PICTURES, VECTORS
from search.models import Embedding, Encoder, SavedSearch

Store = Callable[..., Image]
Found = dict[str, tuple[int, int]]


def found(*, repair: bool = False) -> Found:
    every = findings([VECTORS, PICTURES], repair=repair, watch=unwatched)
    return {one.kind.name: (one.count, one.repaired) for one in every}


def mend() -> None:
    """What a worker does after a repair."""
    while embed_batch(Embedding.objects.all()):
        pass


def test_whole_vectors_and_those_that_wait_or_failed_are_no_defects(
    ready: Image, failed: Image, ask: Store
) -> None:
    ask("green")
    assert found() == {}


def test_a_vector_nobody_waits_for_is_asked_for(ready: Image) -> None:
    Embedding.objects.all().delete()
    assert found() == {}
    Image.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert found() == {"missing_vector": (1, 0)}
    assert found(repair=True) == {"missing_vector": (1, 1)}
    mend()
    assert Embedding.objects.get().state == State.READY


def test_a_vector_of_other_bytes_is_made_again(ready: Image) -> None:
    Embedding.objects.update(source_sha256="f" * 64)
    assert found(repair=True) == {"stale_vector": (1, 1)}
    assert Embedding.objects.get().vector is not None
    mend()
    assert found() == {}


@pytest.mark.parametrize("vector", [[1.0, 0.0, 0.0], [0.5] + [0.0] * 11])
def test_a_vector_of_another_width_or_length_is_replaced(ready: Image, vector: list[float]) -> None:
    Embedding.objects.update(vector=vector)
    assert found(repair=True) == {"damaged_vector": (1, 1)}
    assert Embedding.objects.get().vector is None
    mend()
    assert found() == {}


def test_vectors_of_other_weights_are_left_but_not_waited_for(ready: Image, ask: Store) -> None:
    gone = Encoder.objects.create(name="tiny", digest="1" * 64, dimensions=12)
    Embedding.objects.update(encoder=gone)
    waiting = ask("blue")
    Embedding.objects.create(image=waiting, encoder=gone)
    assert found(repair=True) == {"orphaned_vectors": (1, 0), "hopeless_vector": (1, 1)}
    assert Embedding.objects.of(gone).count() == 1


def test_a_removal_that_did_not_end_is_told(ready: Image, other: Encoder) -> None:
    Encoder.objects.filter(pk=other.pk).update(is_being_removed=True)
    assert found(repair=True) == {"half_removed_encoder": (1, 0)}


@pytest.mark.django_db(transaction=True)
def test_an_index_of_a_removed_encoder_is_dropped(indexed: Encoder) -> None:
    assert "orphaned_index" not in found()
    left = ann_index.index_name(indexed).replace(str(indexed.pk), "999")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER INDEX {ann_index.index_name(indexed)} RENAME TO {left}")
    assert found(repair=True)["orphaned_index"] == (1, 1)
    assert "orphaned_index" not in found()


def test_pictures_of_searches_that_are_gone_go(alice: User) -> None:
    for name in ("queries/gone.jpg", "queries/saved.jpg"):
        default_storage.save(name, ContentFile(b"x"))
        os.utime(default_storage.path(name), (time() - 7200,) * 2)
    SavedSearch.objects.create(owner=alice, name="Kept", file_name="queries/saved.jpg")
    assert found(repair=True) == {"stray_picture": (1, 1)}
    delete_stray_files()
    assert default_storage.listdir("queries")[1] == ["saved.jpg"]


def test_a_saved_search_without_its_picture_is_told(alice: User) -> None:
    SavedSearch.objects.create(owner=alice, name="Lost", file_name="queries/lost.jpg")
    assert found(repair=True) == {"missing_picture": (1, 0)}
