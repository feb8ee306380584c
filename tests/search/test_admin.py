"""In the admin everybody who runs the gallery sees how search fares, and can try again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gallery.models import Image, Rendering, State, User
from search.indexing import request_embeddings
from search.models import Embedding, Encoder
from search.models.encoders import Coverage

IMAGES = reverse("admin:gallery_image_changelist")
EMBEDDINGS = reverse("admin:search_embedding_changelist")
ENCODERS = reverse("admin:search_encoder_changelist")
Store = Callable[..., Image]


@pytest.fixture
def old_encoder(db: None) -> Encoder:
    """One that this installation can't compute any more."""
    return Encoder.objects.create(name="tiny", digest="1" * 64, dimensions=12)


@pytest.fixture
def ready(ready: Image) -> Image:
    """In all that is done with it."""
    Rendering.objects.filter(image=ready).update(state=State.READY)
    return ready


def titles(answer: Any) -> list[str]:
    return [image.title for image in answer.context["cl"].result_list]


def act(client: Client, url: str, action: str, *rows: Any) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(url, data, follow=True)


def test_the_list_shows_states_and_reasons(admin: Client, ready: Image, failed: Image) -> None:
    text = admin.get(IMAGES).text
    assert '<td class="field-reason">The file ends too early.</td>' in text
    assert '<td class="field-state">ready</td>' in text
    assert '<td class="field-state">failed</td>' in text


def test_images_have_one_state_of_all_that_is_done_with_them(
    admin: Client, ready: Image, failed: Image
) -> None:
    assert titles(admin.get(IMAGES, {"state": "ready"})) == ["Ready"]
    assert titles(admin.get(IMAGES, {"state": "failed"})) == ["Broken"]
    Rendering.objects.filter(image=ready).update(state=State.PENDING)
    assert titles(admin.get(IMAGES, {"state": "pending"})) == ["Ready"]
    Rendering.objects.filter(image=ready).fail("It has no end.")
    assert "It has no end." in admin.get(IMAGES, {"state": "failed"}).text


def test_the_state_of_another_encoder_s_embeddings_is_shown_beside_it(
    admin: Client, ready: Image, old_encoder: Encoder
) -> None:
    Embedding.objects.create(image=ready, encoder=old_encoder, state=State.FAILED, error="old")
    text = admin.get(IMAGES, {"encoder": str(old_encoder.pk)}).text
    assert '<td class="field-state">ready</td>' in text
    assert '<td class="field-embedding">failed</td>' in text


def test_images_are_filtered_by_state(
    admin: Client, ready: Image, failed: Image, store: Store
) -> None:
    store("green", title="Without a row")
    assert titles(admin.get(IMAGES, {"embedding": "ready"})) == ["Ready"]
    assert titles(admin.get(IMAGES, {"embedding": "failed"})) == ["Broken"]
    assert titles(admin.get(IMAGES, {"embedding": "pending"})) == ["Without a row"]


def test_only_the_active_encoder_speaks_for_an_image(
    admin: Client, ready: Image, old_encoder: Encoder
) -> None:
    Embedding.objects.create(image=ready, encoder=old_encoder, state=State.FAILED, error="old")
    answer = admin.get(IMAGES)
    assert titles(answer) == ["Ready"]
    assert '<td class="field-state">ready</td>' in answer.text


def test_the_page_of_an_image_shows_every_embedding_and_no_vector(
    admin: Client, failed: Image, ready: Image
) -> None:
    text = admin.get(reverse("admin:gallery_image_change", args=[failed.pk])).text
    assert "The file ends too early." in text
    assert "tiny (00000000)" in text
    vector = Embedding.objects.get(image=ready).vector
    assert str(vector) not in admin.get(reverse("admin:gallery_image_change", args=[ready.pk])).text


def test_retry_puts_back_what_failed_and_tells_how_many(
    admin: Client, ready: Image, failed: Image
) -> None:
    answer = act(admin, IMAGES, "retry_failed", ready, failed)
    assert "Retry failed embeddings: 1 picture changed." in answer.text
    assert Embedding.objects.get(image=failed).state == State.PENDING
    assert Embedding.objects.get(image=ready).state == State.READY


def test_retry_leaves_alone_what_this_installation_can_not_compute(
    admin: Client, ready: Image, old_encoder: Encoder
) -> None:
    Embedding.objects.create(image=ready, encoder=old_encoder, state=State.FAILED, error="old")
    assert ": 0 pictures changed." in act(admin, IMAGES, "retry_failed", ready).text


def test_re_embedding_keeps_the_old_vector_until_the_new_one(admin: Client, ready: Image) -> None:
    assert "Re-embed: 1 picture changed." in act(admin, IMAGES, "embed_again", ready).text
    embedding = Embedding.objects.get()
    assert (embedding.state, embedding.attempts) == (State.PENDING, 0)
    assert embedding.vector is not None


