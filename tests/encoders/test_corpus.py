"""Training data that are not what is needed are refused by name."""

import io
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from search.encoders.compact.corpus import CorpusError, read_corpus


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


def test_a_photo_is_of_its_folders_class_but_a_sample_is_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    for tar, names in (
        ("photos-a", ("caltech/crab/1.png", "samples/1.png")),
        ("tiny-a", ("1.png",)),
    ):
        with tarfile.open(tmp_path / "train" / f"{tar}.tar", "w") as out:
            for name in names:
                content = io.BytesIO()
                Image.new("RGB", (9, 9)).save(content, "PNG")
                member = tarfile.TarInfo(name)
                member.size = content.tell()
                content.seek(0)
                out.addfile(member, content)
    assert read_corpus(tmp_path).photo_classes.tolist() == ["caltech/crab", "samples/1.png"]
