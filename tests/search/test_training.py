"""Training on the gallery's own labels: what is refused, run, resumed, cancelled, and kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from gallery.models import Image, State, User
from search import removal, turns
from search.encoders.learning.progress import Moment
from search.encoders.learning.recipes import Kind, Recipe
from search.labels import LabelSource
from search.marks import mark
from search.models import Embedding, Encoder, Training
from search.models.trainings import UNSEEN, Status
from search.splitting import Part
from search.training import running, starting
from search.training.learning import pairs_of
from search.training.running import claim, forget_network, sweep, train_next
from search.training.starting import CannotTrain, Lesson, cancel, start
from tests.keras_files import SAVING

pytestmark = pytest.mark.filterwarnings(SAVING)

LESSON = Lesson(LabelSource.TAGS, at_least=3)
CLASSIC = Recipe(Kind.CLASSIC, epochs=1, batch_size=8)
TUNE = Recipe(Kind.FINE_TUNE, base="compact", epochs=2, batch_size=16)

Store = Callable[..., Image]


@pytest.fixture
def pictures(store: Store) -> list[Image]:
    """Alice's: six red and six blue ones, tagged."""
    return [
        *(store((250 - 20 * n, 0, 0), tags=["red"]) for n in range(6)),
        *(store((0, 0, 250 - 20 * n), tags=["blue"]) for n in range(6)),
    ]


def test_marks_are_learned_from_but_for_tested_images(
    pictures: list[Image], alice: User, bob: User
) -> None:
    training = begin(alice)
    parts = dict(training.images.values_list("image", "part"))
    learned = [image for image in pictures if parts[image.pk] == Part.TRAIN]
    tested = next(image for image in pictures if parts[image.pk] == Part.TEST)
    mark(alice, learned[0], learned[1], True)
    mark(alice, learned[0], learned[2], False)
    mark(alice, learned[0], tested, True)
    for image in learned[:4]:
        image.shared_with.add(bob)
    mark(bob, learned[0], learned[3], True)
    pairs = [(pair.one.key, pair.other.key, pair.are_alike) for pair in pairs_of(training)]
    assert pairs == [
        (learned[0].pk, learned[1].pk, True),
        (learned[0].pk, learned[2].pk, False),
    ]


@pytest.fixture
def compact(settings: Any, db: None) -> Encoder:
    """The shipped encoder, known beside the tiny one."""
    from search.catalogue import register
    from search.encoders import identify

    settings.ENCODERS = {
        **settings.ENCODERS,
        "compact": "search.encoders.compact.encoder.CompactEncoder",
    }
    return register(identify("compact"))


def begin(user: User | None, recipe: Recipe = CLASSIC, lesson: Lesson = LESSON) -> Training:
    return start("mine", recipe, lesson, user)


def test_each_image_is_in_one_part(pictures: list[Image], alice: User) -> None:
    training = begin(alice)
    parts = dict(training.images.values_list("image", "part"))
    assert parts.keys() == {image.pk for image in pictures}
    assert set(parts.values()) == set(Part)
    assert training.classes == ["blue", "red"]


def test_nothing_is_learned_from_what_one_may_not_see(
    pictures: list[Image], charlie: User, bob: User
) -> None:
    with pytest.raises(CannotTrain, match="that charlie may see are needed"):
        begin(charlie)
    for image in pictures[:4] + pictures[6:10]:
        image.shared_with.add(bob)
    assert begin(bob).images.count() == 8


def test_rights_that_are_gone_when_it_begins_are_gone(pictures: list[Image], bob: User) -> None:
    for image in pictures:
        image.shared_with.add(bob)
    training = begin(bob)
    pictures[0].shared_with.remove(bob)
    assert pictures[0].pk not in running.visible_images(training)
    bob.delete()
    training.refresh_from_db()
    with pytest.raises(CannotTrain, match="is gone"):
        running.visible_images(training)


def test_labels_can_be_left_out_to_be_tested_on(
    pictures: list[Image], store: Store, alice: User
) -> None:
    for n in range(4):
        store((0, 250 - 20 * n, 0), tags=["green"])
    training = begin(alice, lesson=replace(LESSON, left_out=1))
    unseen = set(training.images.filter(part=UNSEEN).values_list("label", flat=True))
    assert unseen == {2}
    with pytest.raises(CannotTrain, match="at least 2 are needed"):
        start("more", CLASSIC, replace(LESSON, left_out=2), alice)


