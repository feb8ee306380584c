"""An encoder that certain pictures kill, and slow enough to be killed by others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.tiny_encoder import TinyEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

DEADLY = (255, 0, 255)
SECONDS_AN_IMAGE = 0.1


class MortalEncoder(TinyEncoder):
    """The tiny encoder, until it meets a picture whose first pixel is DEADLY."""

    name = "mortal"

    def encode(self, images: Sequence[Image]) -> NDArray[np.float32]:
        time.sleep(SECONDS_AN_IMAGE * len(images))
        if any(image.convert("RGB").getpixel((0, 0)) == DEADLY for image in images):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(images)
