"""Teaching networks labels: the textbook's network, the losses, and a course that goes on."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from search.encoders.learning import classic, fine_tuning
from search.encoders.learning.augmenting import changed, random_box
from search.encoders.learning.checkpoint import Checkpoint
from search.encoders.learning.course import Course
from search.encoders.learning.examples import Example, Pair, Pictures
from search.encoders.learning.learner import Learner
from search.encoders.learning.objectives import (
    contrastive_loss,
    head_for,
    named,
    naming_loss,
    pair_loss,
)
from search.encoders.learning.progress import Epoch, Moment, Progress
from search.encoders.learning.recipes import (
    Augmentation,
    Kind,
    Optimizer,
    Recipe,
    Schedule,
    factor_at,
)
from search.encoders.tensorflow import import_tensorflow

RECIPE = Recipe(Kind.CLASSIC, learning_rate=0.01, batch_size=4, epochs=3, patience=0)


@pytest.fixture(scope="module")
def keras() -> Any:
    import_tensorflow()
    import keras

    return keras


def example(key: int, label: int, color: tuple[int, int, int]) -> Example:
    out = BytesIO()
    Image.new("RGB", (20, 20), color).save(out, "PNG")
    return Example(key, label, lambda: BytesIO(out.getvalue()))


EXAMPLES = [
    example(key, key % 2, (250 - key, 0, 0) if key % 2 else (0, 0, 250 - key)) for key in range(10)
]


def small_network(keras: Any) -> Any:
    keras.utils.set_random_seed(0)
    pixels = keras.Input((8, 8, 3))
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.Dense(4, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(pixels, x)


def course(keras: Any, folder: Path, recipe: Recipe = RECIPE, watch: Any = None) -> Course:
    learner = Learner(small_network(keras), 2, recipe)
    heard = watch or (lambda _: None)
    train, validation = EXAMPLES[:6], EXAMPLES[6:]
    pictures = Pictures(8)
    return Course(learner, pictures, train, validation, Checkpoint(folder), heard, lambda _: None)


def test_classic_network_has_the_layers_and_numbers_of_the_textbook(keras: Any) -> None:
    network = classic.build()
    maps = [
        layer.output.shape[1:]
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.MaxPooling2D)
    ]
    assert maps == [
        (222, 222, 32),
        (111, 111, 32),
        (109, 109, 64),
        (54, 54, 64),
        (52, 52, 128),
        (26, 26, 128),
    ]
    convolutions = (9 * 3 + 1) * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128
    dense = (26 * 26 * 128 + 1) * 512
    assert network.count_params() == convolutions + dense == 44_396_096
    assert network.output.shape == (None, 512)


@pytest.mark.parametrize(("classes", "outputs"), [(2, 1), (3, 3), (30, 30)])
def test_head_has_one_sigmoid_for_two_classes(keras: Any, classes: int, outputs: int) -> None:
    head = head_for(classes)
    head.build((None, 512))
    assert head.count_params() == 513 * outputs


def test_cross_entropy_is_that_of_the_probability_of_the_truth(keras: Any) -> None:
    tf = import_tensorflow()
    two = naming_loss(tf.constant([[0.0], [2.0]]), tf.constant([1, 0]))
    assert float(two) == pytest.approx((np.log(2) + np.log(1 + np.e**2)) / 2)
    three = naming_loss(tf.constant([[0.0, 0.0, 0.0]]), tf.constant([2]))
    assert float(three) == pytest.approx(np.log(3))


def test_head_names_the_likelier_class() -> None:
    assert named(np.array([[-1.0], [3.0]], np.float32)).tolist() == [0, 1]
    assert named(np.array([[0.0, 2.0, 1.0]], np.float32)).tolist() == [1]


def test_contrastive_loss_is_that_of_its_formula(keras: Any) -> None:
    tf = import_tensorflow()
    vectors = tf.constant([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    # Each of the pair: log of (e^10 + e^0) less 10; the third is alone of its class.
    loss = contrastive_loss(vectors, tf.constant([0, 0, 1]))
    assert float(loss) == pytest.approx(np.log(np.exp(10) + 1) - 10, abs=1e-5)


def test_images_alone_of_their_class_teach_nothing(keras: Any) -> None:
    tf = import_tensorflow()
    assert float(contrastive_loss(tf.eye(3), tf.constant([0, 1, 2]))) == 0


def test_pairs_called_alike_come_near_and_others_go_apart(keras: Any) -> None:
    tf = import_tensorflow()
    one, other = tf.constant([[1.0, 0.0], [0.8, 0.6]]), tf.constant([[0.0, 1.0], [0.8, 0.6]])
    # Alike: the squared distance 2. Not alike, at no distance: the margin 1, squared.
    loss = pair_loss(one, other, tf.constant([1.0, 0.0]))
    assert float(loss) == pytest.approx((2 + 1) / 2, abs=1e-3)


def test_course_learns_from_pairs_too(keras: Any, tmp_path: Path) -> None:
    recipe = replace(RECIPE, kind=Kind.FINE_TUNE, epochs=2)
    learner = Learner(fine_tuning.build(small_network(keras)), 2, recipe)
    broken = Pair(EXAMPLES[0], Example(99, 0, lambda: BytesIO(b"no picture")), True)
    pairs = [Pair(EXAMPLES[0], EXAMPLES[2], True), Pair(EXAMPLES[0], EXAMPLES[1], False), broken]
    checkpoint = Checkpoint(tmp_path)
    done = Course(
        learner,
        Pictures(8),
        EXAMPLES[:6],
        EXAMPLES[6:],
        checkpoint,
        lambda _: None,
        lambda _: None,
        pairs,
    ).run()
    assert len(done.epochs) == 2


def test_kept_axes_are_orthonormal_and_hold_the_vectors() -> None:
    vectors = np.zeros((3, 6), np.float32)
    vectors[:, :2] = [[1, 0], [0, 2], [1, 1]]
    axes = fine_tuning.orthonormal_axes(vectors, 4)
    np.testing.assert_allclose(axes.T @ axes, np.eye(4), atol=1e-6)
    np.testing.assert_allclose(
        np.linalg.norm(vectors @ axes, axis=1), np.linalg.norm(vectors, axis=1), rtol=1e-6
    )


def test_fine_tuned_embedding_begins_with_what_its_base_says(keras: Any) -> None:
    base = small_network(keras)
    network = fine_tuning.build(base)
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 3)).astype(np.float32)
    vectors, before = network(pixels).numpy(), base(pixels).numpy()
    assert vectors.shape == (2, 512)
    kept, learned = vectors[:, :4], vectors[:, 4:]
    before *= (2 / 3) ** 0.5 / np.linalg.norm(before, axis=1, keepdims=True)
    np.testing.assert_allclose(kept, before, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(learned, axis=1), (1 / 3) ** 0.5, atol=1e-5)


def test_rate_rises_then_falls_as_its_schedule_says() -> None:
    assert factor_at(Schedule.COSINE, 0.025) == pytest.approx(0.5)
    assert factor_at(Schedule.COSINE, 0.525) == pytest.approx(0.505)
    assert factor_at(Schedule.COSINE, 1.0) == pytest.approx(0.01)
    assert factor_at(Schedule.CONSTANT, 0.9) == 1
    steps = [factor_at(Schedule.STEPS, share) for share in (0.5, 0.7, 0.9)]
    assert steps == pytest.approx([1, 0.1, 0.01])


def test_recipe_is_told_and_read_again() -> None:
    recipe = Recipe(Kind.FINE_TUNE, base="compact", optimizer=Optimizer.SGD)
    assert Recipe.from_json(recipe.as_json()) == recipe


def test_augmentation_changes_pictures_within_bounds() -> None:
    random = np.random.default_rng(0)
    square = random.integers(0, 255, (10, 10, 3), np.uint8)
    assert (changed(square, 10, Augmentation.NONE, random) == square).all()
    for how in (Augmentation.LIGHT, Augmentation.STRONG):
        assert changed(square, 8, how, random).shape == (8, 8, 3)
    for _ in range(50):
        left, top, right, bottom = random_box(10, 0.25, random)
        assert 0 <= left < right <= 10
        assert 0 <= top < bottom <= 10


def test_unreadable_pictures_are_named_and_left_out() -> None:
    broken = Example(99, 0, lambda: BytesIO(b"no picture"))
    pictures = Pictures(8)
    assert [one.key for one in pictures.readable([EXAMPLES[0], broken])] == [0]
    assert "not an image" in pictures.unreadable[99]
    (batch,) = pictures.batches([EXAMPLES[1], broken], 4, Augmentation.LIGHT, [])
    assert batch.labels.tolist() == [1]
    assert batch.pixels.shape == (1, 8, 8, 3)


@pytest.mark.parametrize("optimizer", Optimizer)
def test_network_learns_to_tell_red_from_blue(
    keras: Any, tmp_path: Path, optimizer: Optimizer
) -> None:
    rate = 0.01 if optimizer in {Optimizer.ADAM, Optimizer.ADAMW} else 0.1
    recipe = replace(RECIPE, optimizer=optimizer, learning_rate=rate, epochs=12)
    progress = course(keras, tmp_path, recipe).run()
    assert progress.epochs[-1].loss < progress.epochs[0].loss
    assert progress.best is not None
    assert progress.best.validation_accuracy == 1.0


def test_interrupted_course_goes_on_where_it_was(keras: Any, tmp_path: Path) -> None:
    def interrupt(moment: Moment) -> None:
        if moment.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        course(keras, tmp_path / "a", watch=interrupt).run()
    resumed = course(keras, tmp_path / "a")
    whole = course(keras, tmp_path / "b")
    assert [epoch.loss for epoch in resumed.run().epochs] == pytest.approx(
        [epoch.loss for epoch in whole.run().epochs], abs=1e-5
    )


def test_course_ends_with_its_best_weights(keras: Any, tmp_path: Path) -> None:
    done = course(keras, tmp_path)
    progress = done.run()
    assert progress.best
    assert done.judge(done.validation).mean_loss == pytest.approx(
        progress.best.validation_loss, abs=1e-6
    )


def epoch(number: int, validation_loss: float) -> Epoch:
    return Epoch(number, 1.0, 0.5, validation_loss, 0.5, 0.1, 1.0)


def test_course_stops_when_nothing_gets_better() -> None:
    progress = Progress([epoch(1, 0.5), epoch(2, 0.6), epoch(3, 0.7)])
    assert progress.is_over(epochs=10, patience=2)
    assert not progress.is_over(epochs=10, patience=3)
    assert not progress.is_over(epochs=10, patience=0)
    assert progress.is_over(epochs=3, patience=0)


def test_checkpoint_that_can_not_be_written_leaves_the_last_one(keras: Any, tmp_path: Path) -> None:
    learner = Learner(small_network(keras), 2, RECIPE)
    checkpoint = Checkpoint(tmp_path)
    checkpoint.save(learner, Progress(step=7))
    tiny = Checkpoint(Path("/dev/full"))
    with pytest.raises(OSError, match="File exists"):
        tiny.save(learner, Progress())
    assert checkpoint.restore(learner).step == 7
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]
