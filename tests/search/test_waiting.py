"""An image that a person is waiting for goes before the bulk."""

from collections.abc import Callable
from typing import Any

from redis import Redis

from gallery.models import Image, State
from search.indexing import embed_batch
from search.models import Embedding, Encoder
from search.requesting import embedding_for_waiting
from search.tasks import embed_pending, embed_wanted

Store = Callable[..., Image]


def state_of(image: Image) -> str:
    return Embedding.objects.get(image=image).state


def test_what_one_waits_for_is_marked(store: Store, tiny: Encoder) -> None:
    embedding = embedding_for_waiting(store("red"), tiny)
    embedding.refresh_from_db()
    assert (embedding.state, embedding.wanted) == (State.PENDING, True)


def test_the_worker_is_rung_for_once(store: Store, tiny: Encoder, settings: Any) -> None:
    image = store("red")
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete("query")
        embedding_for_waiting(image, tiny)
        embedding_for_waiting(image, tiny)
        assert redis.llen("query") == 1


def test_the_bulk_rings_on_its_own_queue(
    store: Store, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete("embed", "media")
        with django_capture_on_commit_callbacks(execute=True):
            store("red")
        assert (redis.llen("embed"), redis.llen("media")) == (1, 1)


def test_a_finished_one_is_not_marked(ask: Any, tiny: Encoder) -> None:
    image = ask("red")
    embed_batch(Embedding.objects.all())
    embedding = embedding_for_waiting(image, tiny)
    embedding.refresh_from_db()
    assert (embedding.state, embedding.wanted) == (State.READY, False)


def test_the_task_for_the_waiting_passes_by_the_bulk(ask: Any, tiny: Encoder) -> None:
    bulk, waiting = ask("red"), ask("blue")
    embedding_for_waiting(waiting, tiny)
    embed_wanted()
    assert state_of(waiting) == State.READY
    assert state_of(bulk) == State.PENDING


def test_the_waiting_goes_first_by_whatever_encoder(ask: Any, other: Encoder) -> None:
    image = ask("red")
    embedding_for_waiting(image, other)
    embed_pending()
    ready = Embedding.objects.filter(state=State.READY)
    assert [embedding.encoder for embedding in ready] == [other]


def test_the_bulk_takes_the_waiting_first(ask: Any, tiny: Encoder, settings: Any) -> None:
    settings.EMBED_BATCH_SIZE = 1
    _, waiting = ask("red"), ask("blue")
    embedding_for_waiting(waiting, tiny)
    embed_pending()
    assert state_of(waiting) == State.READY
