"""Results marked as right or wrong, and what is made of the marks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from gallery.models import Image, User
from gallery.rendering import render_next
from search.marks import mark, marked_pairs, marks_on
from search.models import RelevanceMark

Store = Callable[..., Image]


@pytest.fixture
def near(store: Store) -> Image:
    return store("orange", title="Near")


@pytest.fixture
def far(store: Store) -> Image:
    return store("blue", title="Far")


@pytest.fixture
def marked(image: Image, near: Image, far: Image, alice: User) -> Image:
    """Alice's red picture, for which she calls one result right and one wrong."""
    mark(alice, image, near, True)
    mark(alice, image, far, False)
    return image


def test_the_last_word_counts_and_is_taken_back(marked: Image, far: Image, alice: User) -> None:
    before = RelevanceMark.objects.get(result=far)
    mark(alice, marked, far, True)
    after = RelevanceMark.objects.get(result=far)
    assert (after.pk, after.is_relevant) == (before.pk, True)
    assert after.marked_at > before.marked_at
    mark(alice, marked, far, None)
    mark(alice, marked, far, None)
    assert not RelevanceMark.objects.filter(result=far).exists()


def test_no_image_is_a_result_of_itself(image: Image, alice: User) -> None:
    with pytest.raises(IntegrityError):
        mark(alice, image, image, True)


def test_a_mark_goes_with_either_image(marked: Image, near: Image) -> None:
    near.delete()
    assert RelevanceMark.objects.count() == 1
    marked.delete()
    assert not RelevanceMark.objects.exists()


def test_marks_are_their_makers(marked: Image, near: Image, alice: User, bob: User) -> None:
    near.shared_with.add(bob)
    assert marks_on(marked, bob) == {}
    assert len(marks_on(marked, alice)) == 2


def test_pairs_are_those_somebody_may_see(
    marked: Image, near: Image, far: Image, alice: User, bob: User, charlie: User
) -> None:
    assert marked_pairs(alice) == [(marked.pk, near.pk, True), (marked.pk, far.pk, False)]
    near.shared_with.add(bob)
    mark(bob, marked, near, False)
    assert marked_pairs(bob) == [(marked.pk, near.pk, False)]
    near.shared_with.remove(bob)
    assert marked_pairs(bob) == marked_pairs(charlie) == []


def test_staff_know_everybodys_marks_of_what_they_may_see(
    marked: Image, near: Image, bob: User
) -> None:
    bob.is_staff = True
    assert marked_pairs(bob) == []
    near.shared_with.add(bob)
    assert marked_pairs(bob) == [(marked.pk, near.pk, True)]


def test_of_several_people_the_majority_counts(
    marked: Image, near: Image, far: Image, bob: User, charlie: User
) -> None:
    for person in (bob, charlie):
        mark(person, marked, near, False)
    mark(bob, marked, far, True)
    # Two call the near one wrong, and the two about the far one are divided.
    assert marked_pairs(None) == [(marked.pk, near.pk, False)]


def test_the_admin_shows_who_marked_what_and_changes_nothing(
    admin: Client, marked: Image, near: Image, alice: User
) -> None:
    while render_next():
        pass
    answer = admin.get(reverse("admin:search_relevancemark_changelist"))
    assert '<td class="field-person nowrap">alice</td>' in answer.text
    for image in (marked, near):
        assert reverse("admin:gallery_image_rendition", args=[image.pk, "thumbnail"]) in answer.text
    kept = RelevanceMark.objects.get(result=near)
    page = admin.get(reverse("admin:search_relevancemark_change", args=[kept.pk])).text
    assert 'name="is_relevant"' not in page
    assert admin.get(reverse("admin:search_relevancemark_add")).status_code == 403


def test_the_admins_list_takes_as_many_queries_for_many(
    admin: Client, marked: Image, bob: User, near: Image, django_assert_num_queries: Any
) -> None:
    mark(bob, near, marked, True)
    # Session, user, whose marks there are, how many, and those of the page.
    with django_assert_num_queries(5):
        admin.get(reverse("admin:search_relevancemark_changelist"))
