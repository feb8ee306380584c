"""Trainings on pages: who may start and see them, what they are told, and the gate behind them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.models import Image, State, User
from search.models import Embedding, Encoder, Training, TrainingImage
from search.models.trainings import Status
from search.training.gate import loss_of

SignIn = Callable[[User], Client]

FIGURE = {"value": 0.5, "low": 0.4, "high": 0.6, "queries": 4}
QUALITY = {
    "figures": {"map": FIGURE, "precision_at_1": FIGURE, "accuracy": FIGURE, "macro_f1": FIGURE},
    "precision_recall": [{"recall": step / 10, **FIGURE} for step in range(11)],
    "per_class": {"cat": dict.fromkeys(("precision", "recall", "f1"), FIGURE)},
    "confusion_matrix": {"classes": ["cat", "dog"], "counts": [[2, 0], [1, 1]]},
}
EPOCH = {
    "number": 1,
    "loss": 0.5,
    "accuracy": 0.75,
    "validation_loss": 0.625,
    "validation_accuracy": None,
    "rate": 0.1,
    "seconds": 2.0,
}
MOMENT = {
    "epoch": 2,
    "epochs": 10,
    "step": 3,
    "steps": 5,
    "loss": 0.25,
    "images_per_second": 40.0,
    "seconds_left": 75.0,
}


def report(*images: int) -> dict[str, Any]:
    queries = [
        {
            "image": images[0],
            "classes": ["cat"],
            "results": [{"image": pk, "classes": ["dog"], "right": False} for pk in images[1:]],
        }
    ]
    one = {
        "role": "trained",
        "encoder": "mine",
        "images_per_second": 100.0,
        "among_test": QUALITY,
        "against_learned": QUALITY,
        "unseen": None,
        "queries": queries,
    }
    return {
        "images": {"train": 8, "validation": 2, "test": 4},
        "parameters": 1000,
        "epochs": 1,
        "best_epoch": 1,
        "seconds": 65.0,
        "images_per_second": 20.0,
        "head": {key: QUALITY[key] for key in ("figures", "per_class", "confusion_matrix")},
        "encoders": [one],
    }


@pytest.fixture
def trainer(alice: User) -> User:
    """Alice, who may have networks trained."""
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="add_training"))
    return alice


@pytest.fixture
def training(trainer: User) -> Training:
    return Training.objects.create(
        name="mine",
        started_by=trainer,
        source="tags",
        at_least=5,
        recipe={"kind": "classic", "learning_rate": 0.1, "optimizer": "sgd"},
        classes=["cat", "dog"],
        epochs=[EPOCH],
    )


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "name": "mine",
        "kind": "classic",
        "labels": "tags",
        "at_least": 2,
        "test_percent": 15,
        "left_out": 0,
        "backbone": "frozen",
        "epochs": 3,
        "patience": 0,
        "augmentation": "light",
        "optimizer": "adamw",
        "schedule": "cosine",
        "batch_size": 8,
        "seed": 0,
        **changes,
    }


def tagged(store: Callable[..., Image]) -> None:
    for n in range(4):
        store((250 - 40 * n, 0, 0), tags=["red"])
        store((0, 0, 250 - 40 * n), tags=["blue"])


def test_others_find_nothing_there(
    training: Training, bob: User, charlie: User, sign_in: SignIn
) -> None:
    charlie.is_staff = True
    charlie.save()
    for person in (bob, charlie):
        client = sign_in(person)
        for address in ("/trainings/", f"/trainings/{training.pk}/"):
            assert client.get(address).status_code == 404
        assert client.post(f"/trainings/{training.pk}/cancel/").status_code == 404
    charlie.user_permissions.add(Permission.objects.get(codename="add_training"))
    assert sign_in(charlie).get(f"/trainings/{training.pk}/").status_code == 404


def test_training_is_started_from_the_page(
    trainer: User, store: Callable[..., Image], sign_in: SignIn
) -> None:
    tagged(store)
    page = sign_in(trainer).post("/trainings/", asked(), follow=True)
    training = Training.objects.get()
    assert page.redirect_chain[-1][0] == f"/trainings/{training.pk}/"
    assert "Waiting for the trainer" in page.text
    assert (training.started_by, training.recipe["learning_rate"]) == (trainer, 3e-4)


def test_labels_that_do_not_do_are_told_in_the_form(trainer: User, sign_in: SignIn) -> None:
    page = sign_in(trainer).post("/trainings/", asked())
    assert page.status_code == 400
    assert "that alice may see are needed; there are none with any" in page.text
    page = sign_in(trainer).post("/trainings/", asked(kind="fine-tune"))
    assert "Choose the encoder to fine-tune." in page.text


def test_page_shows_how_far_it_is(training: Training, trainer: User, sign_in: SignIn) -> None:
    Training.objects.update(moment=MOMENT, leased_until="2999-01-01T00:00Z")
    page = sign_in(trainer).get(f"/trainings/{training.pk}/").text
    assert 'max="50" value="8"' in page
    assert "1:15" in page
    assert "hx-trigger" in page


def test_page_shows_what_came_of_it(
    training: Training, trainer: User, image: Image, sign_in: SignIn
) -> None:
    Training.objects.update(state=State.READY, report=report(image.pk))
    page = sign_in(trainer).get(f"/trainings/{training.pk}/")
    assert page.text.count("<svg") > 4
    assert "the new one" in page.text
    assert "01:05" in page.text
    csv = sign_in(trainer).get(f"/trainings/{training.pk}/figures.csv").text.splitlines()
    assert csv[1] == "mine,head,map,,0.5,0.4,0.6,4"
    told = sign_in(trainer).get(f"/trainings/{training.pk}/figures.json").json()
    assert told["epochs"][0]["validation_loss"] == 0.625


def test_pictures_that_one_may_not_see_are_not_shown(
    training: Training, trainer: User, bob: User, store: Callable[..., Image], sign_in: SignIn
) -> None:
    theirs = store("green", owner=bob, title="Bob’s secret")
    Training.objects.update(state=State.READY, report=report(theirs.pk))
    page = sign_in(trainer).get(f"/trainings/{training.pk}/").text
    assert f"/images/{theirs.pk}/" not in page


def test_list_asks_as_often_for_many(training: Training, trainer: User, sign_in: SignIn) -> None:
    client = sign_in(trainer)
    client.get("/trainings/")
    with CaptureQueriesContext(connection) as few:
        client.get("/trainings/")
    for n in range(4):
        Training.objects.create(
            name=f"n{n}", started_by=trainer, source="tags", at_least=2, recipe={}, classes=[]
        )
    with CaptureQueriesContext(connection) as many:
        client.get("/trainings/")
    assert len(many) == len(few)


def test_training_is_cancelled_from_the_page(
    training: Training, trainer: User, sign_in: SignIn
) -> None:
    page = sign_in(trainer).post(f"/trainings/{training.pk}/cancel/", follow=True)
    assert "was cancelled" in page.text
    training.refresh_from_db()
    assert training.status == Status.CANCELLED


@pytest.fixture
def worse(
    training: Training, other: Encoder, store: Callable[..., Image], embed: Callable[..., None]
) -> Encoder:
    """`other` was trained; of eight test images it finds the wrong ones, the active the right."""
    reds = [store((255, n, 0)) for n in range(4)]
    blues = [store((0, n, 255)) for n in range(4)]
    embed(*reds, *blues)
    vectors = [[1.0] + [0.0] * 11, [0.0, 1.0] + [0.0] * 10]
    for label, images in enumerate((reds, blues)):
        for n, image in enumerate(images):
            TrainingImage.objects.create(training=training, image=image, label=label, part="test")
            Embedding.objects.filter(image=image, encoder=other).update(vector=vectors[n % 2])
    Training.objects.update(encoder=other)
    return other


def test_worse_encoder_asks_before_it_answers(
    worse: Encoder, admin_client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    active = Encoder.objects.active()
    loss = loss_of(worse, active)
    assert loss is not None
    assert (loss.before, loss.queries) == (1.0, 8)
    assert loss.after < 0.7
    with pytest.raises(CommandError, match=r"is worse than tiny.*--although-worse"):
        call_command("encoders", "activate", "other")
    chosen = {"action": "activate", "_selected_action": worse.pk}
    page = admin_client.post("/admin/search/encoder/", chosen)
    assert "on the 8 test images" in page.text
    assert Encoder.objects.active() == active
    admin_client.post("/admin/search/encoder/", {**chosen, "although_worse": "yes"})
    assert Encoder.objects.active() == worse


def test_encoder_that_is_no_worse_answers_at_once(worse: Encoder) -> None:
    tiny = Encoder.objects.active()
    assert tiny is not None
    Training.objects.update(encoder=tiny)
    worse.activate()
    assert loss_of(tiny, worse) is None
    assert loss_of(worse, tiny) is None
