"""API tokens in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ApiTokenAdmin(admin.ModelAdmin):
    """Tokens to look at and to revoke; their account page issues them."""

    list_display = ("__str__", "user", "name", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "name", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
