"""One gallery for all faults: it has to survive the one after the other."""

from collections.abc import Iterator

import pytest

from tests.faults.installation import Installation


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("gallery"))
    installation.start()
    yield installation
    installation.stop()
