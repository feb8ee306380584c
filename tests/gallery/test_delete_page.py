"""Deleting an image, after being asked."""

from collections.abc import Callable

from django.core.files.storage import default_storage
from django.test import Client

from gallery.models import Image, User
from gallery.tasks import delete_stray_files

SignIn = Callable[[User], Client]


def test_the_owner_is_asked_first(sign_in: SignIn, alice: User, image: Image) -> None:
    page = sign_in(alice).get(f"/images/{image.pk}/delete/").content.decode()
    assert "Delete “Red”?" in page
    assert Image.objects.exists()


def test_the_owner_deletes_the_image_and_its_file(
    sign_in: SignIn, alice: User, image: Image
) -> None:
    response = sign_in(alice).post(f"/images/{image.pk}/delete/", follow=True)
    assert "“Red” is deleted." in response.content.decode()
    assert not Image.objects.exists()
    delete_stray_files()
    assert not default_storage.exists(image.stored_name)


def test_somebody_given_access_may_not(sign_in: SignIn, bob: User, image: Image) -> None:
    assert sign_in(bob).post(f"/images/{image.pk}/delete/").status_code == 404
    assert Image.objects.exists()


def test_a_stranger_gets_404(sign_in: SignIn, charlie: User, image: Image) -> None:
    client = sign_in(charlie)
    assert client.get(f"/images/{image.pk}/delete/").status_code == 404
    assert client.post(f"/images/{image.pk}/delete/").status_code == 404


def test_signed_out_people_are_asked_to_sign_in(client: Client, image: Image) -> None:
    response = client.post(f"/images/{image.pk}/delete/")
    assert response.headers["Location"] == f"/sign-in/?next=/images/{image.pk}/delete/"
    assert Image.objects.exists()
