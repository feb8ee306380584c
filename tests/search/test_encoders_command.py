"""`encoders` shows, adds, activates and removes encoders, while the one that answers goes on."""

import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gallery.models import Image
from search import adding, encoders
from search.encoders import manifests
from search.encoders.networks import read_file
from search.indexing import embed_batch
from search.management.commands import encoders as encoders_command
from search.models import Embedding, Encoder
from search.removal import mark
from tests.keras_files import SAVING, write_network

pytestmark = pytest.mark.filterwarnings(SAVING)

Store = Callable[..., Image]
Run = Callable[..., str]


@pytest.fixture
def run(db: None) -> Run:
    def command(*arguments: Any) -> str:
        out = StringIO()
        call_command("encoders", *arguments, stdout=out)
        return out.getvalue().strip()

    return command


@pytest.fixture
def net(tmp_path: Path) -> Path:
    return write_network(tmp_path / "my net.keras", size=16)


def fill() -> None:
    while embed_batch(Embedding.objects.all()):
        pass


def states(run: Run) -> dict[str, Any]:
    return {row["name"]: row for row in json.loads(run("list", "--json"))}


def test_the_list_says_how_far_each_is(run: Run, ready: Image, failed: Image, store: Store) -> None:
    store("green")
    head, row = (line.split() for line in run("list").splitlines())
    assert head == ["encoder", "digest", "width", "active", "coverage", "failed", "state"]
    assert row == ["tiny", "00000000", "12", "yes", "1", "of", "3", "1", "loadable"]


def test_thousands_are_set_apart() -> None:
    from search.models.encoders import Coverage

    assert str(Coverage(34475, 0, 1234567)) == "34 475 of 1 234 567"


def test_the_list_takes_as_many_queries_for_many_as_for_few(
    run: Run, other: Encoder, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):
        run("list")


def test_a_file_of_ones_own_is_filled_beside_the_one_that_answers(
    run: Run, ready: Image, net: Path
) -> None:
    assert "my-net (" in run("add", "--file", net, "--preprocess", "127.5,127.5")
    assert states(run)["my-net"]["coverage"] == "0 of 1"
    assert Encoder.objects.active() == Encoder.objects.get(name="tiny")
    fill()
    added = states(run)["my-net"]
    assert (added["coverage"], added["dimensions"], added["state"]) == ("1 of 1", 6, "loadable")


def test_adding_twice_adds_once(run: Run, net: Path) -> None:
    for _ in range(2):
        run("add", "--file", net, "--preprocess", "tf", "--name", "mine")
    assert Encoder.objects.filter(name="mine").count() == 1


def test_other_weights_under_its_name_are_another_encoder(
    run: Run, ready: Image, net: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run("add", "--file", net, "--preprocess", "tf", "--name", "mine")
    fill()
    run("activate", "mine")
    before = Encoder.objects.active()
    changed = write_network(tmp_path / "changed.keras", size=16, seed=1)
    run("add", "--file", changed, "--preprocess", "tf", "--name", "mine")
    assert Encoder.objects.filter(name="mine").count() == 2
    assert Encoder.objects.active() == before
    assert f"is new: {before} answers until it is filled" in caplog.text


def test_an_encoder_is_whitened_by_the_gallerys_own_vectors(run: Run, store: Store) -> None:
    for colour in ("red", "green", "blue", "white", "black", "grey"):
        store(colour)
    told = [run("add", "compact", "--whiten", "2") for _ in range(2)]
    assert told[0] == told[1]
    fill()
    found = Embedding.objects.filter(encoder__name="compact-2")
    assert [len(each.vector or []) for each in found] == [2] * 6
    base = encoders.identify("compact")
    assert (
        manifests.read("compact-2").weights_sha256
        == base.digest
        != encoders.identify("compact-2").digest
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vgg"], r"no 'vgg' to add. There are: compact, tiny, MobileNetV3Large.*--file FILE"),
        (["compact", "--whiten", "2"], "needs 4 images, and the gallery has 1"),
        (["compact", "--whiten", "600"], "1 to 512 dimensions"),
        (["compact", "--preprocess", "tf"], "belong to --file"),
        (["compact", "--name", "mine"], "has its name"),
        (["--file", "net.keras"], "--file needs --preprocess"),
        (["--file", "net.keras", "--preprocess", "tf", "--name", "tiny"], "is built in"),
        (["--file", "net.keras", "--preprocess", "keras"], "none of raw, tf"),
        (["--file", "net.keras", "--preprocess", "tf", "--name", "a/b"], "letters, digits"),
        (["--file", "net.keras", "--preprocess", "tf", "--input-size", "0"], "8 to 2048"),
        (["--file", "no.keras", "--preprocess", "tf"], "can't be loaded as a Keras network"),
        ([], "required"),
    ],
)
def test_what_can_not_be_added_is_refused(
    run: Run, store: Store, arguments: list[str], said: str
) -> None:
    store("red")
    with pytest.raises(CommandError, match=said):
        run("add", *arguments)
    assert list(Encoder.objects.values_list("name", flat=True)) == ["tiny"]
    assert manifests.names() == []


def test_while_another_is_added_or_removed_nothing_is_touched(
    run: Run, net: Path, other: Encoder, another_turn: Any, settings: Any
) -> None:
    fetching = settings.ENCODERS_DIR / "mine" / "weights.h5.partial"
    fetching.parent.mkdir(parents=True)
    fetching.touch()
    for asked in (
        ["add", "--file", net, "--preprocess", "tf", "--name", "mine"],
        ["add", "other"],
        ["remove", "other"],
    ):
        with pytest.raises(CommandError, match="Another process is adding or removing"):
            run(*asked)
    assert fetching.exists()
    other.refresh_from_db()
    assert not other.is_being_removed


