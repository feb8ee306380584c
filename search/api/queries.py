"""Searching by a picture that is not stored, or by images liked and disliked."""

from time import monotonic, sleep
from typing import Any, cast
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery.api.bodies import ShallowJSONParser, check_body_size
from gallery.api.problems import invalid
from gallery.api.schema import problems
from gallery.bell import ring
from gallery.models import Image, State, User
from search.api.comparing import COMPARE, describes_comparison, respond_with_comparison
from search.api.serializers import neighbours_as_json
from search.asking import (
    MOST_EXAMPLES,
    UnseenExample,
    UnusableExample,
    ask_by_examples,
    ask_by_file,
    ask_by_part,
    ask_by_url,
)
from search.crops import Crop, crop_from
from search.forms import SimilarityForm
from search.models import Encoder, Query
from search.queries import answer_to, put_to
from search.tasks import embed_wanted

PATIENCE_SECONDS = 2.0
POLL_SECONDS = 0.05
# What may be said anew of a question that was asked: which part of its answer, and how.
PAGE = ("place", "offset", "limit", "alike")


@extend_schema_field(OpenApiTypes.STR)
class CropField(serializers.Field[Crop, str, Crop, Any]):
    """`x,y,w,h` in fractions of the picture's width and height, from its upper left corner."""

    def to_internal_value(self, data: Any) -> Crop:
        try:
            return crop_from(str(data))
        except ValueError:
            raise ValidationError(
                _("Write x,y,w,h: a part of the picture, in numbers from 0 to 1.")
            ) from None


class SearchSerializer(serializers.Serializer):
    """A picture, or examples; the filters of a search may stand beside them."""

    file = serializers.FileField(required=False, allow_empty_file=True)
    url = serializers.CharField(
        required=False,
        max_length=2000,
        help_text="Where the picture is on the public web, http or https. Fetched within 10 s.",
    )
    crop = CropField(
        required=False,
        help_text="The part that is meant, `x,y,w,h` in fractions of the picture from its upper"
        " left corner. Goes with `file`, `url`, or a single `positive`.",
    )
    positive = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=MOST_EXAMPLES
    )
    negative = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=MOST_EXAMPLES
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        sent = [name for name in ("file", "url", "positive") if attrs.get(name) not in (None, [])]
        if len(sent) != 1:
            raise ValidationError(
                _("Send one of these: a picture as “file”, its “url”, or ids as “positive”.")
            )
        if sent != ["positive"] and attrs.get("negative"):
            raise ValidationError(_("“negative” goes with “positive”, not with a picture."))
        if "crop" in attrs and len([*attrs.get("positive", "-"), *attrs.get("negative", [])]) > 1:
            raise ValidationError(_("“crop” goes with one picture, not with several."))
        return attrs


