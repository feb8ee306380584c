"""Files that are dropped on an album in the admin: its owner's from then on, and in it."""

from typing import Any, cast

from django.contrib.admin.models import ADDITION, LogEntry
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery.api.bodies import check_body_size
from gallery.api.serializers import UploadSerializer
from gallery.ingest import Labels, store_image
from gallery.models import Album, Image, User
from gallery.models.images import ImageQuerySet
from gallery.states import with_fate


class MayFillAlbums(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        needed = ("gallery.change_album", "gallery.add_image")
        return request.user.is_staff and request.user.has_perms(needed)


class AlbumUploads(APIView):
    """What upload.js sends to and asks, as it does of the API; the admin's pages for addresses."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [MayFillAlbums]
    parser_classes = [MultiPartParser]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before authentication: looking for a session's CSRF token reads the body.
        check_body_size(request)
        super().initial(request, *args, **kwargs)

    def post(self, request: Request, pk: int) -> Response:
        album = get_object_or_404(Album.objects.select_related("owner"), pk=pk)
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        said = {**upload.validated_data, "album": album.title}
        image, is_new = store_image(album.owner, said.pop("file"), Labels(**said))
        if not is_new:
            return Response(
                {**shown(image.pk, Image.objects.all()), "restored": image.was_restored}
            )
        text = _("Uploaded into “%(album)s”.") % {"album": album}
        person = cast("User", request.user)
        LogEntry.objects.log_actions(person.pk, [image], ADDITION, text)
        return Response(shown(image.pk, Image.objects.all()), status=201)

    def get(self, request: Request, pk: int, image: int) -> Response:
        return Response(shown(image, Image.objects.filter(album_items__album=pk)))


def shown(pk: int, images: ImageQuerySet) -> dict[str, Any]:
    image = get_object_or_404(with_fate(images.for_tiles()), pk=pk)
    thumbnail = reverse("admin:gallery_image_rendition", args=[image.pk, "thumbnail"])
    return {
        "id": image.pk,
        "url": reverse("admin:gallery_image_change", args=[image.pk]),
        "thumbnail_url": thumbnail if image.rendering.is_ready else None,
        "embedding": {"state": image.fate, "error": image.failure},
    }
