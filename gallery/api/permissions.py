"""What a person may do with what they can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    # DRF's views import their default permissions while they are imported themselves.
    from rest_framework.views import APIView


class OwnerOrReadOnly(BasePermission):
    """Look at what the queryset lets one see; sign in to add; change what is one's own, or what
    one's role lets one look after."""

    message = _("Only its owner can change or delete this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or request.user.is_authenticated

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        if request.method in SAFE_METHODS or obj.owner_id == request.user.pk:
            return True
        verb = "delete" if request.method == "DELETE" else "change"
        return request.user.has_perm(f"{obj._meta.app_label}.{verb}_{obj._meta.model_name}")


class MayUpload(BasePermission):
    """Adding an image, or another file to one, takes a role that lets one."""

    message = _("Your role lets you look at pictures, not add any. Ask whoever runs this gallery.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        adds = getattr(view, "action", "") in {"create", "file"}
        return not adds or request.user.has_perm("gallery.add_image")
