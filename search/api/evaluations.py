"""Evaluations of encoders by REST: started, listed and read by those who may."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from gallery.api.bodies import ShallowJSONParser, check_body_size
from gallery.api.pagination import NewestFirst
from gallery.api.problems import invalid
from gallery.api.schema import problems
from gallery.models import State, User
from search.api.comparing import RETRY_SECONDS
from search.evaluations.forms import LABELS, USUAL, OneEncoderForm
from search.models import Evaluation
from search.models.evaluations import EvaluationQuerySet, may_evaluate
from search.splitting import Part

DEFAULTS = {"labels": "tags", "at_least": USUAL, "k": 10, "votes": 5, "seed": 0}
PARTS = [part.value for part in Part]
ASKED = {"labels": "tags", "at_least": 5, "split": "test", "k": 10, "votes": 5, "seed": 0}
FIGURE = {"value": 0.5843, "low": 0.5611, "high": 0.6079, "queries": 750}


class MayEvaluate(BasePermission):
    """Staff who have the permission to add evaluations."""

    message = _("Only those who may have encoders measured can do this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return may_evaluate(request.user)


class FigureSerializer(serializers.Serializer):
    """A share with its 95 % bootstrap interval, and of how many queries it is."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    queries = serializers.IntegerField()


class CurvePointSerializer(FigureSerializer):
    """The precision at a recall."""

    recall = serializers.FloatField()


class ConfusionSerializer(serializers.Serializer):
    """How many of each class, a row, were taken for each, a column."""

    classes = serializers.ListField(child=serializers.CharField())
    counts = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class FoundSerializer(serializers.Serializer):
    """What was measured, of how many images that ask and how many candidates that answer."""

    images = serializers.IntegerField()
    candidates = serializers.IntegerField()
    classes = serializers.IntegerField()
    queries = serializers.IntegerField()
    excluded = serializers.IntegerField(help_text="Images for which nothing can be found.")
    without_vector = serializers.IntegerField()
    figures = serializers.DictField(child=FigureSerializer())
    precision_recall = CurvePointSerializer(many=True)
    per_class = serializers.DictField(child=serializers.DictField(child=FigureSerializer()))
    confusion_matrix = ConfusionSerializer(allow_null=True)


class StartEvaluationSerializer(serializers.Serializer):
    """What shall be measured; what is left out is as usual."""

    encoder = serializers.CharField(
        required=False, help_text="NAME or NAME@DIGEST; else the one that answers."
    )
    labels = serializers.ChoiceField(LABELS, required=False, help_text="`tags` by default.")
    at_least = serializers.IntegerField(
        required=False, help_text="Images that a label must have to be a class, 5 by default."
    )
    split = serializers.ChoiceField(
        PARTS,
        required=False,
        allow_null=True,
        help_text="Only this part asks, those to learn from answer; else each asks all others.",
    )
    k = serializers.IntegerField(required=False, help_text="Where rankings are cut, too: 10.")
    votes = serializers.IntegerField(required=False, help_text="How many neighbours vote: 5.")
    seed = serializers.IntegerField(required=False, help_text="Of parts and intervals: 0.")


class EvaluationParametersSerializer(serializers.Serializer):
    """How it was measured."""

    labels = serializers.CharField()
    at_least = serializers.IntegerField()
    split = serializers.CharField(allow_null=True)
    k = serializers.IntegerField()
    votes = serializers.IntegerField()
    seed = serializers.IntegerField()


class EvaluationSummarySerializer(serializers.Serializer):
    """What was asked to be measured, and by which encoder, be it gone or not."""

    id = serializers.IntegerField()
    encoder = serializers.CharField(source="encoder_name")
    encoder_digest = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    error = serializers.CharField(help_text="Why it failed; empty if it did not.")
    parameters = EvaluationParametersSerializer()
    started_by = serializers.CharField(source="started_by.username")
    created_at = serializers.DateTimeField()
    url = serializers.SerializerMethodField(help_text="Its page.")

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, evaluation: Evaluation) -> str:
        return str(self.context["request"].build_absolute_uri(evaluation.get_absolute_url()))


