"""Figures of the database, asked for when somebody reads them: true whichever process answers."""

from collections.abc import Callable, Iterable, Iterator
from math import isinf

from django.conf import settings
from django.db import Error
from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from gallery.models import Image, IntegrityCheck, Worker
from retrieval_site.readiness import look_at_all
from retrieval_site.system.backlogs import Backlog, backlogs
from retrieval_site.system.space import disk
from search.coverage import coverages
from search.models import EmbeddingTime, Encoder

# Of a backlog: name, what it says, and the figure.
WORK: tuple[tuple[str, str, Callable[[Backlog], float]], ...] = (
    ("waiting", "Items that wait for a worker.", lambda backlog: backlog.waiting),
    (
        "oldest_seconds",
        "For how long the oldest item waits.",
        lambda backlog: backlog.age.total_seconds(),
    ),
    ("at_work", "Items that a worker is at.", lambda backlog: backlog.leased),
    ("failed", "Items that failed.", lambda backlog: backlog.failed),
)


class GalleryCollector:
    """Gauges of what waits, who works, and what is there."""

    def collect(self) -> Iterator[Metric]:
        yield readiness()
        try:
            found = [*work(), *coverage(), *embedding_times(), *workers(), *contents()]
        except Error:
            # Which the readiness has said.
            return
        yield from found


def readiness() -> Metric:
    family = GaugeMetricFamily(
        "lookalike_ready", "Whether what the gallery needs is well.", labels=["what"]
    )
    for what, finding in look_at_all().items():
        family.add_metric([what], float(finding.is_well))
    return family


def work() -> Iterator[Metric]:
    standing = backlogs()
    for name, told, figure in WORK:
        family = GaugeMetricFamily(
            f"lookalike_work_{name}", told, labels=["kind", "queue", "encoder"]
        )
        for backlog in standing:
            family.add_metric(labels_of(backlog), figure(backlog))
        yield family


def labels_of(backlog: Backlog) -> list[str]:
    encoder = backlog.encoder.handle if backlog.encoder else ""
    return [backlog.kind.slug, backlog.kind.queue, encoder]


def coverage() -> Iterator[Metric]:
    encoders = Encoder.objects.in_use().in_bulk()
    covered = coverages(encoders.values())
    family = GaugeMetricFamily(
        "lookalike_embedded", "Images with a vector of the encoder.", labels=["encoder", "active"]
    )
    for pk, encoder in encoders.items():
        is_active = str(encoder.is_active).lower()
        family.add_metric([encoder.handle, is_active], covered[pk].ready)
    yield family


def embedding_times() -> Iterator[Metric]:
    """The histogram that the workers keep together, and how many images were in the batches."""
    batches = HistogramMetricFamily(
        "lookalike_embed_batch_seconds",
        "How long a batch took, from its claim to its vectors.",
        labels=["encoder"],
    )
    images = CounterMetricFamily(
        "lookalike_embed_images", "Images in these batches.", labels=["encoder"]
    )
    rows: dict[str, list[EmbeddingTime]] = {}
    for row in EmbeddingTime.objects.in_order():
        rows.setdefault(row.encoder.handle, []).append(row)
    for encoder, times in rows.items():
        buckets = [(bound_of(row), row.batches) for row in times]
        batches.add_metric([encoder], buckets, times[-1].seconds)
        images.add_metric([encoder], times[-1].images)
    yield from (batches, images)


def bound_of(row: EmbeddingTime) -> str:
    """As Prometheus spells it."""
    return "+Inf" if isinf(row.bound) else str(row.bound)


def workers() -> Iterator[Metric]:
    alive = list(Worker.objects.alive())
    family = GaugeMetricFamily(
        "lookalike_workers", "Living workers that listen on the queue.", labels=["queue"]
    )
    for queue in settings.CELERY_TASK_QUEUES:
        listening = sum(queue.name in worker.queues for worker in alive)
        family.add_metric([queue.name], listening)
    yield family
    yield gauge("lookalike_beats", "Living beats.", sum(worker.is_beat for worker in alive))


def contents() -> Iterable[Metric]:
    check, space = IntegrityCheck.objects.newest(), disk()
    yield gauge("lookalike_images", "Images, those in the trash included.", Image.objects.count())
    yield gauge("lookalike_disk_free_bytes", "Free on the disk of the images.", space.free)
    yield gauge("lookalike_originals_bytes", "Bytes of all originals.", space.originals)
    if check:
        yield gauge("lookalike_defects", "Left by the last check_gallery.", check.left)
        checked = check.started_at.timestamp()
        yield gauge("lookalike_checked_seconds", "When that began, since the epoch.", checked)


def gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)
