"""Albums by REST: what they are called, who sees them, their cover and their order."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from gallery.album_forms import possible_covers
from gallery.api.bodies import ShallowJSONParser, check_body_size
from gallery.api.pagination import NewestFirst
from gallery.api.permissions import OwnerOrReadOnly
from gallery.api.problems import Problem
from gallery.api.schema import problems
from gallery.bulk import change
from gallery.models import Album, Image, User
from gallery.models.images import AlbumOrder
from gallery.placing import GoneNeighbour, Spot


class AlbumSerializer(serializers.ModelSerializer[Album]):
    """An album as one person may see it."""

    # Of for_cards().

    owner = serializers.CharField(source="owner.username", read_only=True)
    count = serializers.IntegerField(read_only=True, help_text="Images of it that you may see.")
    cover = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Number of the image that stands for it: the chosen one, else the first that is"
        " ready. Send one of its images, or null for the first.",
    )

    class Meta:
        model = Album
        fields = ["id", "title", "owner", "visibility", "order", "cover", "count", "created_at"]
        read_only_fields = ["created_at"]

    def validate_title(self, title: str) -> str:
        others = Album.objects.exclude(pk=self.instance.pk) if self.instance else Album.objects
        owner = self.instance.owner if self.instance else None
        if others.filter(owner=owner, title=title).exists():
            raise serializers.ValidationError(_("You have another album of this title."))
        return title

    def validate_cover(self, cover: int | None) -> int | None:
        is_possible = self.instance and possible_covers(self.instance).filter(pk=cover or 0)
        if cover is not None and not is_possible:
            raise serializers.ValidationError(_("It is none of the album’s images."))
        return cover

    def update(self, album: Album, changes: dict[str, Any]) -> Album:
        if "cover" in changes:
            changes["chosen_cover_id"] = changes.pop("cover")
        Album.objects.filter(pk=album.pk).update(**changes)
        return album


class MoveSerializer(serializers.Serializer):
    """Images of an album, and the one beside which they go; without one, they go to the end."""

    images = serializers.ListField(
        child=serializers.IntegerField(min_value=1), allow_empty=False, max_length=10_000
    )
    before = serializers.IntegerField(required=False, min_value=1)
    behind = serializers.IntegerField(required=False, min_value=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "before" in attrs and "behind" in attrs:
            raise serializers.ValidationError(_("Send one of before and behind."))
        return attrs


@extend_schema_view(
    list=extend_schema(
        summary="Albums you may see, newest first",
        responses={200: AlbumSerializer, **problems(400, 401)},
    ),
    retrieve=extend_schema(
        summary="One album", responses={200: AlbumSerializer, **problems(401, 404)}
    ),
    partial_update=extend_schema(
        summary="Change an album of your own",
        description="Its `order` is that of its pages and downloads: `hand`, or by a rule.",
        responses={200: AlbumSerializer, **problems(400, 401, 403, 404)},
    ),
    move=extend_schema(
        summary="Move images in an album that is ordered by hand",
        request=MoveSerializer,
        responses={204: None, **problems(400, 401, 403, 404, 409)},
    ),
)
class AlbumViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    GenericViewSet[Album],
):
    """An album is made by naming it where an image is uploaded or changed."""

    queryset = Album.objects.none()
    serializer_class = AlbumSerializer
    pagination_class = NewestFirst
    parser_classes = [ShallowJSONParser]
    permission_classes = [OwnerOrReadOnly]
    lookup_value_regex = "[0-9]+"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before authentication: looking for a session's CSRF token reads the body.
        check_body_size(request)
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Album]:
        return Album.objects.visible_to(self.request.user).for_cards(self.request.user)

    def partial_update(self, request: Request, pk: str) -> Response:
        changes = self.get_serializer(self.get_object(), data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        changes.save()
        return Response(self.get_serializer(self.get_object()).data)

    @action(detail=True, methods=["post"], pagination_class=None)
    def move(self, request: Request, pk: str) -> Response:
        album = self.get_object()
        if album.order != AlbumOrder.HAND:
            raise Problem(409, _("This album is ordered by a rule: set its order to “hand” first."))
        sent = MoveSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        images = Image.objects.visible_to(request.user).filter(pk__in=said["images"])
        spot = Spot(said.get("before"), said.get("behind"))
        try:
            change(cast("User", request.user), "move", images, {"album": album, "spot": spot})
        except GoneNeighbour:
            raise Problem(409, _("The image beside it is not in this album.")) from None
        return Response(status=204)
