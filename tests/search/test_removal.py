"""An encoder goes with its index, its vectors and its files; the one that answers stays."""

from collections.abc import Callable

import pytest
from django.conf import settings as site
from django.db import connection

from gallery.models import Image
from search import ann_index
from search.catalogue import ActivationRefused, activate, encoders_to_fill
from search.encoders import manifests
from search.encoders.manifests import Manifest
from search.indexing import request_embeddings, sweep
from search.models import Embedding, Encoder
from search.removal import RemovalRefused, mark, remove

# An index is dropped concurrently, which no transaction may hold.
pytestmark = pytest.mark.django_db(transaction=True)

Store = Callable[..., Image]


def indexes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'embedding_ann%'")
        return int(cursor.fetchone()[0])


def build_index(encoder: Encoder) -> None:
    name, width = ann_index.index_name(encoder), encoder.dimensions
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX {name} ON search_embedding"
            f" USING hnsw ((vector::halfvec({width})) halfvec_l2_ops)"
            f" WHERE encoder_id = {encoder.pk}"
        )


def test_all_that_belongs_to_it_goes(store: Store, other: Encoder) -> None:
    request_embeddings([store("red")])
    build_index(other)
    seen: list[int] = []
    remove(other, seen.append)
    assert list(Encoder.objects.values_list("name", flat=True)) == ["tiny"]
    assert list(Embedding.objects.values_list("encoder__name", flat=True)) == ["tiny"]
    assert (indexes(), seen) == (0, [1])


def test_its_files_go_unless_they_are_anothers(db: None) -> None:
    older, newer = (Manifest("mine", "file", "raw", 8, 3, sha256) for sha256 in ("a", "b"))
    manifests.write(newer)
    for manifest in (older, newer):
        identity = manifest.identity
        encoder = Encoder.objects.create(name="mine", digest=identity.digest, dimensions=3)
        remove(encoder)
        assert (site.ENCODERS_DIR / "mine").exists() is (manifest is older)


def test_the_one_that_answers_stays(other: Encoder) -> None:
    other.activate()
    with pytest.raises(RemovalRefused, match="is the one that answers: activate another first"):
        remove(other)


def test_the_default_stays_though_another_answers(other: Encoder) -> None:
    other.activate()
    with pytest.raises(RemovalRefused, match="is built in, the default"):
        remove(Encoder.objects.get(name="tiny"))


def test_what_is_half_removed_is_neither_filled_nor_activated(store: Store, other: Encoder) -> None:
    mark(other)
    other.refresh_from_db()
    store("red")
    sweep()
    assert [encoder.name for encoder in encoders_to_fill()] == ["tiny"]
    assert not Embedding.objects.of(other).exists()
    with pytest.raises(ActivationRefused, match="is being removed"):
        activate(other)


@pytest.mark.parametrize("begin", [mark, remove])
def test_what_is_removed_meanwhile_is_not_activated(
    other: Encoder, begin: Callable[[Encoder], None]
) -> None:
    before = Encoder.objects.active()
    begin(Encoder.objects.get(pk=other.pk))
    with pytest.raises(ActivationRefused, match=r"^other \(11111111\) is being removed\.$"):
        activate(other)
    assert Encoder.objects.active() == before


def test_a_second_run_does_the_rest(store: Store, other: Encoder) -> None:
    request_embeddings([store("red"), store("blue")])
    mark(other)
    Embedding.objects.of(other)[:1].get().delete()
    remove(Encoder.objects.get(pk=other.pk))
    assert not Encoder.objects.filter(name="other").exists()
