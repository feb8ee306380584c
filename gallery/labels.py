"""Albums and tags by name."""

from collections.abc import Iterable

from gallery.models import Album, AlbumItem, Image, Tag, User
from gallery.placing import end_of


def label_image(image: Image, album: str = "", tags: Iterable[str] = ()) -> None:
    """Put `image` into its owner's album of that title and add the tags; missing ones are made."""
    if album := album.strip():
        add_to_album(image, Album.objects.get_or_create(owner=image.owner, title=album)[0])
    image.tags.add(*(own_tag(image.owner, name) for name in clean_tags(tags)))


def add_to_album(image: Image, album: Album) -> None:
    place = {"position": end_of(album)}
    AlbumItem.objects.get_or_create(album=album, image=image, defaults=place)


def own_tag(owner: User, name: str) -> Tag:
    tag = Tag.objects.filter(owner=owner, name__iexact=name).first()
    return tag or Tag.objects.get_or_create(owner=owner, name=name)[0]


def set_tags(image: Image, names: Iterable[str]) -> None:
    image.tags.set([own_tag(image.owner, name) for name in clean_tags(names)])


def set_album(image: Image, title: str) -> None:
    """Make the album of that title the only one that holds `image`; no title, none."""
    image.album_items.exclude(album__title=title).delete()
    label_image(image, title)


def clean_tags(names: Iterable[str]) -> list[str]:
    """As clean_names(), without blanks around slashes, nor slashes that part nothing."""
    parts = ([part.strip() for part in name.split("/")] for name in names)
    return clean_names("/".join(filter(None, of_name)) for of_name in parts)


def clean_names(names: Iterable[str]) -> list[str]:
    """The names without blanks and repetitions, whatever their case, in their order."""
    return list({name.strip().lower(): name.strip() for name in names if name.strip()}.values())
