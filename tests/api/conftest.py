"""What the API's tests share."""

from collections.abc import Callable

import pytest

from gallery.models import Image
from search.indexing import embed_batch, request_embeddings
from search.models import Embedding


@pytest.fixture
def embed() -> Callable[..., None]:
    """Do what signal and worker do for images: note the work, then do it."""

    def embed_images(*images: Image) -> None:
        request_embeddings(images)
        while embed_batch(Embedding.objects.all()):
            pass

    return embed_images
