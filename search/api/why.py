"""Why two pictures are similar."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery.api.problems import Problem, invalid
from gallery.api.schema import parameters_of, problems
from gallery.models import Image, State
from search.api.comparing import RETRY_SECONDS
from search.api.views import DESCRIPTIONS
from search.forms import EncoderForm
from search.models import Query
from search.requesting import TooManyVisitors
from search.why import Why, why_found, why_similar

MAP = "What each of its places adds to the similarity, row by row."


def numbers(depth: int, **options: Any) -> Any:
    """Numbers in lists, `depth` deep."""
    field: Any = serializers.FloatField()
    for level in range(depth):
        field = serializers.ListField(child=field, **(options if level == depth - 1 else {}))
    return field


class WhySerializer(serializers.Serializer):
    """What makes a result similar to the picture that was asked with."""

    encoder = serializers.CharField(source="encoder.name")
    similarity = serializers.FloatField(help_text="Cosine of the two vectors, -1 to 1.")
    distance = serializers.FloatField(help_text="Euclidean, 0 to 2, as in the results.")
    total = serializers.FloatField(help_text="What all of `matches` adds up to: the similarity.")
    asked_map = numbers(2, help_text=f"Of the picture asked with. {MAP}")
    result_map = numbers(2, help_text=f"Of the result. {MAP}")
    matches = numbers(
        4,
        help_text="Of each row and column of the picture asked with, what it adds together with"
        " each row and column of the result.",
    )


class WaitingWhySerializer(serializers.Serializer):
    """Not known yet. It goes before all others now."""

    encoder = serializers.CharField()
    state = serializers.CharField(help_text="`pending`")


EXAMPLE = OpenApiExample(
    "Alike on the left",
    {
        "encoder": "compact",
        "similarity": 0.7,
        "distance": 0.7746,
        "total": 0.7,
        "asked_map": [[0.6, 0.1]],
        "result_map": [[0.65, 0.05]],
        "matches": [[[[0.6, 0.0]], [[0.05, 0.05]]]],
    },
    response_only=True,
    status_codes=["200"],
)
DESCRIPTION = (
    "What each place of the two pictures, and each pair of their places, adds to the similarity of"
    " their vectors. Rows and columns divide each picture evenly; what adds nothing to the"
    " similarity is 0, what speaks against it is less. 409 says that the encoder can't tell."
)
RESULT = OpenApiParameter("result", int, OpenApiParameter.PATH, description="Id of the result.")
ANSWERS = {
    200: WhySerializer,
    202: OpenApiResponse(WaitingWhySerializer, "Not known yet. Ask again after Retry-After."),
}


def answer(why: Why) -> Response:
    if why.is_answer:
        return Response(WhySerializer(why).data)
    if why.error:
        raise Problem(409, why.error)
    waiting = {"encoder": why.encoder.name, "state": State.PENDING}
    return Response(waiting, status=202, headers={"Retry-After": RETRY_SECONDS})


class WhySimilarView(APIView):
    @extend_schema(
        summary="Why one image is similar to another",
        description=DESCRIPTION,
        parameters=[RESULT, *parameters_of(EncoderForm, **DESCRIPTIONS)],
        responses={**ANSWERS, **problems(400, 401, 404, 409, 429)},
        examples=[EXAMPLE],
    )
    def get(self, request: Request, id: int, result: int) -> Response:  # noqa: A002 - as in the address
        seen = Image.objects.visible_to(request.user)
        image, other = get_object_or_404(seen, pk=id), get_object_or_404(seen, pk=result)
        form = EncoderForm(request.query_params)
        if not form.is_valid():
            raise invalid(form.errors)
        try:
            return answer(why_similar(image, other, form.cleaned_data["encoder"], request.user))
        except TooManyVisitors as refusal:
            raise Problem(429, str(refusal)) from None


class WhyFoundView(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        summary="Why an image is similar to the picture that was searched by",
        description=DESCRIPTION,
        parameters=[RESULT],
        responses={**ANSWERS, **problems(401, 404, 409)},
        examples=[EXAMPLE],
    )
    def get(self, request: Request, id: str, result: int) -> Response:  # noqa: A002 - as in the address
        queries = Query.objects.asked_by(request.user).with_picture()
        query = get_object_or_404(queries.select_related("encoder__scale"), pk=id)
        other = get_object_or_404(Image.objects.visible_to(request.user), pk=result)
        return answer(why_found(query, other))
