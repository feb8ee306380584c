"""From a checkpoint to what is shipped: weights, manifest with digest and figures, model card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from search.encoders.compact import network, weights
from search.encoders.compact.batches import BATCH_SIZE
from search.encoders.compact.checkpoint import Progress, restore
from search.encoders.compact.corpus import PHOTO_SIZE, TINY_SIZE, Corpus, read_corpus
from search.encoders.compact.distillation import narrowed
from search.encoders.compact.projection import fit_projection_of_classes
from search.encoders.compact.views import askew
from search.encoders.compact.yardsticks import markdown_table, measure
from search.encoders.pictures import square_pixels
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    import numpy as np
    from numpy.typing import NDArray

CARD = """\
# compact

The default encoder: a stem, fifteen bottlenecks and a head ({architecture}, {parameters:.1f}
million parameters, {megabytes:.1f} MB at half precision). An image is laid on
white, squeezed to {input_size} × {input_size} and becomes a unit vector of {dimensions} numbers.

Digest: `{digest}`

## Data and training

No weight of another network is in it. It learned to answer as EfficientNet-Lite0 with ImageNet
weights does, which saw the very same crops, mixtures and pictures lying askew. Both are cut at the
same seventeen places, behind every bottleneck of the teacher.
{beginning}

A training from random weights goes like this. At first each block learns apart: it is given what
the teacher has before the block, and learns to give what the teacher has after it, position by
position. Then the blocks are joined and learn on as one network, to give the same and above all
such features that a layer makes of them what those of two networks say together,
EfficientNet-Lite0's and MobileNetV2's, from pictures with grain that these do not see. At last it
is narrowed: within the blocks the channels that others can answer for go, and it learns on without
them. One that goes on from shipped weights begins where the blocks are joined, with narrow ones.

It is of the first teacher's family, and narrower within. The layer that reads those features is
left out after training: they are pooled by GeM, divided by the square root of their standard
deviation within a class, along its axes, and turned onto the {dimensions} axes along which what is
left differs most. Both are taken of the larger photographs, as they are and mirrored and askew;
labels were used for nothing else.

| this training | |
| --- | --- |
| small photographs, {tiny_size} × {tiny_size} pixels | {tiny:,} |
| larger photographs, {photo_size} × {photo_size} pixels | {photos:,} |
| classes of the larger ones, each sample as one of its own | {classes:,} |
| steps | {steps:,} |
| views, {batch_size} a step | {views:,} |
| minutes | {minutes:.0f} |

For the weights in this project's repository the small ones were Tiny ImageNet's, the larger ones
photographs of Caltech-101's classes, samples of ImageNet and clothes. Written by
`script/train-compact DATA`, and from an interrupted run's checkpoint by
`script/train-compact DATA --export`.

## Figures

{figures}

## Limits

Like its teachers, it knows what ImageNet's photographs show better than what they do not:
drawings, documents and close-ups of faces. Fine print and small objects in a large scene are beyond
{input_size} pixels. What people look like in it was neither trained for nor measured.
"""

MEASURED = """\
Leave-one-out on the {images} photographs of {classes} classes in DATA/objects, which are kept out
of the training files. Printed by `manage.py yardsticks DATA`; images per second from file
to vector, on the machine that wrote this, are only for comparing the rows.

