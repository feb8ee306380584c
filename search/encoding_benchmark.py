"""How fast images get their vectors here, measured on photographs that are there for it only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import partial
from io import BytesIO
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from PIL import Image as Pillow

from gallery.ingest import write_file
from gallery.models import Image, State, StrayFile, User
from gallery.scenes import draw_scene
from search import encoders
from search.batches import decode, decoding_threads
from search.encoders.devices import has_bfloat16
from search.encoders.frozen import FrozenNetwork
from search.encoders.memory import peak_megabytes
from search.encoders.registry import build
from search.encoders.speed import frozen_work, keras_works, seconds, speeds_in_turns
from search.encoders.squeezed import SqueezedEncoder
from search.indexing import embed_batch_with
from search.models import Embedding, Encoder
from search.models.embeddings import EmbeddingQuerySet

# What a camera of today makes: twelve megapixels.
PHOTOGRAPH = (4000, 3000)
DIFFERENT = 4
PREFIX = "benchmark-"
# What a run that was killed left behind is nobody's after this.
LEFT_BEHIND = timedelta(hours=1)


class NotMeasurable(Exception):
    """The encoder has no network to measure; the message names it."""


@dataclass(frozen=True)
class Speeds:
    """Images per second, and the most memory that the product's own path took."""

    encoder: str
    processor_bf16: bool
    frozen: float
    tf_function: float
    predict: float
    # By as many threads as decode for a worker.
    decode: float
    # From stored file to committed vector.
    pipeline: float
    peak_memory_mb: float

    def as_json(self) -> dict[str, Any]:
        """The figures under the names in which they are printed and compared."""
        figures = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: round(figure, 1) if isinstance(figure, float) else figure
            for name, figure in figures.items()
        }

    def ratios(self) -> dict[str, float]:
        """What freezing gains over `tf.function`, and what is left of the slower part's speed."""
        return {
            "frozen_per_tf_function": round(self.frozen / self.tf_function, 2),
            "pipeline_per_slower": round(self.pipeline / min(self.frozen, self.decode), 2),
        }


def measure_encoding(name: str, count: int) -> Speeds:
    """Measure the encoder of that name on `count` stored photographs.

    Raises UnknownEncoder and NotMeasurable.
    """
    identity = encoders.identify(name)
    with stored_photographs(count, identity.dimensions) as work:
        network = encoders.load(name)
        as_shipped = frozen_network(network)
        decoding = decode_speed(work, network.input_size)
        pipeline = pipeline_speed(work, network)
    # Before Keras' own ways, which the product does not go.
    peak = peak_megabytes()
    # Once more, because what was frozen is no longer Keras'.
    bare = frozen_network(build(name))
    works = [frozen_work(as_shipped), *keras_works(bare.model, bare.input_size)]
    frozen, by_function, by_predict = speeds_in_turns(works)
    return Speeds(name, has_bfloat16(), frozen, by_function, by_predict, decoding, pipeline, peak)


def measure_beside(name: str, other: str) -> dict[str, Any]:
    """How fast the bare networks of two encoders are that take turns, and how they compare.

    Raises UnknownEncoder and NotMeasurable.
    """
    networks = [frozen_network(encoders.load(each)) for each in (name, other)]
    speeds = speeds_in_turns([frozen_work(network) for network in networks])
    this, that = speeds
    return {
        "against": other,
        "in_turns": [round(speed, 1) for speed in speeds],
        "ratio": round(this / that, 2),
    }


def frozen_network(encoder: encoders.Encoder) -> FrozenNetwork:
    """The network inside an encoder; raises NotMeasurable."""
    if not isinstance(encoder, SqueezedEncoder):
        raise NotMeasurable(f"The encoder {encoder.name!r} has no network that could be measured.")
    return encoder.frozen


