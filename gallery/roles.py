"""The roles as Django groups: viewers look, contributors add, managers look after all of it."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from gallery.models import Role, User

CHANGES = ("add", "change", "delete", "view")
# Managers see who is there, but nobody's tokens, and make nobody more than they are themselves.
PERMISSIONS: dict[str, list[str]] = {
    Role.VIEWER: [],
    Role.CONTRIBUTOR: ["add_image"],
    Role.MANAGER: [
        *(f"{verb}_{name}" for name in ("image", "album", "tag", "invitation") for verb in CHANGES),
        "view_user",
        "view_sharelink",
        "delete_sharelink",
    ],
}


def ensure_roles(sender: AppConfig, **kwargs: Any) -> None:
    """Make the groups that are missing; what an administrator made of one that is there, stays."""
    create_permissions(sender, verbosity=0)
    missing = set(PERMISSIONS) - set(Group.objects.values_list("name", flat=True))
    for role in missing:
        codenames = PERMISSIONS[role]
        found = Permission.objects.filter(
            content_type__app_label=sender.label, codename__in=codenames
        )
        Group.objects.create(name=role).permissions.set(found)
    if missing == set(PERMISSIONS):
        keep_what_people_could_do()


def keep_what_people_could_do() -> None:
    """Whoever was here before there were roles could upload."""
    for user in User.objects.filter(is_superuser=False):
        staff = user.is_staff
        user.take_role(Role.CONTRIBUTOR)
        User.objects.filter(pk=user.pk).update(is_staff=staff)
