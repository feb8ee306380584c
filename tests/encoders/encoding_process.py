"""Another process for test_same_vector: encodes drawn scenes, tells their vectors and its memory.

Run as `python -m tests.encoders.encoding_process COUNT`.
"""

import json
import sys

import django


def main(count: int) -> None:
    from search import encoders
    from search.encoders.memory import peak_megabytes
    from tests.encoders.test_same_vector import scenes

    vectors = encoders.load("compact").encode(scenes(count)).tolist()
    print(json.dumps({"vectors": vectors, "megabytes": peak_megabytes()}))  # noqa: T201 - read


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
