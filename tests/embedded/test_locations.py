"""Where a gallery keeps its data, and how its servers are reached."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from retrieval_site.embedded.locations import (
    POSTGRES_SOCKET,
    SOCKET_PATH_BYTES,
    Locations,
    temporary_folder,
)
from retrieval_site.embedded.refusal import Refusal


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def far_away(tmp_path: Path) -> Locations:
    return Locations(tmp_path / ("long" * 30))


def test_the_database_url_names_the_socket_folder(locations: Locations) -> None:
    url = urlsplit(locations.database_url)
    assert parse_qs(url.query) == {"host": [str(locations.sockets)]}
    assert url.password == locations.database_password


def test_the_redis_url_names_the_socket(locations: Locations) -> None:
    assert unquote(urlsplit(locations.redis_url).path) == str(locations.redis_socket)


def test_only_the_owner_enters_the_folder_and_reads_the_secrets(locations: Locations) -> None:
    assert locations.secret_key
    assert locations.database_password
    assert permissions(locations.var) == 0o700
    assert permissions(locations.sockets) == 0o700
    assert permissions(locations.database_password_file) == 0o600
    assert permissions(locations.var / "secret-key") == 0o600


def test_a_folder_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert Locations(tmp_path).secret_key
    assert permissions(tmp_path) == 0o755


def test_a_secret_stays_the_same_and_is_no_other_gallerys(tmp_path: Path) -> None:
    first, second = Locations(tmp_path / "1"), Locations(tmp_path / "2")
    assert first.secret_key == Locations(first.var).secret_key
    assert len({first.secret_key, second.secret_key, first.database_password}) == 3


def test_many_first_users_agree_on_one_secret(locations: Locations) -> None:
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: Locations(locations.var).secret_key, range(64)))
    assert len(secrets) == 1
    assert [path.name for path in locations.var.iterdir()] == ["secret-key"]


def test_a_long_path_has_its_sockets_in_a_short_private_folder(far_away: Locations) -> None:
    folder = far_away.sockets
    assert folder.parent == temporary_folder()
    assert len(str(folder / POSTGRES_SOCKET)) <= SOCKET_PATH_BYTES
    assert permissions(folder) == 0o700
    folder.rmdir()


def test_the_short_folder_is_the_same_for_every_terminal(
    far_away: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = far_away.sockets
    monkeypatch.setenv("TMPDIR", str(far_away.var))
    assert Locations(far_away.var).sockets == folder
    folder.rmdir()


def test_a_short_folder_open_to_others_is_refused(far_away: Locations) -> None:
    folder = far_away.sockets
    folder.chmod(0o777)
    with pytest.raises(Refusal, match="not a private folder"):
        _ = far_away.sockets
    folder.rmdir()


def test_a_folder_that_cannot_be_made_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="set VAR_DIR"):
        _ = Locations(tmp_path / "file" / "var").secret_key


def test_two_galleries_have_different_markers(tmp_path: Path) -> None:
    assert Locations(tmp_path / "1").marker != Locations(tmp_path / "2").marker
