"""What `backup` saves `restore` brings back: files, rows, rights and vectors, by digest."""

import errno
import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from gallery.integrity.checking import check_gallery
from gallery.models import Image, Rendering, State, StrayFile, User
from gallery.tasks import delete_stray_files
from retrieval_site.backups import BackupRefused, database
from retrieval_site.backups.archives import SUMS, members
from retrieval_site.backups.making import DUMP
from search import ann_index
from search.models import Encoder
from tests.backups.conftest import Gallery, url_of

# Not in a backup, or made anew without renditions.
DIFFERENT = {"django_session", "gallery_rendering"}


def back_up(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("backup", str(path), *options, stdout=out)
    return out.getvalue()


def rows_of(url: str) -> dict[str, str]:
    """A digest of all rows of each table, vectors and all."""
    with psycopg.connect(url) as connected:
        named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        tables = {name for (name,) in connected.execute(named).fetchall()} - DIFFERENT
        digest = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
        return {table: str(connected.execute(digest.format(table)).fetchone()) for table in tables}


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def own_rows() -> dict[str, str]:
    return rows_of(url_of(connection.settings_dict["NAME"]))


@pytest.mark.parametrize(
    ("name", "options"), [("folder", []), ("one.tar", ["--renditions"])], ids=["folder", "tar"]
)
def test_a_filled_gallery_comes_back_in_an_empty_one(
    filled: list[Image], empty: Gallery, tmp_path: Path, name: str, options: list[str]
) -> None:
    back_up(tmp_path / name, *options)
    done = empty.manage("restore", tmp_path / name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 images are back.")
    assert rows_of(empty.url) == own_rows()
    for image in filled:
        assert sha256_of(empty.media / image.stored_name) == image.sha256
        assert (empty.media / image.rendition_name("preview")).exists() == bool(options)
    assert (empty.media / "queries/asked.jpg").read_bytes() == b"a picture"
    assert (empty.folder / "encoders/mine/manifest.json").exists()
    assert not (empty.media / ".restoring").exists()


def restore(path: Path) -> None:
    """In place of the gallery it was made of."""
    call_command("restore", str(path), "--replace", stdout=StringIO())


def test_a_restored_gallery_is_whole_and_takes_new_images(
    filled: list[Image], tmp_path: Path, store: Callable[..., Image]
) -> None:
    back_up(tmp_path / "b", "--renditions")
    before = own_rows()
    newer = store("white")
    with pytest.raises(CommandError, match=r"not empty: 4 images of 2 people.*--replace"):
        call_command("restore", str(tmp_path / "b"))
    restore(tmp_path / "b")
    assert own_rows() == {**before, "gallery_strayfile": own_rows()["gallery_strayfile"]}
    assert [stray.name for stray in StrayFile.objects.all()] == [newer.stored_name]
    delete_stray_files()
    assert check_gallery().findings == []
    assert store("white").pk > max(image.pk for image in filled)


def test_index_and_renditions_are_left_to_the_workers(filled: list[Image], tmp_path: Path) -> None:
    encoder = Encoder.objects.get(name="tiny")
    ann_index.build(encoder)
    back_up(tmp_path / "b")
    restore(tmp_path / "b")
    assert ann_index.state(encoder).is_missing
    assert Rendering.objects.filter(state=State.PENDING).count() == 3


def test_what_comes_and_goes_meanwhile_is_no_part_of_it(
    filled: list[Image], store: Callable[..., Image], tmp_path: Path, monkeypatch: Any
) -> None:
    dump = database.dump

    def dump_while_people_work(moment: str, file: Any) -> None:
        from threading import Thread

        from django.db import connection as own

        def work() -> None:
            Image.objects.get(pk=filled[0].pk).delete()
            delete_stray_files()
            store("white")
            own.close()

        others = Thread(target=work)
        others.start()
        others.join()
        dump(moment, file)

    monkeypatch.setattr(database, "dump", dump_while_people_work)
    assert back_up(tmp_path / "b").startswith("3 images")
    copied = files_in(tmp_path / "b" / "media")
    assert copied == {*(image.stored_name for image in filled), "queries/asked.jpg"}
    delete_stray_files()
    assert not default_storage.exists(filled[0].stored_name)


def test_a_backup_has_the_digest_of_each_file_and_is_never_written_over(
    filled: list[Image], tmp_path: Path
) -> None:
    back_up(tmp_path / "b")
    lines = (tmp_path / "b" / SUMS).read_text().splitlines()
    found = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
    assert found == {name: sha256_of(tmp_path / "b" / name) for name in found}
    assert {*found, SUMS} == files_in(tmp_path / "b")
    with pytest.raises(CommandError, match="is there already"):
        back_up(tmp_path / "b")


def test_a_lost_original_is_named_and_the_others_are_saved(
    filled: list[Image], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    default_storage.delete(filled[0].stored_name)
    Path(default_storage.path(filled[1].stored_name)).write_bytes(b"other")
    with pytest.raises(CommandError, match="2 files are not as they should be"):
        back_up(tmp_path / "b")
    said = capsys.readouterr().err
    assert f"{filled[0].stored_name}: No such file" in said
    assert f"{filled[1].stored_name}: it has other bytes" in said
    assert (tmp_path / "b" / "media" / filled[2].stored_name).exists()


def test_nothing_is_left_of_a_backup_that_fails(
    filled: list[Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("retrieval_site.backups.contents.encoders", broken)
    (tmp_path / "to").mkdir()
    for name in ("b", "b.tar"):
        with pytest.raises(CommandError, match=r"can't be written.* Nothing is left of it"):
            back_up(tmp_path / "to" / name)
    assert list((tmp_path / "to").iterdir()) == []


def test_the_password_is_on_no_command_line(transactional_db: None) -> None:
    arguments, environment = database.reached()
    assert environment["PGPASSWORD"] == connection.settings_dict["PASSWORD"]
    assert not any(environment["PGPASSWORD"] in argument for argument in arguments)


def test_nobody_stays_signed_in(filled: list[Image], tmp_path: Path, client: Any) -> None:
    client.force_login(User.objects.get(username="alice"))
    back_up(tmp_path / "b")
    shown = ["--file=-", "--data-only", "--table=django_session"]
    command = [database.program("pg_restore"), *shown, str(tmp_path / "b" / DUMP)]
    assert b"COPY" not in subprocess.run(command, capture_output=True, check=True).stdout


def damage(folder: Path) -> None:
    path = next((folder / "media").rglob("*.png"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def lose(folder: Path) -> None:
    next((folder / "media").rglob("*.png")).unlink()


def truncate(folder: Path) -> None:
    sums = folder / SUMS
    sums.write_text("".join(sums.read_text().splitlines(keepends=True)[:1]))


def climb(folder: Path) -> None:
    (folder / SUMS).write_text(f"{'0' * 64}  ../../etc/passwd\n")


def come_from_the_future(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("gallery.0001_initial", "gallery.9999_future"))


def be_something_else(folder: Path) -> None:
    (folder / "manifest.json").write_text("{}")


SPOILT = {
    damage: "The backup is damaged at media/originals/",
    lose: "is no whole backup",
    truncate: "database.dump is missing",
    climb: "one of ours",
    come_from_the_future: "newer version: update first",
    be_something_else: "does not begin with manifest.json",
}


def test_what_is_no_whole_backup_changes_nothing(filled: list[Image], tmp_path: Path) -> None:
    back_up(tmp_path / "b")
    before = own_rows()
    for spoil, said in SPOILT.items():
        copy = shutil.copytree(tmp_path / "b", tmp_path / spoil.__name__)
        spoil(copy)
        with pytest.raises(CommandError, match=said):
            restore(copy)
    assert own_rows() == before
    assert not StrayFile.objects.exists()


def test_a_damaged_dump_leaves_the_database_as_it_was(filled: list[Image], tmp_path: Path) -> None:
    back_up(tmp_path / "b")
    dump = tmp_path / "b" / DUMP
    data = dump.read_bytes()
    dump.write_bytes(data[: len(data) // 2])
    before = own_rows()
    with pytest.raises(BackupRefused, match="pg_restore"):
        database.restore(dump)
    assert own_rows() == before


def tar_with(path: Path, *infos: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as tar:
        for info in infos:
            tar.addfile(info, BytesIO(b""))
    return path


def test_a_tar_may_hold_nothing_but_files_below_it(tmp_path: Path) -> None:
    link = tarfile.TarInfo("media/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    for info in (link, tarfile.TarInfo("/etc/passwd"), tarfile.TarInfo("media/../../passwd")):
        with pytest.raises(BackupRefused):
            list(members(tar_with(tmp_path / "b.tar", info)))


def test_a_tar_that_was_cut_off_is_refused(filled: list[Image], tmp_path: Path) -> None:
    back_up(tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    for size in (len(whole) // 2, 512, 0):
        (tmp_path / "b.tar").write_bytes(whole[:size])
        with pytest.raises(CommandError, match=r"damaged|cut off|no backup"):
            call_command("restore", str(tmp_path / "b.tar"), "--replace")
