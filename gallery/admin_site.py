"""The admin itself: its name, how one gets in, and how it offers what others are chosen from."""

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gallery.people_forms import AdminSignInForm


class Offers(AutocompleteJsonView):
    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """With the owner, where several people may have one of that name."""
        offered: dict[str, str] = super().serialize_result(obj, to_field_name)
        if owner := getattr(obj, "owner", None):
            offered["text"] += f" ({owner})"
        return offered


class GallerySite(AdminSite):
    site_header = site_title = "Lookalike"
    index_title = _("Run the gallery")
    login_form = AdminSignInForm

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast("HttpResponse", Offers.as_view(admin_site=self)(request))
