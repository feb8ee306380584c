"""Training data that are not what is needed are refused by name."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from search.encoders.compact.corpus import Corpus, CorpusError, read_corpus


def test_a_missing_tar_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"No file photos-\*\.tar in .*train"):
        read_corpus(tmp_path)


def test_an_unreadable_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    with tarfile.open(tmp_path / "train" / "photos-a.tar", "w") as tar:
        member = tarfile.TarInfo("cats/1.jpg")
        member.size = 8
        tar.addfile(member, io.BytesIO(b"no image"))
    with pytest.raises(CorpusError, match=r"photos-a\.tar: cats/1\.jpg cannot be read"):
        read_corpus(tmp_path)


def test_photos_are_made_smaller_by_counting_every_pixel() -> None:
    photos = np.zeros((1, 160, 160, 3), np.uint8)
    photos[:, ::2] = 200
    smaller = Corpus(photos, photos).photos_at(80)
    assert smaller.shape == (1, 80, 80, 3)
    assert (smaller == 100).all()
