"""In which language one is answered, and that numbers stay numbers in each."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from gallery.models import Image, Rendering, State, User
from search.charts.bars import Bar, Group, bar_chart
from search.charts.lines import Point, Series, line_chart

SignIn = Callable[[User], Client]
Api = Callable[[User | None], APIClient]
GERMAN = "de-AT,de;q=0.9,en;q=0.5"
# What a browser or a script would read as 12, or not at all.
COMMA_IN_ATTRIBUTE = re.compile(
    r'\b(?:x|y|x1|x2|y1|y2|cx|cy|r|width|height|value|min|max|step|fill-opacity)="-?\d+,\d+"'
)


def test_the_browser_says_the_language(client: Client, db: None) -> None:
    page = client.get("/sign-in/", HTTP_ACCEPT_LANGUAGE=GERMAN)

    assert '<html lang="de">' in page.text
    assert "Anmelden" in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_without_a_word_it_is_english(client: Client, db: None) -> None:
    page = client.get("/sign-in/")

    assert '<html lang="en">' in page.text
    assert "Sign in" in page.text


def test_a_language_that_is_not_there_is_english(client: Client, db: None) -> None:
    assert '<html lang="en">' in client.get("/sign-in/", HTTP_ACCEPT_LANGUAGE="tlh").text


def test_a_person_chooses_on_their_account(sign_in: SignIn, alice: User) -> None:
    client = sign_in(alice)

    answer = client.post("/language/", {"language": "de", "next": "/account/"}, follow=True)

    assert answer.redirect_chain == [("/account/", 302)]
    assert "Wo du angemeldet bist" in answer.text
    assert "Noch keine Alben" in client.get("/albums/", HTTP_ACCEPT_LANGUAGE="en").text


def test_the_sign_in_page_offers_each_language_in_its_own_words(client: Client, db: None) -> None:
    page = client.get("/sign-in/", HTTP_ACCEPT_LANGUAGE=GERMAN).text

    assert 'value="en" lang="en" aria-pressed="false">English<' in page
    assert 'value="de" lang="de" aria-pressed="true">Deutsch<' in page


def test_a_choice_leads_to_no_other_site(client: Client, db: None) -> None:
    said = {"language": "de", "next": "https://evil.example/"}

    assert client.post("/language/", said).headers["Location"] == "/"


def test_a_language_is_not_chosen_by_a_link(client: Client, db: None) -> None:
    assert client.get("/language/?language=de").status_code == 302
    assert '<html lang="en">' in client.get("/sign-in/").text


def test_charlie_sees_as_little_in_german(sign_in: SignIn, image: Image, charlie: User) -> None:
    page = sign_in(charlie).get(f"/images/{image.pk}/", HTTP_ACCEPT_LANGUAGE=GERMAN)

    assert page.status_code == 404
    assert "Hier ist nichts" in page.text


def test_the_api_answers_in_english_unless_asked_otherwise(api: Api, alice: User) -> None:
    assert api(alice).get("/api/v1/images/0/").json()["detail"].startswith("There is nothing")
    german = api(alice).get("/api/v1/images/0/", HTTP_ACCEPT_LANGUAGE=GERMAN).json()
    assert german["detail"].startswith("Unter dieser Adresse gibt es nichts")
    assert german["status"] == 404


def test_a_stored_reason_is_told_in_german(sign_in: SignIn, image: Image, alice: User) -> None:
    reason = "The image's file is missing in storage."
    Rendering.objects.filter(image=image).update(state=State.FAILED, error=reason)

    page = sign_in(alice).get(f"/images/{image.pk}/", HTTP_ACCEPT_LANGUAGE=GERMAN).text

    assert "Die Datei des Bildes fehlt im Speicher." in page
    assert Rendering.objects.get(image=image).error == reason


def test_a_file_is_refused_in_german(sign_in: SignIn, alice: User) -> None:
    said = {"pictures": SimpleUploadedFile("a.txt", b"no picture"), "visibility": "private"}

    page = sign_in(alice).post("/upload/", said, HTTP_ACCEPT_LANGUAGE=GERMAN).text

    assert "Das ist kein Bild, das wir lesen können" in page


@pytest.mark.parametrize("path", ["similar/", "similar/?max_distance=0.5&closer_than=12.5"])
def test_numbers_for_machines_keep_their_point(
    sign_in: SignIn, near: Image, image: Image, alice: User, path: str
) -> None:
    page = sign_in(alice).get(f"/images/{image.pk}/{path}", HTTP_ACCEPT_LANGUAGE=GERMAN).text

    assert "Ähnlich zu" in page
    assert COMMA_IN_ATTRIBUTE.findall(page) == []


def test_charts_are_drawn_with_points_and_told_with_commas() -> None:
    with translation.override("de"):
        bars = bar_chart("bars", "B", ["F1"], [Group("owl", [Bar(0.5125, 0.4, 0.6)], 3)])
        line = Series("mAP", [Point(0.5, 0.25, 0.2, 0.3), Point(1, 0.75)])
        lines = line_chart("lines", "L", [line], x_label="x", y_label="y", shares=True)
        drawn = render_to_string("search/charts/bars.html", {"chart": bars})
        drawn += render_to_string("search/charts/lines.html", {"chart": lines})

    assert COMMA_IN_ATTRIBUTE.findall(drawn) == []
    assert "0,5125 (0,4000 bis 0,6000)" in drawn