def test_re_embedding_notes_images_that_were_never_noted(admin: Client, store: Store) -> None:
    assert "Re-embed: 1 picture changed." in act(admin, IMAGES, "embed_again", store("red")).text
    assert Embedding.objects.claimable().count() == 1


def test_actions_ring_for_a_worker(
    admin: Client, failed: Image, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as rung:
        act(admin, IMAGES, "retry_failed", failed)
    assert len(rung) == 1


def test_single_embeddings_are_retried_too(admin: Client, failed: Image) -> None:
    answer = act(admin, EMBEDDINGS, "retry_failed", Embedding.objects.get())
    assert "1 image waits for a worker." in answer.text
    assert Embedding.objects.get().state == State.PENDING


def test_embeddings_are_only_looked_at(admin: Client, ready: Image) -> None:
    embedding = Embedding.objects.get()
    page = reverse("admin:search_embedding_change", args=[embedding.pk])
    assert admin.get(page).status_code == 200
    assert admin.post(page, {"state": "failed"}).status_code == 403
    assert admin.get(reverse("admin:search_embedding_add")).status_code == 403
    assert (
        admin.get(reverse("admin:search_embedding_delete", args=[embedding.pk])).status_code == 403
    )


def test_encoders_show_how_far_they_are(
    admin: Client, ready: Image, failed: Image, store: Store, old_encoder: Encoder
) -> None:
    store("green")
    answer = admin.get(ENCODERS)
    rows = answer.context["cl"].result_list
    assert [row.coverage for row in rows] == [Coverage(1, 1, 3), Coverage(0, 0, 3)]
    assert '<progress value="1" max="3"></progress> 1 of 3' in answer.text
    assert "tiny is 00000000 here." in answer.text


def test_a_vector_that_is_made_anew_counts_until_then(admin: Client, ready: Image) -> None:
    Embedding.objects.all().retry()
    (row,) = admin.get(ENCODERS).context["cl"].result_list
    assert (str(row.coverage), row.coverage.waiting) == ("1 of 1", 0)


def test_only_the_list_of_encoders_counts_embeddings(
    admin: Client, ready: Image, tiny: Encoder
) -> None:
    with CaptureQueriesContext(connection) as asked:
        admin.get(reverse("admin:search_encoder_change", args=[tiny.pk]))
    assert not [query["sql"] for query in asked if '"search_embedding"' in query["sql"]]


def test_an_encoder_that_is_filled_is_activated(admin: Client, other: Encoder) -> None:
    assert f"From now on {other} answers." in act(admin, ENCODERS, "activate", other).text
    assert Encoder.objects.active() == other


def test_one_that_is_not_filled_is_refused_with_its_coverage(
    admin: Client, ready: Image, other: Encoder
) -> None:
    assert "has vectors of 0 of 1 images so far" in act(admin, ENCODERS, "activate", other).text
    assert Encoder.objects.active() != other


def test_one_encoder_answers_so_one_must_be_chosen(
    admin: Client, tiny: Encoder, other: Encoder
) -> None:
    assert "Choose one" in act(admin, ENCODERS, "activate", tiny, other).text
    assert Encoder.objects.active() == tiny


def test_staff_without_the_permission_can_not_activate(
    client: Client, other: Encoder, charlie: User
) -> None:
    charlie.is_staff = True
    charlie.save()
    charlie.user_permissions.set(Permission.objects.filter(codename="view_encoder"))
    client.force_login(charlie)
    act(client, ENCODERS, "activate", other)
    assert Encoder.objects.active() != other


def test_encoders_are_not_deleted_in_a_web_request(admin: Client, old_encoder: Encoder) -> None:
    data = {"action": "delete_selected", "_selected_action": [old_encoder.pk], "post": "yes"}
    admin.post(ENCODERS, data)
    page = reverse("admin:search_encoder_delete", args=[old_encoder.pk])
    assert admin.post(page, {"post": "yes"}).status_code == 403
    assert Encoder.objects.count() == 2


@pytest.mark.parametrize("url", [IMAGES, EMBEDDINGS, ENCODERS])
def test_lists_take_as_many_queries_for_many_as_for_few(
    admin: Client,
    store: Store,
    ready: Image,
    url: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(9) as few:
        admin.get(url)
    request_embeddings([store(color) for color in ("green", "blue", "white")])
    with django_assert_max_num_queries(len(few)):
        admin.get(url)


def test_staff_without_the_permission_can_not_retry(
    client: Client, failed: Image, charlie: User
) -> None:
    charlie.is_staff = True
    charlie.save()
    looking = Permission.objects.filter(codename__in=["view_image", "view_embedding"])
    charlie.user_permissions.set(looking)
    client.force_login(charlie)
    act(client, IMAGES, "retry_failed", failed)
    act(client, EMBEDDINGS, "retry_failed", Embedding.objects.get())
    assert Embedding.objects.get().state == State.FAILED
