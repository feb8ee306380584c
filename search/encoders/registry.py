"""How an encoder is found by name: built in, or added to this installation."""

from __future__ import annotations

import logging
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string
from PIL import Image

from search.encoders import manifests
from search.encoders.base import UnknownEncoder, UnloadableEncoder
from search.encoders.devices import part_size
from search.encoders.installed import InstalledEncoder
from search.encoders.memory import release_memory

if TYPE_CHECKING:
    from collections.abc import Collection

    from search.encoders.base import BuiltInEncoder, Encoder, EncoderIdentity

logger = logging.getLogger(__name__)

# What can't be loaded is not tried again sooner: it takes seconds in which all others wait.
RETRY_SECONDS = 300.0

# By their classes or manifests: what this process has loaded, and what it could not, when and why.
_loaded: dict[Any, Encoder] = {}
_failures: dict[Any, tuple[float, str]] = {}


def is_built_in(name: str) -> bool:
    """Whether the encoder of that name comes with the project."""
    return name in settings.ENCODERS


def identify(name: str) -> EncoderIdentity:
    """Who the encoder of that name is here and now; safe in the web process.

    Raises UnknownEncoder, and DamagedWeights where an added one's files are not its manifest's.
    """
    if is_built_in(name):
        return _class_of(name).identity()
    manifest = _manifest_of(name)
    manifest.check_files()
    if manifest.base:
        _check_base(manifest)
    return manifest.identity


def load(name: str, digest: str = "") -> Encoder:
    """The encoder of that name, loaded once a process; what `identify` raises.

    With a `digest` only that very one: another may have been installed since the caller looked.
    Raises UnloadableEncoder where it can't be built, and for RETRY_SECONDS from then on.
    """
    identify(name)
    source = _class_of(name) if is_built_in(name) else manifests.read(name)
    if source not in _loaded:
        _loaded[source] = _newly_loaded(name, source)
    encoder = _loaded[source]
    if digest not in {"", encoder.digest}:
        raise UnknownEncoder(
            f"The encoder {name!r} is another here: {encoder.digest[:8]}, not {digest[:8]}."
        )
    return encoder


def let_go_of_others(digests: Collection[str]) -> None:
    """Free the memory of all that were loaded but these; whoever asks for one loads it again."""
    others = [source for source, encoder in _loaded.items() if encoder.digest not in digests]
    for source in others:
        del _loaded[source]
    if others:
        release_memory()


def build(name: str) -> Encoder:
    """Another encoder of that name, its network not frozen yet; what `identify` raises."""
    identify(name)
    return _class_of(name)() if is_built_in(name) else InstalledEncoder(manifests.read(name))


def _class_of(name: str) -> type[BuiltInEncoder]:
    found: type[BuiltInEncoder] = import_string(settings.ENCODERS[name])
    return found


def _manifest_of(name: str) -> manifests.Manifest:
    try:
        return manifests.read(name)
    except FileNotFoundError:
        known = ", ".join(sorted({*settings.ENCODERS, *manifests.names()}))
        raise UnknownEncoder(f"There is no encoder {name!r}. There are: {known}.") from None


def _check_base(manifest: manifests.Manifest) -> None:
    """The whitening of vectors is of no use for those of other weights."""
    base = identify(manifest.base)
    if base.digest != manifest.weights_sha256:
        raise UnknownEncoder(
            f"The encoder {manifest.name!r} was whitened from {manifest.base}"
            f" ({manifest.weights_sha256[:8]}), which is {base.digest[:8]} here."
        )


def _newly_loaded(name: str, source: Any) -> Encoder:
    failed_at, reason = _failures.get(source, (-inf, ""))
    if monotonic() < failed_at + RETRY_SECONDS:
        raise UnloadableEncoder(reason)
    try:
        return made_ready(build(name))
    # Keras and TensorFlow raise whatever broken content or too little memory leads to.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        reason = f"The encoder {name!r} can't be loaded: {reason}"
        logger.exception(reason)
        _failures[source] = (monotonic(), reason)
        raise UnloadableEncoder(reason) from error


def made_ready(encoder: Encoder) -> Encoder:
    """The encoder, frozen while there are no pictures in memory beside what that takes.

    On a GPU it is compiled for all shapes of a batch's parts. That takes longer than a person waits
    or a lease lasts, so no batch may meet a shape first.
    """
    encoder.encode([])
    if encoder.plan.on_gpu:
        blank = Image.new("RGB", (encoder.input_size, encoder.input_size))
        for shape in encoder.plan.shapes_for(part_size(batch_size(encoder))):
            encoder.encode([blank] * shape)
    return encoder


def batch_size(encoder: Encoder) -> int:
    """How many pictures are claimed at once: what settings say, or what suits the device."""
    return settings.EMBED_BATCH_SIZE or encoder.plan.batch_size
