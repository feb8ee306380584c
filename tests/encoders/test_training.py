"""`compact` is trained end to end from a data directory, and goes on after an interruption."""

from __future__ import annotations

import io
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from search.encoders.compact import (
    distillation,
    export,
    network,
    projector,
    schedule,
    train,
    weights,
)
from search.encoders.compact.batches import BATCH_SIZE
from search.encoders.compact.checkpoint import Budget, Progress, read_plan, restore
from search.encoders.compact.corpus import Corpus, read_corpus
from search.encoders.compact.distillation import Student, Teachers, teachers_of
from search.encoders.compact.encoder import CompactEncoder
from search.encoders.compact.network import BOTTLENECKS, NARROW, WIDE, WIDTHS
from search.encoders.compact.schedule import STAGES, Stage
from search.encoders.compact.teachers import BLOCK_LAYERS, SECOND_TEACHER, TEACHERS
from search.encoders.compact.views import askew
from search.encoders.compact.yardsticks import yardsticks
from search.encoders.tensorflow import import_tensorflow

# Keras 3.15 saves weights by a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few photographs of noise and two teachers of random weights."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("train", "teachers", "objects/red", "objects/blue"):
        (folder / name).mkdir(parents=True)
    write_tar(folder / "train" / "photos-a.tar", 70, (40, 30))
    write_tar(folder / "train" / "tiny-a.tar", 200, (64, 64))
    for name in TEACHERS:
        write_teacher(folder / "teachers" / name)
    for colour in ("red", "blue"):
        for number in range(2):
            Image.new("RGB", (32, 32), colour).save(folder / f"objects/{colour}/{number}.png")
    return folder


def write_tar(path: Path, count: int, size: tuple[int, int]) -> None:
    random = np.random.default_rng(count)
    with tarfile.open(path, "w") as tar:
        for number in range(count):
            pixels = random.integers(0, 255, (*size, 3), np.uint8)
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG")
            member = tarfile.TarInfo(f"class/{number}.png")
            member.size = file.tell()
            file.seek(0)
            tar.addfile(member, file)


def strides() -> list[int]:
    """Of the blocks, the stem first and the head last."""
    return [2, *(bottleneck.stride for bottleneck in BOTTLENECKS), 1]


