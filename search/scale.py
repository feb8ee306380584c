"""Measuring what a distance means in this gallery, from a sample of random pairs."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from search.catalogue import encoders_to_fill
from search.models import DistanceScale, Encoder

# All pairs of so many images: 124 750, enough to tell 99.9 % from 99.8 %.
SAMPLE = 500
# Fewer say nothing about a gallery.
FEWEST = 20
STEPS = 1000
# A gallery that is just being filled looks different by the minute.
FRESH_FOR, FRESH_WHILE_SMALL = timedelta(hours=1), timedelta(minutes=1)

QUANTILES = """
    WITH chosen AS (
        SELECT vector, row_number() OVER (ORDER BY random()) AS number
        FROM search_embedding
        WHERE encoder_id = %(encoder)s AND vector IS NOT NULL
        ORDER BY number LIMIT %(sample)s
    )
    SELECT
        (SELECT count(*) FROM chosen),
        percentile_cont(%(shares)s::float8[]) WITHIN GROUP (ORDER BY a.vector <-> b.vector)
    FROM chosen a JOIN chosen b ON a.number < b.number
"""


def measure_stale_scales() -> None:
    """Measure every encoder whose scale is missing or old."""
    age = Q(measured_at__gt=Now() - FRESH_FOR, images=SAMPLE)
    small = Q(measured_at__gt=Now() - FRESH_WHILE_SMALL, images__lt=SAMPLE)
    fresh = set(DistanceScale.objects.filter(age | small).values_list("encoder", flat=True))
    for encoder in encoders_to_fill():
        if encoder.pk not in fresh:
            measure_scale(encoder)


def measure_scale(encoder: Encoder) -> DistanceScale | None:
    """Keep the quantiles of the distances of random pairs; None while there are too few images."""
    images, quantiles = _sampled_quantiles(encoder)
    if images < FEWEST:
        return None
    found: dict[str, Any] = {"quantiles": quantiles, "images": images}
    return DistanceScale.objects.update_or_create(encoder=encoder, defaults=found)[0]


def _sampled_quantiles(encoder: Encoder) -> tuple[int, list[float]]:
    """How many images were sampled, and STEPS + 1 quantiles of their distances."""
    shares = [step / STEPS for step in range(STEPS + 1)]
    with connection.cursor() as cursor:
        cursor.execute(QUANTILES, {"encoder": encoder.pk, "sample": SAMPLE, "shares": shares})
        row: tuple[int, list[float]] = cursor.fetchone()
    return row