def test_a_killed_process_leaves_the_turn_to_the_next(run: Run, another_turn: Any) -> None:
    another_turn.close()
    assert "tiny (" in run("add", "tiny")


def test_what_was_fetched_is_still_there_after_an_interruption(
    run: Run, net: Path, store: Store, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def interrupt(files: Any) -> Any:
        raise KeyboardInterrupt

    for shade in range(4):
        store((shade, 0, 0))
    asked = ["add", "--file", net, "--preprocess", "tf", "--name", "mine", "--whiten", "2"]
    with monkeypatch.context() as interrupted:
        interrupted.setattr(encoders_command, "image_bar", interrupt)
        with pytest.raises(CommandError, match="Run it again: it goes on"):
            run(*asked)
    (fetched,) = (settings.ENCODERS_DIR / "mine").iterdir()
    assert fetched.read_bytes() == net.read_bytes()
    assert "mine (" in run(*asked)


def test_an_interrupted_copy_leaves_what_is_installed_as_it_is(
    run: Run, net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["add", "--file", net, "--preprocess", "tf", "--name", "mine"]
    run(*asked)

    def interrupt(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copyfile", interrupt)
    with pytest.raises(CommandError, match="Run it again"):
        run(*asked)
    assert encoders.identify("mine").name == "mine"


def test_nothing_is_left_of_what_can_not_be_added(
    run: Run, net: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(adding, "MOST_DIMENSIONS", 5)
    with pytest.raises(CommandError, match="5 is the most that can be kept"):
        run("add", "--file", net, "--preprocess", "tf", "--name", "mine")
    assert not (settings.ENCODERS_DIR / "mine").exists()


def test_one_that_is_being_removed_is_not_added(run: Run, other: Encoder) -> None:
    mark(other)
    with pytest.raises(CommandError, match="run `encoders remove other@11111111` first"):
        run("add", "other")


def for_three_pictures(maps: Any) -> Any:
    from keras import ops

    return ops.reshape(ops.mean(maps, axis=(1, 2)), (3, 6))


def without_numbers(maps: Any) -> Any:
    from keras import layers

    return layers.Rescaling(float("nan"))(maps)


@pytest.mark.parametrize(
    ("end", "said"),
    [(for_three_pictures, "can't be made ready to encode"), (without_numbers, "no finite vector")],
)
def test_what_encodes_no_picture_is_refused(
    run: Run, net: Path, end: Callable[[Any], Any], said: str, settings: Any
) -> None:
    network = read_file(net)
    type(network)(network.inputs[0], end(network.outputs[0])).save(net)
    with pytest.raises(CommandError, match=said):
        run("add", "--file", net, "--preprocess", "raw")
    assert not Encoder.objects.filter(name="my-net").exists()
    assert list(settings.ENCODERS_DIR.iterdir()) == []


def test_one_that_is_not_filled_is_activated_only_if_told(
    run: Run, ready: Image, other: Encoder
) -> None:
    with pytest.raises(CommandError, match="has vectors of 0 of 1 images so far"):
        run("activate", "other")
    run("activate", "other", "--incomplete")
    assert Encoder.objects.active() == other


def test_the_way_back_is_told(run: Run, tiny: Encoder, other: Encoder) -> None:
    assert run("activate", "other").endswith("Back: `encoders activate tiny@00000000`.")
    run("activate", "tiny@00000000")
    assert Encoder.objects.active() == tiny


def test_no_way_back_is_told_to_one_that_can_not_be_computed_here(
    run: Run, tiny: Encoder, other: Encoder
) -> None:
    Encoder.objects.filter(pk=tiny.pk).update(digest="2" * 64)
    assert run("activate", "other") == "other (11111111) answers."


def test_one_that_can_not_be_computed_here_is_not_activated(run: Run) -> None:
    Encoder.objects.create(name="tiny", digest="1" * 64, dimensions=12)
    with pytest.raises(CommandError, match=r"can't be computed here.*tiny is 00000000 here"):
        run("activate", "tiny@1")


def test_a_name_means_the_one_that_is_installed(run: Run, tiny: Encoder) -> None:
    Encoder.objects.create(name="tiny", digest="1" * 64, dimensions=12)
    assert run("activate", "tiny") == f"{tiny} answers."


def test_a_digest_that_says_too_little_is_answered_with_all_it_may_mean(run: Run) -> None:
    for end in "ab":
        Encoder.objects.create(name="mine", digest="1" * 63 + end, dimensions=3)
    with pytest.raises(CommandError, match=r"may be any of mine@1+b, mine@1+a\."):
        run("activate", "mine@11")
    with pytest.raises(CommandError, match=r"no encoder 'yours'\. There are: tiny@00000000"):
        run("activate", "yours")


@pytest.mark.django_db(transaction=True)
def test_one_is_removed_by_name(run: Run, other: Encoder) -> None:
    assert run("remove", "other") == "other (11111111) is removed."
    assert not Encoder.objects.filter(name="other").exists()


def test_the_one_that_answers_is_not_removed(run: Run, other: Encoder) -> None:
    other.activate()
    with pytest.raises(CommandError, match="activate another first"):
        run("remove", "other")
