"""Another process for test_indexing: embeds one file many times, tells how much memory it took.

Run as `python -m tests.search.decoding_process NAME COUNT`.
"""

import json
import sys
from datetime import timedelta

import django


def main(name: str, count: int) -> None:
    from gallery.models import Image
    from search.batches import Batch
    from search.encoders.memory import peak_megabytes
    from search.models import Embedding
    from tests.tiny_encoder import TinyEncoder

    encoder = TinyEncoder()
    batch = Batch([Embedding(image=Image(file=name)) for _ in range(count)], timedelta(hours=1))
    before = peak_megabytes()
    vectors = [
        encoder.encode([picture for _, picture in part])
        for part in batch.decoded_parts(encoder.input_size)
    ]
    told = {"vectors": sum(map(len, vectors)), "megabytes": peak_megabytes() - before}
    print(json.dumps(told))  # noqa: T201 - read by the test


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
