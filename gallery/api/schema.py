"""What the OpenAPI schema says of the calls."""

from collections.abc import Callable
from typing import Any

from django import forms
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from gallery.api.problems import CONTENT_TYPE, ProblemSerializer
from gallery.api.serializers import (
    FileSerializer,
    ImageChangesSerializer,
    ImageSerializer,
    UploadSerializer,
)
from gallery.forms import ImageFilterForm

FILTERS = {
    "album": "Title or number of an album.",
    "tag": "Name of a tag.",
    "owner": "User name of the owner.",
    "camera": "Name of the camera they were taken with.",
    "orientation": "Shape as shown: wider than high, higher than wide, or neither.",
    "favourites": "Only your favourites.",
    "rating": "Rated by its owner with so many stars at least, 1 to 5.",
    "after": "Taken, else uploaded, from this date or moment on (ISO 8601).",
    "before": "Taken, else uploaded, before this date or moment (ISO 8601).",
}
TYPES: list[tuple[type[forms.Field], Any]] = [
    (forms.DateTimeField, OpenApiTypes.STR),
    (forms.BooleanField, OpenApiTypes.BOOL),
    (forms.FloatField, OpenApiTypes.DOUBLE),
    (forms.IntegerField, OpenApiTypes.INT),
    (forms.CharField, OpenApiTypes.STR),
    (forms.ChoiceField, OpenApiTypes.STR),
]


def parameters_of(form: type[forms.Form], **descriptions: str) -> list[OpenApiParameter]:
    """One query parameter a field; `descriptions` say what a name does not."""
    return [
        OpenApiParameter(
            name,
            type_of(field),
            required=False,
            description=descriptions.get(name, ""),
            enum=choices_of(field),
        )
        for name, field in form.base_fields.items()
    ]


def type_of(field: forms.Field) -> Any:
    # FloatField is an IntegerField to Django, so the order of TYPES matters.
    return next(schema for kind, schema in TYPES if isinstance(field, kind))


def choices_of(field: forms.Field) -> list[str] | None:
    choices = getattr(field, "choices", None)
    return [value for value, _ in choices if value] if choices else None


def problems(*statuses: int) -> dict[Any, Any]:
    """What the schema says of an operation's errors."""
    return {(status, CONTENT_TYPE): OpenApiResponse(ProblemSerializer) for status in statuses}


def describes_images(image: type[ImageSerializer]) -> Callable[[type], type]:
    """Describe the calls of an ImageViewSet which shows images by that serializer."""
    return extend_schema_view(
        list=extend_schema(
            summary="Images you may see, newest first",
            parameters=parameters_of(ImageFilterForm, **FILTERS),
            responses={200: image, **problems(400, 401)},
        ),
        retrieve=extend_schema(summary="One image", responses={200: image, **problems(401, 404)}),
        create=extend_schema(
            summary="Upload an image",
            request={"multipart/form-data": UploadSerializer},
            responses={
                201: image,
                200: OpenApiResponse(
                    image,
                    "You have these bytes already: as this image. If it lay in your trash, it is"
                    " restored, and `restored` is true.",
                ),
                **problems(400, 401, 403, 411, 413, 415, 507),
            },
        ),
        partial_update=extend_schema(
            summary="Change an image of your own",
            request=ImageChangesSerializer,
            responses={200: image, **problems(400, 401, 403, 404)},
        ),
        file=extend_schema(
            summary="Give an image of your own another file",
            description="What is said of it stays. Its renditions and vectors are made anew."
            " Bytes that another image of its owner has are a conflict.",
            request={"multipart/form-data": FileSerializer},
            responses={
                200: image,
                **problems(400, 401, 403, 404, 409, 411, 413, 415, 507),
            },
        ),
        destroy=extend_schema(
            summary="Put an image of your own into the trash",
            description="It is nowhere else from then on, and deleted for good after some days.",
            responses={204: None, **problems(401, 403, 404)},
        ),
        favourite=extend_schema(
            summary="Whether an image is one of your favourites",
            description="`PUT` makes it one, `DELETE` no more; both can be repeated.",
            request=None,
            responses={204: None, **problems(401, 404)},
        ),
        restore=extend_schema(
            summary="Restore an image from the trash",
            request=None,
            responses={200: image, **problems(401, 404)},
        ),
    )