class AnswerSerializer(serializers.Serializer):
    """A query and, once it is ready, its nearest images."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(State.choices)
    error = serializers.CharField(allow_null=True, help_text="Why it failed.")
    encoder = serializers.CharField()
    exact = serializers.BooleanField()
    results = serializers.ListField(child=serializers.DictField())
    next = serializers.URLField(allow_null=True)


EXAMPLES: dict[str, Any] = {
    "Like these, unlike that": {"positive": [1, 2], "negative": [3]},
    "The right half of a picture on the web": {
        "url": "https://pictures.example/harbour.jpg",
        "crop": "0.5,0,0.5,1",
        "orientation": "landscape",
    },
    "The middle of a stored image, no copies of it": {
        "positive": [1],
        "crop": "0.25,0.25,0.5,0.5",
        "min_distance": 0.1,
    },
    "Copies of one picture as one result": {"positive": [1], "alike": "together"},
}
ANSWERS = {
    200: OpenApiResponse(AnswerSerializer, "Ready, or failed with the reason in `error`."),
    202: OpenApiResponse(AnswerSerializer, "Not ready yet: ask for it by its id."),
}


class QueryView(APIView):
    """What both calls share: only the person who asked gets the answer."""

    permission_classes = [IsAuthenticated]
    parser_classes = [ShallowJSONParser, MultiPartParser, FormParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_body_size(request)
        super().initial(request, *args, **kwargs)

    def respond(self, query: Query) -> Response:
        asked = self.request.query_params
        page = {name: asked[name] for name in PAGE if name in asked}
        found = answer_to(query, valid_form({**query.filters, **page}, query.asker))
        address = reverse("api:search-result", args=[query.pk])
        here = self.request.build_absolute_uri(f"{address}?{urlencode(page)}")
        answer = {
            "id": str(query.pk),
            "state": query.state,
            "error": query.error or None,
            **neighbours_as_json(found, self.request, here),
        }
        return Response(answer, status=202 if query.state == State.PENDING else 200)


class SearchView(QueryView):
    @extend_schema(
        summary="Search by a picture that is not stored, by a part of one, or by examples",
        request={"multipart/form-data": SearchSerializer, "application/json": SearchSerializer},
        responses={**ANSWERS, **problems(400, 401, 413, 415, 503, 507)},
        examples=[
            OpenApiExample(name, value, request_only=True) for name, value in EXAMPLES.items()
        ],
    )
    def post(self, request: Request) -> Response:
        asked = SearchSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        asker = cast("User", request.user)
        said = cast("dict[str, Any]", request.data)
        filters = {name: str(said[name]) for name in SimilarityForm.base_fields if name in said}
        encoder = valid_form(filters, asker).cleaned_data["encoder"]
        query = self.ask(asker, asked.validated_data, encoder, filters)
        return self.respond(settled(query))

    def ask(
        self, asker: User, asked: dict[str, Any], encoder: Encoder, filters: dict[str, str]
    ) -> Query:
        crop = asked.get("crop")
        if "file" in asked:
            query = ask_by_file(asker, asked["file"], encoder, filters, crop)
        elif "url" in asked:
            query = ask_by_url(asker, asked["url"], encoder, filters, crop)
        elif crop:
            image = example(asker, asked["positive"][0])
            query = ask_by_part(asker, image, encoder, filters, crop)
        else:
            return by_examples(asker, asked, encoder, filters)
        ring(embed_wanted)
        return query


def example(asker: User, pk: int) -> Image:
    image = Image.objects.visible_to(asker).filter(pk=pk).first()
    if image is None:
        raise ValidationError({"positive": [str(UnseenExample(pk))]})
    return image


def by_examples(
    asker: User, asked: dict[str, Any], encoder: Encoder, filters: dict[str, str]
) -> Query:
    try:
        return ask_by_examples(
            asker, asked["positive"], asked.get("negative", []), encoder, filters
        )
    except UnusableExample as error:
        raise ValidationError({"positive": [str(error)]}) from None


class ResultView(QueryView):
    @extend_schema(
        summary="The state of a search, and its results",
        responses={**ANSWERS, **problems(400, 401, 404)},
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - as in the address
        queries = Query.objects.asked_by(request.user).select_related("encoder__scale", "asker")
        return self.respond(get_object_or_404(queries, pk=id))


class ResultComparisonView(QueryView):
    @extend_schema(summary="A search's results by two encoders, side by side", parameters=[COMPARE])
    @describes_comparison
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - as in the address
        queries = Query.objects.asked_by(request.user).select_related(
            "encoder__scale", "asker", "image"
        )
        query = get_object_or_404(queries, pk=id)
        form = valid_form(query.filters, query.asker)
        return respond_with_comparison(
            request, form, lambda encoder: put_to(encoder, query), query.encoder
        )


def valid_form(data: dict[str, Any], user: User) -> SimilarityForm:
    form = SimilarityForm(data, user=user)
    if not form.is_valid():
        raise invalid(form.errors)
    return form


def settled(query: Query) -> Query:
    """The query once it is no longer pending, or as it is after PATIENCE_SECONDS."""
    until = monotonic() + PATIENCE_SECONDS
    while query.state == State.PENDING and monotonic() < until:
        sleep(POLL_SECONDS)
        query.refresh_from_db(fields=["state", "vector", "error"])
    return query
