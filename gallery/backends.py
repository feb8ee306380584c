"""Who somebody is and what they may do, in one query."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Value
from django.db.models.functions import Concat

from gallery.models import User


class PeopleBackend(ModelBackend):
    """Django's own. A person who is signed in comes with their permissions: every page asks."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.annotate(permission_names=permissions_of()).filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        names = getattr(user_obj, "permission_names", None)
        if names is None or user_obj.is_superuser or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        return set(names) if user_obj.is_active else set()


def permissions_of() -> ArraySubquery:
    mine = Permission.objects.filter(Q(group__user=OuterRef("pk")) | Q(user=OuterRef("pk")))
    name = Concat("content_type__app_label", Value("."), "codename")
    return ArraySubquery(mine.order_by().values(full_name=name).distinct())
