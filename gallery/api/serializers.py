"""Images as JSON: what is shown of one, what an uploader sends, what an owner may change."""

from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from gallery.labels import clean_tags, set_album, set_tags
from gallery.models import Album, CameraFacts, Favourite, Image, Tag, Visibility
from gallery.models.camera import camera_facts_of, may_see_places
from gallery.models.images import MOST_IN_DESCRIPTION, MOST_STARS, Person

Lookup = str | Prefetch


class CameraSerializer(serializers.ModelSerializer[CameraFacts]):
    """What the camera wrote into the file; null where it did not say."""

    name = serializers.CharField(source="camera", help_text="Maker and model.")

    class Meta:
        model = CameraFacts
        fields = [
            "name",
            "lens",
            "aperture",
            "exposure_time",
            "iso",
            "focal_length",
            "focal_length_35mm",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "aperture": {"help_text": "The f-number."},
            "exposure_time": {"help_text": "In seconds."},
            "focal_length": {"help_text": "In millimetres."},
            "focal_length_35mm": {"help_text": "What it would be on film, in millimetres."},
        }


class PlaceSerializer(serializers.ModelSerializer[CameraFacts]):
    """Where it was taken, in degrees north and east."""

    class Meta:
        model = CameraFacts
        fields = ["latitude", "longitude"]
        read_only_fields = fields


class ImageSerializer(serializers.ModelSerializer[Image]):
    """An image and what is known of it."""

    # As one person may see it: prefetch `lookups(user)` before.

    owner = serializers.CharField(source="owner.username", read_only=True)
    album = serializers.SerializerMethodField(help_text="Title of its album.")
    tags = serializers.SlugRelatedField[Tag](many=True, read_only=True, slug_field="name")
    favourite = serializers.SerializerMethodField(help_text="Whether it is one of yours.")
    camera = serializers.SerializerMethodField(help_text="null where the file does not say.")
    place = serializers.SerializerMethodField(
        help_text="null where the file does not say, or you may not know."
    )
    thumbnail_url = serializers.SerializerMethodField(help_text="null until it is made.")
    file_url = serializers.SerializerMethodField(help_text="The original file.")
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Image
        fields = [
            "id",
            "title",
            "description",
            "width",
            "height",
            "album",
            "tags",
            "visibility",
            "favourite",
            "rating",
            "owner",
            "format",
            "byte_size",
            "taken_at",
            "created_at",
            "camera",
            "place",
            "thumbnail_url",
            "file_url",
            "url",
        ]
        read_only_fields = fields

    @staticmethod
    def lookups(user: Person) -> list[Lookup]:
        """What serializing images for `user` reads: as many queries for a page as for one image."""
        albums = Prefetch("albums", Album.objects.visible_to(user), to_attr="seen_albums")
        liked = Favourite.objects.filter(user=user.pk)
        favourites = Prefetch("favourites", liked, to_attr="own_favourites")
        # Tags need no filter: whoever sees an image sees its tags.
        return ["owner", "rendering", "camera_facts", "tags", albums, favourites]

    def get_album(self, image: Image) -> str | None:
        albums: list[Album] = getattr(image, "seen_albums", [])
        return albums[0].title if albums else None

    def get_favourite(self, image: Image) -> bool:
        return bool(getattr(image, "own_favourites", ()))

    @extend_schema_field(CameraSerializer(allow_null=True))
    def get_camera(self, image: Image) -> Any:
        facts = camera_facts_of(image)
        return CameraSerializer(facts).data if facts and facts.says_how else None

    @extend_schema_field(PlaceSerializer(allow_null=True))
    def get_place(self, image: Image) -> Any:
        facts = camera_facts_of(image)
        is_told = facts and facts.has_place and may_see_places(self.context["request"].user)
        return PlaceSerializer(facts).data if is_told else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_thumbnail_url(self, image: Image) -> str | None:
        rendering = getattr(image, "rendering", None)
        if rendering is None or not rendering.is_ready:
            return None
        return self.address("gallery:rendition", image.pk, "thumbnail") + image.version

    @extend_schema_field(OpenApiTypes.URI)
    def get_file_url(self, image: Image) -> str:
        return self.address("gallery:original", image.pk) + image.version

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, image: Image) -> str:
        return self.address("gallery:image", image.pk)

    def address(self, name: str, *args: Any) -> str:
        return reverse(name, args=args, request=self.context["request"])


class TagNamesField(serializers.ListField):
    """Tags, one a field or several with commas between them."""

    child = serializers.CharField(max_length=100)

    def to_internal_value(self, data: Any) -> list[str]:
        values = [data] if isinstance(data, str) else data
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            values = clean_tags(part for value in values for part in value.split(","))
        names: list[str] = super().to_internal_value(values)
        return names


class DescriptionField(serializers.CharField):
    """Some lines of text, or none."""

    def __init__(self) -> None:
        super().__init__(max_length=MOST_IN_DESCRIPTION, required=False, allow_blank=True)


def image_file_field() -> serializers.FileField:
    return serializers.FileField(
        # Whether it is empty is judged where everything about the file is.
        allow_empty_file=True,
        error_messages={
            "required": "Send the image file as the multipart field “file”.",
            "invalid": "Send the image as a multipart file, with its file name.",
        },
    )


class UploadSerializer(serializers.Serializer):
    """An image file and what its sender says about it."""

    file = image_file_field()
    title = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="By default the file's name."
    )
    description = DescriptionField()
    album = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="Title of an album of your own; made when there is none.",
    )
    tags = TagNamesField(required=False, help_text="Repeated, or with commas between them.")
    visibility = serializers.ChoiceField(Visibility.choices, required=False)


class FileSerializer(serializers.Serializer):
    """The file that an image gets in place of the one it has."""

    file = image_file_field()


class ImageChangesSerializer(serializers.Serializer):
    """What an owner may change of an image. What is left out stays as it is."""

    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    description = DescriptionField()
    album = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="The only album that shall hold it; null for none.",
    )
    tags = TagNamesField(required=False, help_text="All tags it shall have.")
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    rating = serializers.IntegerField(
        min_value=0, max_value=MOST_STARS, required=False, help_text="Stars; 0 for none."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            fields = ", ".join(self.fields)
            raise serializers.ValidationError(_("Nothing to change: send one of %s.") % fields)
        return attrs

    def update(self, image: Image, changes: dict[str, Any]) -> Image:
        own = ("title", "description", "visibility", "rating")
        columns = {field: changes[field] for field in own if field in changes}
        with transaction.atomic():
            if columns:
                Image.objects.filter(pk=image.pk).update(**columns)
            if "album" in changes:
                set_album(image, changes["album"] or "")
            if "tags" in changes:
                set_tags(image, changes["tags"])
        return image
