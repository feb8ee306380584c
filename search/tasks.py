"""What the workers do for search. The rows say what is to be done; a task only looks."""

from celery import shared_task

from gallery.bell import ring
from search import ann_index, asking, explaining, indexing, recall, scale
from search.evaluations import working as evaluating
from search.models import Embedding
from search.training import running as training


@shared_task
def embed_wanted() -> None:
    """Embed what a person is waiting for."""
    if asking.embed_next_query() or indexing.embed_batch(Embedding.objects.wanted()):
        ring(embed_wanted)


@shared_task
def embed_pending() -> None:
    """Embed one batch and ring for the next, so that a waiting person gets in between."""
    if indexing.embed_batch(Embedding.objects.all()):
        ring(embed_pending)


@shared_task
def explain_wanted() -> None:
    """Find out for a person who is waiting why two pictures are similar."""
    if explaining.explain_next():
        ring(explain_wanted)


@shared_task
def evaluate_pending() -> None:
    """Work out one evaluation that somebody started, from the vectors that are stored."""
    if evaluating.evaluate_next():
        ring(evaluate_pending)


@shared_task
def train_waiting() -> None:
    """Train one network to its end, and ring for the next."""
    if training.train_next():
        ring(train_waiting)


@shared_task
def measure_distances() -> None:
    """Keep what a distance means up to date."""
    scale.measure_stale_scales()


@shared_task
def sweep_embeddings() -> None:
    if asking.sweep_queries():
        ring(embed_wanted)
    if explaining.sweep():
        ring(explain_wanted)
    if evaluating.sweep():
        ring(evaluate_pending)
    if indexing.sweep():
        ring(embed_pending)
    if ann_index.encoders_to_index():
        ring(build_indexes)
    if training.sweep():
        ring(train_waiting)


@shared_task
def look_for_news() -> None:
    """Find out what is new in the saved searches that were looked at longest ago."""
    from search.news import check_longest_unchecked

    check_longest_unchecked()


@shared_task
def build_indexes() -> None:
    """Index the encoders that have grown large; while one is being built the others wait."""
    for encoder in ann_index.encoders_to_index():
        if ann_index.build(encoder):
            ring(measure_searches)


@shared_task
def measure_searches() -> None:
    for encoder in recall.encoders_to_measure():
        recall.measure(encoder)
