"""Saved searches by REST: what somebody keeps looking for, and what is new of it."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery.api.bodies import ShallowJSONParser, check_body_size
from gallery.api.problems import Problem, invalid
from gallery.api.schema import problems
from gallery.models import State, User
from search.api.comparing import RETRY_SECONDS
from search.api.serializers import NeighbourSerializer, NeighboursSerializer, neighbours_as_json
from search.forms import Alike
from search.models import SavedSearch
from search.models.saved import SavedSearchQuerySet
from search.naming import KeepForm, NameForm
from search.news import check, look, remember, watched
from search.queries import nearest
from search.questions import LISTS, ExamplesForm
from search.saved_cards import Card, cards
from search.saving import AskedAgain, GoneQuestion, ask_again, asks_nothing, keep

EXAMPLES = (*LISTS, "for_album")


class NameSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100)


class KeepSerializer(NameSerializer):
    """A name, and what is asked: a query or examples or both; filters may stand beside them."""

    query = serializers.UUIDField(
        required=False,
        help_text="A search's `id`. Its picture is kept as long as the saved search, and its"
        " filters count unless others are sent.",
    )
    positive = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, help_text="Images it is like."
    )
    negative = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, help_text="And unlike."
    )
    for_album = serializers.IntegerField(required=False, help_text="Like all images of an album.")
    filters = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="As the parameters of `/images/{id}/similar/`, distances included.",
    )


class SavedSearchSerializer(serializers.Serializer):
    """A question under a name, and how many images are new in its answer."""

    # Of a Card.

    id = serializers.IntegerField(source="saved.pk")
    name = serializers.CharField(source="saved.name")
    asks = serializers.CharField(help_text="What it asks with, in words.")
    positive = serializers.SerializerMethodField()
    negative = serializers.SerializerMethodField()
    for_album = serializers.SerializerMethodField()
    filters = serializers.SerializerMethodField()
    new_count = serializers.IntegerField(help_text="As of the last check, at most minutes ago.")
    looked_at = serializers.DateTimeField(source="saved.looked_at")
    created_at = serializers.DateTimeField(source="saved.created_at")
    results_url = serializers.SerializerMethodField()

    def get_positive(self, card: Card) -> list[int]:
        return card.saved.listed("positive")

    def get_negative(self, card: Card) -> list[int]:
        return card.saved.listed("negative")

    def get_for_album(self, card: Card) -> int | None:
        number = card.saved.asked.get("for_album")
        return int(number) if number else None

    def get_filters(self, card: Card) -> dict[str, str]:
        asked = card.saved.asked
        return {name: text for name, text in asked.items() if name not in EXAMPLES}

    @extend_schema_field(OpenApiTypes.URI)
    def get_results_url(self, card: Card) -> str:
        address = reverse("api:saved-results", args=[card.saved.pk])
        request: Request = self.context["request"]
        return request.build_absolute_uri(address)


class SavedSearchesSerializer(serializers.Serializer):
    """All of one's saved searches, by name."""

    results = SavedSearchSerializer(many=True)


class SavedNeighbourSerializer(NeighbourSerializer):
    """An image of the answer."""

    is_new = serializers.BooleanField(help_text="Whether it came since you last looked.")


class SavedResultsSerializer(NeighboursSerializer):
    """The answer by the encoder that is active now, nearest first."""

    state = serializers.ChoiceField(State.choices)
    watched = serializers.IntegerField(
        allow_null=True,
        help_text="Among how many of the nearest an image is new; null where a distance says it.",
    )
    new_count = serializers.IntegerField()
    results = SavedNeighbourSerializer(many=True)


SAVED_EXAMPLE = {
    "id": 5,
    "name": "Harbours at night",
    "asks": "like “Harbour”",
    "positive": [7],
    "negative": [],
    "for_album": None,
    "filters": {"orientation": "landscape", "max_distance": "0.6"},
    "new_count": 3,
    "looked_at": "2026-11-24T08:30:00Z",
    "created_at": "2026-11-01T19:12:45Z",
    "results_url": "http://127.0.0.1:8000/api/v1/searches/5/results/",
}
SAVED = OpenApiExample("Three new ones", SAVED_EXAMPLE, response_only=True)
KEEP = [
    OpenApiExample(
        "Like an image, within a distance",
        {
            "name": "Harbours at night",
            "positive": [7],
            "filters": {"orientation": "landscape", "max_distance": "0.6"},
        },
        request_only=True,
    ),
    OpenApiExample(
        "A picture that was searched by",
        {"name": "My cup", "query": "0b9fa5f3-6c2b-4d56-9f0e-0a8f3c9d2f11"},
        request_only=True,
    ),
]


RESULTS = OpenApiExample(
    "One new image",
    {
        "state": "ready",
        "encoder": "compact",
        "exact": True,
        "watched": 50,
        "new_count": 1,
        "results": [
            {
                "image": {"id": 31, "title": "Harbour at dusk"},
                "distance": 0.4123,
                "share_farther": 0.997,
                "is_new": True,
            },
        ],
        "next": None,
    },
    response_only=True,
    status_codes=["200"],
)


