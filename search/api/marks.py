"""What somebody says of a result: that it is right, or wrong."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery.api.bodies import ShallowJSONParser, check_body_size
from gallery.api.schema import problems
from gallery.models import Image, User
from search.marks import mark
from search.models import RelevanceMark

RESULT = OpenApiParameter("result", int, OpenApiParameter.PATH, description="Id of the result.")
EXAMPLE = {"right": True, "marked_at": "2026-05-18T07:01:55.102938Z"}


class MarkSerializer(serializers.ModelSerializer[RelevanceMark]):
    """Whether a result is what one wants to find by the image, as you see it."""

    right = serializers.BooleanField(source="is_relevant")

    class Meta:
        model = RelevanceMark
        fields = ["right", "marked_at"]
        read_only_fields = ["marked_at"]


@extend_schema_view(
    get=extend_schema(
        summary="Your mark on a result", responses={200: MarkSerializer, **problems(401, 404)}
    ),
    put=extend_schema(
        summary="Mark a result as right or wrong",
        description="In place of what you said before. Both must be images you may see.",
        request=MarkSerializer,
        responses={200: MarkSerializer, **problems(400, 401, 404, 413)},
    ),
    delete=extend_schema(
        summary="Take a mark back",
        description="204, too, where there is none.",
        responses={204: None, **problems(401, 404)},
    ),
)
@extend_schema(
    parameters=[RESULT],
    examples=[
        OpenApiExample("Right", {"right": True}, request_only=True),
        OpenApiExample("Right", EXAMPLE, response_only=True, status_codes=["200"]),
    ],
)
class MarkView(APIView):
    permission_classes = [IsAuthenticated]
    parser_classes = [ShallowJSONParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_body_size(request)
        super().initial(request, *args, **kwargs)

    def get(self, request: Request, id: int, result: int) -> Response:  # noqa: A002 - as in the address
        image, other = pair(request, id, result)
        own = RelevanceMark.objects.made_by(request.user)
        return Response(MarkSerializer(get_object_or_404(own, image=image, result=other)).data)

    def put(self, request: Request, id: int, result: int) -> Response:  # noqa: A002 - as in the address
        image, other = pair(request, id, result)
        said = MarkSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        mark(cast("User", request.user), image, other, said.validated_data["is_relevant"])
        return self.get(request, id, result)

    def delete(self, request: Request, id: int, result: int) -> Response:  # noqa: A002 - as in the address
        mark(cast("User", request.user), *pair(request, id, result), None)
        return Response(status=204)


def pair(request: Request, pk: int, result: int) -> tuple[Image, Image]:
    seen = Image.objects.visible_to(request.user)
    image = get_object_or_404(seen, pk=pk)
    return image, get_object_or_404(seen.exclude(pk=pk), pk=result)
