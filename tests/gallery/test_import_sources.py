"""`import_images` from ZIP archives, lists and watched folders, tried dry, with what files say."""

import gc
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.management import CommandError

from gallery import ziparchives
from gallery.importing import Plan, import_files
from gallery.models import Image, Tag, User
from gallery.sources import Found, Outcome
from gallery.watching import Watch
from gallery.ziparchives import Member, members_of
from tests.conftest import picture_bytes
from tests.gallery.conftest import Import, write
from tests.gallery.test_metadata import PACKET

Reasons = dict[str, str]


def packed(path: Path, members: dict[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def reasons(path: Path) -> Reasons:
    """What is not let in, by its name in the archive."""
    return {str(found).removeprefix(f"{path}: "): found.reason for found in members_of(path)}


def test_an_archive_is_imported_as_the_folder_it_would_be(run: Import, tmp_path: Path) -> None:
    members = {
        "cats/a.png": picture_bytes("red"),
        "b.png": picture_bytes("blue"),
        "notes.txt": b"no image",
        "__MACOSX/cats/._a.png": b"x",
        ".hidden.png": picture_bytes("white"),
    }
    archive = packed(tmp_path / "Holiday.zip", members)
    said = run(archive, "--label-by-folder", "tag")
    assert said == "2 imported, 0 already there, 0 rejected, 3 skipped"
    assert set(Tag.objects.values_list("name", "images__title")) == {
        ("cats", "a"),
        ("Holiday", "b"),
    }
    assert run(archive).startswith("0 imported, 2 already there")


def test_an_archive_is_open_as_long_as_somebody_holds_a_member(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.png": b"1", "b.png": b"2"})
    first, second = (cast("Member", found) for found in members_of(path))
    assert first.archive is not None
    file = first.archive.file
    del first
    with second.open() as opened:
        assert opened.read() == b"2"
    del second
    gc.collect()
    assert file.fp is None


def test_an_archive_in_a_folder_is_passed_by(run: Import, folder: Path) -> None:
    packed(folder / "more.zip", {"e.png": picture_bytes("yellow")})
    assert run(folder) == "3 imported, 0 already there, 0 rejected, 4 skipped"


def test_names_that_lead_elsewhere_links_and_archives_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    path = packed(tmp_path / "tricks.zip", {"in.zip": b"x", "a/../../up.png": b"x"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
        for name in ("/etc/a.png", "C:\\a.png", "a\\..\\b.png"):
            archive.writestr(name, b"x")
    assert reasons(path) == {
        "in.zip": "An archive in an archive is not opened: unpack it first.",
        "a/../../up.png": "Its name leads out of the archive.",
        "link.png": "It is a link, not a file.",
        "/etc/a.png": "Its name is an absolute path.",
        "C:\\a.png": "Its name is an absolute path.",
        "a\\..\\b.png": "Its name leads out of the archive.",
    }


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "secret.zip", {"a.png": picture_bytes("red")})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert reasons(path)["a.png"].startswith("It is encrypted")


def test_a_bomb_is_not_unpacked(tmp_path: Path, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 50_000
    path = packed(
        tmp_path / "bomb.zip",
        {f"{number}.png": bytes(40_000) for number in range(2)},
        compression=zipfile.ZIP_DEFLATED,
    )
    assert "claims to hold 0.1 MB" in reasons(path)[str(path)]


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ziparchives, "MOST_MEMBERS", 1)
    path = packed(tmp_path / "many.zip", {"a.png": b"x", "b.png": b"x"})
    assert reasons(path)[str(path)].startswith("It holds 2 files; at most 1 are allowed")


def test_a_member_too_large_is_rejected_if_it_is_named_as_an_image(
    tmp_path: Path, settings: Any
) -> None:
    settings.IMAGE_MAX_BYTES = 100
    path = packed(tmp_path / "large.zip", {"a.png": bytes(101), "film.mp4": bytes(101)})
    found = {member.path.name: member.outcome for member in members_of(path)}
    assert found == {"a.png": Outcome.REJECTED, "film.mp4": Outcome.SKIPPED}


def test_what_is_damaged_is_named(
    run: Import, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    red, blue = picture_bytes("red"), picture_bytes("blue")
    half = packed(tmp_path / "half.zip", {"red.png": red, "blue.png": blue})
    data = bytearray(half.read_bytes())
    data[data.index(red) + 40] ^= 0xFF
    half.write_bytes(data)
    none = write(tmp_path / "none.zip", b"no archive")
    with pytest.raises(CommandError, match="2 of 3 files"):
        run(half, none)
    said = capfd.readouterr().err
    assert f"{half}: red.png: It is damaged in its archive" in said
    assert f"{none}: It is no ZIP archive" in said
    assert Image.objects.count() == 1


def test_a_list_names_files_and_folders(
    run: Import, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = [str(folder / "cats" / "a.png"), "", str(folder / "dogs"), str(folder / "gone.png")]
    named = write(tmp_path / "list.txt", "\n".join(lines).encode())
    with pytest.raises(CommandError, match="1 of 3 files"):
        run("--list", named)
    assert "gone.png: It can't be read: No such file" in capfd.readouterr().err
    assert Image.objects.count() == 2


def test_a_list_may_come_through_a_pipe(
    run: Import, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(f"{folder / 'cats'}\n"))
    assert run("--list", "-").startswith("2 imported")


def test_something_must_be_named(run: Import, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Nothing is named"):
        run()
    with pytest.raises(CommandError, match="can't be read: No such file"):
        run("--list", tmp_path / "no.txt")


def test_a_dry_run_tells_and_stores_nothing(run: Import, folder: Path) -> None:
    run(folder / "cats")
    Image.objects.filter(title="b").trash()
    write(folder / "again" / "c.png", picture_bytes("green"))
    assert run(folder, "--dry-run") == (
        "Nothing was stored. It would be: 1 imported, 2 already there, 1 restored from the trash,"
        " 0 rejected, 3 skipped"
    )
    assert (Image.objects.count(), Image.objects.kept().count()) == (2, 1)


def test_a_new_image_gets_what_its_file_says(run: Import, folder: Path) -> None:
    write(folder / "cats" / "a.png.xmp", PACKET.encode())
    write(folder / "cats" / "b.xmp", PACKET.replace("A  harbour\n at dawn", "B").encode())
    run(folder, "--label-by-folder", "tag")
    image = Image.objects.get(title="A harbour at dawn")
    assert {tag.name for tag in image.tags.all()} == {"cats", "Boats", "Küste"}
    assert image.rating == 4
    assert set(Image.objects.exclude(pk=image.pk).values_list("title", flat=True)) == {"B", "c"}


def test_what_was_changed_by_hand_stays_when_the_file_comes_again(
    run: Import, folder: Path
) -> None:
    write(folder / "cats" / "a.png.xmp", PACKET.encode())
    run(folder)
    image = Image.objects.get(title="A harbour at dawn")
    image.tags.clear()
    run(folder)
    assert not image.tags.exists()


def test_metadata_are_left_out_if_told(run: Import, folder: Path) -> None:
    write(folder / "cats" / "a.png.xmp", PACKET.encode())
    run(folder, "--no-metadata")
    assert Image.objects.filter(title="a", rating=0).exists()
    assert not Tag.objects.exists()


def test_a_file_that_grows_is_waited_for(folder: Path) -> None:
    watch = Watch([folder / "cats"])
    assert watch.look() == []
    coming = write(folder / "cats" / "c.png", b"half")
    assert [found.path.name for found in watch.look()] == ["a.png", "b.png"]
    coming.write_bytes(b"and more")
    assert watch.look() == []
    assert [found.path.name for found in watch.look()] == ["c.png"]
    assert watch.look() == []
    coming.write_bytes(b"another file of that name")
    assert (watch.look(), len(watch.look())) == ([], 1)


def test_watching_goes_on_until_it_is_interrupted(
    run: Import, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter(range(3))

    def pause(seconds: float) -> None:
        match next(looks):
            case 0:
                write(folder / "dogs" / "late.png", picture_bytes("white"))
            case 2:
                raise KeyboardInterrupt

    monkeypatch.setattr("gallery.management.commands.import_images.sleep", pause)
    said = run(folder, "--watch").splitlines()
    assert said == [
        "Watching. Ctrl-C ends it.",
        "4 imported, 0 already there, 0 rejected, 3 skipped",
    ]


def test_a_file_that_changes_after_it_was_hashed_is_hashed_again(
    alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.png", picture_bytes("red"))
    changed = picture_bytes("blue", size=(100, 100))

    from gallery import importing

    looked = importing.look

    def look_then_change(found: Found, plan: Plan) -> Any:
        told = looked(found, plan)
        file.write_bytes(changed)
        return told

    monkeypatch.setattr(importing, "look", look_then_change)
    assert [outcome for _, outcome, _ in import_files([Found(file)], Plan(alice))] == ["imported"]
    image = Image.objects.get()
    assert Path(image.file.path).read_bytes() == changed
    assert (image.width, image.byte_size) == (100, len(changed))


def test_files_come_in_in_their_order(alice: User, tmp_path: Path) -> None:
    colors = [(level, 0, 0) for level in range(40)]
    files = [
        Found(write(tmp_path / f"{number:02}.png", picture_bytes(color)))
        for number, color in enumerate(colors)
    ]
    list(import_files(files, Plan(alice)))
    titles = list(Image.objects.order_by("pk").values_list("title", flat=True))
    assert titles == [f"{number:02}" for number in range(40)]
