"""What a camera wrote is kept and shown, and where that was only to those who may know."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import ExifTags
from PIL import Image as Pillow

from gallery.camera_reading import read, read_some
from gallery.exif import Recorded
from gallery.ingest import Labels, store_image
from gallery.models import CameraFacts, Image, Rendering, ShareLink, User
from gallery.rendering import render_next, sweep
from gallery.tasks import render_pending
from tests.conftest import picture_bytes
from tests.gallery.test_exif import photo

SignIn = Callable[[User], Client]
PLACE = "59.91390° N, 10.75220° E"


@pytest.fixture
def shot(alice: User, bob: User) -> Image:
    """Alice's, taken in Oslo; Bob was given access."""
    image, _ = store_image(alice, ContentFile(photo(), "shot.jpg"))
    image.shared_with.add(bob)
    render_next()
    return image


def page_of(client: Client, image: Image) -> str:
    return client.get(f"/images/{image.pk}/").content.decode()


def body(client: Client, address: str) -> bytes:
    response = client.get(address)
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def tells_place(data: bytes) -> bool:
    with Pillow.open(BytesIO(data)) as picture:
        return bool(picture.getexif().get_ifd(ExifTags.IFD.GPSInfo))


def test_the_page_tells_how_it_was_taken(sign_in: SignIn, alice: User, shot: Image) -> None:
    page = page_of(sign_in(alice), shot)
    assert '<a href="/?camera=Canon%20EOS%20R5">Canon EOS R5</a>' in page
    assert "RF24-70mm F2.8 L" in page
    assert "f/2.8 · 1/250 s · ISO 100 · 35 mm (52 mm on film)" in page


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"aperture": 8.0}, "f/8"),
        ({"exposure_time": 1 / 3}, "0.3 s"),
        ({"exposure_time": 1 / 4}, "1/4 s"),
        ({"exposure_time": 30.0}, "30 s"),
        ({"focal_length": 4.25, "focal_length_35mm": 26}, "4.2 mm (26 mm on film)"),
        ({"focal_length": 50.0, "focal_length_35mm": 50}, "50 mm"),
        ({}, ""),
    ],
)
def test_an_exposure_is_written_as_photographers_do(facts: Any, said: str) -> None:
    assert CameraFacts(**facts).exposure == said


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_whoever_signed_in_and_may_see_it_knows_where_it_was(
    sign_in: SignIn, shot: Image, api: Any, who: str
) -> None:
    person = User.objects.get(username=who)
    page = page_of(sign_in(person), shot)
    assert PLACE in page
    assert 'href="https://www.openstreetmap.org/?mlat=59.91390&amp;mlon=10.75220#map' in page
    assert 'rel="noopener noreferrer"' in page
    told = api(person).get(f"/api/v1/images/{shot.pk}/").json()
    assert told["place"] == {"latitude": 59.9139, "longitude": 10.7522}


def test_a_stranger_gets_404(sign_in: SignIn, charlie: User, shot: Image) -> None:
    assert sign_in(charlie).get(f"/images/{shot.pk}/").status_code == 404
    assert not sign_in(charlie).get("/?camera=Canon EOS R5").context["images"]


def test_visitors_of_a_public_image_are_told_how_and_not_where(
    client: Client, api: Any, shot: Image
) -> None:
    Image.objects.update(visibility="public")
    page = page_of(client, shot)
    assert "Canon EOS R5" in page
    assert "59.9" not in page
    told = api().get(f"/api/v1/images/{shot.pk}/").json()
    assert told["camera"]["name"] == "Canon EOS R5"
    assert told["place"] is None


def test_visitors_get_the_file_without_the_place(
    client: Client, sign_in: SignIn, bob: User, shot: Image
) -> None:
    Image.objects.update(visibility="public")
    address = f"/images/{shot.pk}/file/"
    assert not tells_place(body(client, address))
    assert tells_place(body(sign_in(bob), address))


def test_visitors_get_the_preview_of_what_cannot_be_cleaned(client: Client, alice: User) -> None:
    file = ContentFile(photo(format="PNG"), "shot.png")
    image, _ = store_image(alice, file, Labels(visibility="public"))
    render_next()
    response = client.get(f"/images/{image.pk}/file/?download=1")
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == 'attachment; filename="shot.jpg"'
    assert not tells_place(response.getvalue())


def test_visitors_get_no_file_as_it_is_before_it_was_read(client: Client, shot: Image) -> None:
    Image.objects.update(visibility="public")
    CameraFacts.objects.update(is_read=False, latitude=None, longitude=None)
    assert not tells_place(body(client, f"/images/{shot.pk}/file/"))


