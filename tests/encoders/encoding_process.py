"""Another process for test_same_vector: encodes drawn scenes, tells their vectors and its memory.

Run as `python -m tests.encoders.encoding_process COUNT`.
"""

import json
import sys
from collections.abc import Sequence
from io import BytesIO

import django
from PIL import Image

from gallery.scenes import draw_scene

# As many as a worker has in memory at once.
BATCH = 16


def scenes(numbers: Sequence[int]) -> list[Image.Image]:
    return [Image.open(BytesIO(draw_scene(number)[1])) for number in numbers]


def main(count: int) -> None:
    from search import encoders
    from search.encoders.memory import peak_megabytes

    compact = encoders.load("compact")
    vectors: list[list[float]] = []
    for start in range(0, count, BATCH):
        vectors += compact.encode(scenes(range(start, start + BATCH))).tolist()
    print(json.dumps({"vectors": vectors, "megabytes": peak_megabytes()}))  # noqa: T201 - read


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
