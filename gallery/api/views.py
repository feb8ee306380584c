"""Images by REST. Nothing in here knows of vectors; search extends it."""

from typing import Any, cast

from django.utils.translation import gettext as _
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from gallery.api.bodies import ShallowJSONParser, check_body_size
from gallery.api.pagination import NewestFirst
from gallery.api.permissions import MayUpload, OwnerOrReadOnly
from gallery.api.problems import Problem, invalid
from gallery.api.serializers import (
    FileSerializer,
    ImageChangesSerializer,
    ImageSerializer,
    UploadSerializer,
)
from gallery.favourites import set_favourite
from gallery.forms import ImageFilterForm
from gallery.ingest import Labels, store_image
from gallery.models import Image, User
from gallery.models.images import ImageQuerySet
from gallery.replacing import AlreadyThere, replace_file, seen_other


class ImageViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet[Image],
):
    """What a person may not see is not found; what they may see but not change is forbidden."""

    queryset = Image.objects.none()
    serializer_class: type[ImageSerializer] = ImageSerializer
    pagination_class = NewestFirst
    parser_classes = [ShallowJSONParser, MultiPartParser, FormParser]
    permission_classes = [OwnerOrReadOnly, MayUpload]
    lookup_value_regex = "[0-9]+"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before authentication: looking for a session's CSRF token reads the body.
        check_body_size(request)
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> ImageQuerySet:
        user = self.request.user
        is_restored = self.action == "restore"
        images = Image.objects
        among = images.in_trash_of(user) if is_restored else images.visible_to(user)
        return among.prefetch_related(*self.serializer_class.lookups(user))

    def list(self, request: Request) -> Response:
        form = ImageFilterForm(request.query_params, user=request.user)
        if not form.is_valid():
            raise invalid(form.errors)
        page = self.paginate_queryset(form.narrow(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def shown(self, image: Image) -> Any:
        """The image as it is now in the database."""
        lookups = self.serializer_class.lookups(self.request.user)
        return self.get_serializer(Image.objects.prefetch_related(*lookups).get(pk=image.pk)).data

    def create(self, request: Request) -> Response:
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        labels = upload.validated_data
        owner = cast("User", request.user)
        image, is_new = store_image(owner, labels.pop("file"), Labels(**labels))
        if not is_new:
            restored = {"restored": True} if image.was_restored else {}
            return Response({**self.shown(image), **restored})
        address = self.reverse_action("detail", args=[image.pk])
        return Response(self.shown(image), status=201, headers={"Location": address})

    def partial_update(self, request: Request, pk: str) -> Response:
        image = self.get_object()
        changes = ImageChangesSerializer(image, data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        return Response(self.shown(changes.save()))

    @action(detail=True, methods=["put"], pagination_class=None)
    def file(self, request: Request, pk: str) -> Response:
        image = self.get_object()
        sent = FileSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            replace_file(image, sent.validated_data["file"])
        except AlreadyThere as rejected:
            other = seen_other(request.user, rejected)
            address = reverse("gallery:image", [other.pk], request=request) if other else ""
            raise Problem(rejected.status, f"{rejected} {address}".strip()) from rejected
        return Response(self.shown(image))

    def perform_destroy(self, image: Image) -> None:
        Image.objects.filter(pk=image.pk).trash()

    @action(
        detail=True,
        methods=["put", "delete"],
        pagination_class=None,
        permission_classes=[IsAuthenticated],
    )
    def favourite(self, request: Request, pk: str) -> Response:
        set_favourite(cast("User", request.user), self.get_object(), request.method == "PUT")
        return Response(status=204)

    @action(detail=True, methods=["post"], pagination_class=None)
    def restore(self, request: Request, pk: str) -> Response:
        image = self.get_object()
        Image.objects.filter(pk=image.pk).restore()
        return Response(self.shown(image))


class NoSuchAddress(APIView):
    """Any other address below the API's: not found, as a problem and not as a page."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound(
            _("There is nothing at this address. Addresses end with a slash; see /api/v1/schema/.")
        )