def test_visitors_are_told_where_that_is_set(
    client: Client, api: Any, shot: Image, settings: Any
) -> None:
    settings.PLACES_FOR_VISITORS = True
    Image.objects.update(visibility="public")
    assert PLACE in page_of(client, shot)
    assert api().get(f"/api/v1/images/{shot.pk}/").json()["place"]
    assert tells_place(body(client, f"/images/{shot.pk}/file/"))


def test_a_shared_link_tells_nobody_where(
    client: Client, sign_in: SignIn, alice: User, shot: Image, settings: Any
) -> None:
    settings.PLACES_FOR_VISITORS = True
    address = ShareLink.issue(shot, 7).address
    for visitor in (client, sign_in(alice)):
        page = visitor.get(address).content.decode()
        assert "Canon EOS R5" in page
        assert "59.9" not in page
        assert "openstreetmap" not in page


def test_the_api_says_what_the_camera_wrote(api: Any, alice: User, shot: Image) -> None:
    assert api(alice).get(f"/api/v1/images/{shot.pk}/").json()["camera"] == {
        "name": "Canon EOS R5",
        "lens": "RF24-70mm F2.8 L",
        "aperture": 2.8,
        "exposure_time": 0.004,
        "iso": 100,
        "focal_length": 35.0,
        "focal_length_35mm": 52,
    }


def test_the_api_says_null_where_it_wrote_nothing(
    api: Any, alice: User, store: Callable[..., Image]
) -> None:
    told = api(alice).get(f"/api/v1/images/{store('red').pk}/").json()
    assert (told["camera"], told["place"]) == (None, None)


@pytest.mark.parametrize("camera", ["Canon EOS R5", "canon eos r5"])
def test_the_grid_shows_what_was_taken_with_a_camera(
    sign_in: SignIn, alice: User, shot: Image, store: Callable[..., Image], camera: str
) -> None:
    store("blue")
    page = sign_in(alice).get("/", {"camera": camera})
    assert page.context["images"] == [shot]
    assert [(chip.label, chip.value) for chip in page.context["chips"]] == [("Camera", camera)]


def test_the_api_lists_what_was_taken_with_a_camera(
    api: Any, alice: User, shot: Image, store: Callable[..., Image]
) -> None:
    store("blue")
    found = api(alice).get("/api/v1/images/", {"camera": "Canon EOS R5"}).json()["results"]
    assert [one["id"] for one in found] == [shot.pk]
    assert not api(alice).get("/api/v1/images/", {"camera": "Nikon"}).json()["results"]


def test_lists_ask_no_more_for_more_images(
    api: Any, alice: User, shot: Image, django_assert_max_num_queries: Any
) -> None:
    for level in range(4):
        data = photo(color=(level * 60, 0, 0))
        store_image(alice, ContentFile(data, f"{level}.jpg"))
    with django_assert_max_num_queries(9):
        assert len(api(alice).get("/api/v1/images/").json()["results"]) == 5


def test_an_image_that_says_nothing_has_no_row(store: Callable[..., Image]) -> None:
    store("red")
    assert not CameraFacts.objects.exists()


@pytest.fixture
def unread(shot: Image, store: Callable[..., Image]) -> Image:
    """As the migration leaves images that were there before: one says something, one nothing."""
    CameraFacts.objects.all().delete()
    rows = [CameraFacts(image=image, is_read=False) for image in (shot, store("blue"))]
    CameraFacts.objects.bulk_create(rows)
    return shot


def test_workers_read_what_was_there_before(unread: Image) -> None:
    Rendering.objects.update(state="ready", color="#ff0000")
    assert sweep()
    render_pending()
    facts = CameraFacts.objects.get()
    assert (facts.image, facts.camera, facts.is_read) == (unread, "Canon EOS R5", True)
    assert not read_some()
    assert not sweep()


def test_a_file_that_is_lost_or_damaged_stops_nobody(unread: Image) -> None:
    default_storage.delete(unread.stored_name)
    Path(default_storage.path(Image.objects.exclude(pk=unread.pk).get().stored_name)).write_text("")
    assert read_some()
    assert not CameraFacts.objects.exists()


def test_an_image_deleted_while_it_is_read_stays_away(unread: Image) -> None:
    before = Image.objects.get(pk=unread.pk)
    unread.delete()
    read(before)
    assert not CameraFacts.objects.filter(image=before.pk).exists()


def test_keeping_replaces_what_was_known(shot: Image) -> None:
    CameraFacts.objects.keep(shot, Recorded(lens="Another"))
    facts = CameraFacts.objects.get()
    assert (facts.lens, facts.camera) == ("Another", "")
    CameraFacts.objects.keep(shot, Recorded())
    assert not CameraFacts.objects.exists()


def test_a_plain_picture_comes_to_visitors_as_it_is(client: Client, alice: User) -> None:
    data = picture_bytes()
    image, _ = store_image(alice, ContentFile(data, "a.png"), Labels(visibility="public"))
    assert body(client, f"/images/{image.pk}/file/") == data
