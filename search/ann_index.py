"""The approximate index of one encoder's vectors."""

from django.db import connection

from search.models import Encoder


def name_of(encoder: Encoder) -> str:
    """The index's name in the database."""
    return f"embedding_hnsw_{encoder.pk}"


def drop(encoder: Encoder) -> None:
    """Drop the encoder's index if there is one, while searches go on; never in a transaction."""
    name = connection.ops.quote_name(name_of(encoder))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