class EvaluationListItemSerializer(EvaluationSummarySerializer):
    """An evaluation with its main figures; null until it is ready."""

    map = serializers.FloatField(source="mean_average_precision", allow_null=True)
    accuracy = serializers.FloatField(allow_null=True)
    images = serializers.IntegerField(allow_null=True)
    classes = serializers.IntegerField(allow_null=True)


class EvaluationSerializer(EvaluationSummarySerializer):
    """An evaluation with all that was found; null until it is ready."""

    seconds = serializers.FloatField(allow_null=True, help_text="How long measuring took.")
    embedded = serializers.IntegerField(
        allow_null=True, help_text="Images the worker had embedded by this encoder until then."
    )
    images_per_second = serializers.FloatField(
        allow_null=True, help_text="How fast it did, from a file to a stored vector, in batches."
    )
    found = FoundSerializer(allow_null=True)


EXAMPLE = OpenApiExample(
    "Ready",
    {
        "id": 3,
        "encoder": "compact",
        "encoder_digest": "5f1c…",
        "state": "ready",
        "error": "",
        "parameters": ASKED,
        "started_by": "anna",
        "created_at": "2026-11-24T08:30:00Z",
        "url": "http://127.0.0.1:8000/evaluations/3/",
        "seconds": 2.7,
        "embedded": 34475,
        "images_per_second": 38.2,
        "found": {
            "images": 750,
            "candidates": 750,
            "classes": 30,
            "queries": 750,
            "excluded": 0,
            "without_vector": 0,
            "figures": {"map": FIGURE},
            "precision_recall": [{"recall": 0.5, **FIGURE}],
            "per_class": {"cat": {"f1": FIGURE}},
            "confusion_matrix": {"classes": ["cat", "dog"], "counts": [[9, 1], [0, 10]]},
        },
    },
    response_only=True,
    status_codes=["200", "202"],
)


class EvaluationsView(ListAPIView):
    permission_classes = [MayEvaluate]
    parser_classes = [ShallowJSONParser]
    pagination_class = NewestFirst
    serializer_class = EvaluationListItemSerializer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_body_size(request)
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> EvaluationQuerySet:
        return Evaluation.objects.visible_to(self.request.user).for_lists()

    @extend_schema(
        summary="Evaluations you may see, newest first",
        operation_id="evaluations_list",
        responses={200: EvaluationListItemSerializer(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Have an encoder measured on the labels of the images you may see",
        description="A worker does it; read it at its address until `state` is `ready`.",
        request=StartEvaluationSerializer,
        responses={202: EvaluationSerializer, **problems(400, 401, 403)},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        said = StartEvaluationSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        asked = {**DEFAULTS, **said.validated_data}
        asked["part"] = asked.pop("split", None) or ""
        form = OneEncoderForm(asked, user=cast("User", request.user))
        if not form.is_valid():
            raise invalid(form.errors)
        (evaluation,) = form.start()
        address = reverse("api:evaluation", args=[evaluation.pk], request=request)
        headers = {"Location": address, "Retry-After": RETRY_SECONDS}
        return Response(shown(evaluation, request), status=202, headers=headers)


class EvaluationView(APIView):
    permission_classes = [MayEvaluate]

    @extend_schema(
        summary="An evaluation with its figures",
        responses={200: EvaluationSerializer, **problems(401, 403, 404)},
        examples=[EXAMPLE],
    )
    def get(self, request: Request, id: int) -> Response:  # noqa: A002 - as in the address
        seen = Evaluation.objects.visible_to(request.user).for_pages()
        evaluation = get_object_or_404(seen, pk=id)
        waits = {"Retry-After": RETRY_SECONDS} if evaluation.state == State.PENDING else {}
        return Response(shown(evaluation, request), headers=waits)


def shown(evaluation: Evaluation, request: Request) -> Any:
    return EvaluationSerializer(evaluation, context={"request": request}).data
