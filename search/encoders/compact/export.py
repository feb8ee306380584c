"""From a checkpoint to what is shipped: weights, manifest with digest and figures, model card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from search.encoders.compact import network, weights
from search.encoders.compact.batches import BATCH_SIZE
from search.encoders.compact.checkpoint import Progress, restore
from search.encoders.compact.corpus import Corpus, read_corpus
from search.encoders.compact.distillation import narrowed
from search.encoders.compact.projection import fit_projection_of_classes
from search.encoders.compact.views import askew
from search.encoders.compact.yardsticks import markdown_table, measure
from search.encoders.pictures import square_pixels
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

Its weights started from random; no weight of another network is in it. It learned to answer as
EfficientNet-Lite0 with ImageNet weights does, which saw the very same crops, mixtures and pictures
lying askew. Both are cut at the same seventeen places, behind every bottleneck of the teacher. At
first each block learned apart: it was given what the teacher has before the block, and learned to
give what the teacher has after it, position by position. Then the blocks were joined and learned
on as one network, to give the same and above all such features that a layer makes of them what
those of two networks say together, EfficientNet-Lite0's and MobileNetV2's, from pictures with
grain that these did not see. At last it was narrowed: within the blocks the channels that others
could answer for went, and it learned on without them. It is of the first teacher's family, and
narrower within. After training that layer was left out: the features are pooled by GeM, divided by
the square root of their standard deviation within a class, along its axes, and turned onto the
{dimensions} axes along which what is left differs most. Both are taken of the larger training
photographs, as they are and mirrored and askew; labels were used for nothing else. All
photographs are 40,000 of 64 × 64 pixels (Tiny ImageNet) and 4,789 of up to 160 pixels (Caltech-101
classes, ImageNet samples, clothes).

{images_seen} views of them in {minutes:.0f} minutes on a processor. Written by
`script/train-compact DATA`, and from an interrupted run's checkpoint by
`script/train-compact DATA --export`.

## Figures

Leave-one-out on the photographs in DATA/objects, 30 classes of 25 that are in none of the training
files. Printed by `manage.py yardsticks DATA`; images per second from file
to vector, on the machine that wrote this, are only for comparing the rows.

{figures}

## Limits

Like its teachers, it knows what ImageNet's photographs show better than what they do not:
drawings, documents and close-ups of faces. Fine print and small objects in a large scene are beyond
{input_size} pixels. What people look like in it was neither trained for nor measured.
"""


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
    (folder / "MODEL_CARD.md").write_text(card(manifest, parameters))
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


def card(manifest: weights.Manifest, parameters: int) -> str:
    """The model card in Markdown."""
    training: Mapping[str, float] = manifest.training
    return CARD.format(
        architecture=manifest.architecture,
        parameters=parameters / 1e6,
        megabytes=parameters * 2 / 1e6,
        input_size=manifest.input_size,
        dimensions=manifest.dimensions,
        digest=manifest.digest,
        images_seen=f"{training['images_seen']:,.0f}",
        minutes=training["minutes"],
        figures=markdown_table(manifest.figures) if manifest.figures else "Not measured yet.",
    )
