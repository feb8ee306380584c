"""Work on images as the admin shows it."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import ngettext


class WorkInline(admin.TabularInline):
    """Work on an image, only to be read: whoever may see the image may see how it fares."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


def say_that_they_wait(model_admin: admin.ModelAdmin, request: HttpRequest, count: int) -> None:
    text = ngettext(
        "%(count)d image waits for a worker.", "%(count)d images wait for a worker.", count
    )
    level = messages.SUCCESS if count else messages.WARNING
    model_admin.message_user(request, text % {"count": count}, level)
