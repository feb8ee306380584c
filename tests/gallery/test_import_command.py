"""`import_images` brings in folders: every file is counted, and a second run changes nothing."""

import errno
import os
from pathlib import Path

import pytest
from django.core.management import CommandError

from gallery.models import Album, Image, Tag, User
from gallery.sources import find_files
from tests.conftest import picture_bytes
from tests.gallery.conftest import Import, write


def test_a_folder_is_imported_with_all_below_it(run: Import, folder: Path, alice: User) -> None:
    assert run(folder) == "3 imported, 0 already there, 0 rejected, 3 skipped"
    assert list(Image.objects.order_by("pk").values_list("title", flat=True)) == ["a", "b", "c"]
    assert set(Image.objects.values_list("owner", "visibility")) == {(alice.pk, "private")}


def test_a_second_run_finds_everything_there(run: Import, folder: Path) -> None:
    run(folder)
    assert run(folder) == "0 imported, 3 already there, 0 rejected, 3 skipped"
    assert Image.objects.count() == 3


def test_single_files_are_imported_even_hidden_ones(run: Import, folder: Path) -> None:
    said = run(folder / "cats" / "a.png", folder / ".hidden.png")
    assert said == "2 imported, 0 already there, 0 rejected, 0 skipped"


def test_an_image_is_known_by_its_content_not_its_name(run: Import, folder: Path) -> None:
    write(folder / "no suffix", picture_bytes("yellow"))
    assert run(folder).startswith("4 imported")


def test_folders_become_tags(run: Import, folder: Path) -> None:
    run(folder, "--label-by-folder", "tag")
    assert list(Tag.objects.values_list("name", "images__title")) == [
        ("cats", "a"),
        ("cats", "b"),
        ("dogs", "c"),
    ]


def test_folders_become_albums(run: Import, folder: Path) -> None:
    run(folder, "--label-by-folder", "album")
    assert list(Album.objects.values_list("title", "images__title")) == [
        ("cats", "a"),
        ("cats", "b"),
        ("dogs", "c"),
    ]


def test_a_relative_path_is_labelled_by_its_real_folder(
    run: Import, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "cats")
    run(".", "../dogs/c.png", "--label-by-folder", "tag")
    assert set(Tag.objects.values_list("name", flat=True)) == {"cats", "dogs"}


def test_one_album_and_visibility_for_all(run: Import, folder: Path) -> None:
    run(folder, "--album", "Pets", "--visibility", "public")
    assert Album.objects.get().images.filter(visibility="public").count() == 3


def test_a_broken_image_is_named_and_the_others_are_imported(
    run: Import, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = write(folder / "broken.jpg", b"no image")
    empty = write(folder / "empty.png", b"")
    with pytest.raises(CommandError, match=r"^2 of 8 files could not be imported\.$"):
        run(folder)
    said = capfd.readouterr().err
    assert f"{broken}: This is not an image we can read" in said
    assert f"{empty}: The file is empty." in said
    assert Image.objects.count() == 3


def test_a_link_that_leads_nowhere_is_named(
    run: Import, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "lost.jpg").symlink_to(folder / "nothing")
    with pytest.raises(CommandError):
        run(folder)
    assert "lost.jpg: It can't be read: No such file" in capfd.readouterr().err


def test_folders_that_lead_back_to_themselves_are_entered_once(run: Import, folder: Path) -> None:
    (folder / "cats" / "again").symlink_to(folder)
    assert run(folder) == "3 imported, 0 already there, 0 rejected, 3 skipped"


def test_links_to_other_folders_are_followed(run: Import, folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "e.png", picture_bytes("white"))
    (folder / "birds").symlink_to(tmp_path / "elsewhere")
    assert run(folder, "--label-by-folder", "tag").startswith("4 imported")
    assert Tag.objects.filter(name="birds").exists()


def test_a_pipe_is_not_waited_for(run: Import, folder: Path) -> None:
    os.mkfifo(folder / "pipe.jpg")
    assert run(folder) == "3 imported, 0 already there, 0 rejected, 4 skipped"


def test_a_folder_that_may_not_be_read_is_named(folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (folder / "cats").chmod(0)
    reasons = [found.reason for found in find_files([folder]) if found.reason]
    (folder / "cats").chmod(0o700)
    assert reasons == ["It can't be read: Permission denied."]


def test_a_name_in_an_unknown_encoding_is_imported(run: Import, folder: Path) -> None:
    write(folder / os.fsdecode(b"f\xffnf/caf\xe9.png"), picture_bytes("white"))
    assert run(folder, "--label-by-folder", "tag").startswith("4 imported")
    assert Image.objects.filter(title="caf?", tags__name="f?nf").exists()


def test_a_long_folder_name_makes_a_tag_of_what_fits(run: Import, folder: Path) -> None:
    write(folder / ("x" * 150) / "e.png", picture_bytes("white"))
    run(folder, "--label-by-folder", "tag")
    assert Tag.objects.filter(name="x" * 100).exists()


def test_an_unknown_owner_is_refused_with_the_remedy(run: Import, folder: Path) -> None:
    with pytest.raises(CommandError, match="createsuperuser --username nobody"):
        run(folder, owner="nobody")


def test_a_missing_path_is_refused_before_anything_is_imported(run: Import, folder: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no .*/nothing\."):
        run(folder, folder / "nothing")
    assert not Image.objects.exists()


def test_an_album_and_labels_by_folder_exclude_each_other(run: Import, folder: Path) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        run(folder, "--album", "Pets", "--label-by-folder", "album")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (KeyboardInterrupt(), r"Interrupted: 1 imported.*Run the command again"),
        (OSError(errno.ENOSPC, "No space left"), r"disk is full.* Until then: 1 imported"),
    ],
)
def test_what_is_in_is_in_when_something_ends_it(
    run: Import,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    said: str,
) -> None:
    def fsync_until_the_second_image(handle: int) -> None:
        if Image.objects.exists():
            raise raised

    monkeypatch.setattr(os, "fsync", fsync_until_the_second_image)
    with pytest.raises(CommandError, match=said):
        run(folder)
    assert Image.objects.count() == 1
