"""How large a stored picture is decoded for a network."""

from typing import IO

from PIL import Image

from gallery.decoding import open_upright


def open_for_encoding(file: IO[bytes], input_size: int) -> Image.Image:
    """Return the decoded, upright picture; a JPEG at no less than twice `input_size` pixels.

    Twice, because a draft is cruder than the resizing that follows. Raises UndecodableImage.
    """
    return open_upright(file, 2 * input_size)
