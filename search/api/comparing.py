"""Two encoders' rankings of one question, by REST."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.functional import SimpleLazyObject
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from gallery.api.problems import Problem
from gallery.api.schema import problems
from gallery.models import State
from search.api.serializers import SearchableImageSerializer
from search.asking import UnusableExample
from search.comparing import DEPTH, Ask, Comparison, NoSuchRival, compare, rival
from search.forms import SimilarityForm
from search.models import Encoder

RETRY_SECONDS = "1"
COMPARE = OpenApiParameter(
    "compare",
    OpenApiTypes.STR,
    required=True,
    description="Name of the other encoder, or NAME@DIGEST. `encoder` names the first one.",
)


class RankedSerializer(serializers.Serializer):
    """An image in one ranking, and its place in the other."""

    image = SearchableImageSerializer(source="found.image")
    rank = serializers.IntegerField()
    other_rank = serializers.IntegerField(
        allow_null=True, help_text=f"Null where it is not among the first {DEPTH} of the other."
    )
    distance = serializers.FloatField(
        source="found.distance", help_text="By this encoder: not to be compared with the other's."
    )
    share_farther = serializers.FloatField(
        source="found.share_farther",
        allow_null=True,
        help_text="The share (0 to 1) of random pairs of this gallery that this encoder sees"
        " farther apart: the same for all encoders.",
    )


class CoverageSerializer(serializers.Serializer):
    """Of how many of the images you may see there is a vector."""

    ready = serializers.IntegerField()
    images = serializers.IntegerField()


class SideSerializer(serializers.Serializer):
    """One encoder's ranking."""

    encoder = serializers.CharField(source="encoder.name")
    exact = serializers.BooleanField(source="neighbours.exact")
    coverage = CoverageSerializer(allow_null=True, help_text="Null where every image has one.")
    results = RankedSerializer(many=True)


class ComparisonSerializer(serializers.Serializer):
    """Two rankings of up to 20 images each, and how many are in both; none while one waits."""

    state = serializers.ChoiceField(State.choices)
    first = serializers.IntegerField(help_text="How many of each ranking are compared.")
    shared = serializers.IntegerField(help_text="How many of these are in both.")
    sides = SideSerializer(many=True)


def ranked_example(pk: int, rank: int, other_rank: int | None, distance: float) -> dict[str, Any]:
    image = {"id": pk, "title": f"Harbour {pk}"}
    return {"image": image, "rank": rank, "other_rank": other_rank, "distance": distance}


EXAMPLE = OpenApiExample(
    "One of two is found by both",
    {
        "state": "ready",
        "first": 2,
        "shared": 1,
        "sides": [
            {
                "encoder": "compact",
                "exact": True,
                "coverage": None,
                "results": [ranked_example(7, 1, 2, 0.41), ranked_example(9, 2, 31, 0.52)],
            },
            {
                "encoder": "EfficientNetV2B0",
                "exact": True,
                "coverage": {"ready": 1200, "images": 34475},
                "results": [ranked_example(12, 1, None, 0.63), ranked_example(7, 2, 1, 0.7)],
            },
        ],
    },
    response_only=True,
    status_codes=["200"],
)
describes_comparison = extend_schema(
    responses={
        200: ComparisonSerializer,
        202: OpenApiResponse(
            ComparisonSerializer, "One of them has no vector yet. Ask again after Retry-After."
        ),
        **problems(400, 401, 404, 409),
    },
    examples=[EXAMPLE],
)


def respond_with_comparison(
    request: Request, form: SimilarityForm, ask: Ask, encoder: Encoder
) -> Response:
    """`ask` puts the question to an encoder, `encoder` is the one that answers first."""
    try:
        encoders = (encoder, rival(request.query_params.get("compare", ""), encoder))
        comparison = compare(ask, encoders, request.user, form)
    except NoSuchRival as problem:
        raise ValidationError({"compare": [str(problem)]}) from None
    except UnusableExample as problem:
        raise Problem(409, str(problem)) from None
    if comparison.error:
        raise Problem(409, comparison.error)
    if comparison.is_waiting:
        answer = as_json(comparison, State.PENDING, request)
        return Response(answer, status=202, headers={"Retry-After": RETRY_SECONDS})
    return Response(as_json(comparison, State.READY, request))


def as_json(comparison: Comparison, state: State, request: Request) -> Any:
    prefetch_related_objects(comparison.images, *SearchableImageSerializer.lookups(request.user))
    context = {"request": request, "encoder": SimpleLazyObject(Encoder.objects.active)}
    sides = SideSerializer(comparison.sides, many=True, context=context).data
    return {
        "state": state,
        "first": comparison.first,
        "shared": comparison.shared,
        "sides": sides,
    }
