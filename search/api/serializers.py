"""Images with the state of their embedding, and their neighbours."""

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.functional import SimpleLazyObject
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from gallery.api.serializers import ImageSerializer, Lookup
from gallery.models import Image, State
from gallery.models.images import Person
from search.models import Embedding, Encoder
from search.queries import Neighbours
from search.similarity import Neighbour


class EmbeddingSerializer(serializers.Serializer):
    """How far the work of making an image searchable is."""

    encoder = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(State.choices)
    error = serializers.CharField(allow_null=True, help_text="Why it failed.")


@extend_schema_serializer(component_name="Image")
class SearchableImageSerializer(ImageSerializer):
    """An image, what is known of it, and whether it can be searched with yet."""

    # Needs `encoder`, the active one, in its context.

    similar_url = serializers.SerializerMethodField(help_text="Its nearest images.")
    embedding = serializers.SerializerMethodField()

    class Meta(ImageSerializer.Meta):
        fields = [*ImageSerializer.Meta.fields, "similar_url", "embedding"]
        read_only_fields = fields

    @staticmethod
    def lookups(user: Person) -> list[Lookup]:
        active = Embedding.objects.filter(encoder__is_active=True).defer("vector")
        prefetched = Prefetch("embeddings", active, to_attr="active_embeddings")
        return [*ImageSerializer.lookups(user), prefetched]

    @extend_schema_field(OpenApiTypes.URI)
    def get_similar_url(self, image: Image) -> str:
        return self.address("api:image-similar", image.pk)

    @extend_schema_field(EmbeddingSerializer)
    def get_embedding(self, image: Image) -> dict[str, Any]:
        encoder = self.context["encoder"]
        name = encoder.name if encoder else None
        embeddings: list[Embedding] = getattr(image, "active_embeddings", [])
        if not embeddings:
            # Noted by the sweep within a minute, where the row was lost.
            return {"encoder": name, "state": State.PENDING, "error": None}
        return {
            "encoder": name,
            "state": embeddings[0].state,
            "error": embeddings[0].error or None,
        }


class ImageOfField(serializers.IntegerField):
    """The id of an embedding's image."""

    def to_representation(self, value: Any) -> int:
        return int(value.image_id)


class NeighbourSerializer(serializers.Serializer):
    """An image and how far its vector is from the one asked about: Euclidean, 0 to 2."""

    image = SearchableImageSerializer()
    distance = serializers.FloatField()
    share_farther = serializers.FloatField(
        allow_null=True,
        help_text="The share (0 to 1) of random pairs of this gallery that are farther apart;"
        " null until that is measured.",
    )
    alike = serializers.ListField(
        child=ImageOfField(),
        required=False,
        help_text="With `alike=together`: the ids of the near-identical images it stands for.",
    )

    def to_representation(self, instance: Neighbour) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        if instance.alike is None:
            del shown["alike"]
        return shown


class NeighboursSerializer(serializers.Serializer):
    """The nearest images, nearest first."""

    encoder = serializers.CharField()
    exact = serializers.BooleanField(help_text="Whether every image was compared.")
    results = NeighbourSerializer(many=True)
    next = serializers.URLField(allow_null=True)


def neighbours_as_json(found: Neighbours, request: Request, address: str) -> dict[str, Any]:
    """The answer's keys; `address` is that of its first page, from which `next` is made."""
    images = [neighbour.image for neighbour in found.results]
    prefetch_related_objects(images, *SearchableImageSerializer.lookups(request.user))
    context = {"request": request, "encoder": SimpleLazyObject(Encoder.objects.active)}
    rest = remove_query_param(address, "offset")
    return {
        "encoder": found.encoder.name,
        "exact": found.exact,
        "results": NeighbourSerializer(found.results, many=True, context=context).data,
        "next": replace_query_param(rest, "place", found.following) if found.following else None,
    }


class WaitingSerializer(NeighboursSerializer):
    """No neighbours yet: the image has no vector so far. It goes before all others now."""

    state = serializers.ChoiceField([(State.PENDING.value, State.PENDING.label)])
