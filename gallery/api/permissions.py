"""What a person may do with what they can see."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class OwnerOrReadOnly(BasePermission):
    """Look at what the queryset lets one see; sign in to add; own a thing to change it."""

    message = _("Only its owner can change or delete this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or request.user.is_authenticated

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        return request.method in SAFE_METHODS or obj.owner_id == request.user.pk