{table}"""


def export(checkpoint: Path, data: Path, folder: Path = weights.FOLDER) -> weights.Manifest:
    """Write the checkpoint's averaged weights, measure them and tell of both in the card.

    A network that is wider than it is shipped is narrowed. Without DATA/objects there are no
    figures. CheckpointError and CorpusError if there is nothing to write, or to fit a layer to.
    """
    corpus, (student, progress) = read_corpus(data), restore(checkpoint)
    if not student.is_narrow:
        student.settle(progress.step)
        student = narrowed(student, corpus.photos)
    arrays = [variable.numpy() for variable in student.average]
    arrays += whitening_head(arrays, corpus)
    digest = weights.write_weights(arrays, network.INPUT_SIZE, folder)
    manifest = weights.Manifest(digest, network.INPUT_SIZE, training=training_of(progress))
    weights.write_manifest(manifest, folder)
    if (data / "objects").is_dir():
        manifest = replace(manifest, figures=measure(data, folder))
        weights.write_manifest(manifest, folder)
    parameters = sum(array.size for array in arrays)
    (folder / "MODEL_CARD.md").write_text(card(manifest, parameters, corpus, progress))
    return manifest


def whitening_head(
    arrays: Sequence[NDArray[np.float32]], corpus: Corpus
) -> list[NDArray[np.float32]]:
    """Kernel and bias of a last layer that rotates and partly whitens the pooled features.

    `arrays` are the network's weights without that layer. It sees each photo as it is, and
    mirrored and askew: how a picture lies differs within its class, and says nothing of what it
    shows.
    """
    import_tensorflow()
    import keras
    import numpy as np

    model = network.build(network.INPUT_SIZE)
    head = model.get_layer("embedding").get_weights()
    model.set_weights([*arrays, *head])
    pooled = keras.Model(model.input, model.get_layer(network.POOLING_LAYER).output)
    # Askew in the same way whenever the same weights are exported.
    keras.utils.set_random_seed(1)
    parts = np.array_split(corpus.photos, max(1, len(corpus.photos) // BATCH_SIZE))
    upright, lying_askew = zip(*(_features(pooled, part) for part in parts), strict=True)
    projection = fit_projection_of_classes(
        np.concatenate([*upright, *lying_askew]),
        np.tile(corpus.photo_classes, 2),
        network.DIMENSIONS,
    )
    return [projection.axes, -projection.centre @ projection.axes]


def _features(
    model: keras.Model, photos: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the model makes of the photos as they are, and of the same mirrored and askew."""
    import numpy as np

    squares = [square_pixels(Image.fromarray(photo), network.INPUT_SIZE) for photo in photos]
    pixels = np.stack(squares).astype(np.float32)
    mirrored = pixels[:, :, ::-1]
    return model.predict_on_batch(pixels), model.predict_on_batch(askew(mirrored))


def training_of(progress: Progress) -> dict[str, float]:
    """How long it was trained, as the manifest says it."""
    return {
        "images_seen": progress.images_before + progress.step * BATCH_SIZE,
        "minutes": round((progress.seconds_before + progress.seconds) / 60, 1),
    }


def card(manifest: weights.Manifest, parameters: int, corpus: Corpus, progress: Progress) -> str:
    """The model card in Markdown."""
    return CARD.format(
        architecture=manifest.architecture,
        parameters=parameters / 1e6,
        megabytes=parameters * 2 / 1e6,
        input_size=manifest.input_size,
        dimensions=manifest.dimensions,
        digest=manifest.digest,
        beginning=beginning(progress),
        tiny_size=TINY_SIZE,
        tiny=len(corpus.tiny),
        photo_size=PHOTO_SIZE,
        photos=len(corpus.photos),
        classes=len(set(corpus.photo_classes)),
        steps=progress.step,
        batch_size=BATCH_SIZE,
        views=progress.step * BATCH_SIZE,
        minutes=progress.seconds / 60,
        figures=figures(manifest.figures),
    )


def beginning(progress: Progress) -> str:
    """A sentence on the weights that training began with."""
    if not progress.images_before:
        return "Its weights started from random."
    return (
        f"Its weights went on from those of {progress.images_before:,} views and"
        f" {progress.seconds_before / 60:.0f} minutes, trained by earlier versions of this program."
    )


def figures(measured: list[dict[str, Any]]) -> str:
    """How good it was found to be, and on what."""
    if not measured:
        return "Not measured yet."
    images, classes = (measured[0][name] for name in ("images", "classes"))
    return MEASURED.format(images=images, classes=classes, table=markdown_table(measured))
