"""People and what lets them in, in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from gallery.models import Role


class PersonAdmin(UserAdmin):
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_staff")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            # As most people are; another role is a choice on the next page.
            form.instance.take_role(Role.CONTRIBUTOR)


class InvitationAdmin(admin.ModelAdmin):
    """Invitations to look at and to revoke; the page of people makes them."""

    list_display = ("__str__", "role", "made_by", "created_at", "expires_at", "accepted_by")
    list_select_related = ("made_by", "accepted_by")
    fields = ("note", "role", "made_by", "created_at", "expires_at", "accepted_at", "accepted_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ShareLinkAdmin(admin.ModelAdmin):
    """Shared links to look at and to revoke; only their owners make and read them."""

    list_display = ("__str__", "owner", "created_at", "expires_at")
    list_select_related = ("owner", "image", "album")
    fields = ("owner", "image", "album", "created_at", "expires_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
