"""What search can do with thousands of images."""

from typing import Any

from django.utils.translation import gettext_lazy

from gallery.jobs import Done, JobAction
from gallery.models import Image
from search.models.embeddings import EmbeddingQuerySet
from search.requesting import embed_again, embeddings_of, retry_failed


def retry(images: list[int], said: dict[str, Any]) -> Done:
    failed = embeddings_of(Image.objects.filter(pk__in=images)).failed()
    changed = images_of(failed)
    retry_failed(failed)
    return Done(changed)


def encode_again(images: list[int], said: dict[str, Any]) -> Done:
    rows = Image.objects.filter(pk__in=images)
    embed_again(rows)
    return Done(images_of(embeddings_of(rows).pending()))


def images_of(embeddings: EmbeddingQuerySet) -> list[int]:
    return sorted(set(embeddings.values_list("image_id", flat=True)))


ACTIONS = {
    "retry_failed": JobAction(
        gettext_lazy("Retry failed embeddings"), ("gallery.change_image",), retry
    ),
    "embed_again": JobAction(gettext_lazy("Re-embed"), ("gallery.change_image",), encode_again),
}