class SavedView(APIView):
    """What all calls share: saved searches are their owner's alone."""

    permission_classes = [IsAuthenticated]
    parser_classes = [ShallowJSONParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_body_size(request)
        super().initial(request, *args, **kwargs)

    @property
    def user(self) -> User:
        return cast("User", self.request.user)

    def own(self) -> SavedSearchQuerySet:
        return SavedSearch.objects.owned_by(self.user)

    def to_ask(self, pk: int) -> SavedSearch:
        return get_object_or_404(self.own().to_ask(), pk=pk)

    def shown(self, saved: SavedSearch) -> Any:
        card = next(cards(self.user, [saved]))
        return SavedSearchSerializer(card, context={"request": self.request}).data


class SavedSearchesView(SavedView):
    @extend_schema(
        summary="Your saved searches",
        operation_id="searches_list",
        responses={200: SavedSearchesSerializer, **problems(401)},
        examples=[
            OpenApiExample("One", {"results": [SAVED_EXAMPLE]}, response_only=True),
        ],
    )
    def get(self, request: Request) -> Response:
        context = {"request": request}
        found = cards(self.user, self.own())
        return Response({"results": SavedSearchSerializer(found, many=True, context=context).data})

    @extend_schema(
        summary="Save a search",
        request=KeepSerializer,
        responses={201: SavedSearchSerializer, **problems(400, 401)},
        examples=[*KEEP, SAVED],
    )
    def post(self, request: Request) -> Response:
        said = KeepSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        saved = self.keep(said.validated_data)
        check(self.to_ask(saved.pk))
        return Response(self.shown(self.own().get(pk=saved.pk)), status=201)

    def keep(self, said: dict[str, Any]) -> SavedSearch:
        form = KeepForm(
            {"name": said["name"], "query": said.get("query")},
            instance=SavedSearch(owner=self.user),
        )
        if not form.is_valid():
            raise invalid(form.errors)
        query = form.cleaned_data["query"]
        filters = {**(query.filters if query else {}), **said.get("filters", {})}
        asked = ExamplesForm({**filters, **examples_of(said)}, user=self.user)
        if not asked.is_valid():
            raise invalid(asked.errors)
        if asks_nothing(asked, query):
            message = _("Choose at least one picture that it shall be like.")
            raise ValidationError({"positive": [message]})
        return keep(self.user, form.cleaned_data["name"], asked, query)


class SavedSearchView(SavedView):
    @extend_schema(
        summary="A saved search",
        responses={200: SavedSearchSerializer, **problems(401, 404)},
        examples=[SAVED],
    )
    def get(self, request: Request, id: int) -> Response:  # noqa: A002 - as in the address
        return Response(self.shown(get_object_or_404(self.own(), pk=id)))

    @extend_schema(
        summary="Rename a saved search",
        request=NameSerializer,
        responses={200: SavedSearchSerializer, **problems(400, 401, 404)},
        examples=[SAVED],
    )
    def patch(self, request: Request, id: int) -> Response:  # noqa: A002 - as in the address
        saved = get_object_or_404(self.own().select_related("owner"), pk=id)
        said = NameSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        form = NameForm(said.validated_data, instance=saved)
        if not form.is_valid():
            raise invalid(form.errors)
        return Response(self.shown(form.save()))

    @extend_schema(
        summary="Delete a saved search, and its picture if it has one",
        responses={204: None, **problems(401, 404)},
    )
    def delete(self, request: Request, id: int) -> Response:  # noqa: A002 - as in the address
        get_object_or_404(self.own(), pk=id).delete()
        return Response(status=204)


class SavedResultsView(SavedView):
    @extend_schema(
        summary="The answer to a saved search, with what is new marked",
        description="Asking is not looking: what is new stays so until the call `look/`.",
        parameters=[OpenApiParameter("place", OpenApiTypes.STR, description="`next` has it.")],
        responses={
            200: SavedResultsSerializer,
            202: OpenApiResponse(
                SavedResultsSerializer, "Not ready yet. Ask again after Retry-After."
            ),
            **problems(401, 404, 409),
        },
        examples=[RESULTS],
    )
    def get(self, request: Request, id: int) -> Response:  # noqa: A002 - as in the address
        saved = self.to_ask(id)
        place = request.query_params.get("place", "")
        asked = asked_again(saved, place=place, alike=Alike.APART)
        if asked.query.error:
            raise Problem(409, asked.query.error)
        if asked.query.vector is None:
            return self.respond(asked, set(), status=202, headers={"Retry-After": RETRY_SECONDS})
        return self.respond(asked, {one.image_id for one in look(saved, asked).new})

    def respond(self, asked: AskedAgain, new: set[int], **response: Any) -> Response:
        query, form = asked.query, asked.form
        found = nearest(query, asked.encoder, query.examples, self.user, form, bounds=asked.bounds)
        answer = neighbours_as_json(found, self.request, self.request.build_absolute_uri())
        for one, shown in zip(found.results, answer["results"], strict=True):
            shown["is_new"] = one.image_id in new
        about = {"state": query.state, "watched": watched(asked), "new_count": len(new)}
        return Response({**answer, **about}, **response)


class LookView(SavedView):
    @extend_schema(
        summary="Say that you have looked: nothing of its answer is new any more",
        request=None,
        responses={204: None, **problems(401, 404, 409)},
    )
    def post(self, request: Request, id: int) -> Response:  # noqa: A002 - as in the address
        saved = self.to_ask(id)
        asked = asked_again(saved)
        if asked.query.vector is None:
            raise Problem(409, _("It has no answer to look at yet."))
        remember(saved, look(saved, asked))
        return Response(status=204)


def asked_again(saved: SavedSearch, **page: Any) -> AskedAgain:
    try:
        return ask_again(saved, **page)
    except GoneQuestion as gone:
        raise Problem(409, str(gone)) from None


def examples_of(said: dict[str, Any]) -> dict[str, str]:
    """Examples as a form has them."""
    lists = {name: ",".join(map(str, said.get(name, []))) for name in LISTS}
    return {**lists, "for_album": str(said.get("for_album", ""))}
