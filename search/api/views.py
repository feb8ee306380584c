"""Images by REST, with what search knows of them."""

from functools import partial
from typing import Any

from django.utils.functional import SimpleLazyObject
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from gallery.api import views as gallery
from gallery.api.problems import Problem, invalid
from gallery.api.schema import FILTERS, describes_images, parameters_of, problems
from search.api.comparing import (
    COMPARE,
    RETRY_SECONDS,
    describes_comparison,
    respond_with_comparison,
)
from search.api.examples import NEIGHBOURS
from search.api.serializers import (
    NeighboursSerializer,
    SearchableImageSerializer,
    WaitingSerializer,
    neighbours_as_json,
)
from search.forms import MAX_LIMIT, SimilarityForm
from search.models import Encoder
from search.queries import Neighbours, similar_to
from search.requesting import embedding_for_waiting

DESCRIPTIONS = {
    **FILTERS,
    "min_distance": "Leave out what is nearer.",
    "max_distance": "Leave out what is farther.",
    "closer_than": "Leave out what is not closer than this share, in %, of the gallery's pairs.",
    "limit": f"Results a page, {MAX_LIMIT} at most.",
    "place": "Where the page begins: `next` has it. Following it shows every image once, as at the"
    " first page, whatever is added or deleted meanwhile.",
    "offset": "Results to pass by, of images that are apart.",
    "alike": "Whether near-identical images are one result: the nearest, with the ids of the others"
    " as its `alike`. Apart by default, and until the gallery's pairs are measured.",
    "exact": "Compare every image, even if an index would answer sooner.",
    "encoder": "Name of the encoder that answers; the active one by default.",
}


@describes_images(SearchableImageSerializer)
class ImageViewSet(gallery.ImageViewSet):
    """The gallery's images, each with the state of its embedding and its neighbours."""

    serializer_class = SearchableImageSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        active = SimpleLazyObject(Encoder.objects.active)
        return {**super().get_serializer_context(), "encoder": active}

    @extend_schema(
        summary="The nearest images to one",
        parameters=parameters_of(SimilarityForm, **DESCRIPTIONS),
        responses={
            200: NeighboursSerializer,
            202: OpenApiResponse(
                WaitingSerializer, "The image has no vector yet. Ask again after Retry-After."
            ),
            **problems(400, 401, 404, 409),
        },
        examples=NEIGHBOURS,
    )
    @action(detail=True, pagination_class=None)
    def similar(self, request: Request, pk: str) -> Response:
        form = SimilarityForm(request.query_params, user=request.user)
        image = self.get_object()
        if not form.is_valid():
            raise invalid(form.errors)
        found = similar_to(image, request.user, form)
        if found.is_answer:
            return Response(self.answer(found))
        if found.query.error:
            raise Problem(409, found.query.error)
        waiting = {**self.answer(found), "state": found.query.state}
        return Response(waiting, status=202, headers={"Retry-After": RETRY_SECONDS})

    @extend_schema(
        summary="The nearest images to one by two encoders, side by side",
        parameters=[COMPARE, *parameters_of(SimilarityForm, **DESCRIPTIONS)],
    )
    @describes_comparison
    @action(detail=True, pagination_class=None)
    def compare(self, request: Request, pk: str) -> Response:
        form = SimilarityForm(request.query_params, user=request.user)
        ask = partial(embedding_for_waiting, self.get_object())
        if not form.is_valid():
            raise invalid(form.errors)
        return respond_with_comparison(request, form, ask, form.cleaned_data["encoder"])

    def answer(self, found: Neighbours) -> dict[str, Any]:
        return neighbours_as_json(found, self.request, self.request.build_absolute_uri())
