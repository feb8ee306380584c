"""Of how many images each encoder has a vector, counted without reading one."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count

from gallery.models import Image, State
from search.models import Embedding, Encoder
from search.models.encoders import Coverage


def coverages(encoders: Iterable[Encoder]) -> dict[int, Coverage]:
    """The coverage of each encoder by its primary key, in three queries."""
    rows = Embedding.objects.filter(encoder__in=[encoder.pk for encoder in encoders])
    states: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for pk, state, count in rows.values_list("encoder", "state").annotate(count=Count("*")):
        states[pk][state] = count
    # What is made anew still answers with its old vector.
    anew = rows.pending().exclude(vector=None).values_list("encoder").annotate(count=Count("*"))
    again = dict(anew)
    images = Image.objects.count()
    return {
        encoder.pk: Coverage(
            states[encoder.pk][State.READY] + again.get(encoder.pk, 0),
            states[encoder.pk][State.FAILED],
            images,
        )
        for encoder in encoders
    }