def write_teacher(path: Path) -> None:
    import_tensorflow()
    import keras

    pixels = x = keras.Input((None, None, 3))
    for name, width, stride in zip(BLOCK_LAYERS, WIDTHS, strides(), strict=True):
        x = keras.layers.Conv2D(width, stride, strides=stride, activation="relu", name=name)(x)
    keras.Model(pixels, x).save(path)


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run that was cut off in its second step of four, and then went on.

    It takes a step of every stage. `after-0.npz` and `after-1.npz` are what it left behind before.
    """
    folder = tmp_path_factory.mktemp("trained")
    checkpoint = folder / "checkpoint.npz"
    stages = (*STAGES[:-1], replace(STAGES[-1], starts=0.75))

    def make_step(student: Student, teachers: Teachers, stage: Stage) -> Any:
        number = stages.index(stage)
        shutil.copy(checkpoint, folder / f"after-{number}.npz")
        return cut_off if number == 1 else distillation.make_step(student, teachers, stage)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedule, "STAGES", stages)
        patch.setattr(train, "BATCHES_TO_FIT", 2)
        patch.setattr(distillation, "PHOTOS_TO_NARROW", 32)
        with pytest.MonkeyPatch.context() as cutting:
            cutting.setattr(train, "SECONDS_BETWEEN_CHECKPOINTS", 0)
            cutting.setattr(train, "make_step", make_step)
            with pytest.raises(KeyboardInterrupt):
                train.train(data, checkpoint, Budget(steps=4))
        train.train(data, checkpoint)
    shutil.copy(checkpoint, folder / "after-4.npz")
    return folder


def cut_off(*_: Any) -> None:
    """A step that is not finished."""
    raise KeyboardInterrupt


def test_a_run_knows_what_it_was_begun_with_before_its_first_step(trained: Path) -> None:
    assert read_plan(trained / "after-0.npz") == (Progress(), Budget(steps=4))


def test_the_maps_to_give_are_the_first_teachers_and_the_vectors_both_teachers(
    data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data, tmp_path, dirs_exist_ok=True)
    write_teacher(tmp_path / "teachers" / SECOND_TEACHER)
    photos = read_corpus(data).photos
    pixels = photos[:3].astype(np.float32)
    maps, vectors = zip(
        *(answers(folder, photos, pixels) for folder in (data, tmp_path)), strict=True
    )
    assert all(map(np.allclose, *maps))
    assert vectors[0].shape == (3, projector.DIMENSIONS)
    assert np.linalg.norm(vectors[0], axis=1) == pytest.approx(projector.DIMENSIONS**0.5, rel=1e-3)
    assert not np.allclose(vectors[0], vectors[1], atol=0.1)


def answers(
    folder: Path, photos: np.ndarray[Any, Any], pixels: np.ndarray[Any, Any]
) -> tuple[list[np.ndarray[Any, Any]], np.ndarray[Any, Any]]:
    """What the teachers in `folder` want of the blocks, and of the projector."""
    teachers = teachers_of(folder, photos)
    maps = teachers.maps(pixels)
    return [map_.numpy() for map_ in maps], teachers.vectors(pixels, maps[-1]).numpy()


def test_a_projector_is_fitted_when_the_blocks_are_joined(trained: Path) -> None:
    with np.load(trained / "after-1.npz") as apart, np.load(trained / "after-4.npz") as joined:
        assert not apart["projector-0000"].any()
        # By learning alone no number moves farther in two steps than the rate lets it.
        assert np.abs(joined["projector-0000"]).max() > 10 * schedule.PEAK_RATE_JOINED


def test_training_goes_on_from_its_checkpoint_to_larger_pictures_and_narrower_blocks(
    trained: Path,
) -> None:
    begun, over = (restore(trained / f"after-{steps}.npz") for steps in (1, 4))
    assert [progress.step for _, progress in (begun, over)] == [1, 4]
    assert begun[1].input_size == STAGES[0].size
    assert over[1].input_size == STAGES[-1].size
    for (student, _), hidden in ((begun, WIDE), (over, NARROW)):
        assert student.blocks[-2].weights[0].shape[-1] == hidden[-1]


def test_a_stage_is_closed_before_a_checkpoint_says_that_it_is_over(trained: Path) -> None:
    with np.load(trained / "after-1.npz") as closed:
        assert np.array_equal(closed["weights-0000"], closed["average-0000"])


def test_weights_have_changed_and_are_numbers(trained: Path) -> None:
    with np.load(trained / "after-1.npz") as before, np.load(trained / "after-4.npz") as after:
        assert not np.array_equal(before["weights-0000"], after["weights-0000"])
        assert all(np.isfinite(after[name]).all() for name in after.files if name != "budget")


def test_what_was_trained_is_exported_with_its_digest_and_figures(
    data: Path, trained: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "weights"
    options = ("--folder", str(trained), "--into", str(folder))
    call_command("train_compact", str(data), "--export", *options)
    manifest, shipped = weights.read_manifest(folder), weights.read_manifest()
    assert manifest.digest != shipped.digest
    measured = next(yardsticks(data, folder))
    assert isinstance(measured, CompactEncoder)
    assert measured.digest == manifest.digest
    exported, expected = weights.read_weights(manifest, folder), weights.read_weights(shipped)
    assert [array.shape for array in exported] == [array.shape for array in expected]
    card = (folder / "MODEL_CARD.md").read_text()
    assert manifest.digest in card
    assert "Its weights started from random." in card
    assert "| small photographs, 64 × 64 pixels | 200 |" in card
    assert "| larger photographs, 160 × 160 pixels | 70 |" in card
    assert "| steps | 4 |" in card
    assert "on the 4 photographs of 2 classes in DATA/objects" in card
    assert "| colour histogram | 1.0 | 1.0 |" in card


def test_the_card_tells_what_weights_a_training_went_on_from_and_counts_its_own_steps() -> None:
    pictures = np.zeros((3, 1, 1, 3), np.uint8)
    corpus = Corpus(pictures, pictures, np.array(["crab", "crab", "lamp"]))
    progress = Progress(1000, 6000.0, images_before=2_035_712, seconds_before=845 * 60)
    card = export.card(weights.read_manifest(), 3_700_000, corpus, progress)
    assert "those of 2,035,712 views and 845 minutes, trained by earlier versions" in card
    assert "started from random" not in card
    assert "| classes of the larger ones, each sample as one of its own | 2 |" in card
    assert "| views, 32 a step | 32,000 |" in card
    assert "| minutes | 100 |" in card


def test_what_is_still_wide_is_narrowed_to_be_exported(
    data: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data / "train", tmp_path / "train")
    monkeypatch.setattr(distillation, "PHOTOS_TO_NARROW", 32)
    with np.load(trained / "after-1.npz") as file:
        # As earlier versions wrote it.
        arrays = {name: file[name] for name in file.files if name != "budget"}
    np.savez(tmp_path / "earlier.npz", **arrays)
    manifest = export.export(tmp_path / "earlier.npz", tmp_path, tmp_path)
    assert manifest.figures == []
    exported = weights.read_weights(manifest, tmp_path)
    expected = weights.read_weights(weights.read_manifest())
    assert [array.shape for array in exported] == [array.shape for array in expected]
    assert "Not measured yet." in (tmp_path / "MODEL_CARD.md").read_text()


def test_how_a_photo_lies_counts_less_for_the_last_layer_having_seen_photos_askew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photos, others = blurred(128, 160), blurred(16, 224)
    corpus = Corpus(photos, photos[:0], np.arange(128).astype(str))
    features = weights.read_weights(weights.read_manifest())[:-2]
    having_seen = export.whitening_head(features, corpus)
    monkeypatch.setattr(export, "askew", lambda pixels: pixels)
    having_not = export.whitening_head(features, corpus)
    less = moved_by_turning([*features, *having_seen], others)
    assert less < 0.8 * moved_by_turning([*features, *having_not], others)


def blurred(count: int, size: int) -> np.ndarray[Any, Any]:
    """Pictures of soft patches of colour, other ones for every count."""
    small = np.random.default_rng(count).uniform(0, 255, (count, 4, 4, 3)).astype(np.float32)
    resized: np.ndarray[Any, Any] = import_tensorflow().image.resize(small, (size, size)).numpy()
    return resized.astype(np.uint8)


def moved_by_turning(arrays: list[np.ndarray[Any, Any]], pictures: np.ndarray[Any, Any]) -> float:
    """How far such a network moves a picture that is turned, by its distance to others."""
    model = network.build(weights.read_manifest().input_size)
    model.set_weights(arrays)
    # Turned alike for whichever weights.
    import_tensorflow().random.set_seed(5)
    pixels = pictures.astype(np.float32)
    upright, turned = model.predict(pixels, verbose=0), model.predict(askew(pixels), verbose=0)
    others = np.roll(upright, 1, axis=0)
    moved, apart = (
        np.linalg.norm(upright - vectors, axis=1).mean() for vectors in (turned, others)
    )
    return float(moved / apart)


def test_training_from_the_shipped_weights_begins_with_them_and_adds_to_what_they_saw(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "BATCHES_TO_FIT", 2)
    train.train(data, tmp_path / "checkpoint.npz", Budget(steps=1), from_shipped=True)
    student, progress = restore(tmp_path / "checkpoint.npz")
    manifest = weights.read_manifest()
    assert np.array_equal(student.average[0], weights.read_weights(manifest)[0])
    seen = export.training_of(progress)["images_seen"]
    assert seen == manifest.training["images_seen"] + BATCH_SIZE


@pytest.mark.parametrize("options", [[], ["--export"]])
def test_a_checkpoint_of_another_network_is_told_and_kept(
    data: Path, trained: Path, tmp_path: Path, options: list[str]
) -> None:
    with np.load(trained / "after-1.npz") as file:
        arrays = {name: file[name] for name in file.files if not name.startswith("projector-")}
    np.savez(tmp_path / "checkpoint.npz", **arrays)
    before = (tmp_path / "checkpoint.npz").read_bytes()
    with pytest.raises(CommandError, match="another version's network"):
        call_command(
            "train_compact", str(data), "--folder", str(tmp_path), "--into", str(tmp_path), *options
        )
    assert (tmp_path / "checkpoint.npz").read_bytes() == before


def test_data_without_photographs_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"No file photos-\*\.tar"):
        call_command("train_compact", str(tmp_path), "--folder", str(tmp_path))


def test_a_folder_that_cannot_be_made_is_told_before_training(data: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    options = ("--folder", str(tmp_path), "--into", str(tmp_path / "taken"))
    with pytest.raises(CommandError, match="taken"):
        call_command("train_compact", str(data), *options)
    assert not (tmp_path / "checkpoint.npz").exists()


@pytest.mark.parametrize("options", [["--minutes", "5"], ["--steps", "5"], ["--from-shipped"]])
def test_what_an_export_has_no_use_for_is_refused(tmp_path: Path, options: list[str]) -> None:
    with pytest.raises(CommandError, match="--export trains nothing"):
        call_command("train_compact", str(tmp_path), "--export", *options)


def test_there_is_nothing_to_export_before_training(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no checkpoint"):
        call_command("train_compact", str(tmp_path), "--folder", str(tmp_path), "--export")
