"""An encoder that certain pictures kill, and slow enough to be killed by others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from search.encoders.pictures import square_pixels
from tests.tiny_encoder import TinyEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from search.encoders.base import Pixels

DEADLY = (255, 0, 255)
SECONDS_AN_IMAGE = 0.1


class MortalEncoder(TinyEncoder):
    """The tiny encoder, until it meets a picture whose first pixel is DEADLY."""

    name = "mortal"

    def encode(self, images: Sequence[Image | Pixels]) -> NDArray[np.float32]:
        time.sleep(SECONDS_AN_IMAGE * len(images))
        corners = [square_pixels(image, self.input_size)[0, 0] for image in images]
        if any(corner.tolist() == [*DEADLY] for corner in corners):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(images)
