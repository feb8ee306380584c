"""The pages at /evaluations/, for those who may have encoders measured."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from gallery.models import Image, State, User
from search.evaluations.working import evaluate_next
from search.marks import mark as mark_result
from search.models import Embedding, Encoder, Evaluation
from search.removal import mark
from tests.search.conftest import at

Evaluated = Callable[..., Evaluation]
PAGES = ["", "{pk}/", "{pk}/figures.json", "{pk}/figures.csv", "{pk}/delete/"]
PAGES += ["compare/?id={pk}&id={pk}", "compare/figures.csv?id={pk}"]
ASKED = {"labels": "tags", "at_least": "5", "part": "", "k": "10", "votes": "5", "seed": "0"}


@pytest.fixture
def staff(client: Client, evaluator: User) -> Client:
    client.force_login(evaluator)
    return client


@pytest.fixture
def first(pets: list[Image], evaluator: User, tiny: Encoder, evaluated: Evaluated) -> Evaluation:
    return evaluated(evaluator, tiny)


@pytest.fixture
def second(pets: list[Image], evaluator: User, other: Encoder, evaluated: Evaluated) -> Evaluation:
    """By an encoder that takes the first cat for a dog."""
    for number, image in enumerate(pets):
        place = number if number < 10 else number + 10
        vector = at(24.5 if number == 0 else place)
        Embedding.objects.create(image=image, encoder=other, vector=vector, state="ready")
    return evaluated(evaluator, other)


def text_of(response: Any) -> str:
    text: str = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
    return text


@pytest.mark.parametrize("page", PAGES)
def test_others_find_nothing_there(
    client: Client, charlie: User, first: Evaluation, page: str
) -> None:
    address = f"/evaluations/{page.format(pk=first.pk)}"
    assert client.get(address).headers["Location"].startswith("/sign-in/")
    client.force_login(charlie)
    assert client.get(address).status_code == 404
    charlie.user_permissions.add(Permission.objects.get(codename="add_evaluation"))
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("page", PAGES[1:])
def test_what_others_started_is_not_there(
    staff: Client, first: Evaluation, bob: User, page: str
) -> None:
    Evaluation.objects.update(started_by=bob)
    assert staff.get(f"/evaluations/{page.format(pk=first.pk)}").status_code == 404
    assert first.handle not in text_of(staff.get("/evaluations/"))


def test_one_starts_it_waits_and_sees_the_figures(
    staff: Client, pets: list[Image], tiny: Encoder
) -> None:
    started = staff.post("/evaluations/", {**ASKED, "encoders": [tiny.pk]})
    address = started.headers["Location"]
    waiting = staff.get(address).content.decode()
    assert f'hx-get="{address}" hx-trigger="every 1s"' in waiting
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in waiting
    evaluate_next()
    page = staff.get(address)
    assert "every 1s" not in page.content.decode()
    assert "mAP 1.000 1.000 to 1.000" in text_of(page)
    assert "cat 1 (1 to 1) 1 (1 to 1) 1 (1 to 1) 10" in text_of(page)
    assert "20 of 20 are on the diagonal" in page.content.decode()
    order = [
        "mAP 1.0000",
        "Precision at 1 1.0000",
        "Precision at 10 0.9000",
        "nDCG at 5",
        "Accuracy 1.0000",
    ]
    places = [text_of(page).index(text) for text in order]
    assert places == sorted(places)


def test_right_and_wrong_results_are_told_in_words(
    staff: Client, second: Evaluation, pets: list[Image]
) -> None:
    page = text_of(staff.get(second.get_absolute_url()))
    assert "✓ right" in page
    assert "✗ wrong: cat" in page
    assert "9 of 10 right" in page


def test_of_the_samples_only_what_one_may_see_is_shown(
    client: Client, first: Evaluation, pets: list[Image], bob: User
) -> None:
    bob.is_staff = True
    bob.save()
    names = ("add_evaluation", "view_evaluation")
    bob.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(bob)
    page = client.get(first.get_absolute_url())
    assert "mAP 1.000" in text_of(page)
    assert "/images/" not in page.content.decode()
    for image in pets[:4]:
        image.shared_with.add(bob)
    text = client.get(first.get_absolute_url()).content.decode()
    shown = {int(pk) for pk in re.findall(r'hit-picture" href="/images/(\d+)/"', text)}
    assert shown == {image.pk for image in pets[:4]}


def test_several_encoders_are_compared_at_once(
    staff: Client, pets: list[Image], tiny: Encoder, second: Evaluation, other: Encoder
) -> None:
    started = staff.post("/evaluations/", {**ASKED, "encoders": [tiny.pk, other.pk]})
    address = started.headers["Location"]
    assert "2 encoders are still to be measured." in text_of(staff.get(address))
    while evaluate_next():
        pass
    assert "All were asked the same pictures among the same." in text_of(staff.get(address))


def test_encoders_stand_side_by_side(staff: Client, first: Evaluation, second: Evaluation) -> None:
    address = f"/evaluations/compare/?id={first.pk}&id={second.pk}"
    page = text_of(staff.get(address))
    # Of the 20 queries only the cat that lies among the dogs has a dog nearest.
    assert re.search(r"Accuracy 1\.0000 .* 0\.9500 .* −0\.050 \(−0\.1\d\d to 0\.000\)", page)
    assert ": no certain difference" in page
    assert ": worse" in page
    assert page.count("tiny 9 of 10 right") == 12
    assert "other 8 of 10 right" in page


def test_what_was_measured_otherwise_is_said(
    staff: Client, first: Evaluation, evaluator: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    test = evaluated(evaluator, tiny, part="test", seed=1)
    page = text_of(staff.get(f"/evaluations/compare/?id={first.pk}&id={test.pk}"))
    assert "they differ in the pictures that ask, the seed." in page
    assert "(intervals overlap): no certain difference" in page


def test_one_alone_is_no_comparison(staff: Client, first: Evaluation) -> None:
    response = staff.get(f"/evaluations/compare/?id={first.pk}", follow=True)
    assert "Tick two evaluations or more" in text_of(response)
    many = "&".join(f"id={number}" for number in range(5))
    assert staff.get(f"/evaluations/compare/?{many}").status_code == 400


def test_figures_are_taken_away(staff: Client, first: Evaluation, second: Evaluation) -> None:
    found = staff.get(f"/evaluations/{first.pk}/figures.json").json()
    assert (found["encoder"], found["map"], found["parameters"]["labels"]) == ("tiny", 1, "tags")
    answer = staff.get(f"/evaluations/compare/figures.csv?id={first.pk}&id={second.pk}")
    rows = list(csv.reader(StringIO(answer.content.decode())))
    assert [str(first.pk), "tiny", "map", "", "1.0", "1.0", "1.0", "20"] in rows
    assert {row[1] for row in rows[1:]} == {"tiny", "other"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"encoders": []}, "Choose at least one encoder."),
        ({"at_least": "11"}, "Of 2 the largest: cat (10), dog (10)."),
        ({"at_least": "1"}, "greater than or equal to 2"),
        ({"labels": "words"}, "words is not one of the available choices"),
    ],
)
def test_what_can_not_be_measured_is_said_at_once(
    staff: Client, pets: list[Image], tiny: Encoder, asked: dict[str, Any], said: str
) -> None:
    answer = staff.post("/evaluations/", {**ASKED, "encoders": [tiny.pk], **asked})
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert not Evaluation.objects.exists()


def test_an_album_nobody_may_see_is_no_class(
    client: Client, evaluator: User, bob: User, pets: list[Image], tiny: Encoder
) -> None:
    Image.objects.update(owner=bob)
    client.force_login(evaluator)
    answer = client.post("/evaluations/", {**ASKED, "labels": "albums", "encoders": [tiny.pk]})
    assert "that alice may see are needed; there are none with any." in text_of(answer)


def test_encoders_without_vectors_and_those_that_go_are_refused(
    staff: Client, pets: list[Image], other: Encoder
) -> None:
    asked = {**ASKED, "encoders": [other.pk]}
    assert "has no vector of any of these pictures yet" in text_of(
        staff.post("/evaluations/", asked)
    )
    mark(other)
    assert "is being removed, or gone" in text_of(staff.post("/evaluations/", asked))


def test_what_failed_says_why_and_can_be_asked_again(
    staff: Client, pets: list[Image], evaluator: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    failed = evaluated(evaluator, tiny, at_least=11)
    assert failed.state == State.FAILED
    page = staff.get(failed.get_absolute_url()).content.decode()
    assert "This could not be measured. At least two tags with 11" in page
    again = re.findall(r'href="(/evaluations/\?[^"]+)#start"', page)[0].replace("&amp;", "&")
    form = staff.get(again).content.decode()
    assert 'name="at_least" value="11"' in form


def test_one_deletes_what_one_started(staff: Client, first: Evaluation) -> None:
    address = f"/evaluations/{first.pk}/delete/"
    assert staff.get(address).status_code == 200
    assert Evaluation.objects.exists()
    assert "is deleted" in text_of(staff.post(address, follow=True))
    assert not Evaluation.objects.exists()


def test_the_menu_leads_there_for_those_who_may(
    staff: Client, client: Client, charlie: User
) -> None:
    assert 'href="/evaluations/"' in staff.get("/").content.decode()
    client.force_login(charlie)
    assert 'href="/evaluations/"' not in client.get("/").content.decode()


def test_the_number_of_queries(
    admin: Client,
    first: Evaluation,
    second: Evaluation,
    django_assert_num_queries: Any,
) -> None:
    # Session, user, evaluations, and the images of all samples.
    with django_assert_num_queries(4):
        admin.get(first.get_absolute_url())
    with django_assert_num_queries(4):
        admin.get(f"/evaluations/compare/?id={first.pk}&id={second.pk}")
    # Session, user, the active encoder, those to choose from, the sizes of tags and albums, and
    # the evaluations.
    with django_assert_num_queries(7):
        admin.get("/evaluations/")


def test_marks_are_measured_from_the_page(
    staff: Client, evaluator: User, pets: list[Image], tiny: Encoder
) -> None:
    asked = {**ASKED, "labels": "marks", "encoders": tiny.pk, "part": "test"}
    mark_result(evaluator, pets[0], pets[1], True)
    assert "No picture has a result that is marked" in text_of(staff.post("/evaluations/", asked))
    mark_result(evaluator, pets[0], pets[12], False)
    address = staff.post("/evaluations/", asked).headers["Location"]
    while evaluate_next():
        pass
    page = text_of(staff.get(address))
    assert "bpref 1.000" in page
    assert "1 with 2 marks" in page
    assert "Shown is what was marked, nearest first." in page
    assert "Labels marks" in page
    assert "on marks, 1 picture ·" in text_of(staff.get("/evaluations/"))


def test_administrators_see_what_was_asked(admin: Client, first: Evaluation) -> None:
    assert first.handle in text_of(admin.get("/admin/search/evaluation/"))
    page = admin.get(f"/admin/search/evaluation/{first.pk}/change/").content.decode()
    assert first.get_absolute_url() in page
