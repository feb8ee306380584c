"""Tags by REST: what there are, and what people make of their own."""

from typing import Any, cast

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery.api.bodies import ShallowJSONParser, check_body_size
from gallery.api.problems import invalid
from gallery.api.schema import problems
from gallery.models import User
from gallery.retagging import own_under
from gallery.tag_forms import TagForm
from gallery.tag_tree import flat, tag_tree

NAME = OpenApiParameter("name", str, required=True, description="A tag of your own.")


class TagSerializer(serializers.Serializer):
    """A word, whoever wrote it; with a slash in it, it is below another."""

    name = serializers.CharField()
    count = serializers.IntegerField(
        help_text="Images you may see that have it or one below it, each once."
    )
    own = serializers.BooleanField(source="is_own", help_text="Whether you have it on an image.")


class TagsSerializer(serializers.Serializer):
    """All tags on images you may see, each followed by those below it."""

    results = TagSerializer(many=True)


class TagChangeSerializer(serializers.Serializer):
    """Another name for a tag of your own, and for those below it."""

    name = serializers.CharField(max_length=100)
    merge = serializers.BooleanField(
        default=False, help_text="Whether the name is that of another tag, into which it goes."
    )


class SignedInToChange(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or request.user.is_authenticated


class TagsView(APIView):
    """A tag is made by naming it where an image is uploaded or changed."""

    permission_classes = [SignedInToChange]
    parser_classes = [ShallowJSONParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_body_size(request)
        super().initial(request, *args, **kwargs)

    @extend_schema(
        summary="Tags on images you may see", responses={200: TagsSerializer, **problems(401)}
    )
    def get(self, request: Request) -> Response:
        nodes = list(flat(tag_tree(request.user)))
        return Response(TagsSerializer({"results": nodes}).data)

    @extend_schema(
        summary="Rename a tag of your own, or merge it into another",
        parameters=[NAME],
        request=TagChangeSerializer,
        responses={204: None, **problems(400, 401, 404)},
    )
    def patch(self, request: Request) -> Response:
        sent = TagChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        action = "merge" if sent.validated_data["merge"] else "rename"
        return self.apply({"action": action, "new_name": sent.validated_data["name"]})

    @extend_schema(
        summary="Delete a tag of your own, and those below it",
        parameters=[NAME],
        responses={204: None, **problems(400, 401, 404)},
    )
    def delete(self, request: Request) -> Response:
        return self.apply({"action": "delete"})

    def apply(self, said: dict[str, str]) -> Response:
        user = cast("User", self.request.user)
        name = self.request.query_params.get("name", "").replace("\0", "")
        if not own_under(user, name).exists():
            raise Http404
        form = TagForm(said, user=user, name=name)
        if not form.is_valid():
            raise invalid(form.errors)
        form.apply()
        return Response(status=204)
