"""What `export_gallery` writes `import_gallery` brings back, with all that is said of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from gallery.ingest import store_image
from gallery.labels import add_to_album
from gallery.models import Album, Favourite, Image, SmartAlbum, Tag, User
from gallery.placing import GAP
from search.models import Embedding, Encoder
from tests.gallery.test_exif import photo

Store = Callable[..., Image]
Lines = list[dict[str, Any]]


@pytest.fixture
def images(store: Store, embed: Callable[..., None], bob: User) -> list[Image]:
    red, blue = store("red", title="Röt\n", tags=["warm"]), store("blue", visibility="public")
    embed(red, blue)
    red.shared_with.add(bob)
    taken_at = datetime(2020, 5, 17, 12, tzinfo=UTC)
    Image.objects.filter(pk=red.pk).update(taken_at=taken_at, rating=4, description="By the wall")
    Favourite.objects.create(user=bob, image=red)
    album = Album.objects.create(
        owner=red.owner, title="Colours", visibility="members", order="title"
    )
    album.shared_with.add(bob)
    for image in (blue, red):
        add_to_album(image, album)
    return [red, blue]


def export(folder: Path, *options: str) -> Lines:
    call_command("export_gallery", str(folder), *options, stdout=StringIO())
    return read(folder)


def read(folder: Path, name: str = "images.jsonl") -> Lines:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def bring_in(folder: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_gallery", str(folder), *options, stdout=out)
    return out.getvalue().strip()


def empty() -> None:
    for model in (Image, Album, Tag):
        model.objects.all().delete()


def bytes_of(image: Image) -> bytes:
    return Path(default_storage.path(image.stored_name)).read_bytes()


def without_file(lines: Lines) -> Lines:
    """Files are called by primary keys, which are others in another gallery."""
    return [{key: value for key, value in line.items() if key != "file"} for line in lines]


def test_a_gallery_comes_back_as_it_was(images: list[Image], tmp_path: Path) -> None:
    before = export(tmp_path / "a", "--vectors")
    empty()
    said = bring_in(tmp_path / "a")
    assert said.startswith("2 imported, 0 already there")
    after = export(tmp_path / "b", "--vectors")
    assert without_file(after) == without_file(before)
    assert read(tmp_path / "b", "albums.jsonl") == read(tmp_path / "a", "albums.jsonl")
    assert [image.sha256 for image in images] == [line["sha256"] for line in after]


def test_a_line_tells_what_is_known_of_an_image(images: list[Image], tmp_path: Path) -> None:
    line = export(tmp_path)[0]
    file = line.pop("file")
    assert file == f"originals/alice/2020/05/{images[0].pk}-photo.png"
    assert (tmp_path / file).read_bytes() == bytes_of(images[0])
    assert line.pop("created_at") == images[0].created_at.isoformat()
    assert line == {
        "sha256": images[0].sha256,
        "file_name": "photo.png",
        "format": "PNG",
        "width": 64,
        "height": 48,
        "owner": "alice",
        "title": "Röt\n",
        "description": "By the wall",
        "rating": 4,
        "favourite_of": ["bob"],
        "visibility": "private",
        "shared_with": ["bob"],
        "tags": ["warm"],
        "albums": [{"owner": "alice", "title": "Colours", "position": GAP, "is_cover": False}],
        "taken_at": "2020-05-17T12:00:00+00:00",
        "camera": None,
    }


def test_vectors_come_back_without_being_made_again(images: list[Image], tmp_path: Path) -> None:
    export(tmp_path, "--vectors")
    before = [row.vector for row in Embedding.objects.order_by("image")]
    empty()
    bring_in(tmp_path)
    assert [row.vector for row in Embedding.objects.order_by("image")] == before
    assert set(Embedding.objects.values_list("state", flat=True)) == {"ready"}


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "2" * 64},
        {"source_sha256": "2" * 64},
        {"vector": [1.0]},
        {"vector": [1.0] * 12},
        {"vector": ["x"] * 12},
    ],
)
def test_other_encoders_and_damaged_vectors_are_left_out(
    images: list[Image], tmp_path: Path, change: dict[str, Any]
) -> None:
    lines = export(tmp_path, "--vectors")
    lines[0]["vectors"][0].update(change)
    (tmp_path / "images.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    empty()
    bring_in(tmp_path)
    assert Embedding.objects.exclude(vector=None).count() == 1


def test_a_second_run_writes_no_file_again(images: list[Image], tmp_path: Path) -> None:
    file = tmp_path / export(tmp_path)[0]["file"]
    written = file.stat().st_mtime_ns
    assert len(export(tmp_path)) == 2
    assert file.stat().st_mtime_ns == written


def test_importing_twice_changes_nothing(images: list[Image], tmp_path: Path) -> None:
    before = export(tmp_path / "a")
    Image.objects.filter(pk=images[0].pk).update(title="Changed here")
    assert bring_in(tmp_path / "a").startswith("0 imported, 2 already there")
    after = export(tmp_path / "b")
    assert [line["title"] for line in after] == ["Changed here", before[1]["title"]]


def test_only_one_persons_part_is_exported_if_told(
    images: list[Image], store: Store, bob: User, tmp_path: Path
) -> None:
    store("green", owner=bob)
    assert [line["owner"] for line in export(tmp_path, "--owner", "bob")] == ["bob"]
    assert read(tmp_path, "albums.jsonl") == []


def test_what_lies_in_the_trash_stays_there(images: list[Image], tmp_path: Path) -> None:
    Image.objects.filter(pk=images[0].pk).trash()
    assert len(export(tmp_path)) == 1


def test_people_who_are_not_here_are_told_made_or_replaced(
    images: list[Image], tmp_path: Path, charlie: User
) -> None:
    export(tmp_path)
    empty()
    User.objects.filter(username="alice").delete()
    User.objects.filter(username="bob").delete()
    with pytest.raises(CommandError, match=r"Not here: alice, bob\. --create-people"):
        bring_in(tmp_path)
    assert not Image.objects.exists()
    bring_in(tmp_path, "--owner", "charlie")
    assert set(Image.objects.values_list("owner", flat=True)) == {charlie.pk}
    bring_in(tmp_path, "--create-people")
    alice = User.objects.get(username="alice")
    assert not alice.has_usable_password()
    assert Image.objects.owned_by(alice).count() == 2
    assert Image.objects.visible_to(User.objects.get(username="bob")).owned_by(alice).count() == 2
    assert (
        Image.objects.visible_to(charlie).owned_by(alice).filter(visibility="private").count() == 0
    )


def test_a_missing_or_changed_original_is_named(
    images: list[Image], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    default_storage.delete(images[0].stored_name)
    Path(default_storage.path(images[1].stored_name)).write_bytes(b"other")
    with pytest.raises(CommandError, match="2 images could not be exported"):
        export(tmp_path)
    assert "has other bytes than were uploaded" in capsys.readouterr().err
    assert read(tmp_path) == []


def test_a_file_that_changed_since_is_rejected(
    images: list[Image], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / export(tmp_path)[0]["file"]).write_bytes(bytes_of(images[1]))
    empty()
    with pytest.raises(CommandError, match="1 of 2 images could not be imported"):
        bring_in(tmp_path)
    assert "It has other bytes than were exported." in capfd.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"file": "../../etc/passwd"}, "names a file outside of"),
        ({"file": "/etc/passwd"}, "names a file outside of"),
        ({"visibility": "all"}, "line 1 is damaged: 'all'"),
        ({"created_at": "yesterday"}, "is no date with a time zone"),
        ({"tags": [7]}, "7 is no text"),
        ({"albums": [{"owner": "alice", "title": "A", "position": "1"}]}, "position is '1'"),
        ({"owner": None}, "owner is None"),
    ],
)
def test_a_list_that_can_not_be_right_is_refused_before_anything_comes_in(
    images: list[Image], tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    lines = export(tmp_path)
    lines[0].update(change)
    (tmp_path / "images.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    empty()
    with pytest.raises(CommandError, match=said):
        bring_in(tmp_path)
    assert not Image.objects.exists()


def test_a_folder_that_is_no_export_is_refused(alice: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is this what export_gallery wrote"):
        bring_in(tmp_path)


def test_a_name_is_safe_whatever_it_was(store: Store, tmp_path: Path) -> None:
    Image.objects.filter(pk=store("red").pk).update(file_name="..\n/né $(rm) 'x'.JPG")
    file = Path(export(tmp_path)[0]["file"])
    assert file.name.endswith("né _(rm) _x_.png")


def test_it_takes_as_many_queries_for_many_as_for_few(
    images: list[Image],
    store: Store,
    other: Encoder,
    tmp_path: Path,
    django_assert_num_queries: Any,
) -> None:
    for color in ("green", "white"):
        store(color)
    with django_assert_num_queries(11):
        export(tmp_path, "--vectors")


def test_what_the_camera_wrote_is_told_and_read_again(alice: User, tmp_path: Path) -> None:
    store_image(alice, ContentFile(photo(), "shot.jpg"))
    before = export(tmp_path / "a")
    assert (before[0]["camera"]["camera"], before[0]["camera"]["iso"]) == ("Canon EOS R5", 100)
    empty()
    bring_in(tmp_path / "a")
    assert export(tmp_path / "b")[0]["camera"] == before[0]["camera"]


def test_a_chosen_cover_comes_back(images: list[Image], tmp_path: Path) -> None:
    red = images[0]
    Album.objects.update(chosen_cover=red)
    export(tmp_path)
    empty()
    bring_in(tmp_path)
    cover = Album.objects.get().chosen_cover
    assert cover is not None
    assert cover.sha256 == red.sha256
    Album.objects.update(chosen_cover=Image.objects.exclude(pk=cover.pk).get())
    bring_in(tmp_path)
    assert Album.objects.get().chosen_cover != cover


def test_smart_albums_come_back(images: list[Image], bob: User, tmp_path: Path) -> None:
    asks = {"album": str(Album.objects.get().pk), "tag": "warm"}
    smart = SmartAlbum.objects.create(
        owner=images[0].owner, title="Warm colours", visibility="public", filters=asks
    )
    smart.shared_with.add(bob)
    export(tmp_path / "a")
    [line] = read(tmp_path / "a", "smart_albums.jsonl")
    assert line["filters"] == {"album": "Colours", "tag": "warm"}
    empty()
    smart.delete()
    bring_in(tmp_path / "a")
    export(tmp_path / "b")
    assert read(tmp_path / "b", "smart_albums.jsonl") == [line]


def test_an_export_from_before_there_were_smart_albums_is_read(
    images: list[Image], tmp_path: Path
) -> None:
    export(tmp_path)
    (tmp_path / "smart_albums.jsonl").unlink()
    assert bring_in(tmp_path).startswith("0 imported, 2 already there")
