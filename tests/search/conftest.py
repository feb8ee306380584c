"""What the tests of search share."""

from collections.abc import Callable
from typing import Any

import pytest

from gallery.models import Image
from search.indexing import request_embeddings
from search.models import Encoder


@pytest.fixture
def tiny(db: None) -> Encoder:
    return Encoder.objects.get(name="tiny")


@pytest.fixture
def ask(store: Callable[..., Image]) -> Callable[..., Image]:
    """Store an image and note that it wants its embeddings."""

    def make(color: Any = "red") -> Image:
        image = store(color)
        request_embeddings([image])
        return image

    return make
