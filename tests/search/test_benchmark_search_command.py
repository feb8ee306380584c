"""`manage.py benchmark search` measures among made-up vectors and leaves nothing behind."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from gallery.models import Image
from search.models import Encoder
from search.synthetic import SCHEMA, clustered_vectors, schema_of_its_own

TIMES = {"p50_ms", "p95_ms"}


def schemas() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = %s", [SCHEMA])
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def figures(transactional_db: None) -> Any:
    out = StringIO()
    size = ("--vectors", "500", "--dimensions", "8", "--questions", "3")
    call_command("benchmark", "search", *size, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_figures_have_their_names(figures: Any) -> None:
    assert list(figures) == [
        *("vectors", "dimensions", "build_seconds", "index_mb", "exact", "indexed", "bare_sql"),
        *("filtered", "http"),
    ]
    assert (figures["vectors"], figures["dimensions"]) == (500, 8)
    assert set(figures["exact"]) == set(figures["bare_sql"]) == set(figures["http"]) == TIMES
    assert set(figures["indexed"]) == {*TIMES, "recall_at_20"}
    assert [filtered["share"] for filtered in figures["filtered"]] == [0.1, 0.01, 0.001]
    assert {filtered["full_pages"] for filtered in figures["filtered"]} == {1.0}
    assert figures["indexed"]["recall_at_20"] >= 0.99
    assert schemas() == []
    assert not Image.objects.exists()


def test_inside_the_schema_the_gallery_is_another(many: Encoder) -> None:
    with schema_of_its_own():
        assert not Image.objects.exists()
        assert schemas() == [SCHEMA]
    assert Image.objects.count() == 400


def test_it_cleans_up_after_a_failure(transactional_db: None) -> None:
    with pytest.raises(RuntimeError), schema_of_its_own():
        raise RuntimeError
    assert schemas() == []


def test_vectors_are_unit_length_and_always_the_same() -> None:
    import numpy as np

    first, again = (np.concatenate(list(clustered_vectors(2500, 8))) for _ in range(2))
    assert first.shape == (2500, 8)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)
    assert (first == again).all()


@pytest.mark.parametrize(("vectors", "dimensions"), [("0", "8"), ("10", "4001")])
def test_what_can_not_be_measured_is_told(vectors: str, dimensions: str) -> None:
    with pytest.raises(CommandError, match="At least one vector"):
        call_command("benchmark", "search", "--vectors", vectors, "--dimensions", dimensions)
