"""Viewers look, contributors add, managers look after all of it: in pages, API and admin."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from gallery.models import Image, Role, User
from gallery.roles import ensure_roles
from tests.conftest import Picture

SignIn = Callable[[User], Client]
Api = Callable[[User | None], APIClient]
Store = Callable[..., Image]


@pytest.fixture
def viewer(charlie: User) -> User:
    charlie.take_role(Role.VIEWER)
    return charlie


@pytest.fixture
def manager(charlie: User) -> User:
    charlie.take_role(Role.MANAGER)
    return charlie


def test_a_viewer_uploads_neither_by_page_nor_by_api(
    sign_in: SignIn, api: Api, viewer: User, picture: Picture
) -> None:
    client = sign_in(viewer)
    assert 'href="/upload/"' not in client.get("/").text
    sent = {"pictures": picture(), "visibility": "private"}
    assert client.post("/upload/", sent).status_code == 403
    answer = api(viewer).post("/api/v1/images/", {"file": picture()})
    assert answer.status_code == 403
    assert "lets you look at pictures, not add any" in answer.json()["detail"]
    assert not Image.objects.exists()


def test_somebody_without_any_role_is_a_viewer(api: Api, picture: Picture, db: None) -> None:
    user = User.objects.create_user("dora")
    assert user.given_role == Role.VIEWER
    assert api(user).post("/api/v1/images/", {"file": picture()}).status_code == 403


def test_a_contributor_uploads(sign_in: SignIn, api: Api, alice: User, picture: Picture) -> None:
    assert 'href="/upload/"' in sign_in(alice).get("/").text
    assert api(alice).post("/api/v1/images/", {"file": picture()}).status_code == 201


def test_a_contributor_changes_what_is_theirs_only(
    api: Api, bob: User, store: Store, sign_in: SignIn
) -> None:
    image = store("red", visibility="public")
    assert sign_in(bob).get(f"/images/{image.pk}/edit/").status_code == 404
    answer = api(bob).patch(f"/api/v1/images/{image.pk}/", {"title": "Mine"}, format="json")
    assert answer.status_code == 403


def test_a_manager_changes_what_others_show(
    api: Api, manager: User, store: Store, sign_in: SignIn
) -> None:
    image = store("red", visibility="members")
    assert sign_in(manager).get(f"/images/{image.pk}/edit/").status_code == 200
    client = api(manager)
    answer = client.patch(f"/api/v1/images/{image.pk}/", {"title": "Wall"}, format="json")
    assert answer.json()["title"] == "Wall"
    assert client.delete(f"/api/v1/images/{image.pk}/").status_code == 204


def test_what_others_keep_to_themselves_is_hidden_from_a_manager_too(
    api: Api, manager: User, image: Image, sign_in: SignIn
) -> None:
    assert sign_in(manager).get(f"/images/{image.pk}/edit/").status_code == 404
    assert api(manager).delete(f"/api/v1/images/{image.pk}/").status_code == 404


def test_a_manager_finds_in_admin_what_their_role_allows(
    sign_in: SignIn, manager: User, image: Image
) -> None:
    client = sign_in(manager)
    index: Any = client.get("/admin/")
    shown = {model["object_name"] for app in index.context["app_list"] for model in app["models"]}
    expected = {"Image", "Album", "Tag", "Invitation", "ShareLink", "User", "BulkJob"}
    assert shown == expected
    assert client.get(reverse("admin:gallery_image_change", args=[image.pk])).status_code == 200


@pytest.mark.parametrize("model", ["gallery_apitoken", "search_encoder", "search_embedding"])
def test_a_manager_finds_nothing_else_there(sign_in: SignIn, manager: User, model: str) -> None:
    assert sign_in(manager).get(reverse(f"admin:{model}_changelist")).status_code == 403


def test_a_manager_makes_nobody_an_administrator(
    sign_in: SignIn, manager: User, alice: User
) -> None:
    client = sign_in(manager)
    for user in (alice, manager):
        url = reverse("admin:gallery_user_change", args=[user.pk])
        assert user.password not in client.get(url).text
        said = {"username": user.username, "is_superuser": "on", "is_staff": "on"}
        assert client.post(url, said).status_code == 403
    assert client.get(reverse("admin:gallery_user_add")).status_code == 403
    assert not User.objects.filter(is_superuser=True).exists()


def test_somebody_added_in_admin_adds_pictures(admin: Client) -> None:
    secret = "long-enough-a-secret"
    said = {"username": "dora", "password1": secret, "password2": secret, "usable_password": "true"}
    admin.post(reverse("admin:gallery_user_add"), said)
    assert User.objects.get(username="dora").given_role == Role.CONTRIBUTOR


def test_what_an_administrator_made_of_a_group_stays(db: None) -> None:
    group = Group.objects.get(name=Role.CONTRIBUTOR)
    group.permissions.clear()
    ensure_roles(apps.get_app_config("gallery"))
    assert not group.permissions.exists()


def test_whoever_was_here_before_there_were_roles_still_uploads(db: None) -> None:
    user = User.objects.create_user("dora", is_staff=True)
    Group.objects.all().delete()
    ensure_roles(apps.get_app_config("gallery"))
    user.refresh_from_db()
    assert (user.given_role, user.is_staff) == (Role.CONTRIBUTOR, True)
