"""The networks of keras.applications that can be added by name, with ImageNet weights.

Digests are those in Keras' own source (keras/src/applications/*.py, the second of each pair of
WEIGHTS_HASHES): MD5 where they have 32 digits, SHA-256 where they have 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.encoders.manifests import APPLICATION

if TYPE_CHECKING:
    from pathlib import Path

    import keras

SOURCE = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclass(frozen=True)
class Application:
    """A function of keras.applications, and the weights without a top that belong to it."""

    name: str
    input_size: int
    dimensions: int
    # Below `source`; the last part is the name of the file.
    path: str
    digest: str
    # raw where the network has its preprocessing within it, which Keras' functions put there.
    preprocess: str = "raw"
    source: str = SOURCE

    @property
    def url(self) -> str:
        return f"{self.source}/{self.path}"

    @property
    def file_name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def network(self) -> str:
        """As manifests have it."""
        return f"{APPLICATION}:{self.name}"


APPLICATIONS = {
    application.name: application
    for application in (
        Application(
            "MobileNetV3Large",
            224,
            960,
            "mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
            "07fb09a5933dd0c8eaafa16978110389",
        ),
        Application(
            "EfficientNetV2B0",
            224,
            1280,
            "efficientnet_v2/efficientnetv2-b0_notop.h5",
            "893217f2bb855e2983157299931e43ff",
        ),
        Application(
            "EfficientNetV2B3",
            300,
            1536,
            "efficientnet_v2/efficientnetv2-b3_notop.h5",
            "f6abf7b5849ac99a89b50dd3fd532856",
        ),
        Application(
            "EfficientNetV2S",
            384,
            1280,
            "efficientnet_v2/efficientnetv2-s_notop.h5",
            "af0682fb74e8c54910f2d4393339c070",
        ),
        Application(
            "ResNet50",
            224,
            2048,
            "resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
            "4d473c1dd8becc155b73f8504c6f6626",
            preprocess="caffe",
        ),
        Application(
            "ConvNeXtTiny",
            224,
            768,
            "convnext/convnext_tiny_notop.h5",
            "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
        ),
        Application(
            "ConvNeXtBase",
            224,
            1024,
            "convnext/convnext_base_notop.h5",
            "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
        ),
    )
}


def find(name: str) -> Application | None:
    """The application of that name, however it is capitalised: EfficientNetV2-B0 is one, too."""
    plain = name.replace("-", "").lower()
    matches = (found for found in APPLICATIONS.values() if found.name.lower() == plain)
    return next(matches, None)


def build(function: str, weights: Path | None, input_size: int) -> keras.Model:
    """The network (n, size, size, 3) -> (n, d), average-pooled; random without `weights`."""
    import keras

    make = getattr(keras.applications, function)
    shape = (input_size, input_size, 3)
    model: keras.Model = make(
        include_top=False,
        weights=None if weights is None else str(weights),
        input_shape=shape,
        pooling="avg",
    )
    return model
