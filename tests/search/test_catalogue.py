"""Which encoders the gallery knows, and which of them answers."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from gallery.models import Image
from search import catalogue, encoders
from search.catalogue import (
    ActivationRefused,
    activate,
    encoders_to_fill,
    promote_successor,
    register,
    register_encoders,
)
from search.encoders import manifests
from search.encoders.manifests import Manifest
from search.indexing import embed_batch, request_embeddings, sweep
from search.models import Embedding, Encoder
from search.similarity import neighbours

Store = Callable[..., Image]


def active() -> Encoder:
    encoder = Encoder.objects.active()
    assert encoder is not None
    return encoder


def test_a_fresh_gallery_answers_with_the_default_encoder(db: None) -> None:
    encoder = active()
    assert (encoder.name, encoder.digest, encoder.dimensions) == ("tiny", "0" * 64, 12)


def test_migrating_again_changes_nothing(db: None) -> None:
    call_command("migrate", verbosity=0)
    assert Encoder.objects.count() == 1


def test_one_encoder_answers_at_a_time(db: None) -> None:
    with pytest.raises(IntegrityError, match="one_active_encoder"):
        Encoder.objects.create(name="b", digest="b", dimensions=3, is_active=True)


def test_activation_is_one_switch_and_can_be_taken_back(db: None) -> None:
    first = active()
    second = Encoder.objects.create(name="b", digest="b", dimensions=3)
    second.activate()
    assert active() == second
    first.activate()
    assert list(Encoder.objects.filter(is_active=True)) == [first]


def test_only_what_can_be_computed_here_is_filled(db: None) -> None:
    Encoder.objects.create(name="gone", digest="b", dimensions=3)
    Encoder.objects.create(name="tiny", digest="older", dimensions=12)
    assert encoders_to_fill() == [active()]


def test_new_weights_do_not_answer_before_they_are_filled(store: Store, retrained: Encoder) -> None:
    store("red")
    promote_successor()
    assert active() != retrained
    assert encoders_to_fill() == [retrained]


def test_new_weights_answer_once_every_image_is_filled(store: Store, retrained: Encoder) -> None:
    for color in ("red", "blue"):
        store(color)
    sweep()
    assert active() != retrained
    while embed_batch(Embedding.objects.all()):
        pass
    sweep()
    assert active() == retrained


def test_new_weights_of_an_added_encoder_are_noticed_at_the_start(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    for input_size in (16, 32):
        manifests.write(Manifest("mine", "built-in:tiny", "raw", input_size, 12, "0" * 64))
        if input_size == 16:
            register(encoders.identify("mine"))
    register_encoders()
    new, old = Encoder.objects.filter(name="mine").order_by("-pk")
    assert f"encoder {new} is new: {old} keeps its own vectors" in caplog.text
    assert new in encoders_to_fill()
    assert old not in encoders_to_fill()


def test_damaged_weights_are_said_at_the_start_and_not_filled(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = Manifest("mine", "file", "raw", 16, 12, "0" * 64, weights_file="net.keras")
    manifests.write(manifest)
    register(manifest.identity)
    register_encoders()
    assert "encoder mine is left alone" in caplog.text
    assert "net.keras is missing" in caplog.text
    assert encoders_to_fill() == [active()]


def test_vectors_of_encoders_of_one_width_are_never_compared(store: Store, other: Encoder) -> None:
    images = [store(color) for color in ("red", "blue")]
    request_embeddings(images)
    while embed_batch(Embedding.objects.all()):
        pass
    found = Embedding.similar.of(other).nearest_to([1.0] * 12)
    expected = Embedding.objects.of(other).values_list("pk", flat=True)
    assert sorted(one.embedding for one in neighbours(found)) == sorted(expected)
    assert len(expected) == len(images)


def test_an_image_that_failed_holds_up_no_change(store: Store, retrained: Encoder) -> None:
    store("red")
    sweep()
    Embedding.objects.of(retrained).fail("Bad luck.")
    promote_successor()
    assert active() == retrained


@pytest.fixture
def failed_at_one(red: Image, retrained: Encoder) -> Encoder:
    """New weights, with the vectors of two of the three images that the old ones know."""
    sweep()
    Embedding.objects.of(retrained).filter(image=red).fail("The file is gone.")
    while embed_batch(Embedding.objects.all()):
        pass
    return retrained


def test_new_weights_that_failed_at_what_the_old_ones_find_do_not_answer_by_themselves(
    failed_at_one: Encoder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(catalogue, "MOST_LOST", 0)
    sweep()
    assert active() != failed_at_one
    assert f"encoder {failed_at_one} failed at 1 images that {active()} finds" in caplog.text
    call_command("embed_images", "--missing", "--encoder", "tiny", "--here")
    sweep()
    assert active() == failed_at_one


def test_a_few_of_them_hold_up_no_change(failed_at_one: Encoder) -> None:
    sweep()
    assert active() == failed_at_one


def test_one_that_failed_at_what_the_active_one_finds_is_refused_unless_told(
    failed_at_one: Encoder,
) -> None:
    with pytest.raises(ActivationRefused, match="failed at 1 image that tiny"):
        activate(failed_at_one)
    activate(failed_at_one, incomplete=True)
    assert active() == failed_at_one


def test_an_encoder_that_can_be_computed_is_not_replaced(db: None) -> None:
    before = active()
    Encoder.objects.create(name="tiny", digest="f" * 64, dimensions=12)
    promote_successor()
    assert active() == before


def test_vectors_of_an_encoder_go_with_it(store: Store) -> None:
    image = store("red")
    encoder = Encoder.objects.create(name="b", digest="b", dimensions=3)
    Embedding.objects.create(image=image, encoder=encoder, vector=[1, 0, 0], state="ready")
    encoder.delete()
    assert not Embedding.objects.exists()
