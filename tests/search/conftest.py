"""What the tests of search share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from gallery.models import Image, User
from search import ann_index, turns
from search.catalogue import register_encoders
from search.evaluations.forms import start
from search.evaluations.working import evaluate_next
from search.indexing import embed_batch, request_embeddings
from search.models import Embedding, Encoder, Evaluation
from search.synthetic import fill
from tests.tiny_encoder import TinyEncoder


@pytest.fixture
def tiny(db: None) -> Encoder:
    return Encoder.objects.get(name="tiny")


@pytest.fixture
def retrained(db: None, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    """What is there after new weights were installed and the migrations ran."""
    monkeypatch.setattr(TinyEncoder, "digest", "f" * 64)
    register_encoders()
    return Encoder.objects.get(digest=TinyEncoder.digest)


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


# Ten of each class, on a line: the cats at 0 to 9, the dogs at 20 to 29.
PETS = 10


def at(place: float) -> list[float]:
    """A vector as wide as the tiny encoder's."""
    return [float(place)] + [0.0] * 11


@pytest.fixture
def pets(store: Callable[..., Image], tiny: Encoder) -> list[Image]:
    images = []
    for number in range(2 * PETS):
        kind = "cat" if number < PETS else "dog"
        image = store((number, 0, 0), tags=[kind], album=f"{kind}s")
        place = at(number if number < PETS else number + PETS)
        Embedding.objects.create(image=image, encoder=tiny, vector=place, state="ready")
        images.append(image)
    return images


@pytest.fixture
def another_turn(db: None) -> Iterator[Any]:
    """The connection of another process, which is adding or removing an encoder."""
    another = connection.copy()
    with another.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [turns.LOCK])
    yield another
    another.close()


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


@pytest.fixture
def evaluator(alice: User) -> User:
    """Alice, who may have encoders measured; to others' evaluations she has no right."""
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="add_evaluation"))
    return User.objects.get(pk=alice.pk)


@pytest.fixture
def evaluated() -> Callable[..., Evaluation]:
    """Start an evaluation and work it out."""

    def work_out(user: User, encoder: Encoder, **settings: Any) -> Evaluation:
        asked = {"labels": "tags", "at_least": 5, "part": "", "k": 10, "votes": 5, "seed": 0}
        evaluation = start(user, encoder, **{**asked, **settings})
        while evaluate_next():
            pass
        evaluation.refresh_from_db()
        return evaluation

    return work_out