def decode_speed(work: EmbeddingQuerySet, input_size: int) -> float:
    """Images per second that a worker's threads read and decode."""
    embeddings = list(work.select_related("image"))
    decode_one = partial(decode, input_size=input_size)
    with decoding_threads() as threads:

        def decode_all() -> None:
            # Pictures are let go as they come.
            for _ in threads.map(decode_one, embeddings):
                pass

        # The first time starts the threads.
        decode_all()
        return len(embeddings) / seconds(decode_all)


def pipeline_speed(work: EmbeddingQuerySet, network: encoders.Encoder) -> float:
    """Images per second from stored file to committed vector, as a worker does it."""
    # The first batch freezes and compiles the network; it is done again with the others.
    embed_batch_with(network, work)
    work.retry()
    began, done = perf_counter(), 0
    while count := embed_batch_with(network, work):
        done += count
    return done / (perf_counter() - began)


@contextmanager
def stored_photographs(count: int, dimensions: int) -> Iterator[EmbeddingQuerySet]:
    """Photographs in storage whose embeddings wait for this process, and go when it is through.

    They are of an encoder that no worker knows, and for every other they count as done: so no
    worker takes them, and nobody's image waits for them.
    """
    remove(User.objects.filter(date_joined__lt=timezone.now() - LEFT_BEHIND))
    key = uuid4().hex
    owner = User.objects.create_user(f"{PREFIX}{key}", is_active=False)
    try:
        others = list(Encoder.objects.all())
        encoder = Encoder.objects.create(name=owner.username, digest=key, dimensions=dimensions)
        images = store_photographs(owner, count)
        note(images, encoder, others)
        yield Embedding.objects.of(encoder)
    finally:
        remove(User.objects.filter(pk=owner.pk))


def store_photographs(owner: User, count: int) -> list[Image]:
    """Write the files and return images that are not in the database yet."""
    drawn = [draw_photograph(seed) for seed in range(min(count, DIFFERENT))]
    images = []
    for number in range(count):
        # What follows a JPEG's end makes its bytes unlike all others and changes nothing.
        content = drawn[number % DIFFERENT] + str(number).encode()
        image = Image(
            owner=owner,
            title=f"Benchmark {number + 1}",
            file=Image.new_file_name("jpg"),
            sha256=hashlib.sha256(content).hexdigest(),
            byte_size=len(content),
            format="JPEG",
            width=PHOTOGRAPH[0],
            height=PHOTOGRAPH[1],
        )
        # Never adopted: the sweep takes it if this process can't.
        StrayFile.objects.announce([image.stored_name])
        write_file(image.stored_name, ContentFile(content))
        images.append(image)
    return images


def draw_photograph(seed: int) -> bytes:
    """A drawn scene as a camera would have it: large, and with grain."""
    scene = Pillow.open(BytesIO(draw_scene(seed)[1])).resize(PHOTOGRAPH)
    grain = Pillow.effect_noise(PHOTOGRAPH, 60).convert("RGB")
    out = BytesIO()
    Pillow.blend(scene, grain, 0.1).save(out, "JPEG", quality=90)
    return out.getvalue()


def note(images: list[Image], encoder: Encoder, others: list[Encoder]) -> None:
    """Commit the images with all their embeddings at once, before any sweep can miss one."""
    with transaction.atomic():
        Image.objects.bulk_create(images)
        done = {"state": State.FAILED, "error": "Stored for a benchmark."}
        Embedding.objects.bulk_create(
            [
                *(Embedding(image=image, encoder=encoder) for image in images),
                *(Embedding(image=image, encoder=e, **done) for image in images for e in others),
            ]
        )


def remove(owners: Any) -> None:
    """Delete benchmarks' people with all that is theirs."""
    owners = owners.filter(username__startswith=PREFIX)
    images = Image.objects.filter(owner__in=owners)
    names = [name for image in images for name in image.file_names()]
    images.delete()
    for stray in StrayFile.objects.filter(name__in=names):
        stray.delete_file()
        stray.delete()
    Encoder.objects.filter(name__in=owners.values("username")).delete()
    owners.delete()