@pytest.mark.parametrize(
    ("name", "reason"), [("a/b", "no name"), ("tiny", "already"), ("mine", "being trained")]
)
def test_names_that_are_taken_are_refused(
    pictures: list[Image], alice: User, name: str, reason: str
) -> None:
    begin(alice)
    with pytest.raises(CannotTrain, match=reason):
        start(name, CLASSIC, LESSON, alice)


def test_copies_alone_leave_nothing_to_test_with(store: Store, alice: User, bob: User) -> None:
    for color, tag in (("red", "red"), ("blue", "blue")):
        for owner in (alice, bob):
            store(color, owner=owner, tags=[tag])
    with pytest.raises(CannotTrain, match="left to test with"):
        begin(None, lesson=replace(LESSON, at_least=2))


def test_full_disk_is_told_before_anything_is_done(
    pictures: list[Image], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(starting.NEEDED, Kind.CLASSIC, 2**60)
    with pytest.raises(CannotTrain, match=r"needs \d+ MB for its checkpoints"):
        begin(alice)
    assert not Training.objects.exists()


def test_one_training_runs_at_a_time(pictures: list[Image], alice: User) -> None:
    begin(alice)
    start("other-one", CLASSIC, LESSON, alice)
    first = claim(Training.objects.all())
    assert first is not None
    assert first.name == "mine"
    assert claim(Training.objects.all()) is None
    assert not sweep()


def test_waiting_training_is_cancelled_at_once(pictures: list[Image], alice: User) -> None:
    training = begin(alice)
    assert cancel(training)
    training.refresh_from_db()
    assert training.status == Status.CANCELLED
    assert not train_next()
    assert not cancel(training)


def test_training_that_kills_its_worker_is_given_up(pictures: list[Image], alice: User) -> None:
    training = begin(alice)
    late = timezone.now() - timedelta(seconds=1)
    Training.objects.update(attempts=3, leased_until=late)
    sweep()
    training.refresh_from_db()
    assert training.status == Status.FAILED
    assert "three times" in training.error


def test_fine_tuned_encoder_is_one_like_any_other(
    pictures: list[Image],
    alice: User,
    compact: Encoder,
    embed: Callable[..., None],
    settings: Any,
) -> None:
    Path(pictures[0].file.path).write_bytes(b"broken")
    training = begin(alice, TUNE)
    moments: list[Moment] = []
    assert train_next(moments.append)
    training.refresh_from_db()
    assert (training.error, training.status) == ("", Status.READY)
    assert [moment.epoch for moment in moments] == [1, 2]
    assert training.unreadable[0][0] == pictures[0].pk
    assert [one["role"] for one in training.report["encoders"]] == [
        "trained",
        "base",
        "active",
        "histogram",
    ]
    assert training.report["head"]["figures"]["accuracy"]["queries"] > 0
    assert not list(Path(settings.TRAININGS_DIR).iterdir())
    assert training.encoder is not None
    assert training.encoder.is_loadable
    embed(pictures[1])
    own = Embedding.objects.get(image=pictures[1], encoder=training.encoder)
    assert (own.state, len(own.vector or [])) == (State.READY, 512)


def test_fine_tuned_encoder_says_why_pictures_are_similar(
    pictures: list[Image], alice: User, compact: Encoder
) -> None:
    from search import encoders
    from search.encoders.pictures import open_squeezed

    begin(alice, TUNE)
    train_next()
    encoder = encoders.load("mine")
    picture = open_squeezed(Path(pictures[1].file.path), encoder.input_size)
    parts = encoder.parts(picture)
    assert parts.shape == (encoder.input_size // 32, encoder.input_size // 32, 512)
    assert parts.sum(axis=(0, 1)) == pytest.approx(encoder.encode([picture])[0], abs=1e-3)


def test_cancelled_training_ends_at_its_next_step(
    pictures: list[Image], alice: User, compact: Encoder
) -> None:
    training = begin(alice, TUNE)

    def change_ones_mind(moment: Moment) -> None:
        cancel(training)

    assert train_next(change_ones_mind)
    training.refresh_from_db()
    assert (training.status, training.encoder) == (Status.CANCELLED, None)


def test_killed_training_goes_on_from_its_checkpoint(
    pictures: list[Image], alice: User, compact: Encoder
) -> None:
    def kill(moment: Moment) -> None:
        if moment.epoch == 2:
            raise KeyboardInterrupt

    training = begin(alice, TUNE)
    with pytest.raises(KeyboardInterrupt):
        train_next(kill)
    Training.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert sweep()
    moments: list[Moment] = []
    assert train_next(moments.append)
    assert [moment.epoch for moment in moments] == [2]
    training.refresh_from_db()
    assert training.status == Status.READY
    assert len(training.epochs) == 2


def test_nothing_is_left_of_a_network_that_became_no_encoder(
    pictures: list[Image], alice: User, compact: Encoder, settings: Any
) -> None:
    training = begin(alice, TUNE)
    folder = Path(settings.ENCODERS_DIR) / "mine"
    folder.mkdir(parents=True)
    (folder / f"training-{training.pk}.keras").write_bytes(b"the disk was full here")
    compact.delete()
    assert train_next()
    training.refresh_from_db()
    assert "has been removed" in training.error
    assert not folder.exists()


def test_trained_encoder_waits_until_no_other_is_added(
    pictures: list[Image],
    alice: User,
    compact: Encoder,
    another_turn: Any,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    def end_the_other(seconds: float) -> None:
        assert not (Path(settings.ENCODERS_DIR) / "mine").exists()
        another_turn.close()

    monkeypatch.setattr(turns, "sleep", end_the_other)
    training = begin(alice, TUNE)
    assert train_next()
    training.refresh_from_db()
    assert (training.status, another_turn.connection) == (Status.READY, None)


def test_what_another_process_fetches_is_not_forgotten_with_a_training(
    pictures: list[Image],
    alice: User,
    another_turn: Any,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    fetching = Path(settings.ENCODERS_DIR) / "mine" / "weights.h5.partial"
    fetching.parent.mkdir(parents=True)
    fetching.touch()

    def end_the_other(seconds: float) -> None:
        assert fetching.exists()
        another_turn.close()

    monkeypatch.setattr(turns, "sleep", end_the_other)
    forget_network(begin(alice))
    assert another_turn.connection is None


def test_encoder_that_is_removed_while_its_work_is_noted_is_told(
    pictures: list[Image], alice: User, compact: Encoder, settings: Any
) -> None:
    def remove_at_once(execute: Any, sql: str, *rest: Any) -> Any:
        done = execute(sql, *rest)
        if sql.startswith('INSERT INTO "search_encoder"'):
            removal.mark(Encoder.objects.get(name="mine"))
        return done

    training = begin(alice, TUNE)
    with connection.execute_wrapper(remove_at_once):
        assert train_next()
    training.refresh_from_db()
    assert training.status == Status.FAILED
    assert "is being removed" in training.error
    assert not (Path(settings.ENCODERS_DIR) / "mine").exists()


def test_disk_that_fills_up_on_the_way_is_told(
    pictures: list[Image], alice: User, compact: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = begin(alice, TUNE)
    monkeypatch.setattr(running, "folder_of", lambda _: Path("/dev/full"))
    monkeypatch.setattr("search.training.learning.folder_of", lambda _: Path("/dev/full"))
    assert train_next()
    training.refresh_from_db()
    assert training.status == Status.FAILED
    assert "could not be written" in training.error


def test_one_label_that_is_left_is_not_enough(
    pictures: list[Image], alice: User, compact: Encoder
) -> None:
    training = begin(alice, TUNE)
    for image in pictures[:6]:
        image.file.save("gone.png", ContentFile(b"no picture"))
    assert train_next()
    training.refresh_from_db()
    assert "of one label only (blue)" in training.error


def test_command_says_what_is_missing(db: None) -> None:
    with pytest.raises(CommandError, match="--kind is needed"):
        call_command("train_encoder", "mine")
    with pytest.raises(CommandError, match="there are none with any"):
        call_command("train_encoder", "mine", kind="classic")
    with pytest.raises(CommandError, match="nobody called"):
        call_command("train_encoder", "mine", kind="classic", user="zoe")
