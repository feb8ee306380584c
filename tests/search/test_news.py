"""What is new in a saved search: what came, what was shown to its owner, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from gallery.models import Album, Image, User
from search.asking import ask_by_file, embed_next_query, sweep_queries
from search.indexing import embed_batch, request_embeddings
from search.models import DistanceScale, Embedding, Encoder, Query, SavedSearch
from search.news import check_longest_unchecked, look, new_images, remember
from search.questions import ExamplesForm
from search.requesting import embed_again
from search.saving import ask_again, keep
from search.tasks import look_for_news

Store = Callable[..., Image]
Embed = Callable[..., None]


@pytest.fixture
def red(store: Store, embed: Embed) -> Image:
    """What is asked for, in a gallery of two others."""
    red = store("#ff0000", title="red")
    embed(red, store("#f00000", title="near"), store("#0000ff", title="far"))
    return red


def save(owner: User, name: str = "Reddish", **asked: Any) -> SavedSearch:
    form = ExamplesForm({key: str(value) for key, value in asked.items()}, user=owner)
    assert form.is_valid()
    saved = keep(owner, name, form, None)
    look_at(saved)
    return saved


def look_at(saved: SavedSearch) -> list[str]:
    """Look at it as its owner does; gives what is shown as new."""
    saved = SavedSearch.objects.to_ask().get(pk=saved.pk)
    now = look(saved, ask_again(saved))
    remember(saved, now)
    return [one.image.title for one in now.new]


def news(saved: SavedSearch) -> list[str]:
    """What a check finds."""
    look_for_news()
    saved.refresh_from_db()
    titles = dict(Image.objects.values_list("pk", "title"))
    return [titles[pk] for pk in saved.news]


def test_what_was_there_is_not_new_and_what_comes_is(
    alice: User, red: Image, store: Store, embed: Embed
) -> None:
    saved = save(alice, positive=red.pk)
    assert news(saved) == []
    embed(store("#fe0000", title="fresh"))
    assert news(saved) == ["fresh"]
    assert look_at(saved) == ["fresh"]
    assert news(saved) == look_at(saved) == []


def test_an_image_that_waited_for_its_vector_is_new_once_it_has_it(
    alice: User, red: Image, store: Store, embed: Embed
) -> None:
    late = store("#fe0000", title="late")
    saved = save(alice, positive=red.pk)
    assert news(saved) == []
    embed(late)
    assert news(saved) == ["late"]


def test_a_private_image_is_no_news_until_it_is_shared(
    alice: User, bob: User, red: Image, store: Store, embed: Embed
) -> None:
    red.shared_with.add(bob)
    saved = save(bob, positive=red.pk)
    hidden = store("#fe0000", title="hidden")
    embed(hidden)
    assert news(saved) == look_at(saved) == []
    hidden.shared_with.add(bob)
    assert news(saved) == ["hidden"]
    assert new_images(bob).get() == hidden


def test_what_is_hidden_again_counts_no_more_even_before_the_next_check(
    alice: User, bob: User, red: Image
) -> None:
    red.shared_with.add(bob)
    saved = save(bob, positive=red.pk)
    near = Image.objects.get(title="near")
    near.shared_with.add(bob)
    assert news(saved) == ["near"]
    near.shared_with.clear()
    assert not new_images(bob).exists()
    assert news(saved) == []


def test_what_moves_up_because_others_went_is_not_new(alice: User, red: Image) -> None:
    saved = save(alice, positive=red.pk, limit=1)
    Image.objects.get(title="near").delete()
    assert news(saved) == look_at(saved) == []


def test_only_what_comes_among_the_first_is_new(
    alice: User, red: Image, store: Store, embed: Embed
) -> None:
    saved = save(alice, positive=red.pk, limit=1)
    embed(store("#0000f0", title="farther"))
    assert news(saved) == []
    embed(store("#fe0000", title="nearest"))
    assert news(saved) == ["nearest"]


def test_only_what_comes_within_the_distance_is_new(
    alice: User, red: Image, store: Store, embed: Embed
) -> None:
    saved = save(alice, positive=red.pk, max_distance=0.2, limit=1)
    embed(store("#0000f0", title="blue"), store("#e00000", title="one"), store("#e20000"))
    assert len(news(saved)) == 2


def test_what_is_labelled_into_the_filters_is_new(alice: User, red: Image) -> None:
    saved = save(alice, positive=red.pk, tag="sea")
    far = Image.objects.get(title="far")
    far.tags.create(owner=alice, name="sea")
    assert news(saved) == ["far"]


def test_an_image_that_is_embedded_again_is_not_new(alice: User, red: Image) -> None:
    saved = save(alice, positive=red.pk)
    embed_again(Image.objects.all())
    embed_batch(Embedding.objects.all())
    assert news(saved) == []


@pytest.fixture
def switched(alice: User, red: Image, other: Encoder) -> SavedSearch:
    """Saved while one encoder answered; now another does, which has no vectors yet."""
    saved = save(alice, positive=red.pk)
    other.activate()
    return saved


def test_another_encoder_makes_nothing_new(switched: SavedSearch, embed: Embed) -> None:
    embed(Image.objects.get(title="red"), Image.objects.get(title="near"))
    assert news(switched) == []
    embed(Image.objects.get(title="far"))
    assert news(switched) == look_at(switched) == []


def test_not_even_when_the_one_before_is_gone(switched: SavedSearch, embed: Embed) -> None:
    embed(*Image.objects.all())
    Encoder.objects.get(name="tiny").delete()
    switched.refresh_from_db()
    assert switched.encoder is None
    assert news(switched) == []


def test_what_comes_after_the_switch_is_new(
    switched: SavedSearch, store: Store, embed: Embed
) -> None:
    embed(*Image.objects.all(), store("#fe0000", title="fresh"))
    assert news(switched) == ["fresh"]


def test_what_was_new_before_the_switch_stays_new(
    alice: User, bob: User, red: Image, other: Encoder, embed: Embed
) -> None:
    red.shared_with.add(bob)
    saved = save(bob, positive=red.pk)
    Image.objects.get(title="far").shared_with.add(bob)
    assert news(saved) == ["far"]
    embed(*Image.objects.all())
    other.activate()
    assert news(saved) == ["far"]


def test_an_album_that_grows_makes_nothing_new(alice: User, red: Image) -> None:
    album = Album.objects.create(owner=alice, title="Warm")
    album.images.add(red)
    saved = save(alice, for_album=album.pk, limit=1)
    album.images.add(Image.objects.get(title="near"))
    assert news(saved) == []


def test_a_question_that_is_gone_has_no_news(alice: User, red: Image, store: Store) -> None:
    saved = save(alice, positive=red.pk)
    red.delete()
    assert news(saved) == []


def test_bounds_mean_the_same_to_another_encoder(
    alice: User, red: Image, tiny: Encoder, other: Encoder, embed: Embed
) -> None:
    embed(*Image.objects.all())
    halves = [step / 1000 for step in range(1001)]
    DistanceScale.objects.create(encoder=tiny, quantiles=halves, images=20)
    DistanceScale.objects.create(encoder=other, quantiles=[2 * d for d in halves], images=20)
    saved = save(alice, positive=red.pk, max_distance=0.2)
    other.activate()
    asked = ask_again(SavedSearch.objects.to_ask().get(pk=saved.pk))
    assert asked.encoder == other
    assert asked.bounds.maximum == pytest.approx(0.4, abs=0.01)


@pytest.fixture
def by_picture(alice: User, red: Image, picture: Any, tiny: Encoder) -> SavedSearch:
    query = ask_by_file(alice, picture("#ff0505"), tiny, {})
    embed_next_query()
    form = ExamplesForm({}, user=alice)
    assert form.is_valid()
    saved = keep(alice, "A picture", form, Query.objects.get(pk=query.pk))
    look_at(saved)
    return saved


def test_a_kept_picture_is_embedded_for_another_encoder(
    by_picture: SavedSearch, other: Encoder, embed: Embed, store: Store
) -> None:
    embed(*Image.objects.all())
    other.activate()
    assert news(by_picture) == []
    embed(store("#ff0404", title="fresh"))
    while embed_next_query():
        pass
    assert news(by_picture) == ["fresh"]
    encoders = Query.objects.values_list("encoder__name")
    assert set(encoders) == {("tiny",), ("other",)}


def test_looking_for_news_costs_no_more_for_more_results(
    alice: User, red: Image, store: Store, embed: Embed, django_assert_num_queries: Any
) -> None:
    save(alice, positive=red.pk)
    embed(*[store((200 + level, 0, 0)) for level in range(6)])
    sweep_queries()
    # The searches; examples as far as visible; encoder; examples: seen, vectors; the index,
    # neighbours, images; when they came; what is noted.
    with django_assert_num_queries(10):
        check_longest_unchecked()


def test_request_embeddings_alone_makes_nothing_findable(
    alice: User, red: Image, store: Store
) -> None:
    saved = save(alice, positive=red.pk)
    request_embeddings([store("#fe0000", title="pending")])
    assert news(saved) == []
