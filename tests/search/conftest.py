"""What the tests of search share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gallery.models import Image, User
from search import ann_index
from search.indexing import embed_batch, request_embeddings
from search.models import Embedding, Encoder
from search.synthetic import fill


@pytest.fixture
def tiny(db: None) -> Encoder:
    return Encoder.objects.get(name="tiny")


@pytest.fixture
def ask(store: Callable[..., Image]) -> Callable[..., Image]:
    """Store an image and note that it wants its embeddings."""

    def make(color: Any = "red", **labels: Any) -> Image:
        image = store(color, **labels)
        request_embeddings([image])
        return image

    return make


@pytest.fixture
def ready(ask: Callable[..., Image]) -> Image:
    image = ask("red", title="Ready")
    embed_batch(Embedding.objects.all())
    return image


@pytest.fixture
def failed(ask: Callable[..., Image]) -> Image:
    image = ask("blue", title="Broken")
    Embedding.objects.filter(image=image).fail("The file ends too early.")
    return image


@pytest.fixture
def many(transactional_db: None, alice: User) -> Encoder:
    """The active encoder, with 400 of Alice's images; no index is built in a transaction."""
    encoder = Encoder.objects.get(name="tiny")
    assert sum(fill(alice, encoder, 400)) == 400
    return encoder


@pytest.fixture
def indexed(many: Encoder) -> Iterator[Encoder]:
    assert ann_index.build(many)
    yield many
    ann_index.drop(many)
